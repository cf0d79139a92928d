import type pg from 'pg';

import type { Fault, FaultEffect } from '../../src/sandbox/fault.ts';
import { PRIVATE_CANARY, SANDBOX_SECRETS, type JsonObject } from '../../src/sandbox/world.ts';

/** Every private field of a profile, by the last word of its canary. */
export const PRIVATE_FIELDS = ['ssn', 'dob', 'gender', 'ethnicity', 'mail', 'phone', 'street', 'city', 'salary'];

/** All canaries hold this word; a token may also travel as base64. */
const NEEDLES = ['canary', ...Object.values(SANDBOX_SECRETS).map((secret) => Buffer.from(secret).toString('base64'))];

/** The first canaries of a text, with what stands around them. */
export function findCanaries(text: string): readonly string[] {
  const lower = text.toLowerCase();
  return NEEDLES.flatMap((needle) => {
    const at = lower.indexOf(needle.toLowerCase());
    return at < 0 ? [] : [text.slice(Math.max(0, at - 60), at + 60)];
  });
}

export type Swept = { readonly columns: number; readonly found: readonly string[] };

/** Reads every column that can hold text of every table of both schemas, bytes included. */
export async function sweepDatabase(client: pg.Client): Promise<Swept> {
  const { rows } = await client.query<{ place: string; read: string; table: string }>(
    `select format('%s.%s.%s', c.table_schema, c.table_name, c.column_name) as place,
            format('%I.%I', c.table_schema, c.table_name) as table,
            case when c.udt_name = 'bytea' then format('encode(%I, ''escape'')', c.column_name)
                 else format('%I::text', c.column_name) end as read
       from information_schema.columns c
       join information_schema.tables t using (table_catalog, table_schema, table_name)
      where c.table_schema in ('rollcall', 'rollcall_jobs') and t.table_type = 'BASE TABLE'
        and (c.data_type in ('text', 'character varying', 'character', 'json', 'jsonb', 'bytea', 'ARRAY', 'USER-DEFINED'))
      order by 1`,
  );
  const found: string[] = [];
  for (const { place, read, table } of rows) {
    const pattern = NEEDLES.map((_needle, index) => `strpos(lower(${read}), lower($${index + 1})) > 0`).join(' or ');
    const hits = await client.query<{ value: string }>(
      `select left(${read}, 200) as value from ${table} where ${pattern} limit 3`,
      NEEDLES,
    );
    found.push(...hits.rows.map(({ value }) => `${place}: ${value}`));
  }
  return { columns: rows.length, found };
}

const SECRETS = Object.values(SANDBOX_SECRETS).join(' ');
const PRIVATE = PRIVATE_FIELDS.map((field) => `"${field}":"${PRIVATE_CANARY}${field}"`).join(',');
const HTML = { 'content-type': 'text/html; charset=utf-8' };

/** Refusals and broken answers that repeat the caller's token and the people of the page, as careless vendors do. */
export const LEAKY_EFFECTS: readonly { readonly what: string; readonly effect: FaultEffect; readonly once?: true }[] = [
  { what: '401', effect: { kind: 'status', status: 401, body: `{"error":"${SECRETS}",${PRIVATE}}` } },
  { what: 'HTML', effect: { kind: 'status', status: 200, headers: HTML, body: `<p>${SECRETS} ${PRIVATE}</p>` } },
  { what: 'bad JSON', effect: { kind: 'body', body: `{"profiles":[{"id":"p-1",${PRIVATE},"token":"${SECRETS}"` } },
  { what: 'wrong shape', effect: { kind: 'body', body: `{"message":"${SECRETS}",${PRIVATE}}` } },
  {
    what: 'redirect',
    effect: { kind: 'redirect', location: `/${PRIVATE_CANARY}street?token=${SANDBOX_SECRETS.namelyToken}` },
  },
  { what: 'cut body', effect: { kind: 'cut', afterBytes: 900 }, once: true },
];

/** The same for both vendors; each fires once at least. */
export function toLeakyFaults({ what, effect, once }: (typeof LEAKY_EFFECTS)[number]): readonly Fault[] {
  const attempts = once === true ? { from: 1, to: 1 } : undefined;
  return (['nimble', 'namely'] as const).map((vendor) => {
    const path = vendor === 'nimble' ? '/api/v1/team/members' : '/api/v1/profiles';
    return { id: `${vendor} ${what}`, match: { vendor, path, attempts }, effect };
  });
}

const ANY = {
  salary: `${PRIVATE_CANARY}salary`,
  ssn: `${PRIVATE_CANARY}ssn`,
  personal_email: `${PRIVATE_CANARY}mail@example.net`,
};

/** Profiles with private values where nobody expects them: in the objects around the fields that are read, and without an id. */
export const MISPLACED: readonly JsonObject[] = [
  { ...ANY, email: 'no.id@example.com', first_name: 'No', last_name: 'Id' },
  {
    ...ANY,
    id: 'p-odd',
    email: ['odd@example.com', ANY],
    first_name: ANY,
    last_name: 'Odd',
    user_status: ANY,
    start_date: ANY,
    departure_date: ANY,
    job_title: { ...ANY, title: 'Lead' },
    department: { ...ANY, title: 'Sales' },
    reports_to: [{ ...ANY, id: 'p-boss' }],
    links: { ...ANY, groups: [{ ...ANY, id: 'g-1', name: 'Sales' }] },
    groups: [ANY],
    preferred_name: [ANY],
    employee_id: ANY,
    created_at: ANY,
    updated_at: ANY,
  },
];

import type pg from 'pg';
import type { RowRef } from '../../core/case.ts';
import { scrubber, type Traces } from '../../core/forget.ts';
import { toArrays } from '../reconcile/roster-row.ts';
import type { SourceNames } from './person.ts';

/** By what a person can be found in texts that others wrote. */
export type PersonTraces = Traces & {
  /** In lower case. */
  readonly addresses: readonly string[];
  readonly scrub: (text: string) => string;
};

// Everything that was ever known of these rows, and what their findings said of them.
const KNOWN = `
  with row as (select * from unnest($1::int[], $2::text[]) as r (source_id, external_id)),
  version as (
    select v.* from row r join rollcall.account_version v on v.source_id = r.source_id and v.external_id = r.external_id)
  select 'address' as kind, a.address as text from version v cross join unnest(v.aliases || v.email) as a (address)
  union
  select case k.kind when 'employee_id' then 'id' else 'address' end, k.key from row r
    join (select source_id, external_id, kind, key from rollcall.account_key
          union all select source_id, external_id, kind, key from rollcall.former_key) k
      on k.source_id = r.source_id and k.external_id = r.external_id
  union
  select 'id', t.text from version v cross join unnest(array[v.external_id, v.employee_id]) as t (text)
  union
  select 'name', t.text from version v
   cross join unnest(array[v.display_name, v.given_name || ' ' || v.family_name, v.family_name || ' ' || v.given_name,
                           v.family_name || ', ' || v.given_name]) as t (text)
  union
  select t.kind, t.text from row r
    join rollcall.finding f on f.source_id = r.source_id and f.account_id = r.external_id
   cross join lateral (values ('address', f.account_email), ('address', f.identity_email), ('name', f.account_name)) as t (kind, text)`;

// What others have as well is no trace of this person: a namesake keeps the name, a shared mailbox its address.
const OTHERS = `
  with row as (select * from unnest($1::int[], $2::text[]) as r (source_id, external_id)),
  other as (
    select a.source_id, a.external_id, a.version_run from rollcall.account a
     where not exists (select from row r where r.source_id = a.source_id and r.external_id = a.external_id))
  select t.text from unnest($3::text[]) as t (text)
   where exists (select from rollcall.account_key k join other o on o.source_id = k.source_id and o.external_id = k.external_id
                  where k.key = t.text)
      or exists (select from other o where o.external_id = t.text)
  union
  select lower(n.name) from other o
    join rollcall.account_version v on v.source_id = o.source_id and v.external_id = o.external_id and v.from_run = o.version_run
   cross join unnest(array[v.display_name, v.given_name || ' ' || v.family_name, v.family_name || ' ' || v.given_name,
                           v.family_name || ', ' || v.given_name]) as n (name)
   where lower(n.name) = any ($4::text[])`;

type Known = { readonly kind: 'address' | 'id' | 'name'; readonly text: string | null };

/** What there is of a person, less what is somebody else's too. */
export async function loadTraces(
  client: pg.PoolClient,
  rows: readonly RowRef[],
  names: SourceNames,
): Promise<PersonTraces> {
  const { rows: found } = await client.query<Known>(KNOWN, [...toArrays(rows)]);
  const texts = found.flatMap(({ text, kind }) => (text === null || text.trim() === '' ? [] : [{ kind, text }]));
  const lower = texts.map(({ text }) => text.toLowerCase());
  const asked = [...new Set([...texts.map(({ text }) => text), ...lower])];
  const { rows: others } = await client.query<{ text: string }>(OTHERS, [...toArrays(rows), asked, lower]);
  const shared = new Set(others.map(({ text }) => text.toLowerCase()));
  const own = texts.filter(({ text }) => !shared.has(text.toLowerCase())).map(({ text }) => text);
  // A row by its source is this row and no other, whatever else bears the id.
  const refs = rows.map((row) => `${names.get(row.sourceId) ?? ''}/${row.externalId}`);
  const traces = { words: [...own, ...refs], values: [...own, ...refs] };
  const addresses = texts.filter(({ kind }) => kind === 'address').map(({ text }) => text.toLowerCase());
  return { ...traces, addresses: [...new Set(addresses)], scrub: scrubber(traces) };
}

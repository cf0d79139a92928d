import type { Candidate, Link, LinkRule, RowRef } from '../../core/case.ts';
import { authorityIds, type ReconcileContext } from './context.ts';
import { keyOf, toArrays } from './roster-row.ts';

/**
 * Candidates of one account at most. A shared mailbox may be the alias of hundreds of people: whoever has so many is disputed,
 * and a person decides, whether there are 50 or 500.
 */
const CANDIDATES_MAX = 50;

export type AccountLinks = { readonly link?: Link | undefined; readonly denied: readonly RowRef[] };
export type CandidateRef = { readonly ref: RowRef; readonly by: Candidate['by'] };

type LinkRecord = {
  readonly source_id: number;
  readonly external_id: string;
  readonly identity_source_id: number;
  readonly identity_external_id: string;
  readonly rule: LinkRule | 'denied';
};

/** The link and the denied pairs of each account, by `keyOf`. */
export async function loadLinks(
  { client }: ReconcileContext,
  refs: readonly RowRef[],
): Promise<ReadonlyMap<string, AccountLinks>> {
  const { rows } = await client.query<LinkRecord>(
    `select l.source_id, l.external_id, l.identity_source_id, l.identity_external_id, l.rule
       from unnest($1::int[], $2::text[]) as r (source_id, external_id)
       join rollcall.link l on l.source_id = r.source_id and l.external_id = r.external_id`,
    [...toArrays(refs)],
  );
  const found = new Map<string, AccountLinks>();
  for (const row of rows) {
    const key = keyOf({ sourceId: row.source_id, externalId: row.external_id });
    const identity = { sourceId: row.identity_source_id, externalId: row.identity_external_id };
    const known = found.get(key) ?? { denied: [] };
    found.set(
      key,
      row.rule === 'denied'
        ? { ...known, denied: [...known.denied, identity] }
        : { ...known, link: { identity, rule: row.rule } },
    );
  }
  return found;
}

// Rules 3 to 5 of contract §4. `account_key` holds only what parses, and no NULL. The strongest key to an identity row counts.
const CANDIDATES = `
  select source_id, external_id, identity_source_id, identity_external_id, strength
    from (
         select r.source_id, r.external_id, i.source_id as identity_source_id, i.external_id as identity_external_id,
                min(case when k.kind = 'employee_id' then 1 when k.kind = 'email' and i.kind = 'email' then 2 else 3 end)
                  as strength,
                row_number() over (
                  partition by r.source_id, r.external_id
                  order by min(case when k.kind = 'employee_id' then 1 when k.kind = 'email' and i.kind = 'email' then 2 else 3 end),
                           i.source_id, i.external_id) as place
           from unnest($1::int[], $2::text[]) as r (source_id, external_id)
           join rollcall.source s on s.id = r.source_id and s.id = any ($4::int[])
           join rollcall.account_key k on k.source_id = r.source_id and k.external_id = r.external_id
           join rollcall.account_key i
             on i.key = k.key and i.source_id = any ($3::int[]) and i.source_id <> r.source_id
          where case when k.kind = 'employee_id' then i.kind = 'employee_id' and s.correlate_employee_id
                     else i.kind in ('email', 'alias') end
          group by r.source_id, r.external_id, i.source_id, i.external_id) c
   where place <= ${CANDIDATES_MAX}
   order by place`;

const STRENGTHS: ReadonlyMap<number, Candidate['by']> = new Map([
  [1, 'employee_id'],
  [2, 'email'],
  [3, 'alias'],
]);

/** Identity rows that share a key with these accounts, by `keyOf` of the account, strongest first; only for `judged` sources. */
export async function loadCandidates(
  context: ReconcileContext,
  refs: readonly RowRef[],
  judged: readonly number[],
): Promise<ReadonlyMap<string, readonly CandidateRef[]>> {
  const { rows } = await context.client.query<{
    source_id: number;
    external_id: string;
    identity_source_id: number;
    identity_external_id: string;
    strength: number;
  }>(CANDIDATES, [...toArrays(refs), authorityIds(context), judged]);
  const found = new Map<string, CandidateRef[]>();
  for (const row of rows) {
    const by = STRENGTHS.get(row.strength);
    if (by === undefined) throw new Error('a candidate of unknown strength');
    const key = keyOf({ sourceId: row.source_id, externalId: row.external_id });
    const candidates = found.get(key) ?? [];
    candidates.push({ ref: { sourceId: row.identity_source_id, externalId: row.identity_external_id }, by });
    found.set(key, candidates);
  }
  return found;
}

import type { IdentityCase, RowRef } from '../../core/case.ts';
import type { RulePlan } from '../../core/policy.ts';
import { idsRunning } from './account-branches.ts';
import type { ReconcileContext } from './context.ts';
import {
  applicationsOf,
  BATCH_ROWS,
  IDENTITY_RULES,
  loadIdentityCases,
  type SubjectRecord,
  toSubject,
} from './identity-cases.ts';
import { loadSiblings } from './load-identities.ts';
import { keyOf, toArrays } from './roster-row.ts';

// What `identityCases` says of everybody, of these people alone: `$2`, `$3` their rows, `$4`, `$5` beside each the row that names the person; `$7` applications in which
// somebody may be expected: whether these are, `classify` says.
const THESE = `
  with row_of as (
       select * from unnest($2::int[], $3::text[], $4::int[], $5::text[])
                  as r (source_id, external_id, identity_source_id, identity_external_id))
  select l.source_id, r.identity_source_id, r.identity_external_id
    from row_of r
    join rollcall.link l
      on l.identity_source_id = r.source_id and l.identity_external_id = r.external_id
     and l.source_id = any ($1::int[]) and l.rule <> 'denied'
    join rollcall.account a on a.source_id = l.source_id and a.external_id = l.external_id
   where a.gone_at is null and a.status in ('active', 'unknown')
   group by l.source_id, r.identity_source_id, r.identity_external_id having count(*) > 1
   union
  select f.source_id, r.source_id, r.external_id
    from row_of r
    join rollcall.finding f
      on f.source_id = any ($1::int[]) and f.subject = r.source_id || '/' || r.external_id
   where f.status <> 'resolved' and f.rule = any ($6::text[])
   union
  select s.id, r.identity_source_id, r.identity_external_id
    from row_of r, unnest($7::int[]) as s (id)
   where not exists (
         select from row_of o
           join rollcall.link l
             on l.identity_source_id = o.source_id and l.identity_external_id = o.external_id
            and l.source_id = s.id and l.rule <> 'denied'
           join rollcall.account a
             on a.source_id = l.source_id and a.external_id = l.external_id and a.gone_at is null
          where o.identity_source_id = r.identity_source_id and o.identity_external_id = r.identity_external_id)`;

/** Of these identities those that could be charged with something in an application, or of which a finding lives there. */
export async function* theseIdentityCases(
  context: ReconcileContext,
  plan: RulePlan,
  refs: readonly RowRef[],
): AsyncGenerator<readonly IdentityCase[], void, undefined> {
  const applications = applicationsOf(context, plan);
  const expecting = idsRunning({ context, plan }, 'missing_account');
  for (let at = 0; at < refs.length; at += BATCH_ROWS) {
    const people = await loadPeople(context, refs.slice(at, at + BATCH_ROWS));
    const { rows } = await context.client.query<SubjectRecord>(THESE, [
      applications,
      ...people,
      IDENTITY_RULES,
      expecting,
    ]);
    if (rows.length > 0) yield await loadIdentityCases(context, rows.map(toSubject), expecting.length > 0);
  }
}

/** Rows that are one person with these, and beside each the row that names the person, as `THESE` takes them. */
async function loadPeople(context: ReconcileContext, refs: readonly RowRef[]) {
  const siblings = await loadSiblings(context, refs);
  const ranks = new Map(context.sources.map((source) => [source.id, source.rank]));
  const rankOf = ({ sourceId }: RowRef): number => ranks.get(sourceId) ?? Number.POSITIVE_INFINITY;
  const named = refs.flatMap((ref) => {
    const rows = [ref, ...(siblings.get(keyOf(ref)) ?? [])];
    const [first = ref] = rows.toSorted((a, b) => rankOf(a) - rankOf(b));
    return rows.map((row) => ({ row, first }));
  });
  const distinct = [...new Map(named.map((each) => [keyOf(each.row), each])).values()];
  return [...toArrays(distinct.map(({ row }) => row)), ...toArrays(distinct.map(({ first }) => first))] as const;
}

import type { AccountCase, RowRef } from '../../core/case.ts';
import type { RulePlan } from '../../core/policy.ts';
import type { Looking, Scope } from '../../ports/store.ts';
import { fetchBatches } from '../cursor.ts';
import { BATCH_ROWS, LOOK_AT_MANAGERS, theseAccountCases } from './account-cases.ts';
import { idsRunning } from './account-branches.ts';
import { reportsOf } from './closure.ts';
import { authorityIds, type ReconcileContext } from './context.ts';
import { keyOf, toArrays } from './roster-row.ts';

// What is said of an account may rest on whom the account of its manager is linked to. Links are decided one account after the other, so those of
// managers come first: else whose manager is judged later would be judged by a link that is over a moment later. An account's own link
// rests on no other link, so once is enough.

const MANAGERS = `
  select distinct r.source_id, r.manager_id as external_id
    from rollcall.account r
   where r.source_id = any ($1::int[]) and r.manager_id is not null and r.gone_at is null`;

// The proof that a link stays is that of account-cases.ts: the linked row itself is current, and is of the first authority of the config. Who
// leads nobody, or is in order, is not there; too many is only more work.
// `$1` where a rule looks at managers, `$2` all authorities, `$3` today.
const IN_DOUBT = `
  select a.source_id, a.external_id
    from (${MANAGERS}) m
    join rollcall.account a on a.source_id = m.source_id and a.external_id = m.external_id and a.gone_at is null
   where a.disputed or a.reuse_before_run is not null or a.moved_from is not null
      or not exists (
         select from rollcall.link l
           join rollcall.account i on i.source_id = l.identity_source_id and i.external_id = l.identity_external_id
          where l.source_id = a.source_id and l.external_id = a.external_id and l.rule <> 'denied'
            and i.source_id = ($2::int[])[1] and i.gone_at is null and i.status in ('active', 'on_leave')
            and i.reuse_before_run is null and i.moved_from is null
            and (i.end_date is null or i.end_date >= $3::date))`;

const AMONG = `
  select g.source_id, g.external_id
    from unnest($2::int[], $3::text[]) as g (source_id, external_id)
   where g.source_id = any ($1::int[]) and exists (
         select from rollcall.account r
          where r.source_id = g.source_id and r.manager_id = g.external_id
            and r.manager_id is not null and r.gone_at is null)`;

type Ref = { readonly source_id: number; readonly external_id: string };

/** Accounts that others name as their manager and whose link may move, where a rule looks at managers. */
export async function* managerCases(
  context: ReconcileContext,
  { plan, today, scope }: Looking,
): AsyncGenerator<readonly AccountCase[], void, undefined> {
  const sources = lookingSources(context, plan);
  if (sources.length === 0) return;
  const found =
    scope.kind === 'all'
      ? { text: IN_DOUBT, values: [sources, authorityIds(context), today] }
      : { text: AMONG, values: [sources, ...toArrays(scope.accounts)] };
  const batches = fetchBatches<Ref>(context.client, { name: 'manager_cases', ...found, batchRows: BATCH_ROWS });
  for await (const rows of batches) yield* theseAccountCases(context, plan, rows.map(refOf));
}

/** What is looked at after the links of these accounts have moved: also those that name them as their manager. */
export async function withReports(context: ReconcileContext, scope: Scope, moved: readonly RowRef[]): Promise<Scope> {
  if (scope.kind === 'all' || moved.length === 0) return scope;
  const reports = await reportsOf(context, moved);
  const accounts = new Map([...scope.accounts, ...reports].map((ref) => [keyOf(ref), ref]));
  return { ...scope, accounts: [...accounts.values()] };
}

function lookingSources(context: ReconcileContext, plan: RulePlan): readonly number[] {
  return [...new Set(LOOK_AT_MANAGERS.flatMap((rule) => idsRunning({ context, plan }, rule)))];
}

function refOf({ source_id, external_id }: Ref): RowRef {
  return { sourceId: source_id, externalId: external_id };
}

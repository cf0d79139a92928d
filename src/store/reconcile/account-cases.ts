import type { AccountCase, RowRef } from '../../core/case.ts';
import type { RulePlan } from '../../core/policy.ts';
import type { PlainDate } from '../../core/row.ts';
import { RULE_POLICY, RULES } from '../../core/rule.ts';
import { DEFAULT_OPTIONS, type RuleOptions } from '../../core/rule-options.ts';
import { fetchBatches } from '../cursor.ts';
import { branchesOf, idsRunning } from './account-branches.ts';
import { authorityIds, judgedIds, type ReconcileContext } from './context.ts';
import { loadAccountCases } from './load-account-cases.ts';

/** Some kilobytes each; two batches are in memory at once. */
export const BATCH_ROWS = 500;
export const LOOK_AT_MANAGERS = ['manager_left', 'attribute_mismatch'] as const;
const ACCOUNT_RULES = RULES.filter((rule) => RULE_POLICY[rule].subject === 'account');

// THE PROOF. An account is skipped when its doubt is 'none', or when its doubt is about relatives and it has none. Then `classify` must
// charge nothing, leave nothing undecided and decide nothing about its link, and no living finding may exist (those are a branch
// of their own). A property test compares the two on random worlds (test/db/cases-property). By rule, for a present
// account `a` with the linked identity row `i`:
//
//  reused_account       needs a mark of the intake: first line; so does an identity row of which nothing may be concluded while
//                       it is in doubt. Rows of authorities: the branch of their own.
//  service_account_*    need a service account that is not inactive: second line. What is listed and in order is a case too: the
//                       list has a limit of its own, and any other service account is a finding.
//  lifecycle_conflict   needs `usable` (active or unknown) and a past end date of the account: third line.
//  orphaned, disputed   need `usable`, not service, and no link: an account without a link gets past the sixth line only when
//                       it is not usable; then, without any candidate, nothing could link it.
//  leaver_account       needs `usable`, not service, and an identity that has left. In the fourth line `i` itself is current,
//                       and an identity is current if any of its rows is, so twins and merged rows change nothing.
//  inactive_account     needs an inactive account and a current identity. Fourth line: no inactive account is skipped. Last
//                       line: `i` has left, and without candidate or sibling no other row could make the identity current.
//  the link             A sticky link moves only when its identity has left and another candidate exists (last line), or to
//                       the row of a source named earlier in the config with the same address (fifth line).
//  undecided            An identity of unknown status, or of a source that is no authority any more, is never skipped: the
//                       report counts what it leaves undecided. Once undecided, always a case until it is decided.
//
//  early_account        needs an identity of which every current row is pending or starts later: then `i` is not that of the
//                       third line, and an account that is usable and not service gets as far as the fifth.
//  manager_left, attribute_mismatch, dormant_account   need relations of their own: branches (account-branches.ts). The identity of
//                       unknown status that leaves them undecided is the one of the line above; a manager's is in the branch.
//
// What is NULL or not provided for falls through to a doubt, never to 'none'. Candidates are looked for without regard to the kind of key or to
// denied pairs: more cases, never fewer.
const DOUBT = `
  case
    when a.reuse_before_run is not null or a.moved_from is not null or i.reuse_before_run is not null then 'is_case'
    when a.kind = 'service' and a.status <> 'inactive' then 'is_case'
    when a.disputed or a.undecided or (a.status in ('active', 'unknown') and coalesce(a.end_date < $4::date, false)) then 'is_case'
    when i.identity_source_id = any ($3::int[]) and i.gone_at is null and i.status in ('active', 'on_leave')
         and (i.end_date is null or i.end_date >= $4::date) and (i.start_date is null or i.start_date <= $4::date)
    then case when a.status = 'inactive' then 'is_case'
              when i.identity_source_id = ($3::int[])[1] then 'none'
              else 'siblings' end
    when a.status in ('active', 'unknown') and a.kind <> 'service' then 'is_case'
    when i.identity_source_id is not null
         and not (i.identity_source_id = any ($3::int[])
                  and coalesce(i.gone_at is not null or i.status = 'inactive' or i.end_date < $4::date, false))
    then 'is_case'
    else 'candidates_and_siblings'
  end`;
/** Every account is a case. `$4` has a type only where it is used. */
const ALWAYS = `case when $4::date is not null then 'is_case' end`;

// Relatives are joined to the few accounts in doubt; as EXISTS in the first scan, the planner takes them for as many as there
// are accounts and hashes every key. Link and identity are joined before the account: so no hash is ever built on a key
// that may be NULL. Living findings are a branch because an OR would be a condition that no index and no hash can serve.
// `$1` judged as accounts, `$2` judged as rows of an authority, `$3` all authorities in the order of the config, `$4` today,
// `$5` rules whose subject is an account.
function caseStatement(doubt: string, branches: readonly string[]): string {
  return `
    with doubtful as materialized (
         select * from (
           select a.source_id, a.external_id, i.identity_source_id, i.identity_external_id, ${doubt} as doubt
             from rollcall.account a
             left join (
                  select l.source_id, l.external_id, l.identity_source_id, l.identity_external_id,
                         p.status, p.start_date, p.end_date, p.gone_at, p.reuse_before_run
                    from rollcall.link l
                    join rollcall.account p
                      on p.source_id = l.identity_source_id and p.external_id = l.identity_external_id
                   where l.source_id = any ($1::int[]) and l.rule <> 'denied') i
               on i.source_id = a.source_id and i.external_id = a.external_id
            where a.source_id = any ($1::int[]) and a.gone_at is null) d
          where doubt <> 'none')
    select source_id, external_id from doubtful where doubt = 'is_case'
    union
    select d.source_id, d.external_id
      from doubtful d
      join rollcall.account_key k on k.source_id = d.source_id and k.external_id = d.external_id
      join rollcall.account_key o on o.key = k.key and o.source_id = any ($3::int[]) and o.source_id <> k.source_id
     where d.doubt = 'candidates_and_siblings'
       and (o.source_id, o.external_id) is distinct from (d.identity_source_id, d.identity_external_id)
    union
    select d.source_id, d.external_id
      from doubtful d
      join rollcall.account_key k
        on k.source_id = d.identity_source_id and k.external_id = d.identity_external_id and k.kind = 'email'
      join rollcall.account_key o
        on o.key = k.key and o.kind = 'email' and o.source_id = any ($3::int[]) and o.source_id <> k.source_id
     where d.doubt in ('siblings', 'candidates_and_siblings')
    union
    select a.source_id, a.external_id
      from rollcall.account a
     where a.source_id = any ($2::int[]) and a.gone_at is null
       and ((a.status in ('active', 'unknown') and a.end_date < $4::date)
            or a.reuse_before_run is not null or a.moved_from is not null)
    union
    select f.source_id, f.subject
      from rollcall.finding f
      join rollcall.account a on a.source_id = f.source_id and a.external_id = f.subject
     where f.status <> 'resolved' and f.rule = any ($5::text[])
       and (f.source_id = any ($1::int[]) or f.source_id = any ($2::int[]))
    ${branches.map((branch) => `union ${branch}`).join('\n')}
    -- What is loaded of a batch then lies side by side, in tables and indexes.
    order by source_id, external_id`;
}

/** Accounts of the plan's sources that are not provably in order, or of which a finding lives, with all that rules may look at. */
export function accountCases(
  context: ReconcileContext,
  plan: RulePlan,
  today: PlainDate,
  options: RuleOptions = DEFAULT_OPTIONS,
): AsyncGenerator<readonly AccountCase[], void, undefined> {
  return casesOf(context, plan, { today, options, doubt: DOUBT });
}

/** These accounts, as far as the plan judges their sources: whoever says that they have changed needs no proof of innocence. */
export async function* theseAccountCases(
  context: ReconcileContext,
  plan: RulePlan,
  refs: readonly RowRef[],
): AsyncGenerator<readonly AccountCase[], void, undefined> {
  const running = new Set(plan.runs.map((run) => run.sourceId));
  const judged = refs.filter((ref) => running.has(ref.sourceId));
  for (let at = 0; at < judged.length; at += BATCH_ROWS) {
    yield await loadAccountCases(context, judged.slice(at, at + BATCH_ROWS), areManagersLookedAt(context, plan));
  }
}

/** The same without the proof: every account is a case. For the test that holds the proof to what `classify` says. */
export function everyAccountCase(
  context: ReconcileContext,
  plan: RulePlan,
  today: PlainDate,
): AsyncGenerator<readonly AccountCase[], void, undefined> {
  return casesOf(context, plan, { today, options: DEFAULT_OPTIONS, doubt: ALWAYS });
}

function areManagersLookedAt(context: ReconcileContext, plan: RulePlan): boolean {
  return LOOK_AT_MANAGERS.some((rule) => idsRunning({ context, plan }, rule).length > 0);
}

async function* casesOf(
  context: ReconcileContext,
  plan: RulePlan,
  how: { readonly today: PlainDate; readonly options: RuleOptions; readonly doubt: string },
): AsyncGenerator<readonly AccountCase[], void, undefined> {
  const running = new Set(plan.runs.map((run) => run.sourceId));
  const judged = judgedIds(context).filter((id) => running.has(id));
  const authorities = authorityIds(context);
  const judgedAsIdentities = authorities.filter((id) => running.has(id) && !judged.includes(id));
  const values: unknown[] = [judged, judgedAsIdentities, authorities, how.today, ACCOUNT_RULES];
  const branches = branchesOf({ context, plan, ...how }, (value) => `$${values.push(value)}`);
  const withManagers = areManagersLookedAt(context, plan);
  const batches = fetchBatches<{ source_id: number; external_id: string }>(context.client, {
    name: 'account_cases',
    text: caseStatement(how.doubt, branches),
    values,
    batchRows: BATCH_ROWS,
  });
  for await (const rows of batches) {
    const refs = rows.map((row) => ({ sourceId: row.source_id, externalId: row.external_id }));
    yield await loadAccountCases(context, refs, withManagers);
  }
}

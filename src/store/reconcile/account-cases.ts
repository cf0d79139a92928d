import type { AccountCase } from '../../core/case.ts';
import type { RulePlan } from '../../core/policy.ts';
import type { PlainDate } from '../../core/row.ts';
import { RULE_POLICY, RULES } from '../../core/rule.ts';
import { fetchBatches } from '../cursor.ts';
import { authorityIds, judgedIds, type ReconcileContext } from './context.ts';
import { loadAccountCases } from './load-account-cases.ts';

/** Cases in memory at once: some kilobytes each. */
const BATCH_ROWS = 1_000;
const ACCOUNT_RULES = RULES.filter((rule) => RULE_POLICY[rule].subject === 'account');

// THE PROOF. An account is skipped when this expression is true; then `classify` must charge nothing, decide nothing about its
// link, and no living finding may exist (those are a branch of the union of their own). A property test compares the two on
// random worlds (test/db/cases-property). By rule, for a present account `a` with the linked identity row `i`:
//
//  lifecycle_conflict   needs `usable` (active or unknown) and a past end date of the account: first line.
//  orphaned, disputed   need `usable`, not service, and no link: an account without a link gets past the CASE only when it is
//                       not usable or a service account, and then only without any candidate, so that nothing could link it.
//  leaver_account       needs `usable`, not service, and an identity that has left. In the first branch `i` itself is current,
//                       and an identity is current if any of its rows is, so twins and merged rows change nothing.
//  inactive_account     needs an inactive account and a current identity. First branch: no inactive account is skipped. Last
//                       branch: `i` has left, and no other row could make the identity current or take the link over.
//  the link             A sticky link moves only when its identity has left and another candidate exists (last branch: none),
//                       or to the row of a source named earlier in the config with the same address (first branch: none).
//  undecided            An identity of unknown status, or of a source that is no authority any more, is never skipped: the
//                       report counts what it leaves undecided.
//
// An identity that is pending or starts later is not skipped either, for the rules to come (`early_account`). Every comparison
// that could be NULL stands under coalesce, CASE or `is not true`: what is not known to be innocent is a case. Candidates are
// asked for without looking at the kind of key or at denied pairs: more cases, never fewer.
const IS_INNOCENT = `
  (a.end_date is null or a.end_date >= $4::date or a.status not in ('active', 'unknown'))
  and not a.disputed
  and case
    when i.gone_at is null and i.status in ('active', 'on_leave')
         and (i.end_date is null or i.end_date >= $4::date) and (i.start_date is null or i.start_date <= $4::date)
    then a.status <> 'inactive'
         and (i.identity_source_id = ($3::int[])[1] or not exists (
             select from rollcall.account_key k
               join rollcall.account_key o
                 on o.key = k.key and o.kind = 'email' and o.source_id = any ($3::int[]) and o.source_id <> k.source_id
              where k.source_id = i.identity_source_id and k.external_id = i.identity_external_id and k.kind = 'email'))
    when a.status in ('active', 'unknown') and a.kind <> 'service' then false
    when i.identity_source_id is not null
         and not coalesce(i.gone_at is not null or i.status = 'inactive' or i.end_date < $4::date, false) then false
    else not exists (
             select from rollcall.account_key k
               join rollcall.account_key o
                 on o.key = k.key and o.source_id = any ($3::int[]) and o.source_id <> k.source_id
              where k.source_id = a.source_id and k.external_id = a.external_id
                and (o.source_id, o.external_id) is distinct from (i.identity_source_id, i.identity_external_id))
         and not exists (
             select from rollcall.account_key k
               join rollcall.account_key o
                 on o.key = k.key and o.kind = 'email' and o.source_id = any ($3::int[]) and o.source_id <> k.source_id
              where k.source_id = i.identity_source_id and k.external_id = i.identity_external_id and k.kind = 'email')
  end`;

// Three branches, because an OR over them would be one condition that no index and no hash can serve. The link and its identity
// are joined first: every key that is hashed is then a key, and never NULL. `$1` judged as accounts, `$2` judged as rows of an
// authority, `$3` all authorities in the order of the config, `$4` today, `$5` rules whose subject is an account.
function caseStatement(isInnocent: string): string {
  return `
    select a.source_id, a.external_id
      from rollcall.account a
      left join (
           select l.source_id, l.external_id, l.identity_source_id, l.identity_external_id,
                  p.status, p.start_date, p.end_date, p.gone_at
             from rollcall.link l
             left join rollcall.account p
               on p.source_id = l.identity_source_id and p.external_id = l.identity_external_id
              and p.source_id = any ($3::int[])
            where l.source_id = any ($1::int[]) and l.rule <> 'denied') i
        on i.source_id = a.source_id and i.external_id = a.external_id
     where a.source_id = any ($1::int[]) and a.gone_at is null and (${isInnocent}) is not true
    union
    select a.source_id, a.external_id
      from rollcall.account a
     where a.source_id = any ($2::int[]) and a.gone_at is null
       and a.status in ('active', 'unknown') and a.end_date < $4::date
    union
    select f.source_id, f.subject
      from rollcall.finding f
      join rollcall.account a on a.source_id = f.source_id and a.external_id = f.subject
     where f.status <> 'resolved' and f.rule = any ($5::text[])
       and (f.source_id = any ($1::int[]) or f.source_id = any ($2::int[]))`;
}

/** Accounts of the plan's sources that are not provably in order, or of which a finding lives, with all that rules may look at. */
export function accountCases(
  context: ReconcileContext,
  plan: RulePlan,
  today: PlainDate,
): AsyncGenerator<readonly AccountCase[], void, undefined> {
  return casesOf(context, plan, { today, isInnocent: IS_INNOCENT });
}

/** The same without the proof: every account is a case. For the test that holds the proof to what `classify` says. */
export function everyAccountCase(
  context: ReconcileContext,
  plan: RulePlan,
  today: PlainDate,
): AsyncGenerator<readonly AccountCase[], void, undefined> {
  return casesOf(context, plan, { today, isInnocent: 'false and $4::date is null' });
}

async function* casesOf(
  context: ReconcileContext,
  plan: RulePlan,
  how: { readonly today: PlainDate; readonly isInnocent: string },
): AsyncGenerator<readonly AccountCase[], void, undefined> {
  const running = new Set(plan.runs.map((run) => run.sourceId));
  const judged = judgedIds(context).filter((id) => running.has(id));
  const authorities = authorityIds(context);
  const judgedAsIdentities = authorities.filter((id) => running.has(id) && !judged.includes(id));
  const batches = fetchBatches<{ source_id: number; external_id: string }>(context.client, {
    name: 'account_cases',
    text: caseStatement(how.isInnocent),
    values: [judged, judgedAsIdentities, authorities, how.today, ACCOUNT_RULES],
    batchRows: BATCH_ROWS,
  });
  for await (const rows of batches) {
    const refs = rows.map((row) => ({ sourceId: row.source_id, externalId: row.external_id }));
    yield await loadAccountCases(context, refs);
  }
}

import type { RulePlan } from '../../core/policy.ts';
import type { PlainDate } from '../../core/row.ts';
import type { Rule } from '../../core/rule.ts';
import type { MismatchField, RuleOptions } from '../../core/rule-options.ts';
import { authorityIds, judgedIds, type ReconcileContext } from './context.ts';

// What rules of their own find beside the doubt about each account (account-cases.ts): one branch a rule, there only where the rule runs, so a
// rule that is off costs nothing. Each may find too many, never too few; `classify` decides.

/** Adds a parameter of the statement and says how it is written there. */
export type Bind = (value: unknown) => string;

type Asked = {
  readonly context: ReconcileContext;
  readonly plan: RulePlan;
  readonly today: PlainDate;
  readonly options: RuleOptions;
};

export function branchesOf(asked: Asked, bind: Bind): readonly string[] {
  return [...managerBranches(asked, bind), ...mismatchBranches(asked, bind), ...dormantBranches(asked, bind)];
}

/** Sources that are judged as accounts and for which the plan runs the rule. */
export function idsRunning({ context, plan }: Pick<Asked, 'context' | 'plan'>, rule: Rule): readonly number[] {
  const running = new Set(plan.runs.filter((run) => run.rules.includes(rule)).map((run) => run.sourceId));
  return judgedIds(context).filter((id) => running.has(id));
}

// Rows of other authorities with the address of `r`: whether they are one person is asked later.
const SIBLINGS = (authorities: string): string => `
      join rollcall.account_key k on k.source_id = r.source_id and k.external_id = r.external_id and k.kind = 'email'
      join rollcall.account_key o
        on o.key = k.key and o.kind = 'email' and o.source_id = any (${authorities}::int[]) and o.source_id <> k.source_id`;

const REPORTS = `
      from rollcall.account m
      join rollcall.account r on r.source_id = m.source_id and r.manager_id = m.external_id
       and r.manager_id is not null and r.gone_at is null`;

// From the few who are gone or inactive to their reports (index account_by_manager), not from every account to its manager. First branch:
// the manager's row beside the account. Second: the manager on a list, the identities that name him, the accounts linked to those; third: the
// accounts linked to a row of another list that is the same person as such an identity. A manager has left when none of his rows is
// current, so a row of his that is not current is there in each of these cases; and only current rows of an identity speak for
// it, or else its accounts are cases anyway.
function managerBranches(asked: Asked, bind: Bind): readonly string[] {
  const ids = idsRunning(asked, 'manager_left');
  if (ids.length === 0) return [];
  const [judged, today] = [bind(ids), bind(asked.today)];
  const authorities = authorityIds(asked.context);
  const lists = bind(authorities);
  const hasLeft = `m.source_id = any (${lists}::int[])
       and (m.gone_at is not null or m.status in ('inactive', 'unknown') or m.end_date < ${today}::date)`;
  const linkedTo = (row: 'r' | 'o'): string => `
      join rollcall.link l on l.identity_source_id = ${row}.source_id and l.identity_external_id = ${row}.external_id
       and l.source_id = any (${judged}::int[]) and l.rule <> 'denied'
      join rollcall.account a on a.source_id = l.source_id and a.external_id = l.external_id
       and a.gone_at is null and a.status in ('active', 'unknown')
     where ${hasLeft}`;
  return [
    `
    select r.source_id, r.external_id ${REPORTS}
     where m.source_id = any (${judged}::int[]) and (m.gone_at is not null or m.status = 'inactive')
       and r.status in ('active', 'unknown')`,
    `
    select a.source_id, a.external_id ${REPORTS} ${linkedTo('r')}`,
    ...(authorities.length > 1
      ? [
          `
    select a.source_id, a.external_id ${REPORTS} ${SIBLINGS(lists)} ${linkedTo('o')}`,
        ]
      : []),
  ];
}

// Each link once, with both current versions: the price of comparing everybody, paid only by those who ask for it. Two texts that differ
// when they are folded differ here too, where only ASCII letters are (`C`: the same in every database). What the identity says
// is said by its linked row or by another row that is the same person.
function mismatchBranches(asked: Asked, bind: Bind): readonly string[] {
  const ids = idsRunning(asked, 'attribute_mismatch');
  const { mismatchFields } = asked.options;
  if (ids.length === 0 || mismatchFields.length === 0) return [];
  const judged = bind(ids);
  const authorities = authorityIds(asked.context);
  const lists = bind(authorities);
  const differs = mismatchFields.map(differenceOf).join(' or ');
  const compared = (from: string): string => `
    select a.source_id, a.external_id
      from rollcall.link l
      join rollcall.account a on a.source_id = l.source_id and a.external_id = l.external_id and a.gone_at is null
      join rollcall.account_version v
        on v.source_id = a.source_id and v.external_id = a.external_id and v.from_run = a.version_run
      ${from}
      join rollcall.account_version w
        on w.source_id = i.source_id and w.external_id = i.external_id and w.from_run = i.version_run
     where l.source_id = any (${judged}::int[]) and l.rule <> 'denied'
       and l.identity_source_id = any (${lists}::int[]) and (${differs})`;
  const linked = `
      join rollcall.account i on i.source_id = l.identity_source_id and i.external_id = l.identity_external_id`;
  const sibling = `
      join rollcall.account r on r.source_id = l.identity_source_id and r.external_id = l.identity_external_id
      ${SIBLINGS(lists)}
      join rollcall.account i on i.source_id = o.source_id and i.external_id = o.external_id`;
  return [compared(linked), ...(authorities.length > 1 ? [compared(sibling)] : [])];
}

/** Managers are ids of two sources: in order are those whose account is linked to the very row that the list names. */
function differenceOf(field: MismatchField): string {
  if (field !== 'manager') return `lower(v.${field} collate "C") <> lower(w.${field} collate "C")`;
  return `(a.manager_id is not null and i.manager_id is not null and not exists (
         select from rollcall.link n
          where n.source_id = a.source_id and n.external_id = a.manager_id and n.rule <> 'denied'
            and n.identity_source_id = i.source_id and n.identity_external_id = i.manager_id))`;
}

// A day more than `classify` asks for: in which zone the last activity's day ends is known there, and no zone is a day from UTC. Without the
// field there is nothing to find: what lives of such a row is a case by its finding.
function dormantBranches(asked: Asked, bind: Bind): readonly string[] {
  const ids = idsRunning(asked, 'dormant_account');
  const { dormantDays } = asked.options;
  if (ids.length === 0 || dormantDays === undefined) return [];
  return [
    `
    select a.source_id, a.external_id
      from rollcall.account a
     where a.source_id = any (${bind(ids)}::int[]) and a.gone_at is null and a.status in ('active', 'unknown')
       and a.last_active_at < (${bind(asked.today)}::date - ${bind(dormantDays)}::int + 1)::timestamp at time zone 'UTC'`,
  ];
}

import type { RulePlan, SourceState } from './policy.ts';
import type { Instant } from './row.ts';
import { RULE_POLICY, RULES, type Rule } from './rule.ts';
import { judgeUsability } from './usability.ts';

export type PlanOptions = { readonly now: Instant; readonly disabled: ReadonlySet<Rule> };

type Withheld = RulePlan['withheld'][number];

/**
 * Contract §5: a rule runs for a source only when every source that it reads is usable. The authoritative list is judged like any
 * other: when it fails, nobody becomes an orphan. Switched-off rules are neither run nor withheld.
 */
export function planRules(states: readonly SourceState[], { now, disabled }: PlanOptions): RulePlan {
  const reasons = new Map(states.map((state) => [state.id, unusableReason(state, now)]));
  const authorities = states.filter((state) => state.authoritative);
  const runs: RulePlan['runs'][number][] = [];
  const withheld: Withheld[] = [];
  for (const state of states) {
    const others = authorities.filter((authority) => authority.id !== state.id);
    const missing = authorityReason(state, others, reasons);
    const asked = RULES.filter((rule) => !disabled.has(rule) && judges(rule, state));
    const reasonOf = (rule: Rule): string | undefined =>
      reasons.get(state.id) ?? (RULE_POLICY[rule].reads === 'identities' ? missing : undefined);
    const rules = asked.filter((rule) => reasonOf(rule) === undefined);
    if (rules.length > 0) {
      const baseline = rules.filter((rule) => !state.baselined.has(rule));
      runs.push({ sourceId: state.id, source: state.name, rules, baseline });
    }
    withheld.push(...groupWithheld(state.name, asked, reasonOf));
  }
  return { runs, withheld };
}

function judges(rule: Rule, state: SourceState): boolean {
  return !state.authoritative || state.audited || RULE_POLICY[rule].judgesIdentities;
}

function unusableReason(state: SourceState, now: Instant): string | undefined {
  const usability = judgeUsability(state, now);
  return usability.usable ? undefined : `${state.name} ${usability.reason}`;
}

function authorityReason(
  state: SourceState,
  others: readonly SourceState[],
  reasons: ReadonlyMap<number, string | undefined>,
): string | undefined {
  if (others.length === 0) {
    return state.authoritative
      ? 'there is no other authoritative source to compare with'
      : 'no authoritative source is configured';
  }
  const found = others.map((authority) => reasons.get(authority.id)).filter((reason) => reason !== undefined);
  return found.length === 0 ? undefined : found.join('; ');
}

function groupWithheld(
  source: string,
  asked: readonly Rule[],
  reasonOf: (rule: Rule) => string | undefined,
): readonly Withheld[] {
  const groups = new Map<string, Rule[]>();
  for (const rule of asked) {
    const reason = reasonOf(rule);
    if (reason !== undefined) groups.set(reason, [...(groups.get(reason) ?? []), rule]);
  }
  return [...groups].map(([reason, rules]) => ({ source, rules, reason }));
}

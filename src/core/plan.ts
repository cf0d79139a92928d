import type { RulePlan, SourceState } from './policy.ts';
import type { Instant } from './row.ts';
import { RULE_POLICY, RULES, type Rule } from './rule.ts';
import { DEFAULT_OPTIONS, isConfigured, type RuleOptions } from './rule-options.ts';
import { judgeUsability } from './usability.ts';

export type PlanOptions = {
  readonly now: Instant;
  readonly disabled: ReadonlySet<Rule>;
  readonly options?: RuleOptions | undefined;
};

type Withheld = RulePlan['withheld'][number];
type Objection = Pick<Withheld, 'reason' | 'causes' | 'refused'>;

/**
 * Contract §5: a rule runs for a source only when every source that it reads is usable. The authoritative list is judged like any
 * other: when it fails, nobody becomes an orphan. Rules that are switched off, or that are not told what to look for in this source, are neither
 * run nor withheld.
 */
export function planRules(states: readonly SourceState[], planOptions: PlanOptions): RulePlan {
  const { now, disabled, options = DEFAULT_OPTIONS } = planOptions;
  const objections = new Map(states.map((state) => [state.id, objectionTo(state, now)]));
  const authorities = states.filter((state) => state.authoritative);
  const runs: RulePlan['runs'][number][] = [];
  const withheld: Withheld[] = [];
  for (const state of states) {
    const others = authorities.filter((authority) => authority.id !== state.id);
    const missing = authorityObjection(state, others, objections);
    // Who owns the token of an authoritative source may be on its own list.
    const mayBeAlone = (rule: Rule): boolean =>
      RULE_POLICY[rule].subject === 'credential' && state.authoritative && others.length === 0;
    const asked = RULES.filter(
      (rule) => !disabled.has(rule) && judges(rule, state) && isConfigured(rule, state.name, options),
    );
    const objection = (rule: Rule): Objection | undefined =>
      objections.get(state.id) ?? (RULE_POLICY[rule].reads === 'identities' && !mayBeAlone(rule) ? missing : undefined);
    const rules = asked.filter((rule) => objection(rule) === undefined);
    if (rules.length > 0) {
      const baseline = rules.filter((rule) => !state.baselined.has(rule));
      runs.push({ sourceId: state.id, source: state.name, rules, baseline });
    }
    withheld.push(...groupWithheld(state.name, asked, objection));
  }
  return { runs, withheld };
}

function judges(rule: Rule, state: SourceState): boolean {
  if (RULE_POLICY[rule].subject === 'credential') return state.tokenOwner !== undefined;
  return !state.authoritative || state.audited || RULE_POLICY[rule].judgesIdentities;
}

function objectionTo(state: SourceState, now: Instant): Objection | undefined {
  const usability = judgeUsability(state, now);
  if (usability.usable) return undefined;
  const refused = state.refused === true && !state.breakerOpen ? { refused: [state.name] } : {};
  return { reason: `${state.name} ${usability.reason}`, causes: state.breakerOpen ? [] : [state.name], ...refused };
}

function authorityObjection(
  state: SourceState,
  others: readonly SourceState[],
  objections: ReadonlyMap<number, Objection | undefined>,
): Objection | undefined {
  if (others.length === 0) {
    const reason = state.authoritative
      ? 'there is no other authoritative source to compare with'
      : 'no authoritative source is configured';
    return { reason, causes: [] };
  }
  const found = others.map(({ id }) => objections.get(id)).filter((objection) => objection !== undefined);
  if (found.length === 0) return undefined;
  const refused = found.flatMap((each) => each.refused ?? []);
  return {
    reason: found.map(({ reason }) => reason).join('; '),
    causes: found.flatMap(({ causes }) => causes),
    ...(refused.length > 0 ? { refused } : {}),
  };
}

function groupWithheld(
  source: string,
  asked: readonly Rule[],
  of: (rule: Rule) => Objection | undefined,
): readonly Withheld[] {
  const groups = new Map<string, Withheld>();
  for (const rule of asked) {
    const objection = of(rule);
    if (objection === undefined) continue;
    const rules = [...(groups.get(objection.reason)?.rules ?? []), rule];
    groups.set(objection.reason, { source, rules, ...objection });
  }
  return [...groups.values()];
}

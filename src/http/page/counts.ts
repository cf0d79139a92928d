import type { RuleCount } from '../../core/headline.ts';
import type { Rule, Severity } from '../../core/rule.ts';
import type { LiveCount } from '../../ports/page.ts';
import { compareGroups } from './order.ts';

/** By the most severe finding of each rule. `leavers`: people, of whom one may have several accounts. */
export function countRules(live: readonly LiveCount[], leavers: number): readonly RuleCount[] {
  const rules = new Map<Rule, number>();
  for (const { rule, findings } of openOf(live).toSorted(compareGroups)) {
    rules.set(rule, (rules.get(rule) ?? 0) + findings);
  }
  return [...rules].map(([rule, findings]) => ({
    rule,
    findings,
    subjects: rule === 'leaver_account' ? leavers : findings,
  }));
}

export function countSeverities(live: readonly LiveCount[]): Readonly<Record<Severity, number>> {
  const counts: Record<Severity, number> = { low: 0, medium: 0, high: 0, critical: 0 };
  for (const { severity, findings } of openOf(live)) counts[severity] += findings;
  return counts;
}

export function countOpen(live: readonly LiveCount[], source: string): number {
  return sumOf(openOf(live).filter((each) => each.source === source));
}

export function sumOf(counts: readonly LiveCount[]): number {
  return counts.reduce((sum, { findings }) => sum + findings, 0);
}

function openOf(live: readonly LiveCount[]): readonly LiveCount[] {
  return live.filter(({ status }) => status === 'open');
}

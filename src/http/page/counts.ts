import type { RuleCount } from '../../core/headline.ts';
import { SEVERITIES, type Rule, type Severity } from '../../core/rule.ts';
import type { LiveFinding } from '../../ports/page.ts';

/** They come in the order of the list, so that the rules do too: by the most severe finding of each. */
export function countRules(open: readonly LiveFinding[]): readonly RuleCount[] {
  const rules = new Map<Rule, { findings: number; people: Set<string> }>();
  for (const { rule, person, id } of open) {
    const known = rules.get(rule) ?? { findings: 0, people: new Set() };
    known.findings += 1;
    known.people.add(person ?? String(id));
    rules.set(rule, known);
  }
  return [...rules].map(([rule, { findings, people }]) => ({ rule, findings, subjects: people.size }));
}

export function countSeverities(open: readonly LiveFinding[]): Readonly<Record<Severity, number>> {
  const counts: Record<Severity, number> = { low: 0, medium: 0, high: 0, critical: 0 };
  for (const severity of SEVERITIES) counts[severity] = open.filter((each) => each.severity === severity).length;
  return counts;
}

export function countSources(open: readonly LiveFinding[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { source } of open) counts.set(source, (counts.get(source) ?? 0) + 1);
  return counts;
}

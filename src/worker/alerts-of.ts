import type { RulePlan } from '../core/policy.ts';
import type { Instant } from '../core/row.ts';
import { judgeUsability } from '../core/usability.ts';
import type { Alert, Reconciliation } from '../ports.ts';

/** A conclusion breaker that this reconciliation tripped or found open, and how many findings it holds back. */
export type Held = { readonly breakerId: number; readonly held: number };

export type News = {
  readonly now: Instant;
  readonly breakers: readonly Held[];
  /** Opened or reopened findings that are neither baseline nor held. */
  readonly announced: number;
  readonly resolved: number;
};

/** Which messages a reconciliation sends (contract §9): each thing once, nothing when nothing changed. */
export function alertsOf(
  step: Pick<Reconciliation, 'reportId' | 'sources' | 'withheldBefore'>,
  plan: RulePlan,
  news: News,
): readonly Alert[] {
  const { reportId } = step;
  const alerts: Alert[] = news.breakers.map(({ breakerId }) => ({ kind: 'breaker', breakerId }));
  if (isNewlyWithheld(step, plan, news.now)) alerts.push({ kind: 'withheld', reportId });
  if (plan.runs.some((run) => run.baseline.length > 0)) alerts.push({ kind: 'baseline', reportId });
  if (news.announced > 0 || news.resolved > 0) alerts.push({ kind: 'digest', reportId });
  return alerts;
}

/** Said when it begins or concerns other sources than before; not for a breaker, which has a message of its own when it trips. */
function isNewlyWithheld(
  { sources, withheldBefore }: Pick<Reconciliation, 'sources' | 'withheldBefore'>,
  plan: RulePlan,
  now: Instant,
): boolean {
  const concerned = namesOf(plan.withheld.map(({ source }) => source));
  if (concerned === '' || concerned === namesOf(withheldBefore ?? [])) return false;
  return sources.some((source) => !source.breakerOpen && !judgeUsability(source, now).usable);
}

function namesOf(sources: readonly string[]): string {
  return [...new Set(sources)].toSorted().join('\n');
}

import type { RulePlan } from '../core/policy.ts';
import type { Alert, Reconciliation } from '../ports/store.ts';

/** A conclusion breaker that this reconciliation tripped or found open, and how many findings it holds back. */
export type Held = { readonly breakerId: number; readonly held: number };

export type News = {
  readonly breakers: readonly Held[];
  /** Opened or reopened findings that are neither baseline nor held. */
  readonly announced: number;
  readonly resolved: number;
  /** Waivers that have ended with their day, or will within a week. */
  readonly waivers: number;
};

/** Which messages a reconciliation sends (contract §9): each thing once, nothing when nothing changed. */
export function alertsOf(
  step: Pick<Reconciliation, 'reportId' | 'withheldBefore'>,
  plan: RulePlan,
  news: News,
): readonly Alert[] {
  const { reportId } = step;
  const alerts: Alert[] = news.breakers.map(({ breakerId }) => ({ kind: 'breaker', breakerId }));
  if (isNewlyWithheld(plan.withheld, step.withheldBefore)) alerts.push({ kind: 'withheld', reportId });
  if (plan.runs.some((run) => run.baseline.length > 0)) alerts.push({ kind: 'baseline', reportId });
  if (news.announced > 0 || news.resolved > 0 || news.waivers > 0) alerts.push({ kind: 'digest', reportId });
  return alerts;
}

/** Said when it begins, or when another source is a cause or is concerned; not in each report that it lasts. */
function isNewlyWithheld(withheld: RulePlan['withheld'], before: Reconciliation['withheldBefore']): boolean {
  const told = new Set(before.flatMap(pairsOf));
  return withheld.flatMap(pairsOf).some((pair) => !told.has(pair));
}

function pairsOf({ source, causes }: Reconciliation['withheldBefore'][number]): readonly string[] {
  return causes.map((cause) => `${source}\n${cause}`);
}

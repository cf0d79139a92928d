import type { Alert, CatchUp } from '../ports/store.ts';

/** More breakers than this in one outage are named by `rollcall breaker list`. */
const BREAKERS_MAX = 50;

/** One alert that tells what all of these would have told. */
export function mergeAlerts(alerts: readonly Alert[]): CatchUp {
  const reports = alerts.flatMap(reportsOf);
  const ids = (kinds: readonly Alert['kind'][], earlier: (catchUp: CatchUp) => readonly number[]): readonly number[] =>
    newest(
      alerts.flatMap((alert) => {
        if (alert.kind === 'catch-up') return earlier(alert);
        return 'breakerId' in alert && kinds.includes(alert.kind) ? [alert.breakerId] : [];
      }),
    );
  return {
    kind: 'catch-up',
    reports: reports.length === 0 ? undefined : { from: Math.min(...reports), to: Math.max(...reports) },
    breakerIds: ids(['breaker', 'recovery'], ({ breakerIds }) => breakerIds),
    releasedIds: ids(['released'], ({ releasedIds }) => releasedIds),
  };
}

function reportsOf(alert: Alert): readonly number[] {
  if ('reportId' in alert) return [alert.reportId];
  if (!('reports' in alert)) return [];
  return alert.reports === undefined ? [] : [alert.reports.from, alert.reports.to];
}

function newest(ids: readonly number[]): readonly number[] {
  return [...new Set(ids)].toSorted((a, b) => a - b).slice(-BREAKERS_MAX);
}

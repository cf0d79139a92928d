import { planCatchUp } from '../core/catch-up.ts';
import { planDigest, planBaselineSummary } from '../core/digest.ts';
import { planBreakerTripped, planRecovery, planWithheld } from '../core/notices.ts';
import type { AlertPlan } from '../core/alert-plan.ts';
import type { BreakerRow, FindingRow, ReportRow } from '../core/views.ts';
import type { ChannelMessage } from '../ports/alerts.ts';
import type { Reader } from '../ports/reading.ts';
import type { Alert, CatchUp } from '../ports/store.ts';
import { renderSlackMessage } from './slack-message.ts';

type AlertReader = Pick<
  Reader,
  'report' | 'findings' | 'countResolved' | 'countBack' | 'waiverNews' | 'breaker' | 'breakerLosses' | 'meanwhile'
>;

/** A message shows a few; the breaker itself says how many there are. */
const LOSSES_SHOWN_MAX = 5;

/** The message of an alert, from what the store says now; nothing when there is nothing left to tell. */
export async function composeAlert(alert: Alert, reader: AlertReader): Promise<ChannelMessage | undefined> {
  const plan = await planAlert(alert, reader);
  return plan === undefined ? undefined : renderSlackMessage(plan);
}

async function planAlert(alert: Alert, reader: AlertReader): Promise<AlertPlan | undefined> {
  if (alert.kind === 'breaker' || alert.kind === 'recovery' || alert.kind === 'released') {
    return planBreaker(alert.kind, alert.breakerId, reader);
  }
  if (alert.kind === 'catch-up') return planCatchingUp(alert, reader);
  const report = await reader.report(alert.reportId);
  if (report === undefined) return undefined;
  if (alert.kind === 'withheld') return report.withheld.length === 0 ? undefined : planWithheld(report);
  // By event, not by last change: a finding that changed again before this message went out belongs to it all the same.
  const findings = await reader.findings({ statuses: ['open'], announcedIn: report.id });
  if (alert.kind === 'baseline') return planFirstLook(report, findings);
  return planChanges(report, findings, reader);
}

/** What is new, without what the first look of the same report tells in its own message; nothing where that is nothing. */
async function planChanges(
  report: ReportRow,
  findings: readonly FindingRow[],
  reader: AlertReader,
): Promise<AlertPlan | undefined> {
  const opened = findings.filter((finding) => !isBaseline(report, finding));
  const resolvedCount = await reader.countResolved(report.id);
  const waivers = await reader.waiverNews(report.id);
  const backCount = await reader.countBack(report.id);
  if (opened.length + resolvedCount + waivers.length + backCount === 0) return undefined;
  return planDigest({ reportId: report.id, opened, resolvedCount, withheld: report.withheld, waivers, backCount });
}

/** Also when there is nothing to report: silence after a set-up would be a riddle. */
function planFirstLook(report: ReportRow, findings: readonly FindingRow[]): AlertPlan {
  const opened = findings.filter((finding) => isBaseline(report, finding));
  const sources = [...new Set(report.baseline.map((pair) => pair.slice(0, pair.lastIndexOf('/'))))];
  return planBaselineSummary({ reportId: report.id, opened, resolvedCount: 0, withheld: report.withheld, sources });
}

/** `baseline` holds `source/rule` pairs; no rule has a slash in its name. */
function isBaseline(report: ReportRow, finding: FindingRow): boolean {
  return report.baseline.includes(`${finding.source}/${finding.rule}`);
}

async function planBreaker(
  kind: 'breaker' | 'recovery' | 'released',
  id: number,
  reader: AlertReader,
): Promise<AlertPlan | undefined> {
  const breaker = await reader.breaker(id);
  if (breaker === undefined) return undefined;
  if (kind === 'recovery') return planRecovery(breaker);
  if (kind === 'breaker') return planBreakerTripped(breaker, await reader.breakerLosses(id, LOSSES_SHOWN_MAX));
  const opened = await reader.findings({ statuses: ['open'], releasedBy: id });
  const [first] = opened;
  if (first === undefined) return undefined;
  return planDigest({ reportId: first.report_id, opened, resolvedCount: 0, withheld: [] });
}

async function planCatchingUp(alert: CatchUp, reader: AlertReader): Promise<AlertPlan | undefined> {
  const { reports, releasedIds } = alert;
  const [first, last] =
    reports === undefined ? [] : [await reader.report(reports.from), await reader.report(reports.to)];
  const breakers = await loadBreakers(alert.breakerIds, reader);
  const opened = await loadOpened(alert, reader);
  const meanwhile = reports === undefined ? undefined : await reader.meanwhile(reports);
  const moments = [first?.finished_at, ...breakers.map((breaker) => breaker.tripped_at)].filter(
    (at) => at !== undefined,
  );
  return planCatchUp({
    reports: reports ?? reportsOf(opened, releasedIds),
    since: moments.toSorted()[0],
    opened,
    resolvedCount: meanwhile?.resolved ?? 0,
    passedCount: meanwhile?.passed ?? 0,
    backCount: meanwhile?.back ?? 0,
    waivers: meanwhile?.waivers ?? [],
    firstLooks: meanwhile?.firstLooks ?? [],
    withheld: last?.withheld ?? [],
    breakers,
  });
}

/** Open now: what these reports announced, and what the releases opened, each once. */
async function loadOpened({ reports, releasedIds }: CatchUp, reader: AlertReader): Promise<readonly FindingRow[]> {
  const found = new Map<number, FindingRow>();
  const add = (findings: readonly FindingRow[]): void => {
    for (const finding of findings) found.set(finding.id, finding);
  };
  if (reports !== undefined) {
    add(await reader.findings({ statuses: ['open'], announcedIn: reports.from, announcedUntil: reports.to }));
  }
  for (const releasedBy of releasedIds) add(await reader.findings({ statuses: ['open'], releasedBy }));
  return [...found.values()];
}

function reportsOf(opened: readonly FindingRow[], releasedIds: readonly number[]): CatchUp['reports'] {
  const [first] = opened;
  return first === undefined || releasedIds.length === 0 ? undefined : { from: first.report_id, to: first.report_id };
}

async function loadBreakers(ids: readonly number[], reader: AlertReader): Promise<readonly BreakerRow[]> {
  const breakers: BreakerRow[] = [];
  for (const id of ids) {
    const breaker = await reader.breaker(id);
    if (breaker !== undefined) breakers.push(breaker);
  }
  return breakers;
}

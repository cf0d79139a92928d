import { type DatabaseTrouble, planDatabaseTrouble, planDatabaseWell } from '../core/database-notice.ts';
import { planDigest, planBaselineSummary } from '../core/digest.ts';
import { isOfCredential } from '../core/rule.ts';
import { planAccepted, planBreakerTripped, planCredential, planRecovery, planWithheld } from '../core/notices.ts';
import type { AlertPlan } from '../core/alert-plan.ts';
import { seatPhrase } from '../core/seats.ts';
import { pauseBefore, REPORTS_LOOKED_AT } from '../core/pause.ts';
import type { FindingRow, ReportRow } from '../core/views.ts';
import type { ChannelMessage } from '../ports/alerts.ts';
import type { Reader } from '../ports/reading.ts';
import type { Alert } from '../ports/store.ts';
import { composeCatchUp, type CatchUpReader } from './compose-catch-up.ts';
import { composeDaily } from './compose-daily.ts';
import { renderSlackMessage } from './slack-message.ts';

type AlertReader = CatchUpReader &
  Pick<
    Reader,
    | 'report'
    | 'reports'
    | 'findings'
    | 'countResolved'
    | 'countBack'
    | 'waiverNews'
    | 'breaker'
    | 'breakerLosses'
    | 'sources'
  >;

/** A message shows a few; the breaker itself says how many there are. */
const LOSSES_SHOWN_MAX = 5;

/** The message of an alert, from what the store says now; nothing when there is nothing left to tell. */
export async function composeAlert(alert: Alert, reader: AlertReader): Promise<ChannelMessage | undefined> {
  const plan = await planAlert(alert, reader);
  return plan === undefined ? undefined : renderSlackMessage(plan);
}

/** The message about a database that cannot be written to, or can be again. It asks the database nothing. */
export function composeTrouble(what: DatabaseTrouble | 'well'): ChannelMessage {
  return renderSlackMessage(what === 'well' ? planDatabaseWell() : planDatabaseTrouble(what));
}

async function planAlert(alert: Alert, reader: AlertReader): Promise<AlertPlan | undefined> {
  if (alert.kind === 'breaker' || alert.kind === 'recovery' || alert.kind === 'released') {
    return planBreaker(alert.kind, alert.breakerId, reader);
  }
  if (alert.kind === 'catch-up') return composeCatchUp(alert, reader);
  return alert.kind === 'daily' ? composeDaily(alert, reader) : planOfReport(alert, reader);
}

async function planOfReport(
  alert: Extract<Alert, { readonly reportId: number }>,
  reader: AlertReader,
): Promise<AlertPlan | undefined> {
  const report = await reader.report(alert.reportId);
  if (report === undefined) return undefined;
  if (alert.kind === 'accepted') return planAccepted(report.id, alert.sources);
  if (alert.kind === 'withheld') return report.withheld.length === 0 ? undefined : planWithheld(report);
  // By event, not by last change: a finding that changed again before this message went out belongs to it all the same.
  const findings = await reader.findings({ statuses: ['open'], announcedIn: report.id });
  if (alert.kind === 'baseline') return planFirstLook(report, findings, seatPhrase(await reader.sources()));
  if (alert.kind === 'credential') {
    const opened = findings.filter((finding) => isOfCredential(finding.rule) && !isBaseline(report, finding));
    return planCredential(report, { refused: alert.refused, opened });
  }
  return planChanges(report, findings, reader);
}

/** What is new, without what the first look of the same report and its credentials have messages of their own for; nothing where that is nothing. */
async function planChanges(
  report: ReportRow,
  findings: readonly FindingRow[],
  reader: AlertReader,
): Promise<AlertPlan | undefined> {
  const opened = findings.filter((finding) => !isBaseline(report, finding) && !isOfCredential(finding.rule));
  const resolvedCount = await reader.countResolved(report.id);
  const waivers = await reader.waiverNews(report.id);
  const backCount = await reader.countBack(report.id);
  if (opened.length + resolvedCount + waivers.length + backCount === 0) return undefined;
  const pausedSince = pauseBefore(report.id, await reader.reports(REPORTS_LOOKED_AT));
  const { id: reportId, withheld } = report;
  const seatCost = seatPhrase(await reader.sources());
  return planDigest({ reportId, opened, resolvedCount, withheld, waivers, backCount, pausedSince, seatCost });
}

/** Also when there is nothing to report: silence after a set-up would be a riddle. */
function planFirstLook(report: ReportRow, findings: readonly FindingRow[], seatCost: string | undefined): AlertPlan {
  const opened = findings.filter((finding) => isBaseline(report, finding));
  const sources = [...new Set(report.baseline.map((pair) => pair.slice(0, pair.lastIndexOf('/'))))];
  return planBaselineSummary({
    reportId: report.id,
    opened,
    resolvedCount: 0,
    withheld: report.withheld,
    sources,
    seatCost,
  });
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

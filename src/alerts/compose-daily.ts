import type { AlertPlan } from '../core/alert-plan.ts';
import { planDaily } from '../core/daily.ts';
import { isOfCredential } from '../core/rule.ts';
import { pauseBefore, REPORTS_LOOKED_AT } from '../core/pause.ts';
import type { Instant } from '../core/row.ts';
import type { Reader } from '../ports/reading.ts';
import type { Daily } from '../ports/store.ts';

export type DailyReader = Pick<Reader, 'report' | 'reports' | 'findings' | 'meanwhile'>;

/** More reports of one day than this are not looked at for a pause; what they changed is told all the same. */
const REPORTS_OF_A_DAY_MAX = 500;

/** What the digest of a day tells, from what the store says now; first looks and credentials had their own messages at once. */
export async function composeDaily({ reports }: Daily, reader: DailyReader): Promise<AlertPlan | undefined> {
  const { from, to } = reports;
  const first = await reader.report(from);
  const last = await reader.report(to);
  const announced = { announcedIn: from, announcedUntil: to, withoutFirstLooks: true };
  const opened = await reader.findings({ statuses: ['open'], ...announced });
  const { resolved, passed, back, waivers } = await reader.meanwhile(reports);
  return planDaily({
    reports,
    since: first?.finished_at,
    opened: opened.filter((finding) => !isOfCredential(finding.rule)),
    resolvedCount: resolved,
    passedCount: passed,
    backCount: back,
    waivers,
    withheld: last?.withheld ?? [],
    pausedSince: await findPause(reports, reader),
  });
}

/** The first pause before any of them. */
async function findPause({ from, to }: Daily['reports'], reader: DailyReader): Promise<Instant | undefined> {
  const known = await reader.reports(Math.min(to - from, REPORTS_OF_A_DAY_MAX) + REPORTS_LOOKED_AT);
  const ofDay = known.map(({ id }) => id).filter((id) => id >= from && id <= to);
  return ofDay
    .toReversed()
    .map((id) => pauseBefore(id, known.slice(known.findIndex((each) => each.id === id)).slice(0, REPORTS_LOOKED_AT)))
    .find((since) => since !== undefined);
}

import { epochMs } from './dates.ts';
import type { Instant } from './row.ts';
import type { ReportRow } from './views.ts';

const HOUR_MS = 3_600_000;
/** Below this nobody has forgotten anything. */
const PAUSE_MIN_MS = 6 * HOUR_MS;
/** Where reports usually follow one another at some distance: this many times the longest of the last distances. */
const USUAL_TIMES = 3;
const USUAL_MIN_COUNT = 2;
/** Where nothing is usual yet: a daily run that was late is no pause. */
const UNUSUAL_MS = 36 * HOUR_MS;
/** What `pauseBefore` needs of the past. */
export const REPORTS_LOOKED_AT = 20;

type Times = Pick<ReportRow, 'id' | 'started_at' | 'finished_at'>;

/**
 * Since when nothing was reported before this report, where that is longer than usual: nobody worked, or the database is that of a
 * backup and what it says of the time since is being found again. Derived from the reports, so that it is said the same each time.
 */
export function pauseBefore(reportId: number, newestFirst: readonly Times[]): Instant | undefined {
  const upTo = newestFirst.filter(({ id }) => id <= reportId);
  const [report, before] = upTo;
  if (report?.id !== reportId || before === undefined) return undefined;
  const [gap = 0, ...usual] = upTo.slice(0, -1).map((each, at) => gapMs(upTo[at + 1], each));
  const isEnough = usual.length >= USUAL_MIN_COUNT;
  const limit = isEnough ? Math.max(PAUSE_MIN_MS, USUAL_TIMES * Math.max(...usual)) : UNUSUAL_MS;
  return gap > limit ? before.finished_at : undefined;
}

function gapMs(before: Times | undefined, after: Times): number {
  return before === undefined ? 0 : epochMs(after.started_at) - epochMs(before.finished_at);
}

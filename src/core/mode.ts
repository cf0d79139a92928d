import { epochMs } from './dates.ts';
import type { VerdictKind } from './listing.ts';
import type { Instant } from './row.ts';

export type ReadBefore = {
  readonly watermark?: string | undefined;
  readonly lastCompleteAt?: Instant | undefined;
  readonly lastFullVerdict?: VerdictKind | undefined;
  readonly lastVerdict?: VerdictKind | undefined;
  readonly maxAgeMs?: number | undefined;
};

/** Machines that share a database differ a little. */
const CLOCK_MS = 60_000;

/**
 * Contract §2: changes alone where the last full listing was complete and is younger than `maxAge`. After a suspicious reading of
 * changes in full too: only a complete full listing takes its doubt away.
 */
export function chooseMode(before: ReadBefore, now: Instant): 'full' | 'delta' {
  const { watermark, lastCompleteAt, lastFullVerdict, lastVerdict, maxAgeMs } = before;
  if (watermark === undefined || lastCompleteAt === undefined) return 'full';
  if (lastFullVerdict !== 'complete' || lastVerdict === 'suspicious') return 'full';
  // A clock that was ahead then would make it look young for as long.
  if (epochMs(lastCompleteAt) > epochMs(now) + CLOCK_MS) return 'full';
  return maxAgeMs !== undefined && epochMs(now) - epochMs(lastCompleteAt) >= maxAgeMs ? 'full' : 'delta';
}

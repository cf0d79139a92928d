import { epochMs } from './dates.ts';
import { momentText } from './moment-text.ts';
import type { SourceState, Usability } from './policy.ts';
import type { Instant } from './row.ts';

const HOUR_MS = 3_600_000;

/**
 * Contract §5, *Fresh*: whether rules may read this source. The reason completes the sentence "SOURCE …", and stays the same while
 * nothing changes, so that it is told once.
 */
export function judgeUsability(state: SourceState, now: Instant): Usability {
  const reason = objection(state, now);
  return reason === undefined ? { usable: true } : { usable: false, reason };
}

function objection(state: SourceState, now: Instant): string | undefined {
  const { lastFull, lastDelta } = state;
  if (lastFull === undefined) return 'has not been read in full yet';
  if (state.breakerOpen) return 'has an open breaker: see `rollcall breaker list`';
  if (lastFull.verdict !== 'complete') return `could not be read in full: ${lastFull.reason ?? lastFull.verdict}`;
  if (state.maxAgeMs !== undefined && epochMs(now) - epochMs(lastFull.at) >= state.maxAgeMs) {
    return `is stale: its list is of ${momentText(lastFull.at)}, and maxAge is ${hours(state.maxAgeMs)}`;
  }
  if (lastDelta !== undefined && lastDelta.verdict !== 'complete') {
    return `could not be read for changes: ${lastDelta.reason ?? lastDelta.verdict}`;
  }
  return undefined;
}

function hours(ms: number): string {
  return `${Math.round((ms / HOUR_MS) * 100) / 100} h`;
}

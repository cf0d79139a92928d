import { epochMs } from './dates.ts';
import type { Instant } from './row.ts';

/** A fire that was taken later than this was missed: workers look for themselves every half minute. */
const LATE_MS = 60_000;
/**
 * A clock that is set back by less repeats hours in which everything has fired already. By more it was wrong before, and to wait until it is
 * that late again would be to read nothing for days.
 */
const AHEAD_MAX_MS = 3 * 3_600_000;

type DueFires = { readonly latest: Instant; readonly earlier: number };

/** Whether the remembered fire is one that a wrong clock has made. */
export function isFromWrongClock(lastFire: Instant, now: Instant): boolean {
  return epochMs(lastFire) - epochMs(now) > AHEAD_MAX_MS;
}

/** How many of the fires that are due were missed. However many they are, one job makes up for them. */
export function countMissed({ latest, earlier }: DueFires, now: Instant): number {
  return earlier + (epochMs(now) - epochMs(latest) > LATE_MS ? 1 : 0);
}

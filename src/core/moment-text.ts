import type { Instant } from './row.ts';

const ENDS = { minute: 16, second: 19 } as const;

/** A moment in a sentence for people: `2026-11-21 09:15 UTC`; of a short wait to the second. An instant is in UTC already. */
export function momentText(at: Instant, to: keyof typeof ENDS = 'minute'): string {
  return `${at.slice(0, 10)} ${at.slice(11, ENDS[to])} UTC`;
}

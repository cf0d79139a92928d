import { epochMs, parseInstant } from './dates.ts';
import type { Instant } from './row.ts';

const ENDS = { minute: 16, second: 19 } as const;

/** A moment in a sentence for people: `2026-11-21 09:15 UTC`; of a short wait to the second. An instant is in UTC already. */
export function momentText(at: Instant, to: keyof typeof ENDS = 'minute'): string {
  return `${at.slice(0, 10)} ${at.slice(11, ENDS[to])} UTC`;
}

/** The first whole second that is not before a moment, `2026-11-21 09:15:01 UTC`: whoever asks for it gets what the moment itself has. */
export function secondFrom(at: Instant): string {
  const isWhole = /T\d\d:\d\d:\d\d(?:\.0+)?Z$/.test(at);
  const second = isWhole ? at : parseInstant(String(Math.floor(epochMs(at) / 1_000) + 1));
  return momentText(second ?? at, 'second');
}

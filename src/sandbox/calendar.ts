import type { PlainDate } from '../core/row.ts';

const DAY_MS = 86_400_000;

/** The day so many days after (or before) another, for worlds that are told relative to today. */
export function toShiftedDate(date: PlainDate, days: number): PlainDate {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

import { momentText } from '../core/moment-text.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Below this, hours tell more than days. */
const HOURS_MAX = 48;

/** `2026-11-21 09:15 UTC`; `-` for what never happened. */
export function renderMoment(at: string | null | undefined): string {
  const time = new Date(at ?? '');
  if (Number.isNaN(time.getTime())) return '-';
  return momentText(time.toISOString());
}

/** How long ago, in one unit: `40 s`, `12 min`, `5 h`, `3 d`; `-` for what never happened. */
export function renderAge(at: string | null | undefined, now: Date): string {
  const ms = now.getTime() - new Date(at ?? '').getTime();
  if (Number.isNaN(ms)) return '-';
  // The database's clock may be a little ahead of ours.
  if (ms < MINUTE_MS) return `${Math.max(0, Math.floor(ms / 1000))} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < HOURS_MAX * HOUR_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} d`;
}

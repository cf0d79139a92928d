import type { ListProgress } from '../ports/sources.ts';

/** Below this a rate is a guess. */
const RATE_AFTER_MS = 1_000;

/** What has come of one source so far, how fast, and what it waits for. Times are milliseconds of a clock that never goes back. */
export class Pace {
  #page = 0;
  #pages: number | undefined;
  #rows = 0;
  #beganAt: number | undefined;
  #wait: { readonly endsAt: number; readonly reason: string } | undefined;

  note(step: ListProgress, now = performance.now()): void {
    this.#beganAt ??= now;
    if (step.kind === 'wait') {
      this.#wait = { endsAt: now + step.ms, reason: step.reason };
      return;
    }
    this.#wait = undefined;
    // Read once more from the start: what the first pass has read is not twice as much.
    if (step.page <= this.#page) this.#rows = 0;
    this.#page = step.page;
    this.#pages = step.pages;
    this.#rows += step.rows;
  }

  /** `page 3 of 9, 150 rows, 42 rows/s`; while it waits, how much longer and why. */
  describe(now = performance.now()): string {
    if (this.#beganAt === undefined) return 'starting';
    const wait = this.#wait;
    if (wait !== undefined && wait.endsAt > now) {
      const soFar = this.#rows === 0 ? '' : ` (${countRows(this.#rows)} so far)`;
      return `waiting ${describeWait(wait.endsAt - now)}: ${wait.reason}${soFar}`;
    }
    if (this.#page === 0) return 'asking';
    const of = this.#pages === undefined ? '' : ` of ${this.#pages}`;
    return `page ${this.#page}${of}, ${countRows(this.#rows)}${this.#rate(now - this.#beganAt)}`;
  }

  #rate(ms: number): string {
    if (ms < RATE_AFTER_MS) return '';
    const rate = (this.#rows * 1_000) / ms;
    return `, ${rate < 10 ? rate.toFixed(1) : String(Math.round(rate))} rows/s`;
  }
}

export function countRows(rows: number): string {
  return rows === 1 ? '1 row' : `${rows} rows`;
}

/** `45 s`, `3 min 20 s`, `2 h 5 min`. */
export function describeWait(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 100) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

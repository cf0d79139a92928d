import { deferred, exhausted, stopped } from './failures.ts';
import type { Reading } from './reading.ts';
import type { Timing } from './timing.ts';

type PacerOptions = { readonly source: string; readonly requestsPerMinute: number; readonly timing: Timing };

/** So many requests may start at once after a pause, as a share of a minute's: 90 a minute never start 100 in one minute. */
const BURST_SHARE = 1 / 12;
/** A pause that is extended again and again ends with the budget; this is the belt to those braces. */
const TURNS_MAX = 1000;
/** Shorter waits for the pace are not worth a line on a terminal. */
const TOLD_PACE_MS = 1000;

/**
 * The pace of one source, shared by all that reads it: a bucket of requests per minute, and a gate that throttling shuts for
 * everybody, so that four workers do not each learn by themselves that the vendor has had enough.
 */
export class Pacer {
  readonly #options: PacerOptions;
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  #nextMs = 0;
  #shutUntilMs = 0;
  #shutAsked = false;

  constructor(options: PacerOptions) {
    this.#options = options;
    this.#intervalMs = 60_000 / options.requestsPerMinute;
    this.#toleranceMs = this.#intervalMs * Math.max(0, Math.floor(options.requestsPerMinute * BURST_SHARE) - 1);
  }

  /** Shuts the gate for all requests. `asked`: the vendor named the time, so going on earlier is out of the question. */
  shut(untilMs: number, asked: boolean): void {
    if (untilMs <= this.#shutUntilMs) return;
    this.#shutUntilMs = untilMs;
    this.#shutAsked = asked;
  }

  /** Returns when a request may be sent. */
  async turn(reading: Reading): Promise<void> {
    let hasSlot = false;
    for (let turn = 0; turn < TURNS_MAX; turn += 1) {
      const now = this.#options.timing.monotonicMs();
      if (this.#shutUntilMs > now) {
        await this.#waitForGate(reading, now);
      } else if (hasSlot) {
        return;
      } else {
        hasSlot = true;
        await this.#waitForSlot(reading, now);
      }
    }
    throw exhausted(this.#options.source, 'the vendor keeps throttling', TURNS_MAX);
  }

  async #waitForGate(reading: Reading, now: number): Promise<void> {
    const { source, timing } = this.#options;
    const waitMs = this.#shutUntilMs - now;
    const added = reading.charge(now, this.#shutUntilMs);
    if (added === undefined && this.#shutAsked) throw deferred(source, new Date(timing.wallMs() + waitMs));
    if (added === undefined) throw exhausted(source, 'the vendor is throttling', 1);
    if (added > 0) reading.progress({ kind: 'wait', ms: waitMs, reason: `${source} is throttling` });
    await sleep(this.#options, waitMs, reading);
  }

  async #waitForSlot(reading: Reading, now: number): Promise<void> {
    const { source, requestsPerMinute } = this.#options;
    const startMs = Math.max(now, this.#nextMs - this.#toleranceMs);
    this.#nextMs = Math.max(now, this.#nextMs) + this.#intervalMs;
    const waitMs = startMs - now;
    if (waitMs <= 0) return;
    if (waitMs >= TOLD_PACE_MS) {
      reading.progress({
        kind: 'wait',
        ms: waitMs,
        reason: `${source} is read at ${requestsPerMinute} requests a minute`,
      });
    }
    await sleep(this.#options, waitMs, reading);
  }
}

/** Sleeps, or fails as `stopped` when the reading is stopped. */
export async function sleep(
  { source, timing }: { readonly source: string; readonly timing: Timing },
  ms: number,
  reading: Reading,
): Promise<void> {
  try {
    await timing.sleep(ms, reading.signal);
  } catch (error) {
    if (reading.signal.aborted) throw stopped(source);
    throw error;
  }
  if (reading.signal.aborted) throw stopped(source);
}

import { z } from 'zod';
import { epochMs, parseInstant } from '../core/dates.ts';
import type { Instant, RosterRow } from '../core/row.ts';

/** Up to where a roster has been read for changes; kept as text in the database. */
export type Watermark = {
  /** Every change up to here has been read. The vendor's clock, never ours. */
  readonly at: Instant;
  /** Profiles of the newest second that was read: where none of them is seen again, this is not the roster that was read. */
  readonly anchors: readonly string[];
  /** Events that have been read, newest first; absent until the feed was read once. */
  readonly events?: readonly string[] | undefined;
};

/** Bulk edits give up to 15 rows one second (recorded). Of more, these are enough to know the roster again. */
const ANCHORS_MAX = 50;
const EVENTS_MAX = 200;

const Stored = z.object({
  at: z.string().refine((text) => parseInstant(text) === text),
  anchors: z.array(z.string().min(1)).min(1).max(ANCHORS_MAX),
  events: z.array(z.string()).max(EVENTS_MAX).optional(),
});

/** `undefined` for anything that this version did not write: there is then no reading to go on from. */
export function parseWatermark(text: string | undefined): Watermark | undefined {
  if (text === undefined) return undefined;
  try {
    return Stored.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Nothing where there is no watermark: no row had a time to go by. */
export function formatWatermark(watermark: Watermark | undefined): string | undefined {
  if (watermark === undefined) return undefined;
  return JSON.stringify({ ...watermark, events: watermark.events?.slice(0, EVENTS_MAX) });
}

/**
 * What was changed longer ago than this is in the list by now, so the watermark may follow the clock of the vendor at this distance
 * although nothing newer came: else a bulk edit would be read again at each tick until somebody changes something.
 */
const SETTLED_MS = 10 * 60_000;

type WatermarkOptions = {
  readonly since?: Watermark | undefined;
  readonly events?: readonly string[] | undefined;
  /** Whether the watermark follows the vendor's clock where nothing is newer. */
  readonly follows?: boolean | undefined;
};

/** Finds the newest second among the rows of one reading. */
export class Newest {
  #second: number | undefined;
  #vendorNowMs: number | undefined;
  readonly #anchors = new Set<string>();

  /** The vendor's clock (`Date`) at the first answer, if it said so. */
  get vendorNowMs(): number | undefined {
    return this.#vendorNowMs;
  }

  noteTime(nowMs: number): void {
    if (!Number.isNaN(nowMs)) this.#vendorNowMs ??= nowMs;
  }

  /** A time after `nowMs`, the vendor's own, is somebody's mistake: it would hide all that comes until then. */
  note({ externalId, sourceUpdatedAt }: RosterRow, nowMs: number): void {
    if (sourceUpdatedAt === undefined) return;
    const ms = epochMs(sourceUpdatedAt);
    if (ms > nowMs) return;
    const second = Math.floor(ms / 1000);
    if (this.#second !== undefined && second < this.#second) return;
    if (second !== this.#second) this.#anchors.clear();
    this.#second = second;
    if (this.#anchors.size < ANCHORS_MAX) this.#anchors.add(externalId);
  }

  /**
   * Where the next reading begins. What changed while this one went on may lie behind its newest row, so its duration is taken
   * off; but never to before `since`, because up to there everything was read already. Nothing where no row has a time.
   */
  toWatermark(durationMs: number, { since, events, follows = false }: WatermarkOptions = {}): Watermark | undefined {
    if (this.#second === undefined) return since === undefined ? undefined : { ...since, events };
    const settledMs = follows && this.#vendorNowMs !== undefined ? this.#vendorNowMs - SETTLED_MS : 0;
    const atMs = Math.max(this.#second * 1000 - durationMs, settledMs);
    const isBefore = since !== undefined && epochMs(since.at) > atMs;
    const at = isBefore ? since.at : parseInstant(Math.max(0, Math.floor(atMs / 1000)));
    if (at === undefined) return undefined;
    return { at, anchors: [...this.#anchors], events };
  }
}

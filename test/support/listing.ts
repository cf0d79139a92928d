import type { ListingEnd } from '../../src/core/listing.ts';
import type { RosterRow, RowPolicy } from '../../src/core/row.ts';
import type { ListProgress, ListRequest, Source } from '../../src/ports/sources.ts';
import type { Timing } from '../../src/sources/timing.ts';

export type Listing = {
  readonly rows: readonly RosterRow[];
  readonly ids: readonly string[];
  readonly batches: readonly number[];
  readonly end: ListingEnd;
  readonly steps: readonly ListProgress[];
};

/** Reads a source to its end; `each` is told of a row as it arrives. */
export async function collect(
  source: Source,
  overrides: Partial<ListRequest> = {},
  each: (row: RosterRow) => void = () => undefined,
): Promise<Listing> {
  const steps: ListProgress[] = [];
  const request: ListRequest = {
    mode: 'full',
    budgetMs: 600_000,
    signal: new AbortController().signal,
    progress: (step) => {
      steps.push(step);
    },
    ...overrides,
  };
  const rows: RosterRow[] = [];
  const batches: number[] = [];
  const listing = source.list(request);
  for (;;) {
    const step = await listing.next();
    if (step.done === true) return { rows, ids: rows.map((row) => row.externalId), batches, end: step.value, steps };
    rows.push(...step.value);
    for (const row of step.value) each(row);
    batches.push(step.value.length);
  }
}

export type FakeTiming = Timing & {
  /** What was slept, in order. */
  readonly slept: readonly number[];
};

/** A clock that only sleeping moves, so that waiting ten minutes takes no time. `random` is the middle of its range. */
export function fakeTiming(overrides: Partial<Timing> = {}): FakeTiming {
  let now = 1_000_000;
  const slept: number[] = [];
  const wallStart = Date.parse('2026-11-21T10:00:00Z');
  return {
    monotonicMs: () => now,
    wallMs: () => wallStart + now - 1_000_000,
    random: () => 0.5,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
    slept,
    ...overrides,
  };
}

export const NO_POLICY: RowPolicy = { privilegedRoles: new Set(['admin']), serviceAccounts: new Set() };

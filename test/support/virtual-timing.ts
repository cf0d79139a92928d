import type { Fetch } from '../../src/net/guarded-fetch.ts';
import type { Timing } from '../../src/sources/timing.ts';

export type VirtualTiming = Disposable & {
  readonly timing: Timing;
  /** The fetch whose requests the clock waits for. */
  readonly fetch: Fetch;
};

type Sleeper = { readonly wakeMs: number; readonly wake: () => void };

const LOOK_MS = 3;
/** Looks in a row that find nothing under way: an answer is read, and its reader asleep again, before the last one. */
const QUIET_LOOKS = 3;

/**
 * A clock for waits that run side by side: it stands still while a request is under way, and then goes to where the first
 * sleeper wakes. `random` is the middle of its range.
 */
export function virtualTiming(fetch: Fetch): VirtualTiming {
  let nowMs = 1_000_000;
  let underWay = 0;
  let quiet = 0;
  const sleepers = new Set<Sleeper>();
  const timer = setInterval(() => {
    quiet = underWay === 0 ? quiet + 1 : 0;
    const [first] = [...sleepers].toSorted((a, b) => a.wakeMs - b.wakeMs);
    if (quiet < QUIET_LOOKS || first === undefined) return;
    nowMs = Math.max(nowMs, first.wakeMs);
    quiet = 0;
    sleepers.delete(first);
    first.wake();
  }, LOOK_MS);
  return {
    timing: {
      monotonicMs: () => nowMs,
      wallMs: () => Date.parse('2026-11-21T10:00:00Z') + nowMs,
      random: () => 0.5,
      sleep: async (ms) => {
        await new Promise<void>((wake) => {
          sleepers.add({ wakeMs: nowMs + ms, wake });
        });
      },
    },
    fetch: async (input, init) => {
      underWay += 1;
      try {
        return await fetch(input, init);
      } finally {
        underWay -= 1;
        quiet = 0;
      }
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

import { setTimeout as sleepMs } from 'node:timers/promises';

/** What waiting needs of the world, in one value, so that a test of a three-minute wait takes no time. */
export type Timing = {
  /** Never goes back: waits are measured with it, so a changed wall clock causes neither a storm nor an hour of sleep. */
  readonly monotonicMs: () => number;
  /** Only to read and write dates: what a vendor's header means, and `notBefore`. */
  readonly wallMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

export const REAL_TIMING: Timing = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  random: () => Math.random(),
  sleep: async (ms, signal) => {
    await sleepMs(ms, undefined, { signal });
  },
};

import { OperationalError } from '../../src/errors.ts';
import type { Fire, TickKey, TickStore } from '../../src/ports/ticks.ts';

export type MemoryTicks = TickStore & {
  readonly taken: readonly Fire[];
  /** The database's clock, apart from the process's. */
  offsetMs: number;
  isAway: boolean;
  last: string;
};

/** One schedule's memory without a database; the contract of the real one is test/db/ticks.test.ts. */
export function createMemoryTicks(): MemoryTicks {
  const taken: Fire[] = [];
  const now = (): string => new Date(Date.now() + memory.offsetMs).toISOString();
  const answer = (): void => {
    if (memory.isAway) throw new OperationalError('database-unavailable', 'away');
  };
  const memory: MemoryTicks = {
    taken,
    offsetMs: 0,
    isAway: false,
    last: '',
    load: async (keys: readonly TickKey[]) => {
      answer();
      if (memory.last === '') memory.last = now();
      return { now: now(), fires: keys.map((key) => ({ ...key, lastFire: memory.last })) };
    },
    take: async (fire) => {
      answer();
      if (fire.lastFire !== memory.last) return 'not_elected';
      memory.last = fire.at.toISOString();
      taken.push(fire);
      return 'asked';
    },
    counts: async () => [],
    forget: async () => {
      memory.last = now();
    },
  };
  return memory;
}

import { performance } from 'node:perf_hooks';
import { spreadOf, type Spread } from './figure.ts';

/** One way to do the work. It returns what it measured itself (`Clock`), so that preparing is not counted. */
export type Contender = () => Promise<number>;

/**
 * Runs all contenders in turn, then again, in the other order: what else the machine does meanwhile meets all of them alike. The
 * first round warms up and is not counted, unless the work is too long to matter by a cold cache.
 */
export async function interleave<Name extends string>(
  rounds: number,
  contenders: Readonly<Record<Name, Contender>>,
  how: { readonly signal: AbortSignal; readonly isWarm?: boolean | undefined },
): Promise<(name: Name) => Spread> {
  const values = new Map<string, number[]>();
  const entries = Object.entries<Contender>(contenders);
  for (let round = how.isWarm === true ? 1 : 0; round <= rounds; round += 1) {
    for (const [name, run] of round % 2 === 0 ? entries : entries.toReversed()) {
      how.signal.throwIfAborted();
      const value = await run();
      if (round > 0) values.set(name, [...(values.get(name) ?? []), value]);
    }
  }
  return (name) => spreadOf(values.get(name) ?? []);
}

/** Counts only the time inside `time`: rows are made between two stretches of the work, and that is not the work. */
export class Stopwatch {
  #ms = 0;

  get ms(): number {
    return this.#ms;
  }

  async time<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.#ms += performance.now() - start;
    }
  }
}

/** For what must come out the same whatever the speed. */
export function mustEqual(what: string, actual: unknown, expected: unknown): void {
  const [is, shouldBe] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== shouldBe) throw new WrongResult(`${what}: ${is}, and it should be ${shouldBe}`);
}

export class WrongResult extends Error {}

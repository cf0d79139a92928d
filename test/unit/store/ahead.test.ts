import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ahead, type Underway } from '../../../src/store/ahead.ts';

const nobodyElse = (): Underway => ({ asked: Promise.resolve() });

/** Three batches, with what was asked for and what was ended; `failing` is not given. */
function batches(failing?: number) {
  const asked: number[] = [];
  const seen = { asked, ended: false };
  async function* give(): AsyncGenerator<number, void, undefined> {
    try {
      for (const batch of [1, 2, 3]) {
        asked.push(batch);
        await setImmediate();
        if (batch === failing) throw new Error(`batch ${batch}`);
        yield batch;
      }
    } finally {
      await setImmediate();
      seen.ended = true;
    }
  }
  return { seen, given: give() };
}

test('every batch in its order, the next one asked for while one is worked on, and no other', async () => {
  const { seen, given } = batches();
  const worked: (readonly [number, readonly number[]])[] = [];
  for await (const batch of ahead(given, nobodyElse())) worked.push([batch, [...seen.asked]]);
  expect(worked).toEqual([
    [1, [1, 2]],
    [2, [1, 2, 3]],
    [3, [1, 2, 3]],
  ]);
  expect(seen.ended).toBe(true);
});

test('a batch that fails is told when it is its turn', async () => {
  const { given } = batches(2);
  const worked: number[] = [];
  const work = async (): Promise<void> => {
    for await (const batch of ahead(given, nobodyElse())) {
      for (let turn = 0; turn < 5; turn += 1) await setImmediate();
      worked.push(batch);
    }
  };
  await expect(work()).rejects.toThrow('batch 2');
  expect(worked).toEqual([1]);
});

test.each([undefined, 2])('who ends early waits for what is under way, also where it fails (%s)', async (failing) => {
  const { seen, given } = batches(failing);
  const work = async (): Promise<void> => {
    for await (const batch of ahead(given, nobodyElse())) throw new Error(`no use for ${batch}`);
  };
  await expect(work()).rejects.toThrow('no use for 1');
  expect(seen).toEqual({ asked: [1, 2], ended: true });
});

test('whoever uses the same connection waits for what is under way, and hears that it failed', async () => {
  const { seen, given } = batches(3);
  const underway = nobodyElse();
  const written: (readonly [number, readonly number[]])[] = [];
  const work = async (): Promise<void> => {
    for await (const batch of ahead(given, underway)) {
      await underway.asked;
      written.push([batch, [...seen.asked]]);
    }
  };
  await expect(work()).rejects.toThrow('batch 3');
  expect(written).toEqual([[1, [1, 2]]]);
});

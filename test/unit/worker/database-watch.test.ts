import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ErrorCode, OperationalError } from '../../../src/errors.ts';
import { watchDatabase } from '../../../src/worker/database-watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const LOOK_MS = 1_000;
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** What is told when the looks, one after the other, see this; `undefined` is well. */
async function watch(seen: readonly (ErrorCode | undefined)[], tell = async (_what: string): Promise<void> => {}) {
  const told: string[] = [];
  let look = 0;
  const check = async (): Promise<void> => {
    const code = seen[Math.min(look, seen.length - 1)];
    look += 1;
    if (code !== undefined) throw new OperationalError(code, 'trouble');
  };
  const record = async (what: string): Promise<void> => {
    await tell(what);
    told.push(what);
  };
  const watching = watchDatabase({ check, tell: record, log, lookMs: LOOK_MS });
  await vi.advanceTimersByTimeAsync(LOOK_MS * seen.length);
  watching.stop();
  return told;
}

test('a disk that is full is told once, and once that it is over', async () => {
  const full = 'database-full';
  expect(await watch([undefined, full, full, full, undefined, undefined])).toEqual([full, 'well']);
});

test('a database that is away is nobody’s news, and does not end what was told', async () => {
  expect(await watch(['database-unavailable', undefined])).toEqual([]);
  const frozen = 'database-read-only';
  expect(await watch([frozen, 'database-unavailable', frozen, undefined])).toEqual([frozen, 'well']);
});

test('what could not be told is told at a later look', async () => {
  let fails = 2;
  const tell = async (): Promise<void> => {
    fails -= 1;
    if (fails >= 0) throw new OperationalError('slack-unavailable', 'away');
  };
  expect(await watch(['database-full', 'database-full', 'database-full', 'database-full'], tell)).toEqual([
    'database-full',
  ]);
});

test('a look that never ends keeps nobody from stopping, and no second one begins', async () => {
  let looks = 0;
  const check = async (): Promise<void> => {
    looks += 1;
    await Promise.withResolvers<void>().promise;
  };
  const watching = watchDatabase({ check, tell: async () => {}, log, lookMs: LOOK_MS });
  await vi.advanceTimersByTimeAsync(LOOK_MS * 5);
  watching.stop();
  expect(looks).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

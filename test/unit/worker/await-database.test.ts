import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ErrorCode, OperationalError } from '../../../src/errors.ts';
import { awaitDatabase } from '../../../src/worker/await-database.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function neverReady(): Promise<void> {
  throw new OperationalError('database-unavailable', 'away');
}

/** Fails so often with this code; how long was waited before each try is kept. */
async function wait(code: ErrorCode, failures: number) {
  const tries: number[] = [];
  const told: string[] = [];
  const note = (level: string) => (): void => void told.push(level);
  const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const prepare = async (): Promise<void> => {
    tries.push(Date.now());
    if (tries.length <= failures) throw new OperationalError(code, 'away');
  };
  const signal = new AbortController().signal;
  const ended = awaitDatabase(prepare, { log, signal, random: () => 1 }).then(
    () => 'ready',
    (error: unknown) => (error instanceof OperationalError ? error.code : 'bug'),
  );
  await vi.runAllTimersAsync();
  return { ended: await ended, waits: tries.slice(1).map((at, index) => at - (tries[index] ?? 0)), told };
}

test('waits twice as long each time, at most half a minute, and goes on when the database is there', async () => {
  const { ended, waits, told } = await wait('database-unavailable', 7);
  expect(ended).toBe('ready');
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  expect(told).toEqual(Array.from({ length: 7 }, () => 'warn'));
});

test.each(['database-full', 'database-read-only'] as const)('%s is waited for too, as an error', async (code) => {
  expect(await wait(code, 2)).toMatchObject({ ended: 'ready', told: ['error', 'error'] });
});

test.each(['database-auth', 'database-newer', 'database-behind', 'database-failed'] as const)(
  '%s is not waited for',
  async (code) => {
    expect(await wait(code, 1)).toEqual({ ended: code, waits: [], told: [] });
  },
);

test('gives up after about a day', async () => {
  const { ended, waits } = await wait('database-unavailable', Number.POSITIVE_INFINITY);
  expect(ended).toBe('database-unavailable');
  expect(waits.reduce((sum, each) => sum + each, 0) / 3_600_000).toBeCloseTo(24, 0);
});

test('ends with its signal', async () => {
  const ending = new AbortController();
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const ended = awaitDatabase(neverReady, { log, signal: ending.signal });
  ending.abort(new OperationalError('usage', 'stopped'));
  await expect(ended).rejects.toThrow('stopped');
});

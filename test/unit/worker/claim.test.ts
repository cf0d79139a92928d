import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SourceStore } from '../../../src/ports/store.ts';
import { withClaim } from '../../../src/worker/claim.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const calls: string[] = [];
const claim = { sourceId: 7, epoch: 1, holder: 'test' };
const sourceStore: Pick<SourceStore, 'claim' | 'extendClaim' | 'releaseClaim'> = {
  claim: async () => claim,
  extendClaim: async () => void calls.push('extended'),
  releaseClaim: async () => void calls.push('released'),
};
const silent = () => undefined;
const deps = {
  sourceStore,
  holder: 'test',
  clock: () => new Date(),
  log: { debug: silent, info: silent, warn: silent, error: silent },
};

test('case 37: a reading that drips for ever is given up after hours, and its claim is free', async () => {
  calls.length = 0;
  const { signal } = new AbortController();
  const reading = withClaim(deps, { sourceId: 7, signal, progress: silent }, async (_claim, stop) => {
    await new Promise((_resolve, reject) => {
      stop.addEventListener('abort', () => reject(stop.reason));
    });
  });
  const failure = reading.catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(6 * 3_600_000 - 1);
  expect(calls).not.toContain('released');
  await vi.advanceTimersByTimeAsync(1);
  expect(await failure).toMatchObject({
    code: 'source-unavailable',
    message: 'the listing did not end within 6 hours and was given up',
  });
  expect(calls.at(-1)).toBe('released');
  expect(calls.filter((call) => call === 'extended').length).toBeGreaterThan(1000);
});

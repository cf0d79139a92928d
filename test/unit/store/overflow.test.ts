import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Overflow } from '../../../src/store/overflow.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a flood is told at once, then once a minute with how many there were, and not after it has ended', async () => {
  const told: unknown[] = [];
  const overflow = new Overflow((fields) => void told.push(fields));
  for (let batch = 0; batch < 300; batch += 1) {
    overflow.add(10, ['namely']);
    await vi.advanceTimersByTimeAsync(300);
  }
  // Ninety seconds of it.
  expect(told).toEqual([
    { hints: 10, sources: ['namely'] },
    { hints: 1_990, sources: ['namely'] },
  ]);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(told.slice(2)).toEqual([{ hints: 1_000, sources: ['namely'] }]);
  overflow.add(1, ['namely', 'other']);
  expect(told.slice(3)).toEqual([{ hints: 1, sources: ['namely', 'other'] }]);
});

import { expect, test } from 'vitest';
import { ToldOnce } from '../../../src/store/told-once.ts';

test('one of a kind a minute, with the number of those that were kept back; other kinds as they come', () => {
  const told = new ToldOnce();
  expect(told.pass('away', 0)).toBe(0);
  expect(told.pass('away', 2_000)).toBeUndefined();
  expect(told.pass('full', 2_000)).toBe(0);
  expect(told.pass('away', 59_000)).toBeUndefined();
  expect(told.pass('away', 61_000)).toBe(2);
  expect(told.pass('away', 62_000)).toBeUndefined();
});

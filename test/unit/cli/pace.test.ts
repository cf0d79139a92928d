import { expect, test } from 'vitest';
import { describeWait, Pace } from '../../../src/cli/pace.ts';

test('pages, rows of all of them, and how fast they come', () => {
  const pace = new Pace();
  expect(pace.describe(0)).toBe('starting');
  pace.note({ kind: 'page', page: 1, pages: 9, rows: 50 }, 0);
  expect(pace.describe(0)).toBe('page 1 of 9, 50 rows');
  pace.note({ kind: 'page', page: 2, pages: 9, rows: 50 }, 2_000);
  expect(pace.describe(2_000)).toBe('page 2 of 9, 100 rows, 50 rows/s');
  expect(pace.describe(20_000)).toBe('page 2 of 9, 100 rows, 5.0 rows/s');
});

test('a vendor that does not say how many there are', () => {
  const pace = new Pace();
  pace.note({ kind: 'page', page: 1, rows: 1 }, 0);
  expect(pace.describe(0)).toBe('page 1, 1 row');
});

test('a wait counts down, with its reason and what there is; when it is over the pages are shown again', () => {
  const pace = new Pace();
  pace.note({ kind: 'wait', ms: 61_500, reason: 'crm has asked to wait' }, 0);
  expect(pace.describe(0)).toBe('waiting 62 s: crm has asked to wait');
  expect(pace.describe(31_500)).toBe('waiting 30 s: crm has asked to wait');
  expect(pace.describe(61_500)).toBe('asking');
  pace.note({ kind: 'page', page: 1, rows: 50 }, 62_000);
  pace.note({ kind: 'wait', ms: 10_000, reason: 'crm is throttling' }, 62_000);
  expect(pace.describe(62_000)).toBe('waiting 10 s: crm is throttling (50 rows so far)');
  expect(pace.describe(80_000)).toBe('page 1, 50 rows, 0.6 rows/s');
});

test('a list that is read once more has not twice as many rows', () => {
  const pace = new Pace();
  for (const page of [1, 2, 1]) pace.note({ kind: 'page', page, rows: 50 }, 0);
  expect(pace.describe(0)).toBe('page 1, 50 rows');
});

test.each([
  [1, '1 s'],
  [99_000, '99 s'],
  [200_000, '3 min 20 s'],
  [600_000, '10 min'],
  [7_500_000, '2 h 5 min'],
  [7_200_000, '2 h'],
])('%i ms is %s', (ms, text) => {
  expect(describeWait(ms)).toBe(text);
});

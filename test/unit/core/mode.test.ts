import { expect, test } from 'vitest';
import { chooseMode, type ReadBefore } from '../../../src/core/mode.ts';

const NOW = '2026-11-21T12:00:00Z';
const HOUR_MS = 3_600_000;
const before: ReadBefore = {
  watermark: 'w',
  lastCompleteAt: '2026-11-21T03:15:00Z',
  lastFullVerdict: 'complete',
  lastVerdict: 'complete',
  maxAgeMs: 26 * HOUR_MS,
};

const cases: readonly { name: string; given: Partial<ReadBefore>; expected: 'full' | 'delta' }[] = [
  { name: 'the last full listing was complete and is young', given: {}, expected: 'delta' },
  { name: 'there is no watermark', given: { watermark: undefined }, expected: 'full' },
  { name: 'never read in full', given: { lastCompleteAt: undefined }, expected: 'full' },
  { name: 'the last full listing was cut', given: { lastFullVerdict: 'incomplete' }, expected: 'full' },
  { name: 'the last full listing is not believed', given: { lastFullVerdict: 'suspicious' }, expected: 'full' },
  { name: 'the changes just read are not believed', given: { lastVerdict: 'suspicious' }, expected: 'full' },
  {
    name: 'the changes just read were cut: the full listing still counts',
    given: { lastVerdict: 'incomplete' },
    expected: 'delta',
  },
  { name: 'as old as maxAge', given: { lastCompleteAt: '2026-11-20T10:00:00Z' }, expected: 'full' },
  { name: 'a second younger than maxAge', given: { lastCompleteAt: '2026-11-20T10:00:01Z' }, expected: 'delta' },
  { name: 'from a clock that was ahead', given: { lastCompleteAt: '2027-11-21T12:00:00Z' }, expected: 'full' },
  { name: 'from a clock a little ahead', given: { lastCompleteAt: '2026-11-21T12:00:59Z' }, expected: 'delta' },
  { name: 'without maxAge', given: { lastCompleteAt: '2020-01-01T00:00:00Z', maxAgeMs: undefined }, expected: 'delta' },
];

test.each(cases)('$name: $expected', ({ given, expected }) => {
  expect(chooseMode({ ...before, ...given }, NOW)).toBe(expected);
});

import { expect, test } from 'vitest';
import { pauseBefore } from '../../../src/core/pause.ts';

const HOUR_MS = 3_600_000;
const BEGIN = Date.parse('2026-11-01T00:00:00Z');
const at = (hour: number): string => new Date(BEGIN + hour * HOUR_MS).toISOString();

/** Reports that began and ended at these hours, newest first. */
const reports = (...hours: readonly number[]) =>
  hours.map((hour, index) => ({ id: index + 1, started_at: at(hour), finished_at: at(hour) })).toReversed();

const cases: readonly { name: string; hours: readonly number[]; expected: number | undefined }[] = [
  { name: 'reports an hour apart, then a day of nothing', hours: [0, 1, 2, 26], expected: 2 },
  { name: 'a pause of five hours is nobody’s backup', hours: [0, 1, 2, 7], expected: undefined },
  { name: 'a daily run is usual', hours: [0, 24, 48, 72], expected: undefined },
  { name: 'a daily run that was left out twice is not far from usual', hours: [0, 24, 48, 120], expected: undefined },
  { name: 'a daily run that was away for a week', hours: [0, 24, 48, 216], expected: 48 },
  { name: 'the second report ever, a day later', hours: [0, 24], expected: undefined },
  { name: 'the second report ever, two days later', hours: [0, 48], expected: 0 },
  { name: 'the first report ever', hours: [0], expected: undefined },
];
test.each(cases)('$name', ({ hours, expected }) => {
  expect(pauseBefore(hours.length, reports(...hours))).toBe(expected === undefined ? undefined : at(expected));
});

test('a later report changes nothing: the message is the same at each try', () => {
  expect(pauseBefore(4, reports(0, 1, 2, 26, 27, 28))).toBe(at(2));
});

test('a report that is not there any more has no pause', () => {
  expect(pauseBefore(9, reports(0, 1, 2, 26))).toBeUndefined();
});

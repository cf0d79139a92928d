import { describe, expect, test } from 'vitest';
import { scheduleFault } from '../../../src/config/schedule-fault.ts';

const FIVE = 'must have five fields: minute, hour, day of month, month, day of week (no seconds, no @words)';
const BOTH = 'sets both day fields; cron programs disagree whether that means "and" or "or", so leave one of them *';
const NONE = 'is not a cron expression; an example is "*/15 * * * *"';
const OTHERWISE =
  'is read differently by cron programs: write names with three letters (mon, jan) and ranges upwards ("22,23,0-2", not "22-2")';

test.each([
  '* * * * *',
  '*/15 * * * *',
  '15 3 * * *',
  '0-59/20 8-18 * * mon-fri',
  '0 0 1,15 * *',
  '0 0 L * *',
  '0 6 29 2 *',
  '30 22,23,0-2 * * *',
  '0 0 * * 7',
])('%s is a schedule', (value) => {
  expect(scheduleFault(value)).toBeUndefined();
});

describe('case 75: what is refused, why, and what to write instead', () => {
  test.each([
    ['0 0 13 * 5', `${BOTH}: "0 0 13 * *" or "0 0 * * 5"`],
    // `*/1` is every day, and yet programs read it as set.
    ['0 0 1-31 * 1', `${BOTH}: "0 0 1-31 * *" or "0 0 * * 1"`],
    ['0 0 99 * 5', BOTH],
    ['0 0 31 2 *', 'never comes: month 2 has no day 31; the last day of a month is L, so write "0 0 L 2 *"'],
    ['15 6 30 feb *', 'never comes: month feb has no day 30; the last day of a month is L, so write "15 6 L feb *"'],
    ['0 0 31 4,6 *', 'never comes: month 4,6 has no day 31; the last day of a month is L, so write "0 0 L 4,6 *"'],
    ['0 */5 * * * *', `${FIVE}; without seconds it is "*/5 * * * *"`],
    ['0 0 0 31 2 *', FIVE],
    ['* * * *', FIVE],
    ['@daily', FIVE],
    ['0 22-2 * * *', OTHERWISE],
    ['0 0 * * monday', OTHERWISE],
    ['0 0 * * 6-1', OTHERWISE],
    ['0 0 L-3 * *', OTHERWISE],
    ['61 * * * *', NONE],
    ['a b c * *', NONE],
    ['0 0 * * ?', NONE],
    ['0 0 40 * *', NONE],
  ])('%s', (value, expected) => {
    expect(scheduleFault(value)).toBe(expected);
  });
});

test.each(['canary-4711', 'canary 4711 canary 4711 x', 'c a n a ry4711 x', 'x'.repeat(500)])(
  'what may be a secret is not repeated: %s',
  (value) => {
    expect(scheduleFault(value)).not.toMatch(/canary|4711|xxx/u);
  },
);

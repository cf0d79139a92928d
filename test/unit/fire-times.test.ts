import { createTask } from 'node-cron';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { scheduleFault } from '../../src/config/schedule-fault.ts';
import { fireTimes } from '../../src/fire-times.ts';
import fc from '../support/property.ts';

const HOUR_MS = 3_600_000;
const ZONES = ['UTC', 'America/New_York', 'Australia/Lord_Howe', 'America/Havana', 'Europe/Berlin', 'Asia/Kathmandu'];

afterEach(() => {
  vi.useRealTimers();
});

function local(at: Date, timezone: string): string {
  const text = at.toLocaleString('sv-SE', { timeZone: timezone });
  return text.slice(0, 'YYYY-MM-DD HH:MM'.length);
}

describe('case 74: a daily schedule where the clocks change', () => {
  // Days around both changes of 2027 and 2028, by the zones' own rules (tzdata 2026).
  const daily = [
    ['America/New_York', '45 2 * * *'],
    ['America/New_York', '30 1 * * *'],
    ['America/New_York', '0 0 * * *'],
    ['Australia/Lord_Howe', '15 2 * * *'],
    ['Australia/Lord_Howe', '45 1 * * *'],
    ['America/Havana', '30 0 * * *'],
    ['America/Havana', '0 0 * * *'],
  ] as const;

  test.each(daily)('%s, %s: never 36 hours without a fire, and once on each local day', (timezone, expression) => {
    const from = new Date('2027-01-01T12:00:00Z');
    const fires = fireTimes(expression, timezone).next(730, from);
    for (const [at, fire] of fires.entries()) {
      expect(fire.getTime() - (fires[at - 1] ?? from).getTime()).toBeLessThan(36 * HOUR_MS);
    }
    const days = fires.map((fire) => local(fire, timezone).slice(0, 'YYYY-MM-DD'.length));
    expect(new Set(days).size).toBe(730);
  });

  test.each([
    ['America/New_York', '45 2 * * *', '2027-03-14', '2027-03-14 03:00'],
    ['Australia/Lord_Howe', '15 2 * * *', '2027-10-03', '2027-10-03 02:30'],
    ['America/Havana', '30 0 * * *', '2027-03-14', '2027-03-14 01:00'],
  ])('%s, %s: the time that %s leaves out is its end, %s', (timezone, expression, day, expected) => {
    const from = new Date(new Date(`${day}T00:00:00Z`).getTime() - 24 * HOUR_MS);
    const fires = fireTimes(expression, timezone).next(3, from);
    const onDay = fires.map((fire) => local(fire, timezone)).filter((text) => text.startsWith(day));
    expect(onDay).toEqual([expected]);
  });

  test.each([
    ['America/New_York', '2027-11-07T04:50:00Z', 8],
    // Half an hour comes twice.
    ['Australia/Lord_Howe', '2027-04-03T13:50:00Z', 6],
    ['America/Havana', '2027-11-07T03:50:00Z', 8],
  ])('%s: an interval goes on through the time that comes twice', (timezone, from, count) => {
    const fires = fireTimes('*/15 * * * *', timezone).next(count, new Date(from));
    const gaps = fires.slice(1).map((fire, at) => fire.getTime() - (fires[at]?.getTime() ?? 0));
    expect(new Set(gaps)).toEqual(new Set([HOUR_MS / 4]));
  });
});

function at(time: string): Date {
  return new Date(`2027-06-01T${time}Z`);
}

describe('what is due', () => {
  const times = fireTimes('*/5 * * * *', 'UTC');

  test.each([
    { name: 'nothing before the next fire', last: '10:00:00', now: '10:04:59.999', expected: undefined },
    { name: 'the fire of this moment', last: '10:00:00', now: '10:05:00', expected: ['10:05:00', 0] },
    { name: 'one, late', last: '10:00:00', now: '10:09:59', expected: ['10:05:00', 0] },
    { name: 'the last of many', last: '05:50:00', now: '10:02:00', expected: ['10:00:00', 49] },
    { name: 'nothing where the clock is behind the last fire', last: '10:00:00', now: '08:01:00', expected: undefined },
    { name: 'from a moment that is no fire', last: '10:02:03.123', now: '10:11:00', expected: ['10:10:00', 1] },
  ])('$name', ({ last, now, expected }) => {
    const due = times.due(at(last), at(now));
    expect(due).toEqual(expected === undefined ? undefined : { latest: at(String(expected[0])), earlier: expected[1] });
  });

  test('a year of missed fires is counted up to a bound', () => {
    expect(times.due(new Date('2026-06-01T00:00:00Z'), at('00:00:00'))).toEqual({
      latest: at('00:00:00'),
      earlier: 500,
    });
  });
});

// Expressions of the kind that people write, out of the parts that the configuration accepts.
const part = (max: number, min = 0) =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min: 2, max: 31 }).map((step) => `*/${step}`),
    fc.integer({ min, max }).map(String),
    fc.uniqueArray(fc.integer({ min, max }), { minLength: 2, maxLength: 3 }).map((list) => list.join(',')),
    fc
      .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
      .map((range) => range.toSorted((a, b) => a - b).join('-')),
  );
const days = fc.oneof(
  fc.tuple(fc.oneof(part(31, 1), fc.constantFrom('L', '15W')), fc.constant('*')),
  fc.tuple(fc.constant('*'), fc.oneof(part(7), fc.constantFrom('mon-fri', 'SUN', '5L', 'tue,sat'))),
);
const expression = fc
  .tuple(part(59), part(23), days, fc.oneof(part(12, 1), fc.constant('jan-mar')))
  .map(([minute, hour, [day, weekday], month]) => [minute, hour, day, month, weekday].join(' '))
  .filter((text) => scheduleFault(text) === undefined);

describe('node-cron, which fires, and what counts the fires', () => {
  // Without the changes of clocks: there they differ, and what counts is right.
  test('say the same times in every zone, over a year of expressions', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const moments = fc.date({
      min: new Date('2027-01-01T00:00:00Z'),
      max: new Date('2027-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(
        expression,
        fc.constantFrom('UTC', 'Asia/Kathmandu', 'Africa/Nairobi', 'Etc/GMT+7'),
        moments,
        (text, timezone, from) => {
          vi.setSystemTime(from);
          const task = createTask(text, () => undefined, { timezone });
          expect(fireTimes(text, timezone).next(6, from)).toEqual(task.getNextRuns(6));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('what was due is what is next, looked at from before; every fire of node-cron is one', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const moments = fc.date({
      min: new Date('2027-01-01T00:00:00Z'),
      max: new Date('2027-12-01T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(expression, fc.constantFrom(...ZONES), moments, (text, timezone, from) => {
        const times = fireTimes(text, timezone);
        const fires = times.next(4, from);
        const last = fires.at(-1);
        fc.pre(last !== undefined && fires.length === 4);
        expect(times.due(from, last ?? from)).toEqual({ latest: last, earlier: 3 });
      }),
      { numRuns: 300 },
    );
  });
});

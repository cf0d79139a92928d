import fc from '../../support/property.ts';
import { describe, expect, test } from 'vitest';
import { addDays, daysBetween, epochMs, parseInstant, parsePlainDate, todayIn } from '../../../src/core/dates.ts';

describe('parsePlainDate', () => {
  test.each([
    ['2026-11-20', '2026-11-20'],
    [' 2026-11-20 ', '2026-11-20'],
    ['11/20/2026', '2026-11-20'],
    ['03/1/2012', '2012-03-01'],
    ['2026-11-20T23:30:00-05:00', '2026-11-20'],
    ['2014-05-20T15:41:05.866-04:00', '2014-05-20'],
    ['2026-11-20 08:00', '2026-11-20'],
    ['2024-02-29', '2024-02-29'],
    ['9999-12-31', '9999-12-31'],
  ])('%j is %s', (text, expected) => {
    expect(parsePlainDate(text)).toBe(expected);
  });

  test.each([
    '',
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-11-31',
    '20/11/2026',
    '0000-01-01',
    '2026-1-1',
    'soon',
    1413936000,
    null,
    {},
  ])('%j is no date', (value) => {
    expect(parsePlainDate(value)).toBeUndefined();
  });
});

describe('parseInstant', () => {
  test.each([
    ['2021-02-12T19:18:59+00:00', '2021-02-12T19:18:59Z'],
    ['2021-02-12T19:18:59.674000+00:00', '2021-02-12T19:18:59.674000Z'],
    ['2012-09-07T16:49:56+0300', '2012-09-07T13:49:56Z'],
    ['2012-09-07T16:49:56+0000', '2012-09-07T16:49:56Z'],
    ['2014-05-20T15:41:05.866-04:00', '2014-05-20T19:41:05.866Z'],
    ['2026-12-31T23:30:00-05:30', '2027-01-01T05:00:00Z'],
    ['2026-01-01T00:00:00.5Z', '2026-01-01T00:00:00.5Z'],
    ['2026-01-01T00:00:00.1234567Z', '2026-01-01T00:00:00.123456Z'],
    ['2026-01-01t00:00:00z', '2026-01-01T00:00:00Z'],
    [1413936000, '2014-10-22T00:00:00Z'],
    ['1413936000', '2014-10-22T00:00:00Z'],
    [1413936000123, '2014-10-22T00:00:00.123Z'],
    ['1413936000000', '2014-10-22T00:00:00Z'],
    [1413936000123456, '2014-10-22T00:00:00.123456Z'],
    [4102444800, '2100-01-01T00:00:00Z'],
  ])('%j is %s', (value, expected) => {
    expect(parseInstant(value)).toBe(expected);
  });

  test.each([
    '',
    '2026-01-01',
    '2026-01-01T00:00:00',
    '2026-02-30T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:00+16:00',
    '0001-01-01T00:00:00+01:00',
    'soon',
    -5,
    1.5,
    Number.NaN,
    2 ** 60,
    null,
    {},
  ])('%j is no instant', (value) => {
    expect(parseInstant(value)).toBeUndefined();
  });

  test('agrees with Date on every moment', () => {
    const moment = fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true });
    fc.assert(
      fc.property(moment, (date) => {
        const instant = parseInstant(date.toISOString());
        expect(instant).toBe(date.toISOString());
        expect(epochMs(instant ?? '')).toBe(date.getTime());
      }),
    );
  });
});

describe('calendar', () => {
  test('days are counted as Date counts them', () => {
    const day = fc.date({ min: new Date('0002-01-01'), max: new Date('9998-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(day, fc.integer({ min: -300, max: 300 }), (date, days) => {
        const from = date.toISOString().slice(0, 10);
        const moved = new Date(Date.parse(from) + days * 86_400_000).toISOString().slice(0, 10);
        expect(addDays(from, days)).toBe(moved);
        expect(daysBetween(from, moved)).toBe(days);
      }),
    );
  });

  test('the day after "never" is still "never"', () => {
    expect(addDays('9999-12-31', 1)).toBe('9999-12-31');
  });
});

describe('todayIn', () => {
  test.each([
    ['UTC', '2026-11-21T00:00:00Z', '2026-11-21'],
    ['America/New_York', '2026-11-21T04:59:59Z', '2026-11-20'],
    ['America/New_York', '2026-11-21T05:00:00Z', '2026-11-21'],
    ['Pacific/Auckland', '2026-11-20T11:00:00Z', '2026-11-21'],
    ['Pacific/Honolulu', '2026-11-21T09:59:59.999Z', '2026-11-20'],
  ])('in %s at %s it is %s', (timezone, now, expected) => {
    expect(todayIn(timezone, now)).toBe(expected);
  });
});

import { describe, expect, test } from 'vitest';
import { digestDueOf } from '../../src/digest-due.ts';

function due(at: string, timezone: string, now: string): string | undefined {
  return digestDueOf({ slack: { digest: { kind: 'daily', at } }, timezone })?.(new Date(now)).toISOString();
}

describe('when the digest of the day is told', () => {
  const cases = [
    { name: 'today, before its time', at: '09:00', zone: 'UTC', now: '2026-11-22T08:59:59Z', is: '2026-11-22T09:00' },
    {
      name: 'at its very time: tomorrow',
      at: '09:00',
      zone: 'UTC',
      now: '2026-11-22T09:00:00Z',
      is: '2026-11-23T09:00',
    },
    {
      name: 'in the zone of the company',
      at: '09:00',
      zone: 'America/New_York',
      now: '2026-11-22T13:00:00Z',
      is: '2026-11-22T14:00',
    },
    {
      name: 'in summer an hour earlier by UTC',
      at: '09:00',
      zone: 'America/New_York',
      now: '2026-07-22T12:00:00Z',
      is: '2026-07-22T13:00',
    },
    {
      name: 'a time that the clocks leave out: when they go on',
      at: '02:30',
      zone: 'America/New_York',
      now: '2026-03-08T05:00:00Z',
      is: '2026-03-08T07:00',
    },
    {
      name: 'a time that comes twice: the first',
      at: '01:30',
      zone: 'America/New_York',
      now: '2026-11-01T04:00:00Z',
      is: '2026-11-01T05:30',
    },
    {
      name: 'and not the second too',
      at: '01:30',
      zone: 'America/New_York',
      now: '2026-11-01T05:31:00Z',
      is: '2026-11-02T06:30',
    },
    {
      name: 'on a day that a zone has left out: the next',
      at: '09:00',
      zone: 'Pacific/Apia',
      now: '2011-12-29T20:00:00Z',
      is: '2011-12-30T19:00',
    },
  ];
  test.each(cases)('$name', ({ at, zone, now, is }) => {
    expect(due(at, zone, now)).toBe(`${is}:00.000Z`);
  });

  test('at once where no time is set', () => {
    expect(digestDueOf({ slack: { digest: { kind: 'immediate' } }, timezone: 'UTC' })).toBeUndefined();
  });
});

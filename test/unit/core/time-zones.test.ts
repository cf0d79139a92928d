import { describe, expect, test } from 'vitest';
import { addDays, lastMomentOf, todayIn } from '../../../src/core/dates.ts';
import { leavingOf, standingOf } from '../../../src/core/identity.ts';
import { anIdentity } from '../../support/builders.ts';
import { DAY_ENDS, shift } from '../../support/day-ends.ts';

const DAY_MS = 86_400_000;

describe('the days of a company (fault case 82)', () => {
  test.each(DAY_ENDS)(
    '$day in $timezone is today until $end, no second shorter or longer',
    ({ timezone, day, end }) => {
      expect(todayIn(timezone, shift(end, -1000))).toBe(day);
      expect(todayIn(timezone, end)).toBe(addDays(day, 1));
      // A day has 23 to 25 hours, so the middle of the day before is never this one.
      expect(todayIn(timezone, shift(end, -1.5 * DAY_MS))).toBe(addDays(day, -1));
      expect(lastMomentOf(day, timezone)).toBe(shift(end, -1000).replace('Z', '.999999Z'));
    },
  );

  test.each(DAY_ENDS)('whose end date is $day in $timezone is current until it is over', ({ timezone, day, end }) => {
    const rows = [anIdentity({ row: { endDate: day } })];
    expect(standingOf(rows, todayIn(timezone, shift(end, -1000)))).toBe('current');
    expect(standingOf(rows, todayIn(timezone, end))).toBe('left');
  });

  test.each(['yesterday', 'today', 'tomorrow'] as const)('an end date of %s, wherever the server stands', (when) => {
    // One moment, three calendars: in Auckland it is the 22nd already, in Honolulu still the 21st.
    const now = '2026-11-21T12:00:00Z';
    for (const timezone of ['UTC', 'Pacific/Auckland', 'Pacific/Honolulu']) {
      const today = todayIn(timezone, now);
      const endDate = addDays(today, { yesterday: -1, today: 0, tomorrow: 1 }[when]);
      const expected = when === 'yesterday' ? 'left' : 'current';
      expect(standingOf([anIdentity({ row: { endDate } })], today)).toBe(expected);
    }
    expect(todayIn('Pacific/Auckland', now)).toBe('2026-11-22');
    expect(todayIn('Pacific/Honolulu', now)).toBe('2026-11-21');
  });

  test.each([
    { graceDays: 0, byDate: '2027-03-14', byStatus: '2027-03-13' },
    { graceDays: 1, byDate: '2027-03-15', byStatus: '2027-03-14' },
    { graceDays: 3, byDate: '2027-03-17', byStatus: '2027-03-16' },
  ])('with $graceDays grace days an account is due on whole days, short or long', ({ graceDays, byDate, byStatus }) => {
    const leftOn = '2027-03-13';
    const ended = anIdentity({ row: { endDate: leftOn }, leftOn, leftBy: 'end_date' });
    const inactive = anIdentity({ row: { status: 'inactive' }, leftOn, leftBy: 'status' });
    const gone = anIdentity({ present: false, leftOn, leftBy: 'absence' });
    const due = (row: ReturnType<typeof anIdentity>) => leavingOf([row], '2027-04-01', graceDays)?.dueOn;
    expect([due(ended), due(inactive), due(gone)]).toEqual([byDate, byStatus, byStatus]);
  });
});

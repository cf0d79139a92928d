import { describe, expect, test } from 'vitest';
import type { AccountCase } from '../../../../src/core/case.ts';
import { aCandidate, aLinkedCase, anAccountCase, anIdentity, TODAY } from '../../../support/builders.ts';
import { chargeOf, isUndecided } from './judged.ts';

const YESTERDAY = '2026-11-20';
const leftByDate = anIdentity({ row: { endDate: YESTERDAY }, leftOn: YESTERDAY, leftBy: 'end_date' });
const gone = anIdentity({ present: false, leftOn: YESTERDAY, leftBy: 'absence' });
const inactive = anIdentity({ row: { status: 'inactive' }, leftOn: TODAY, leftBy: 'status' });

describe('leaver_account', () => {
  test('says who left, when and how, and shows both records', () => {
    expect(chargeOf(aLinkedCase(leftByDate), 'leaver_account')).toEqual({
      rule: 'leaver_account',
      severity: 'high',
      subject: 'n-1',
      account: { sourceId: 2, externalId: 'n-1' },
      accountEmail: 'jane.doe@example.com',
      accountName: 'Jane Doe',
      identity: { sourceId: 1, externalId: 'p-1' },
      identityEmail: 'jane.doe@example.com',
      summary: 'Jane Doe (jane.doe@example.com) left on 2026-11-20 and still has an account in nimble',
      evidence: {
        account: { external_id: 'n-1', name: 'Jane Doe', email: 'jane.doe@example.com', status: 'active' },
        identity: {
          source: 'directory',
          external_id: 'p-1',
          name: 'Jane Doe',
          email: 'jane.doe@example.com',
          status: 'active',
          end_date: '2026-11-20',
        },
        left_on: '2026-11-20',
        left_by: 'end_date',
        link_rule: 'email',
      },
    });
  });

  test.each<[string, AccountCase, string]>([
    ['removed from a complete list', aLinkedCase(gone), 'high'],
    [
      'inactive today, whatever end date is written',
      aLinkedCase({ ...inactive, row: { ...inactive.row, endDate: '2026-12-31' } }),
      'high',
    ],
    ['a privileged account', aLinkedCase(gone, { row: { privileged: true } }), 'critical'],
    ['an account of unknown status', aLinkedCase(gone, { row: { status: 'unknown' } }), 'high'],
    ['linked for the first time, to one who has left', anAccountCase({ candidates: [aCandidate(gone)] }), 'high'],
    ['pinned by a person', aLinkedCase(gone, { link: { identity: gone.ref, rule: 'pinned' } }), 'high'],
  ])('charged: %s', (_name, of, severity) => {
    expect(chargeOf(of, 'leaver_account')?.severity).toBe(severity);
  });

  test.each<[string, AccountCase]>([
    ['an end date today, until midnight', aLinkedCase(anIdentity({ row: { endDate: TODAY } }))],
    ['a current identity', aLinkedCase(anIdentity())],
    ['a pending identity', aLinkedCase(anIdentity({ row: { status: 'pending' } }))],
    [
      'an identity current in another source',
      aLinkedCase([gone, anIdentity({ ref: { sourceId: 9, externalId: 'h-1' } })]),
    ],
    ['an inactive account', aLinkedCase(gone, { row: { status: 'inactive' } })],
    ['a service account', aLinkedCase(gone, { row: { kind: 'service' } })],
    ['an account that is gone', aLinkedCase(gone, { present: false })],
    [
      'a rehire whose link moves',
      aLinkedCase(gone, { candidates: [aCandidate(anIdentity({ row: { externalId: 'p-2' } }))] }),
    ],
    ['an unmatched account', anAccountCase()],
  ])('not charged: %s', (_name, of) => {
    expect(chargeOf(of, 'leaver_account')).toBeUndefined();
    expect(isUndecided(of, 'leaver_account')).toBe(false);
  });

  // end_date + 1 + graceDays; left_on + graceDays.
  test.each([
    { name: 'by end date, no grace: the day itself', who: leftByDate, grace: 0, today: '2026-11-20', expected: false },
    { name: 'by end date, no grace: the day after', who: leftByDate, grace: 0, today: '2026-11-21', expected: true },
    { name: 'by end date: the last day of grace', who: leftByDate, grace: 3, today: '2026-11-23', expected: false },
    { name: 'by end date: the day after the grace', who: leftByDate, grace: 3, today: '2026-11-24', expected: true },
    { name: 'by absence, no grace: the day it was seen', who: gone, grace: 0, today: '2026-11-20', expected: true },
    { name: 'by absence: the last day of grace', who: gone, grace: 3, today: '2026-11-22', expected: false },
    { name: 'by absence: the day after the grace', who: gone, grace: 3, today: '2026-11-23', expected: true },
    { name: 'by status: the day after the grace', who: inactive, grace: 3, today: '2026-11-24', expected: true },
  ])('$name', ({ who, grace, today, expected }) => {
    const charge = chargeOf(aLinkedCase(who), 'leaver_account', { leaverGraceDays: grace, today });
    expect(charge !== undefined).toBe(expected);
  });

  test.each<[string, AccountCase]>([
    ['an identity of unknown status', aLinkedCase(anIdentity({ row: { status: 'unknown' } }))],
    ['a pinned identity of which nothing is known', anAccountCase({ link: { identity: gone.ref, rule: 'pinned' } })],
  ])('undecided: %s', (_name, of) => {
    expect(isUndecided(of, 'leaver_account')).toBe(true);
  });

  test('an inactive account is decided whatever the identity is', () => {
    const of = aLinkedCase(anIdentity({ row: { status: 'unknown' } }), { row: { status: 'inactive' } });
    expect(isUndecided(of, 'leaver_account')).toBe(false);
  });

  test('a namesake that may have got the address is shown, not linked', () => {
    const namesake = anIdentity({ row: { externalId: 'p-3', givenName: 'John' } });
    const charge = chargeOf(aLinkedCase(gone, { candidates: [aCandidate(namesake)] }), 'leaver_account');
    expect(charge?.identity?.externalId).toBe('p-1');
    expect(charge?.evidence['suggestion']).toEqual({ source: 'directory', external_id: 'p-3', name: 'John Doe' });
  });

  test('nothing in it changes from one day to the next', () => {
    const today = chargeOf(aLinkedCase(gone), 'leaver_account');
    expect(chargeOf(aLinkedCase(gone), 'leaver_account', { today: '2027-03-01', now: '2027-03-01T00:00:00Z' })).toEqual(
      today,
    );
  });
});

import { describe, expect, test } from 'vitest';
import type { AccountCase } from '../../../../src/core/case.ts';
import { DEFAULT_OPTIONS } from '../../../../src/core/rule-options.ts';
import { aCandidate, aLinkedCase, anAccountCase, anIdentity, TODAY } from '../../../support/builders.ts';
import { chargeOf, isUndecided } from './judged.ts';

const RULE = 'early_account';
const IN_14_DAYS = '2026-12-05';
const IN_15_DAYS = '2026-12-06';
const starts = (startDate: string) => anIdentity({ row: { startDate } });
const pending = anIdentity({ row: { status: 'pending' } });
const elsewhere = (row: Parameters<typeof anIdentity>[0]) =>
  anIdentity({ ...row, ref: { sourceId: 9, externalId: 'h-1' }, sourceName: 'hr', sourceRank: 1 });

describe('early_account', () => {
  test('says who starts when, and shows both records', () => {
    expect(chargeOf(aLinkedCase(starts(IN_15_DAYS)), RULE)).toEqual({
      rule: 'early_account',
      severity: 'low',
      subject: 'n-1',
      account: { sourceId: 2, externalId: 'n-1' },
      accountEmail: 'jane.doe@example.com',
      accountName: 'Jane Doe',
      identity: { sourceId: 1, externalId: 'p-1' },
      identityEmail: 'jane.doe@example.com',
      summary: 'Jane Doe (jane.doe@example.com) starts on 2026-12-06 and has a usable account in nimble already',
      evidence: {
        account: { external_id: 'n-1', name: 'Jane Doe', email: 'jane.doe@example.com', status: 'active' },
        identity: {
          source: 'directory',
          external_id: 'p-1',
          name: 'Jane Doe',
          email: 'jane.doe@example.com',
          status: 'active',
          start_date: '2026-12-06',
        },
        starts_on: '2026-12-06',
        link_rule: 'email',
      },
    });
  });

  test.each<[string, AccountCase]>([
    ['a pending identity', aLinkedCase(pending)],
    ['pending, although the start is near', aLinkedCase(anIdentity({ row: { status: 'pending', startDate: TODAY } }))],
    [
      'on leave until a start far ahead',
      aLinkedCase(anIdentity({ row: { status: 'on_leave', startDate: IN_15_DAYS } })),
    ],
    ['an account of unknown status', aLinkedCase(pending, { row: { status: 'unknown' } })],
    ['linked for the first time', anAccountCase({ candidates: [aCandidate(starts(IN_15_DAYS))] })],
    ['early by both lists', aLinkedCase([pending, elsewhere({ row: { startDate: IN_15_DAYS } })])],
    [
      'early by one list, left by the other',
      aLinkedCase([starts(IN_15_DAYS), elsewhere({ present: false, leftOn: TODAY, leftBy: 'absence' })]),
    ],
  ])('charged: %s', (_name, of) => {
    expect(chargeOf(of, RULE)?.severity).toBe('low');
  });

  test.each<[string, AccountCase]>([
    ['a start in exactly preHireDays', aLinkedCase(starts(IN_14_DAYS))],
    ['no start date', aLinkedCase(anIdentity())],
    ['a start in the past', aLinkedCase(starts('2020-01-01'))],
    ['one of two lists lets the person in', aLinkedCase([pending, elsewhere({})])],
    ['an inactive account', aLinkedCase(pending, { row: { status: 'inactive' } })],
    ['a pending account', aLinkedCase(pending, { row: { status: 'pending' } })],
    ['a service account', aLinkedCase(pending, { row: { kind: 'service' } })],
    ['an unmatched account', anAccountCase()],
    ['an account that is gone', aLinkedCase(pending, { present: false })],
    ['a row of an authority', aLinkedCase(pending, { authoritative: true })],
    [
      'pending, but its end date is past: that is a leaver',
      aLinkedCase(anIdentity({ row: { status: 'pending', endDate: '2026-11-20' } })),
    ],
    ['far ahead, but gone from the list', aLinkedCase(anIdentity({ row: { startDate: IN_15_DAYS }, present: false }))],
  ])('not charged: %s', (_name, of) => {
    expect(chargeOf(of, RULE)).toBeUndefined();
    expect(isUndecided(of, RULE)).toBe(false);
  });

  test.each<[string, AccountCase]>([
    ['an identity of unknown status', aLinkedCase(anIdentity({ row: { status: 'unknown', startDate: IN_15_DAYS } }))],
    ['a pinned identity of which nothing is known', anAccountCase({ link: { identity: pending.ref, rule: 'pinned' } })],
  ])('undecided: %s', (_name, of) => {
    expect(isUndecided(of, RULE)).toBe(true);
    expect(chargeOf(of, RULE)).toBeUndefined();
  });

  test.each([
    [0, TODAY, false],
    [0, '2026-11-22', true],
    [30, '2026-12-21', false],
    [30, '2026-12-22', true],
  ])('with preHireDays %i a start on %s is early: %s', (preHireDays, startDate, expected) => {
    const charge = chargeOf(aLinkedCase(starts(startDate)), RULE, { options: { ...DEFAULT_OPTIONS, preHireDays } });
    expect(charge !== undefined).toBe(expected);
  });

  test('a pending person without a date, or whose date is past, is said to be pending', () => {
    const late = anIdentity({ row: { status: 'pending', startDate: '2026-11-01' } });
    for (const identity of [pending, late]) {
      expect(chargeOf(aLinkedCase(identity), RULE)?.summary).toBe(
        'Jane Doe (jane.doe@example.com) is still pending and has a usable account in nimble already',
      );
    }
  });

  test('nothing in it changes from one day to the next', () => {
    const of = aLinkedCase(starts('2027-06-01'));
    expect(chargeOf(of, RULE, { today: '2027-01-01' })).toEqual(chargeOf(of, RULE));
  });
});

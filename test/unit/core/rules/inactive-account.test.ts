import { describe, expect, test } from 'vitest';
import type { AccountCase } from '../../../../src/core/case.ts';
import { aCandidate, aLinkedCase, anAccountCase, anIdentity, TODAY } from '../../../support/builders.ts';
import { chargeOf, isUndecided } from './judged.ts';

const INACTIVE = { row: { status: 'inactive' } } as const;
const on = (row: Parameters<typeof anIdentity>[0]) => aLinkedCase(anIdentity(row), INACTIVE);

describe('inactive_account', () => {
  test('inactive, and its person works here', () => {
    expect(chargeOf(on({}), 'inactive_account')).toMatchObject({
      severity: 'medium',
      identity: { externalId: 'p-1' },
      summary: 'Jane Doe (jane.doe@example.com) works here, and the account in nimble is inactive',
    });
  });

  test.each<[string, AccountCase]>([
    ['on leave', on({ row: { status: 'on_leave' } })],
    ['started today', on({ row: { startDate: TODAY } })],
    ['leaves today', on({ row: { endDate: TODAY } })],
    ['matched just now', anAccountCase({ ...INACTIVE, candidates: [aCandidate()] })],
  ])('charged: %s', (_name, of) => {
    expect(chargeOf(of, 'inactive_account')).toBeDefined();
  });

  test.each<[string, AccountCase]>([
    ['an active account', aLinkedCase(anIdentity())],
    ['an account of unknown status', aLinkedCase(anIdentity(), { row: { status: 'unknown' } })],
    ['an identity that has left', on({ present: false })],
    ['an identity that has not started', on({ row: { startDate: '2026-11-22' } })],
    ['a pending identity', on({ row: { status: 'pending' } })],
    ['an unmatched account', anAccountCase(INACTIVE)],
    ['an account that is gone', aLinkedCase(anIdentity(), { ...INACTIVE, present: false })],
  ])('not charged: %s', (_name, of) => {
    expect(chargeOf(of, 'inactive_account')).toBeUndefined();
    expect(isUndecided(of, 'inactive_account')).toBe(false);
  });

  test('undecided while the status of the identity is unknown', () => {
    expect(isUndecided(on({ row: { status: 'unknown' } }), 'inactive_account')).toBe(true);
  });
});

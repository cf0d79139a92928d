import { describe, expect, test } from 'vitest';
import type { IdentityCase } from '../../../../src/core/case.ts';
import { anIdentity, anIdentityCase, aRow } from '../../../support/builders.ts';
import { chargeOf, isUndecided } from './judged.ts';

const one = aRow({ externalId: 'n-1' });
const two = aRow({ externalId: 'n-2' });

describe('duplicate_account', () => {
  test('two usable accounts of one person: one finding about the identity, accounts in a fixed order', () => {
    expect(chargeOf(anIdentityCase({ accounts: [two, one] }), 'duplicate_account')).toMatchObject({
      severity: 'medium',
      subject: '1/p-1',
      identity: { sourceId: 1, externalId: 'p-1' },
      summary: 'Jane Doe (jane.doe@example.com) has 2 accounts in nimble',
      evidence: { accounts: [{ external_id: 'n-1' }, { external_id: 'n-2' }] },
    });
  });

  test.each<[string, Partial<IdentityCase>]>([
    ['one of them of unknown status', { accounts: [one, { ...two, status: 'unknown' }] }],
    ['an identity of unknown status', { identity: [anIdentity({ row: { status: 'unknown' } })] }],
    ['an identity that has left', { identity: [anIdentity({ present: false })] }],
  ])('charged: %s', (_name, overrides) => {
    expect(chargeOf(anIdentityCase(overrides), 'duplicate_account')).toBeDefined();
  });

  test.each<[string, Partial<IdentityCase>]>([
    ['one account', { accounts: [one] }],
    ['one usable and one inactive account', { accounts: [one, { ...two, status: 'inactive' }] }],
    ['one usable and one pending account', { accounts: [one, { ...two, status: 'pending' }] }],
    ['no account', { accounts: [] }],
  ])('not charged: %s', (_name, overrides) => {
    expect(chargeOf(anIdentityCase(overrides), 'duplicate_account')).toBeUndefined();
    expect(isUndecided(anIdentityCase(overrides), 'duplicate_account')).toBe(false);
  });

  test('undecided when nothing is known of the identity', () => {
    expect(isUndecided(anIdentityCase({ identity: [] }), 'duplicate_account')).toBe(true);
    const identity = [anIdentity(), anIdentity({ row: { externalId: 'h-1' }, reused: true })];
    expect(isUndecided(anIdentityCase({ identity }), 'duplicate_account')).toBe(true);
  });
});

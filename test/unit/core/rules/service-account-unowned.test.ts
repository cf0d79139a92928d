import { describe, expect, test } from 'vitest';
import type { AccountCase } from '../../../../src/core/case.ts';
import type { Judging } from '../../../../src/core/policy.ts';
import { anAccountCase, anIdentity, aService, TODAY } from '../../../support/builders.ts';
import { chargeOf } from './judged.ts';

const ROBOT = { externalId: 'xero-sync', email: 'robot@example.com', givenName: 'Xero', familyName: 'Sync' } as const;
const service = (row: Partial<AccountCase['row']> = {}) =>
  anAccountCase({ row: { ...ROBOT, kind: 'service', ...row } });

describe('service_account_unowned', () => {
  test('not listed: nobody answers for it', () => {
    expect(chargeOf(service(), 'service_account_unowned')).toMatchObject({
      severity: 'medium',
      subject: 'xero-sync',
      account: { externalId: 'xero-sync' },
      identity: undefined,
      summary: 'Xero Sync (robot@example.com) is a service account in nimble, and nobody answers for it',
      evidence: { reason: 'not_listed' },
    });
  });

  test('listed with an owner who is no known identity', () => {
    const judging = { serviceAccounts: aService({ owner: 'ghost@example.com', purpose: 'Xero' }, []) };
    expect(chargeOf(service(), 'service_account_unowned', judging)).toMatchObject({
      summary:
        'Xero Sync (robot@example.com) is a service account in nimble, and its owner ghost@example.com is nobody we know',
      evidence: { reason: 'owner_unknown', owner: 'ghost@example.com', purpose: 'Xero' },
    });
  });

  test('the day of its review is past', () => {
    const judging = { serviceAccounts: aService({ review: '2026-11-20' }) };
    expect(chargeOf(service(), 'service_account_unowned', judging)).toMatchObject({
      summary:
        'Xero Sync (robot@example.com) is a service account in nimble, and the date of its review, 2026-11-20, is past',
      evidence: { reason: 'review_past', review: '2026-11-20', owner: 'jane.doe@example.com' },
    });
  });

  test.each<[string, AccountCase, Partial<Judging>]>([
    ['of unknown status', service({ status: 'unknown' }), {}],
    ['pending: it will be used', service({ status: 'pending' }), {}],
    ['listed for another source', service(), { serviceAccounts: aService({ source: 'nimbus' }) }],
    ['another account is listed', service(), { serviceAccounts: aService({ account: 'xero' }) }],
    ['an id in another case is another id', service(), { serviceAccounts: aService({ account: 'XERO-SYNC' }) }],
  ])('charged: %s', (_name, of, judging) => {
    expect(chargeOf(of, 'service_account_unowned', judging)).toBeDefined();
  });

  test.each<[string, AccountCase, Partial<Judging>]>([
    ['listed by id', service(), { serviceAccounts: aService() }],
    [
      'listed by e-mail, whatever its spelling',
      service(),
      { serviceAccounts: aService({ account: 'Robot@EXAMPLE.com' }) },
    ],
    ['its review is today', service(), { serviceAccounts: aService({ review: TODAY }) }],
    [
      'its owner has left: the other rule says so',
      service(),
      { serviceAccounts: aService({}, [anIdentity({ present: false })]) },
    ],
    ['of a person', service({ kind: 'human' }), {}],
    ['of unknown kind', service({ kind: 'unknown' }), {}],
    ['inactive', service({ status: 'inactive' }), {}],
    ['gone', { ...service(), present: false }, {}],
    ['a row of an authority', { ...service(), authoritative: true }, {}],
    ['the rule is off', service(), { disabled: new Set(['service_account_unowned'] as const) }],
  ])('not charged: %s', (_name, of, judging) => {
    expect(chargeOf(of, 'service_account_unowned', judging)).toBeUndefined();
  });
});

import { describe, expect, test } from 'vitest';
import type { AccountCase, IdentityRow } from '../../../../src/core/case.ts';
import { classify } from '../../../../src/core/classify.ts';
import { aJudging, anAccountCase, anIdentity, aService } from '../../../support/builders.ts';
import { chargeOf } from './judged.ts';

const RULE = 'service_account_owner_left';
const ROBOT = { externalId: 'xero-sync', email: 'robot@example.com', givenName: 'Xero', familyName: 'Sync' } as const;
const service = (row: Partial<AccountCase['row']> = {}) =>
  anAccountCase({ row: { ...ROBOT, kind: 'service', ...row } });
const ownedBy = (...rows: readonly IdentityRow[]) => ({ serviceAccounts: aService({}, rows) });
const gone = anIdentity({ present: false, leftOn: '2026-11-18', leftBy: 'absence' });

describe('service_account_owner_left', () => {
  test('the owner has left: it says that single sign-on does not close it', () => {
    expect(chargeOf(service(), RULE, ownedBy(gone))).toMatchObject({
      severity: 'high',
      subject: 'xero-sync',
      account: { externalId: 'xero-sync' },
      identity: { sourceId: 1, externalId: 'p-1' },
      identityEmail: 'jane.doe@example.com',
      summary:
        'Jane Doe (jane.doe@example.com) left on 2026-11-18 and answers for the service account Xero Sync (robot@example.com) in nimble; off-boarding by SSO does not close it',
      evidence: { left_on: '2026-11-18', left_by: 'absence', owner: 'jane.doe@example.com' },
    });
  });

  test.each<[string, AccountCase, readonly IdentityRow[]]>([
    ['inactive on the list', service(), [anIdentity({ row: { status: 'inactive' } })]],
    ['the end date was yesterday', service(), [anIdentity({ row: { endDate: '2026-11-20' } })]],
    ['of unknown status', service({ status: 'unknown' }), [gone]],
    [
      'in every list',
      service(),
      [gone, anIdentity({ ref: { sourceId: 3, externalId: 'q-1' }, row: { status: 'inactive' } })],
    ],
  ])('charged: %s', (_name, of, rows) => {
    expect(chargeOf(of, RULE, ownedBy(...rows))).toBeDefined();
  });

  test('of several who answer for it and have left the last one is shown, with that day', () => {
    const since = anIdentity({ row: { externalId: 'p-9' }, present: false, leftOn: '2026-11-20', leftBy: 'absence' });
    for (const rows of [
      [gone, since],
      [since, gone],
    ]) {
      expect(chargeOf(service(), RULE, ownedBy(...rows))).toMatchObject({
        identity: { externalId: 'p-9' },
        evidence: { left_on: '2026-11-20', identity: { external_id: 'p-9' } },
      });
    }
  });

  test('no grace days: they are for people', () => {
    expect(chargeOf(service(), RULE, { ...ownedBy(gone), leaverGraceDays: 30 })).toBeDefined();
  });

  test.each<[string, AccountCase, readonly IdentityRow[]]>([
    ['the owner works here', service(), [anIdentity()]],
    ['the last day of the owner is today', service(), [anIdentity({ row: { endDate: '2026-11-21' } })]],
    ['the owner is on leave', service(), [anIdentity({ row: { status: 'on_leave' } })]],
    [
      'a rehire: the old row has left, the new one is current',
      service(),
      [gone, anIdentity({ row: { externalId: 'p-9' } })],
    ],
    ['the owner is nobody we know: the other rule says so', service(), []],
    ['inactive', service({ status: 'inactive' }), [gone]],
    ['of a person', service({ kind: 'human' }), [gone]],
    ['gone', { ...service(), present: false }, [gone]],
  ])('not charged: %s', (_name, of, rows) => {
    const { charges, undecided } = classify(of, aJudging(ownedBy(...rows)));
    expect(charges.filter(({ rule }) => rule === RULE)).toEqual([]);
    expect(undecided).not.toContain(RULE);
  });

  test('not charged without an entry', () => {
    expect(chargeOf(service(), RULE)).toBeUndefined();
  });

  test('undecided while the status of the owner is unknown', () => {
    const unknown = anIdentity({ row: { status: 'unknown' } });
    expect(classify(service(), aJudging(ownedBy(unknown))).undecided).toContain(RULE);
    expect(classify(service(), aJudging(ownedBy(unknown))).charges).toEqual([]);
  });

  test.each([
    ['the owner’s end date: the day after', { endDate: '2026-12-31' }, undefined, '2027-01-01'],
    ['the review: the day after', {}, '2026-12-01', '2026-12-02'],
    ['whichever is first', { endDate: '2026-12-31' }, '2026-12-01', '2026-12-02'],
  ])('looked at again: %s', (_name, row, review, expected) => {
    const serviceAccounts = aService({ review }, [anIdentity({ row })]);
    expect(classify(service(), aJudging({ serviceAccounts })).recheckOn).toBe(expected);
  });
});

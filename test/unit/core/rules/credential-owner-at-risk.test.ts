import { describe, expect, test } from 'vitest';
import type { CredentialCase, IdentityRow } from '../../../../src/core/case.ts';
import { classify } from '../../../../src/core/classify.ts';
import { aCredentialCase, aJudging, anIdentity, aRow, aService, TODAY } from '../../../support/builders.ts';
import { chargeOf } from './judged.ts';

const RULE = 'credential_owner_at_risk';
const owned = (...identity: readonly IdentityRow[]) => aCredentialCase({ identity });
const gone = anIdentity({ present: false, leftOn: '2026-11-18', leftBy: 'absence' });
const byRobot = (of: Partial<CredentialCase> = {}) =>
  aCredentialCase({ owner: { externalId: 'xero-sync', email: 'robot@example.com' }, identity: [], ...of });

describe('credential_owner_at_risk', () => {
  test('the owner has left: critical, about the credential and no account', () => {
    const charge = chargeOf(owned(gone), RULE);
    expect(charge).toMatchObject({
      severity: 'critical',
      subject: 'credential',
      accountEmail: 'jane.doe@example.com',
      identity: { sourceId: 1, externalId: 'p-1' },
      summary: 'nimble is read with the token of Jane Doe (jane.doe@example.com), who left on 2026-11-18',
      evidence: { reason: 'left', left_on: '2026-11-18', left_by: 'absence' },
    });
    expect(charge?.account).toBeUndefined();
  });

  test('the owner is nobody we know: high', () => {
    expect(chargeOf(owned(), RULE)).toMatchObject({
      severity: 'high',
      identity: undefined,
      summary: 'nimble is read with the token of jane.doe@example.com, who is nobody we know',
      evidence: { reason: 'unknown', token_owner: { external_id: 'n-1', email: 'jane.doe@example.com' } },
    });
  });

  test.each<[string, CredentialCase, string]>([
    ['the last day is in 14 days', owned(anIdentity({ row: { endDate: '2026-12-05' } })), 'who leaves on 2026-12-05'],
    ['the last day is today', owned(anIdentity({ row: { endDate: TODAY } })), `who leaves on ${TODAY}`],
    ['inactive on the list', owned(anIdentity({ row: { status: 'inactive' } })), `who left on ${TODAY}`],
    [
      'the account in the source is inactive, whatever the list says',
      aCredentialCase({ account: aRow({ status: 'inactive' }) }),
      'who has an inactive account there',
    ],
  ])('critical: %s', (_name, of, words) => {
    expect(chargeOf(of, RULE)).toMatchObject({ severity: 'critical', summary: expect.stringContaining(words) });
  });

  test.each<[string, CredentialCase]>([
    ['the owner works here', owned(anIdentity())],
    ['the last day is in 15 days', owned(anIdentity({ row: { endDate: '2026-12-06' } }))],
    ['the owner is on leave', owned(anIdentity({ row: { status: 'on_leave' } }))],
    ['a rehire', owned(gone, anIdentity({ row: { externalId: 'p-9' } }))],
    [
      'one of two lists has no end date',
      owned(anIdentity({ row: { endDate: TODAY } }), anIdentity({ ref: { sourceId: 9, externalId: 'h-1' } })),
    ],
    ['the account in the source is active', aCredentialCase({ account: aRow() })],
  ])('not charged: %s', (_name, of) => {
    const { charges, undecided } = classify(of, aJudging());
    expect([charges, undecided]).toEqual([[], []]);
  });

  test('an owner that is a service account counts by whoever answers for it', () => {
    expect(chargeOf(byRobot(), RULE, { serviceAccounts: aService() })).toBeUndefined();
    expect(chargeOf(byRobot({ identity: [gone] }), RULE, { serviceAccounts: aService() })).toBeUndefined();
    expect(chargeOf(byRobot(), RULE, { serviceAccounts: aService({}, [gone]) })).toMatchObject({
      severity: 'critical',
      identity: { externalId: 'p-1' },
      summary:
        'nimble is read with the token of robot@example.com, a service account; Jane Doe (jane.doe@example.com), who answers for it, left on 2026-11-18',
    });
    expect(chargeOf(byRobot(), RULE, { serviceAccounts: aService({}, []) })).toMatchObject({
      severity: 'high',
      summary:
        'nimble is read with the token of robot@example.com, a service account; jane.doe@example.com, who answers for it, is nobody we know',
    });
  });

  test('an entry by e-mail is found whatever the spelling, one for another source is not', () => {
    const shouted = byRobot({ owner: { email: 'Robot@Example.COM' } });
    expect(chargeOf(shouted, RULE, { serviceAccounts: aService({ account: 'robot@example.com' }) })).toBeUndefined();
    expect(chargeOf(byRobot(), RULE, { serviceAccounts: aService({ source: 'namely' }) })).toBeDefined();
  });

  test('undecided while the status of the owner is unknown; nothing when the rule is off', () => {
    const unknown = owned(anIdentity({ row: { status: 'unknown' } }));
    expect(classify(unknown, aJudging())).toMatchObject({ charges: [], undecided: [RULE] });
    expect(classify(owned(), aJudging({ disabled: new Set([RULE]) })).charges).toEqual([]);
  });
});

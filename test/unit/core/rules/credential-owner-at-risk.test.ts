import { describe, expect, test } from 'vitest';
import type { CredentialCase, IdentityRow, Known } from '../../../../src/core/case.ts';
import { classify } from '../../../../src/core/classify.ts';
import { aCredentialCase, aJudging, aKnown, anIdentity, aRow, aService, TODAY } from '../../../support/builders.ts';
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

  test('the person who is shown and the day that is told belong together', () => {
    const early = anIdentity({ row: { externalId: 'p-1', endDate: '2026-11-25', givenName: 'Early' } });
    const late = anIdentity({ row: { externalId: 'p-2', endDate: '2026-11-29', givenName: 'Late' } });
    const off = anIdentity({ row: { externalId: 'p-3', endDate: '2027-12-31', status: 'inactive', givenName: 'Off' } });
    for (const rows of [
      [early, late, off],
      [off, late, early],
    ]) {
      expect(chargeOf(owned(...rows), RULE)).toMatchObject({
        identity: { externalId: 'p-2' },
        evidence: { reason: 'leaving', last_day: '2026-11-29', identity: { name: 'Late Doe', end_date: '2026-11-29' } },
      });
    }
    const before = anIdentity({ row: { externalId: 'p-4' }, present: false, leftOn: '2026-11-01', leftBy: 'absence' });
    const since = anIdentity({ row: { externalId: 'p-5' }, present: false, leftOn: '2026-11-09', leftBy: 'absence' });
    expect(chargeOf(owned(before, since), RULE)).toMatchObject({
      identity: { externalId: 'p-5' },
      evidence: { left_on: '2026-11-09', identity: { external_id: 'p-5' } },
    });
  });

  test('undecided while a row of unknown status is beside one that leaves soon, and not beside one that stays', () => {
    const unknown = anIdentity({ row: { externalId: 'p-9', status: 'unknown' } });
    const leaving = owned(anIdentity({ row: { endDate: '2026-11-26' } }), unknown);
    expect(classify(leaving, aJudging())).toMatchObject({ charges: [], undecided: [RULE] });
    expect(classify(owned(anIdentity(), unknown), aJudging())).toMatchObject({ charges: [], undecided: [] });
  });

  test.each<[string, Partial<CredentialCase>, Partial<Known>, readonly string[]]>([
    ['clear: it spoke of an account that is active again', { account: aRow() }, { reason: 'inactive' }, []],
    ['clear: it spoke of an account that is gone', {}, { reason: 'inactive' }, []],
    ['undecided: it spoke of the person', { account: aRow() }, { reason: 'left' }, [RULE]],
    ['undecided: it was resolved', { account: aRow() }, { reason: 'inactive', status: 'resolved' }, [RULE]],
  ])('of unknown status, with a finding; %s', (_name, of, known, undecided) => {
    const identity = [anIdentity({ row: { status: 'unknown' } })];
    const charge = chargeOf(aCredentialCase({ account: aRow({ status: 'inactive' }) }), RULE);
    if (charge === undefined) throw new Error('not charged');
    const found = aCredentialCase({ ...of, identity, findings: [aKnown(charge, known)] });
    expect(classify(found, aJudging())).toMatchObject({ charges: [], undecided });
  });

  test('undecided while the status of the owner is unknown; nothing when the rule is off', () => {
    const unknown = owned(anIdentity({ row: { status: 'unknown' } }));
    expect(classify(unknown, aJudging())).toMatchObject({ charges: [], undecided: [RULE] });
    expect(classify(owned(), aJudging({ disabled: new Set([RULE]) })).charges).toEqual([]);
  });
});

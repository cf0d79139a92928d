import { describe, expect, test } from 'vitest';
import type { AccountCase, FindingStatus } from '../../../../src/core/case.ts';
import { classify } from '../../../../src/core/classify.ts';
import { DEFAULT_OPTIONS } from '../../../../src/core/rule-options.ts';
import { aJudging, aKnown, aLinkedCase, anAccountCase, anIdentity } from '../../../support/builders.ts';
import { chargeOf } from './judged.ts';

const RULE = 'dormant_account';
const ON = { options: { ...DEFAULT_OPTIONS, dormantDays: 45 } };
/** 46 and 45 days before 2026-11-21. */
const OLD = '2026-10-06T23:59:59.999999Z';
const RECENT = '2026-10-07T00:00:00Z';
const used = (lastActiveAt: string | undefined, row: Partial<AccountCase['row']> = {}) =>
  anAccountCase({ row: { lastActiveAt, ...row } });

describe('dormant_account', () => {
  test('says on which day the account was last used', () => {
    expect(chargeOf(used(OLD), RULE, ON)).toEqual({
      rule: 'dormant_account',
      severity: 'low',
      subject: 'n-1',
      account: { sourceId: 2, externalId: 'n-1' },
      accountEmail: 'jane.doe@example.com',
      accountName: 'Jane Doe',
      summary: 'Jane Doe (jane.doe@example.com) was last active in nimble on 2026-10-06',
      evidence: {
        account: { external_id: 'n-1', name: 'Jane Doe', email: 'jane.doe@example.com', status: 'active' },
        last_active_on: '2026-10-06',
        days: 45,
      },
    });
  });

  test.each<[string, AccountCase]>([
    ['of unknown status', used(OLD, { status: 'unknown' })],
    ['a service account', used(OLD, { kind: 'service' })],
    ['of somebody who works here', aLinkedCase(anIdentity(), { row: { lastActiveAt: OLD } })],
    ['years ago', used('1970-01-01T00:00:00Z')],
  ])('charged: %s', (_name, of) => {
    expect(chargeOf(of, RULE, ON)?.severity).toBe('low');
  });

  test.each<[string, AccountCase]>([
    ['exactly as old as allowed', used(RECENT)],
    ['in the future, by a clock that is ahead', used('2027-01-01T00:00:00Z')],
    ['without the field', used(undefined)],
    ['inactive', used(OLD, { status: 'inactive' })],
    ['pending', used(OLD, { status: 'pending' })],
    ['gone', { ...used(OLD), present: false }],
    ['a row of an authority', { ...used(OLD), authoritative: true }],
  ])('not charged: %s', (_name, of) => {
    const { charges, undecided } = classify(of, aJudging(ON));
    expect(charges.filter(({ rule }) => rule === RULE)).toEqual([]);
    expect(undecided).not.toContain(RULE);
  });

  test('off without a number of days', () => {
    expect(chargeOf(used(OLD), RULE)).toBeUndefined();
  });

  test('a day is one of the company: half past midnight in Kiritimati is the evening before in New York', () => {
    // 45 days before is 2026-10-07.
    const at = used('2026-10-07T02:00:00Z');
    expect(chargeOf(at, RULE, { ...ON, timezone: 'UTC' })).toBeUndefined();
    expect(chargeOf(at, RULE, { ...ON, timezone: 'Pacific/Kiritimati' })).toBeUndefined();
    expect(chargeOf(at, RULE, { ...ON, timezone: 'America/New_York' })?.evidence['last_active_on']).toBe('2026-10-06');
  });

  test.each<[FindingStatus, boolean]>([
    ['open', true],
    ['held', true],
    ['waived', true],
    ['resolved', false],
  ])('when the field is gone, a finding that is %s stays: %s', (status, expected) => {
    const charge = chargeOf(used(OLD), RULE, ON);
    const findings = charge === undefined ? [] : [aKnown(charge, { status })];
    expect(classify({ ...used(undefined), findings }, aJudging(ON)).undecided.includes(RULE)).toBe(expected);
  });

  test('a finding of another rule does not make it undecided', () => {
    const charge = chargeOf(used(OLD), 'orphaned_account', ON);
    const findings = charge === undefined ? [] : [aKnown(charge)];
    expect(findings).toHaveLength(1);
    expect(classify({ ...used(undefined), findings }, aJudging(ON)).undecided).not.toContain(RULE);
  });

  test('nothing in it changes while nobody uses the account', () => {
    expect(chargeOf(used(OLD), RULE, { ...ON, today: '2027-03-01' })).toEqual(chargeOf(used(OLD), RULE, ON));
  });

  test.each([
    [RECENT, 'UTC', '2026-11-22'],
    ['2026-11-20T12:00:00Z', 'UTC', '2027-01-05'],
    ['2026-11-20T22:00:00Z', 'Pacific/Kiritimati', '2027-01-06'],
    [OLD, 'UTC', undefined],
  ])('an account that was used at %s (%s) is looked at again on %s', (at, timezone, expected) => {
    expect(classify(used(at), aJudging({ ...ON, timezone })).recheckOn).toBe(expected);
  });
});

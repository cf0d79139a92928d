import { describe, expect, test } from 'vitest';
import { classify } from '../../../../src/core/classify.ts';
import type { AccountCase } from '../../../../src/core/case.ts';
import { aCandidate, aJudging, aLinkedCase, anAccountCase, anIdentity } from '../../../support/builders.ts';
import { chargeOf } from './judged.ts';

describe('orphaned_account', () => {
  test('usable and unmatched: says who, where, and what was searched', () => {
    const of = anAccountCase({ row: { aliases: ['jd@example.com'], displayName: 'Jane D.' } });
    expect(chargeOf(of, 'orphaned_account')).toMatchObject({
      severity: 'high',
      subject: 'n-1',
      account: { sourceId: 2, externalId: 'n-1' },
      accountEmail: 'jane.doe@example.com',
      accountName: 'Jane D.',
      identity: undefined,
      summary: 'Jane D. (jane.doe@example.com) has an account in nimble and is nobody we know',
      evidence: {
        account: { external_id: 'n-1', name: 'Jane D.', email: 'jane.doe@example.com', status: 'active' },
        searched: ['jane.doe@example.com', 'jd@example.com'],
      },
    });
  });

  test('without a name the address speaks, without both the id', () => {
    const nameless = { givenName: undefined, familyName: undefined };
    expect(chargeOf(anAccountCase({ row: nameless }), 'orphaned_account')?.summary).toMatch(
      /^jane\.doe@example\.com has/,
    );
    const bare = { ...nameless, email: undefined };
    expect(chargeOf(anAccountCase({ row: bare }), 'orphaned_account')?.summary).toMatch(/^n-1 has/);
  });

  test.each<[string, AccountCase, string]>([
    ['of unknown status', anAccountCase({ row: { status: 'unknown' } }), 'high'],
    ['privileged', anAccountCase({ row: { privileged: true, role: 'admin' } }), 'critical'],
    ['of unknown kind', anAccountCase({ row: { kind: 'unknown' } }), 'high'],
    [
      'with an address that does not parse',
      anAccountCase({ row: { email: 'jane', flags: ['email_unparsable'] } }),
      'high',
    ],
  ])('charged: %s', (_name, of, severity) => {
    expect(chargeOf(of, 'orphaned_account')?.severity).toBe(severity);
  });

  test.each<[string, AccountCase]>([
    ['an inactive account', anAccountCase({ row: { status: 'inactive' } })],
    ['a pending account', anAccountCase({ row: { status: 'pending' } })],
    ['a service account', anAccountCase({ row: { kind: 'service' } })],
    ['an account that is gone', anAccountCase({ present: false })],
    ['a row of an authority', anAccountCase({ authoritative: true })],
    ['the same address after normalising', anAccountCase({ candidates: [aCandidate()] })],
    [
      'an account of a pending identity',
      anAccountCase({ candidates: [aCandidate(anIdentity({ row: { status: 'pending' } }))] }),
    ],
    ['an account of an identity of unknown status', aLinkedCase(anIdentity({ row: { status: 'unknown' } }))],
    ['an account whose identity was removed from a complete list', aLinkedCase(anIdentity({ present: false }))],
    [
      'a disputed account',
      anAccountCase({ candidates: [aCandidate(), aCandidate(anIdentity({ row: { externalId: 'p-2' } }))] }),
    ],
  ])('not charged: %s', (_name, of) => {
    expect(chargeOf(of, 'orphaned_account')).toBeUndefined();
  });

  test('a rule switched off charges nothing', () => {
    const disabled = new Set(['orphaned_account'] as const);
    expect(classify(anAccountCase(), aJudging({ disabled })).charges).toEqual([]);
  });
});

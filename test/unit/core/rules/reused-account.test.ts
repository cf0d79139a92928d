import { describe, expect, test } from 'vitest';
import type { AccountCase } from '../../../../src/core/case.ts';
import { classify } from '../../../../src/core/classify.ts';
import { settle } from '../../../../src/core/ledger.ts';
import { isCorrelating, RULES } from '../../../../src/core/rule.ts';
import {
  aCandidate,
  aJudging,
  aKnown,
  aLinkedCase,
  anAccountCase,
  anIdentity,
  anIdentityCase,
  aRow,
} from '../../../support/builders.ts';
import { chargeOf, isUndecided } from './judged.ts';

const RAN = new Set(RULES);
const before = aRow();
const mark = { email: 'mark.lee@example.com', givenName: 'Mark', familyName: 'Lee' };
const reused = anAccountCase({ row: mark, reuse: { before } });
const old = { row: aRow({ externalId: 'n-0', email: 'old@example.com' }), present: true, hadEmail: true };

/** The case with the finding that this case raises, as the ledger would know it. */
function found(of: AccountCase): AccountCase['findings'] {
  const charge = chargeOf(of, 'reused_account');
  return charge === undefined ? [] : [aKnown(charge)];
}

describe('reused_account', () => {
  test('an id that came to somebody else shows who it was, and nothing that goes on changing', () => {
    const charge = chargeOf(reused, 'reused_account');
    expect(charge).toMatchObject({
      severity: 'medium',
      subject: 'n-1',
      summary:
        'Mark Lee (mark.lee@example.com) has the id n-1 in nimble, which was of Jane Doe (jane.doe@example.com) before',
      evidence: { before: { external_id: 'n-1', name: 'Jane Doe', email: 'jane.doe@example.com' } },
    });
    const promoted = anAccountCase({ row: { ...mark, title: 'Head' }, reuse: { before } });
    expect(chargeOf(promoted, 'reused_account')).toEqual(charge);
  });

  test('an address that another row had names that row', () => {
    expect(chargeOf(anAccountCase({ movedFrom: old }), 'reused_account')).toMatchObject({
      summary:
        'Jane Doe (jane.doe@example.com) has the e-mail address in nimble that n-0 had before, and n-0 is still there',
      evidence: { moved_from: { external_id: 'n-0', name: 'Jane Doe', email: 'old@example.com' } },
    });
  });

  test('rows of authoritative sources too', () => {
    expect(chargeOf({ ...reused, authoritative: true }, 'reused_account')).toBeDefined();
    expect(chargeOf(anAccountCase({ authoritative: true, movedFrom: old }), 'reused_account')).toBeDefined();
  });

  test('an inactive or service account as well: whose it is, is asked of any', () => {
    for (const row of [
      { ...mark, status: 'inactive' as const },
      { ...mark, kind: 'service' as const },
    ]) {
      expect(chargeOf(anAccountCase({ row, reuse: { before } }), 'reused_account')).toBeDefined();
    }
  });

  test.each<[string, AccountCase]>([
    ['no mark', anAccountCase({ row: mark })],
    ['the same given name', anAccountCase({ row: { ...mark, givenName: 'JANE' }, reuse: { before } })],
    ['gone', { ...reused, present: false }],
    ['the address has moved on', anAccountCase({ movedFrom: { ...old, hadEmail: false } })],
  ])('not charged: %s', (_name, of) => {
    expect(chargeOf(of, 'reused_account')).toBeUndefined();
  });

  test('switched off it says nothing, and the account is judged as any other', () => {
    const off = { disabled: new Set(['reused_account'] as const) };
    expect(chargeOf(reused, 'reused_account', off)).toBeUndefined();
    expect(chargeOf(reused, 'orphaned_account', off)).toBeDefined();
  });
});

describe('while an id is in doubt', () => {
  const linked = aLinkedCase(anIdentity({ present: false }), { row: mark, reuse: { before } });

  test('the sticky link goes, and nothing takes its place', () => {
    expect(classify(linked, aJudging()).link).toEqual({ kind: 'forget' });
    const matching = anAccountCase({ row: mark, reuse: { before }, candidates: [aCandidate()] });
    expect(classify(matching, aJudging()).link).toEqual({ kind: 'forget' });
  });

  test('a row of an authority keeps what it has: it is linked to nobody', () => {
    expect(classify({ ...linked, authoritative: true }, aJudging()).link).toEqual({ kind: 'keep' });
  });

  test('no rule about whose it is judges it, and the others go on', () => {
    const judged = classify(anAccountCase({ row: { ...mark, endDate: '2026-11-20' }, reuse: { before } }), aJudging());
    expect(judged.charges.map(({ rule }) => rule).toSorted()).toEqual(['lifecycle_conflict', 'reused_account']);
    expect(judged.undecided).toEqual(
      expect.arrayContaining(['orphaned_account', 'leaver_account', 'inactive_account', 'disputed_account']),
    );
    expect(isCorrelating('service_account_unowned')).toBe(false);
  });

  test('what was found of it stays as it is', () => {
    const orphan = chargeOf(anAccountCase(), 'orphaned_account');
    if (orphan === undefined) throw new Error('no orphan');
    const of = { ...reused, findings: [aKnown(orphan)] };
    expect(settle(of, classify(of, aJudging()), { ran: RAN, isOther: false }).map(({ kind }) => kind)).toEqual([
      'open',
    ]);
  });

  test.each<[string, Partial<AccountCase['row']>]>([
    ['another title', { ...mark, title: 'Head' }],
    ['no name any more', { ...mark, givenName: undefined }],
    ['the former address again', { ...mark, email: before.email }],
    ['inactive', { ...mark, status: 'inactive' }],
  ])('the finding stays whatever the row says: %s', (_name, row) => {
    const of = anAccountCase({ row, reuse: { before }, findings: found(reused) });
    const judgement = classify(of, aJudging());
    expect(settle(of, judgement, { ran: RAN, isOther: false }).filter(({ kind }) => kind === 'resolve')).toEqual([]);
    expect(judgement.marksOver).toBeUndefined();
  });

  test('it stays as it is when the version before is not kept any more', () => {
    const of = anAccountCase({ row: mark, reuse: {}, findings: found(reused) });
    expect(isUndecided(of, 'reused_account')).toBe(true);
    expect(settle(of, classify(of, aJudging()), { ran: RAN, isOther: false })).toEqual([]);
  });

  test.each<[string, Partial<AccountCase>, string]>([
    ['a person pinned it', { link: { identity: { sourceId: 1, externalId: 'p-1' }, rule: 'pinned' } }, 'linked'],
    ['a person left it to the rules', {}, 'decided by a person'],
    [
      'its address has moved on',
      { movedFrom: { row: aRow({ externalId: 'n-0' }), present: false, hadEmail: true } },
      'record changed',
    ],
    ['the account is gone', { present: false, reuse: { before } }, 'account gone'],
  ])('it ends when %s', (_name, overrides, resolution) => {
    const linkedRows = overrides.link === undefined ? {} : { linked: [anIdentity()] };
    const of = anAccountCase({ row: mark, findings: found(reused), ...linkedRows, ...overrides });
    const ended = settle(of, classify(of, aJudging()), { ran: RAN, isOther: false }).filter(
      ({ kind }) => kind === 'resolve',
    );
    expect(ended).toMatchObject([{ resolution }]);
  });
});

function overOf(of: AccountCase) {
  return classify(of, aJudging()).marksOver;
}

describe('the marks of the intake', () => {
  test('are over when the account is gone or the id is the same person’s; not while it is in doubt', () => {
    expect(overOf(anAccountCase({ row: mark, reuse: { before }, present: false }))).toEqual(['reused']);
    expect(overOf(anAccountCase({ row: before, reuse: { before } }))).toEqual(['reused']);
    expect(overOf(anAccountCase({ row: mark, reuse: { before } }))).toBeUndefined();
  });
});

describe('while it is in doubt whose an identity is', () => {
  const inDoubt = anIdentity({ present: true, reused: true });

  test('nothing is concluded of its accounts, also where it has left', () => {
    for (const row of [{}, { status: 'inactive' as const }, { endDate: '2026-11-20' }]) {
      const of = aLinkedCase(anIdentity({ reused: true, row }));
      expect(isUndecided(of, 'leaver_account')).toBe(true);
      expect(classify(of, aJudging()).link).toEqual({ kind: 'keep' });
    }
  });

  test('whoever has its address on another list does not answer for them', () => {
    const other = anIdentity({
      ref: { sourceId: 9, externalId: 'h-1' },
      sourceName: 'hr',
      sourceRank: 1,
      row: { externalId: 'h-1' },
    });
    const of = aLinkedCase([inDoubt, other]);
    expect(isUndecided(of, 'leaver_account')).toBe(true);
    const ofOther = aLinkedCase([other, inDoubt]);
    expect(isUndecided(ofOther, 'leaver_account')).toBe(false);
    expect(classify(ofOther, aJudging()).link).toEqual({ kind: 'keep' });
  });

  test('its accounts are no duplicates, and those that were found stay', () => {
    expect(isUndecided(anIdentityCase({ identity: [inDoubt] }), 'duplicate_account')).toBe(true);
    expect(chargeOf(anIdentityCase(), 'duplicate_account')).toBeDefined();
  });
});

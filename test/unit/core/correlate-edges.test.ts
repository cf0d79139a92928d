import { describe, expect, test } from 'vitest';
import type { AccountCase, IdentityRow, Link } from '../../../src/core/case.ts';
import { correlation } from '../../../src/core/correlate.ts';
import { aCandidate, aJudging, aLinkedCase, anAccountCase, anIdentity } from '../../support/builders.ts';

// Contract §4: what correlation says beside its decision, and the pairs of rows that correlate.test.ts leaves out.

const LEFT = { present: false, leftOn: '2026-11-01', leftBy: 'absence' } as const;
const jane = anIdentity();
const of = (fields: Parameters<typeof anAccountCase>[0]): AccountCase => anAccountCase(fields);
const found = (account: AccountCase) => correlation(account, aJudging());

/** A row of the second list of the config. */
function inHr(row: IdentityRow['row'], rest: Partial<IdentityRow> = {}): IdentityRow {
  const ref = { sourceId: 9, externalId: row.externalId };
  return { ...anIdentity(rest), row, ref, sourceName: 'hr', sourceRank: 1 };
}

describe('what is known beside the decision', () => {
  const pinned: Link = { identity: jane.ref, rule: 'pinned' };

  test.each<[string, AccountCase, object]>([
    ['gone: not asked', aLinkedCase(jane, { present: false }), { state: 'not_asked', disputed: [] }],
    ['a row of an authority: not asked', of({ authoritative: true }), { state: 'not_asked', disputed: [] }],
    ['nobody', of({}), { state: 'unmatched', disputed: [] }],
    [
      'pinned',
      aLinkedCase(jane, { link: pinned }),
      { state: 'linked', linkRule: 'pinned', identity: { ref: jane.ref }, disputed: [] },
    ],
    ['pinned to somebody of whom nothing is known', of({ link: pinned }), { state: 'linked', linkRule: 'pinned' }],
    ['linked before', aLinkedCase(jane), { state: 'linked', linkRule: 'email', disputed: [] }],
    ['linked now', of({ candidates: [aCandidate(jane)] }), { state: 'linked', linkRule: 'email', disputed: [] }],
  ])('%s', (_name, account, expected) => {
    expect(found(account)).toMatchObject(expected);
  });

  test('nobody but a namesake is suggested, and no identity is made up', () => {
    expect(found(of({ link: pinned })).identity).toBeUndefined();
    expect(found(aLinkedCase(jane)).suggestion).toBeUndefined();
  });
});

describe('the evidence of a link is the key that led to it', () => {
  test.each<[string, AccountCase, object]>([
    ['e-mail', of({ candidates: [aCandidate(jane)] }), { email: 'jane.doe@example.com' }],
    [
      'employee id',
      of({ row: { employeeId: '007' }, candidates: [aCandidate(jane, 'employee_id')] }),
      { employee_id: '007' },
    ],
    [
      'alias',
      of({ row: { email: 'jd@example.com', aliases: ['j@example.com'] }, candidates: [aCandidate(jane, 'alias')] }),
      { email: 'jd@example.com', aliases: ['j@example.com'] },
    ],
    [
      'alias of an account without an e-mail',
      of({ row: { email: undefined, aliases: ['j@example.com'] }, candidates: [aCandidate(jane, 'alias')] }),
      { email: null, aliases: ['j@example.com'] },
    ],
    [
      'the name of the first list, because both have one e-mail',
      aLinkedCase([inHr(anIdentity({ row: { externalId: 'h-1' } }).row), jane]),
      { same_email_as: 'h-1' },
    ],
  ])('%s', (_name, account, evidence) => {
    const { decision } = found(account);
    expect(decision.kind === 'link' ? decision.evidence : decision).toEqual(evidence);
  });
});

describe('two identities', () => {
  const oldRow = anIdentity({ ...LEFT, row: { externalId: 'p-8', email: 'jane@old.example.com' } });

  test('with the same name and one of them current, but with different e-mails, are disputed', () => {
    const candidates = [aCandidate(jane, 'alias'), aCandidate(oldRow, 'alias')];
    expect(found(of({ candidates }))).toMatchObject({
      state: 'disputed',
      disputed: [{ ref: { externalId: 'p-1' } }, { ref: { externalId: 'p-8' } }],
    });
  });

  test('without an e-mail are disputed, although neither has another one', () => {
    const rows = [anIdentity({ row: { email: undefined } }), { ...oldRow, row: { ...oldRow.row, email: undefined } }];
    expect(found(of({ candidates: rows.map((row) => aCandidate(row, 'alias')) })).state).toBe('disputed');
  });
});

describe('one identity in two lists', () => {
  const hr = inHr(anIdentity({ row: { externalId: 'h-1', employeeId: '007' } }).row);

  test('is found by a key that only one of its rows has', () => {
    const candidates = [aCandidate(jane, 'email'), aCandidate(hr, 'employee_id')];
    expect(found(of({ row: { employeeId: '007' }, candidates }))).toMatchObject({
      state: 'linked',
      linkRule: 'employee_id',
      identity: { ref: jane.ref },
    });
  });

  test('has the given name of whichever row has one, when a rehire is looked for', () => {
    const nameless = anIdentity({ ...LEFT, row: { givenName: undefined } });
    const named = inHr(anIdentity({ row: { externalId: 'h-1' } }).row, LEFT);
    const again = anIdentity({ row: { externalId: 'p-2', email: 'jane@new.example.com' } });
    const account = aLinkedCase([nameless, named], { candidates: [aCandidate(again)] });
    expect(found(account)).toMatchObject({ linkRule: 'relinked', identity: { ref: again.ref } });
  });
});

describe('audited: a list judged as accounts', () => {
  const own = { sourceId: jane.ref.sourceId, externalId: 'p-9' };

  test('a link into the own list, from before it was audited, is none', () => {
    expect(found(aLinkedCase(jane, { ref: own })).state).toBe('unmatched');
  });

  test('a namesake of the own list is no rehire either', () => {
    const hr = inHr(anIdentity({ row: { externalId: 'h-1' } }).row, LEFT);
    const account = aLinkedCase(hr, { ref: own, candidates: [aCandidate(jane)] });
    expect(found(account)).toMatchObject({ decision: { kind: 'keep' }, identity: { ref: hr.ref } });
    expect(found(account).suggestion).toBeUndefined();
  });
});

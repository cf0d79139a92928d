import { describe, expect, test } from 'vitest';
import type { AccountCase, IdentityRow } from '../../../../src/core/case.ts';
import { classify } from '../../../../src/core/classify.ts';
import { DEFAULT_OPTIONS, MISMATCH_FIELDS, type MismatchField } from '../../../../src/core/rule-options.ts';
import type { RosterRow } from '../../../../src/core/row.ts';
import { aCandidate, aJudging, aLinkedCase, aManager, anAccountCase, anIdentity } from '../../../support/builders.ts';
import { chargeOf } from './judged.ts';

const RULE = 'attribute_mismatch';
const comparing = (...fields: readonly MismatchField[]) => ({
  options: { ...DEFAULT_OPTIONS, mismatchFields: fields },
});
const ALL = comparing(...MISMATCH_FIELDS);
const identity = (row: Partial<RosterRow> = {}, overrides: Partial<IdentityRow> = {}) =>
  anIdentity({ row, ...overrides });
const inHr = (row: Partial<RosterRow> = {}, overrides: Partial<IdentityRow> = {}) =>
  anIdentity({ row, ref: { sourceId: 9, externalId: 'h-1' }, sourceName: 'hr', sourceRank: 1, ...overrides });
const MAX = anIdentity({ row: { externalId: 'p-9', email: 'max@example.com', givenName: 'Max', familyName: 'Roe' } });
const EVA = anIdentity({ row: { externalId: 'p-8', email: 'eva@example.com', givenName: 'Eva', familyName: 'Lind' } });
const differing = (of: AccountCase, judging: Parameters<typeof aJudging>[0] = ALL) =>
  chargeOf(of, RULE, judging)?.evidence['differences'];

describe('attribute_mismatch', () => {
  test('one finding names all fields that differ, with both values', () => {
    const of = aLinkedCase(identity({ title: 'Sales Rep', department: 'Sales', familyName: 'Smith' }), {
      row: { title: 'Accountant', department: 'Sales' },
    });
    expect(chargeOf(of, RULE, ALL)).toEqual({
      rule: 'attribute_mismatch',
      severity: 'low',
      subject: 'n-1',
      account: { sourceId: 2, externalId: 'n-1' },
      accountEmail: 'jane.doe@example.com',
      accountName: 'Jane Doe',
      identity: { sourceId: 1, externalId: 'p-1' },
      identityEmail: 'jane.doe@example.com',
      summary: 'Jane Doe (jane.doe@example.com) in nimble differs from the identity list in: family name, title',
      evidence: {
        account: { external_id: 'n-1', name: 'Jane Doe', email: 'jane.doe@example.com', status: 'active' },
        identity: {
          source: 'directory',
          external_id: 'p-1',
          name: 'Jane Smith',
          email: 'jane.doe@example.com',
          status: 'active',
        },
        differences: [
          { field: 'family_name', account: 'Doe', identity: 'Smith' },
          { field: 'title', account: 'Accountant', identity: 'Sales Rep' },
        ],
        link_rule: 'email',
      },
    });
  });

  test.each<[MismatchField, Partial<RosterRow>, Partial<RosterRow>]>([
    ['given_name', { givenName: 'Jane' }, { givenName: 'Joan' }],
    ['family_name', { familyName: 'Doe' }, { familyName: 'Roe' }],
    ['title', { title: 'Rep' }, { title: 'Lead' }],
    ['department', { department: 'Sales' }, { department: 'Sales Operations' }],
  ])('%s is compared where it is asked for, and only there', (field, account, ours) => {
    const of = aLinkedCase(identity(ours), { row: account });
    expect(differing(of, comparing(field))).toMatchObject([{ field }]);
    const others = MISMATCH_FIELDS.filter((each) => each !== field);
    expect(differing(of, comparing(...others))).toBeUndefined();
  });

  test.each<[string, Partial<RosterRow>, Partial<RosterRow>]>([
    ['another case', { title: 'SALES REP' }, { title: 'Sales Rep' }],
    ['more spaces', { title: ' Sales   Rep ' }, { title: 'Sales Rep' }],
    ['an accent', { familyName: 'Doé' }, { familyName: 'Doe' }],
    ['composed or not', { familyName: 'Doe\u0301' }, { familyName: 'Do\u00e9' }],
    ['a compatibility form', { title: 'ﬁnance' }, { title: 'finance' }],
    ['absent in the account', { title: undefined }, { title: 'Rep' }],
    ['absent in the identity', { title: 'Rep' }, { title: undefined }],
    ['a field that is not compared', { role: 'admin' }, { role: 'user' }],
  ])('no difference: %s', (_name, account, ours) => {
    expect(differing(aLinkedCase(identity(ours), { row: account }))).toBeUndefined();
  });

  const odd = { row: { title: 'Rep' } };
  const lead = identity({ title: 'Lead' });
  test.each<[string, AccountCase]>([
    ['of an inactive account', aLinkedCase(lead, { row: { title: 'Rep', status: 'inactive' } })],
    ['of a service account', aLinkedCase(lead, { row: { title: 'Rep', kind: 'service' } })],
    ['linked for the first time', anAccountCase({ ...odd, candidates: [aCandidate(lead)] })],
    ['of somebody who has left', aLinkedCase(identity({ title: 'Lead' }, { present: false }), odd)],
    ['from both lists', aLinkedCase([lead, inHr({ title: 'Boss' })], odd)],
    ['from the only list that has the field', aLinkedCase([identity(), inHr({ title: 'Lead' })], odd)],
  ])('charged: %s', (_name, of) => {
    expect(differing(of)).toMatchObject([{ field: 'title', account: 'Rep', identity: 'Lead' }]);
  });

  test.each<[string, AccountCase]>([
    ['one of the lists agrees', aLinkedCase([lead, inHr({ title: 'rep' })], odd)],
    [
      'only a row that has left differs',
      aLinkedCase([identity({ title: 'Lead', status: 'inactive' }), inHr({ title: 'Rep' })], odd),
    ],
    [
      'only a row that has left has the field',
      aLinkedCase([identity({ title: 'Lead', status: 'inactive' }), inHr()], odd),
    ],
    ['unmatched', anAccountCase(odd)],
    [
      'disputed',
      anAccountCase({ ...odd, candidates: [aCandidate(lead), aCandidate(anIdentity({ row: { externalId: 'p-2' } }))] }),
    ],
    ['gone', aLinkedCase(lead, { ...odd, present: false })],
    ['a row of an authority', aLinkedCase(lead, { ...odd, authoritative: true })],
  ])('not charged: %s', (_name, of) => {
    const { charges, undecided } = classify(of, aJudging(ALL));
    expect(charges.filter(({ rule }) => rule === RULE)).toEqual([]);
    expect(undecided).not.toContain(RULE);
  });

  test.each<[string, AccountCase]>([
    ['an identity of unknown status', aLinkedCase(identity({ title: 'Lead', status: 'unknown' }), odd)],
    [
      'a pinned identity of which nothing is known',
      anAccountCase({ ...odd, link: { identity: lead.ref, rule: 'pinned' } }),
    ],
  ])('undecided: %s', (_name, of) => {
    expect(classify(of, aJudging(ALL)).undecided).toContain(RULE);
  });

  test('off without fields', () => {
    expect(chargeOf(aLinkedCase(lead, odd), RULE)).toBeUndefined();
  });

  describe('manager', () => {
    const MANAGER = comparing('manager');
    const reportsTo = (...managers: readonly IdentityRow[]) => identity({ managerId: 'p-9' }, { manager: managers });

    test('compared as a person: the account of the manager belongs to somebody else', () => {
      const of = aLinkedCase(reportsTo(EVA), { manager: aManager({ linked: [MAX] }) });
      expect(differing(of, MANAGER)).toEqual([
        { field: 'manager', account: 'Max Roe (max@example.com)', identity: 'Eva Lind (eva@example.com)' },
      ]);
    });

    test.each<[string, AccountCase]>([
      ['the same person by the link', aLinkedCase(reportsTo(MAX), { manager: aManager({ linked: [MAX] }) })],
      [
        'the same person by a row of another list',
        aLinkedCase(reportsTo(MAX), { manager: aManager({ linked: [EVA, MAX] }) }),
      ],
      [
        'one of several whom the keys lead to',
        aLinkedCase(reportsTo(MAX), { manager: aManager({ candidates: [EVA, MAX] }) }),
      ],
      ['nobody whom the manager’s account leads to', aLinkedCase(reportsTo(EVA), { manager: aManager() })],
      ['no manager of the account, or one never seen', aLinkedCase(reportsTo(EVA))],
      ['no manager on the list', aLinkedCase(identity(), { manager: aManager({ linked: [MAX] }) })],
      ['one never seen on the list', aLinkedCase(reportsTo(), { manager: aManager({ linked: [MAX] }) })],
      [
        'agrees with one of two lists',
        aLinkedCase([reportsTo(EVA), inHr({ managerId: 'h-9' }, { manager: [MAX] })], {
          manager: aManager({ linked: [MAX] }),
        }),
      ],
    ])('no difference: %s', (_name, of) => {
      expect(differing(of, MANAGER)).toBeUndefined();
    });

    test('whom the keys lead to counts where there is no link, and only there', () => {
      const byKeys = aManager({ candidates: [MAX] });
      expect(differing(aLinkedCase(reportsTo(EVA), { manager: byKeys }), MANAGER)).toHaveLength(1);
      const linkedToMax = aManager({ linked: [MAX], candidates: [EVA] });
      expect(differing(aLinkedCase(reportsTo(EVA), { manager: linkedToMax }), MANAGER)).toHaveLength(1);
    });

    test('is not compared where it is not asked for', () => {
      const of = aLinkedCase(reportsTo(EVA), { manager: aManager({ linked: [MAX] }) });
      expect(differing(of, comparing('title'))).toBeUndefined();
    });
  });

  test('hostile text stays text', () => {
    const title = '<script>alert(1)</script> ${x} *b*';
    const of = aLinkedCase(lead, { row: { title } });
    expect(differing(of)).toEqual([{ field: 'title', account: title, identity: 'Lead' }]);
    expect(chargeOf(of, RULE, ALL)?.summary).not.toContain(title);
  });
});

import { describe, expect, test } from 'vitest';
import type { IdentityCase, IdentityRow } from '../../../../src/core/case.ts';
import { classify } from '../../../../src/core/classify.ts';
import { DEFAULT_OPTIONS, EXPECTED_FIELDS, expectationOf } from '../../../../src/core/rule-options.ts';
import type { RosterRow } from '../../../../src/core/row.ts';
import { aJudging, anIdentity, anIdentityCase, aRow } from '../../../support/builders.ts';
import { chargeOf } from './judged.ts';

const RULE = 'missing_account';
const expecting = (fields: Readonly<Record<string, readonly string[]>>, source = 'nimble') => ({
  options: { ...DEFAULT_OPTIONS, missingAccount: new Map([[source, expectationOf(fields)]]) },
});
const EVERYBODY = expecting({});
/** Nobody there is linked to these rows. */
const without = (identity: IdentityRow | readonly IdentityRow[], overrides: Partial<IdentityCase> = {}) =>
  anIdentityCase({ identity: [identity].flat(), accounts: [], ...overrides });
const person = (row: Partial<RosterRow> = {}, overrides: Partial<IdentityRow> = {}) =>
  anIdentity({ row, ...overrides });
const inHr = (row: Partial<RosterRow> = {}, overrides: Partial<IdentityRow> = {}) =>
  anIdentity({ row, ref: { sourceId: 9, externalId: 'h-1' }, sourceName: 'hr', sourceRank: 1, ...overrides });
const verdictOf = (of: IdentityCase, judging: Parameters<typeof aJudging>[0]) => {
  const { charges, undecided } = classify(of, aJudging(judging));
  if (undecided.includes(RULE)) return 'undecided';
  return charges.some(({ rule }) => rule === RULE) ? 'charged' : 'clear';
};

describe('missing_account', () => {
  test('names the identity, the application, and by what it is expected there', () => {
    const of = without(person({ department: 'Sales', title: 'Sales Rep' }));
    expect(chargeOf(of, RULE, expecting({ department: ['sales', 'Marketing'] }))).toEqual({
      rule: 'missing_account',
      severity: 'low',
      subject: '1/p-1',
      identity: { sourceId: 1, externalId: 'p-1' },
      identityEmail: 'jane.doe@example.com',
      summary: 'Jane Doe (jane.doe@example.com) is expected to have an account in nimble and has none',
      evidence: {
        identity: {
          source: 'directory',
          external_id: 'p-1',
          name: 'Jane Doe',
          email: 'jane.doe@example.com',
          status: 'active',
        },
        expected: { department: 'Sales' },
      },
    });
    expect(chargeOf(of, RULE, EVERYBODY)?.evidence['expected']).toBe('everybody');
  });

  test.each<[string, IdentityCase]>([
    ['active', without(person())],
    ['on leave', without(person({ status: 'on_leave' }))],
    ['pending without a start date: current and started, as contract §6 says', without(person({ status: 'pending' }))],
    ['starts today', without(person({ startDate: '2026-11-21' }))],
    ['last day is today', without(person({ endDate: '2026-11-21' }))],
    ['left one list, current on another', without([person({ status: 'inactive' }), inHr()])],
  ])('charged: %s', (_name, of) => {
    expect(verdictOf(of, EVERYBODY)).toBe('charged');
  });

  test.each<[string, IdentityCase]>([
    ['has an account', without(person(), { accounts: [aRow()] })],
    ['has an inactive account: it has one', without(person(), { accounts: [aRow({ status: 'inactive' })] })],
    ['has two', anIdentityCase()],
    ['starts tomorrow', without(person({ startDate: '2026-11-22' }))],
    ['starts tomorrow by one of two lists', without([person(), inHr({ startDate: '2026-11-22' })])],
    ['inactive', without(person({ status: 'inactive' }))],
    ['left yesterday', without(person({ endDate: '2026-11-20' }))],
    ['gone from the list', without(person({}, { present: false }))],
    ['named by a row of an earlier list now', without(person(), { supplanted: true })],
    ['in an application that expects nobody', without(person(), { sourceName: 'namely' })],
    ['has left, and somebody may own an account', without(person({ status: 'inactive' }), { mayOwnAnother: true })],
  ])('not charged: %s', (_name, of) => {
    expect(verdictOf(of, EVERYBODY)).toBe('clear');
  });

  test.each<[string, IdentityCase]>([
    ['of unknown status', without(person({ status: 'unknown' }))],
    [
      'left one list, of unknown status on the other',
      without([person({ status: 'inactive' }), inHr({ status: 'unknown' })]),
    ],
    ['a disputed account may be hers', without(person(), { mayOwnAnother: true })],
    ['nothing is known of the identity', without([])],
  ])('undecided: %s', (_name, of) => {
    expect(verdictOf(of, EVERYBODY)).toBe('undecided');
  });

  test('off without an expectation', () => {
    expect(verdictOf(without(person()), {})).toBe('clear');
  });

  const sales = { department: ['Sales', 'Marketing'] };
  test.each<[string, Partial<RosterRow>, Readonly<Record<string, readonly string[]>>, boolean]>([
    ['one of the accepted values', { department: 'Marketing' }, sales, true],
    ['another case, more spaces and an accent', { department: ' sÄLES ' }, sales, true],
    ['another value', { department: 'Finance' }, sales, false],
    ['part of a value', { department: 'Sales Operations' }, sales, false],
    ['no value', {}, sales, false],
    ['both of two fields', { department: 'Sales', title: 'Rep' }, { ...sales, title: ['rep'] }, true],
    ['one of two fields', { department: 'Sales', title: 'Lead' }, { ...sales, title: ['rep'] }, false],
    ['a privileged row', { privileged: true }, { privileged: ['true'] }, true],
    ['no privileged row', {}, { privileged: ['true'] }, false],
    ['an alias', { aliases: ['j@example.com'] }, { aliases: ['J@Example.com'] }, true],
    ['an address in another spelling', {}, { email: ['Jane.Doe@EXAMPLE.com'] }, true],
    ['an address without its accent is another', { email: 'josé@example.com' }, { email: ['jose@example.com'] }, false],
    ['an id', {}, { external_id: ['p-1'] }, true],
    ['an id in another case is another', {}, { external_id: ['P-1'] }, false],
    ['a date in another spelling', { startDate: '2020-01-31' }, { start_date: ['01/31/2020'] }, true],
    ['a status', {}, { status: ['Active'] }, true],
    ['a manager', { managerId: 'p-9' }, { manager_id: ['p-9'] }, true],
  ])('%s is expected: %s', (_name, row, fields, expected) => {
    expect(verdictOf(without(person(row)), expecting(fields))).toBe(expected ? 'charged' : 'clear');
  });

  test('every field can be asked for, and is read from the row', () => {
    const row = aRow({
      externalId: 'value',
      email: 'value@example.com',
      aliases: ['value@example.com'],
      employeeId: 'value',
      givenName: 'value',
      familyName: 'value',
      displayName: 'value',
      role: 'value',
      privileged: true,
      title: 'value',
      department: 'value',
      managerId: 'value',
      startDate: '2020-01-31',
      endDate: '2030-01-31',
    });
    const words: Readonly<Record<string, string>> = {
      email: 'value@example.com',
      aliases: 'value@example.com',
      status: 'active',
      kind: 'human',
      privileged: 'true',
      start_date: '2020-01-31',
      end_date: '2030-01-31',
    };
    for (const field of EXPECTED_FIELDS) {
      const of = without(person(row));
      expect([field, verdictOf(of, expecting({ [field]: ['else', words[field] ?? 'value'] }))]).toEqual([
        field,
        'charged',
      ]);
      expect([field, verdictOf(of, expecting({ [field]: ['else'] }))]).toEqual([field, 'clear']);
    }
  });

  test('each field may be known to another list, but not by a row that has left', () => {
    const both = { department: ['Sales'], title: ['Rep'] };
    const rows = [person({ department: 'Sales' }), inHr({ title: 'Rep' })];
    expect(verdictOf(without(rows), expecting(both))).toBe('charged');
    const left = [person({ department: 'Sales' }), inHr({ title: 'Rep', status: 'inactive' })];
    expect(verdictOf(without(left), expecting(both))).toBe('clear');
  });

  test('of unknown status, but not expected: nothing is undecided', () => {
    expect(verdictOf(without(person({ status: 'unknown' })), expecting(sales))).toBe('clear');
  });

  test('is looked at again when it starts, and after its last day', () => {
    expect(classify(without(person({ startDate: '2026-12-01' })), aJudging()).recheckOn).toBe('2026-12-01');
    expect(classify(without(person({ endDate: '2026-12-01' })), aJudging()).recheckOn).toBe('2026-12-02');
    expect(classify(without(person()), aJudging()).recheckOn).toBeUndefined();
  });
});

import { describe, expect, test } from 'vitest';
import type { AccountCase, FindingStatus, IdentityRow } from '../../../../src/core/case.ts';
import { classify } from '../../../../src/core/classify.ts';
import type { RosterRow } from '../../../../src/core/row.ts';
import {
  aJudging,
  aKnown,
  aLinkedCase,
  aManager,
  anAccountCase,
  anIdentity,
  TODAY,
} from '../../../support/builders.ts';
import { chargeOf, isUndecided } from './judged.ts';

const RULE = 'manager_left';
const BOSS = { externalId: 'p-9', email: 'max@example.com', givenName: 'Max', familyName: 'Roe' } as const;
const boss = (row: Partial<RosterRow> = {}, overrides: Partial<IdentityRow> = {}) =>
  anIdentity({ row: { ...BOSS, ...row }, ...overrides });
const bossInHr = (row: Partial<RosterRow> = {}, overrides: Partial<IdentityRow> = {}) =>
  boss(row, { ref: { sourceId: 9, externalId: 'h-9' }, sourceName: 'hr', sourceRank: 1, ...overrides });
const LEFT = boss({}, { present: false, leftOn: '2026-11-18', leftBy: 'absence' });
const reportsTo = (...manager: readonly IdentityRow[]) => anIdentity({ row: { managerId: 'p-9' }, manager });
const reportsInHr = (row: Partial<RosterRow>, ...manager: readonly IdentityRow[]) =>
  anIdentity({
    row: { managerId: 'h-9', ...row },
    ref: { sourceId: 9, externalId: 'h-1' },
    sourceName: 'hr',
    sourceRank: 1,
    manager,
  });
const inactive = { row: { status: 'inactive' } } as const;

describe('manager_left', () => {
  test('the manager of the identity has left: it names the manager, when and how', () => {
    expect(chargeOf(aLinkedCase(reportsTo(LEFT)), RULE)).toEqual({
      rule: 'manager_left',
      severity: 'low',
      subject: 'n-1',
      account: { sourceId: 2, externalId: 'n-1' },
      accountEmail: 'jane.doe@example.com',
      accountName: 'Jane Doe',
      identity: { sourceId: 1, externalId: 'p-9' },
      identityEmail: 'max@example.com',
      summary:
        'Jane Doe (jane.doe@example.com) has a usable account in nimble, and the manager, Max Roe (max@example.com), left on 2026-11-18',
      evidence: {
        account: { external_id: 'n-1', name: 'Jane Doe', email: 'jane.doe@example.com', status: 'active' },
        identity: {
          source: 'directory',
          external_id: 'p-9',
          name: 'Max Roe',
          email: 'max@example.com',
          status: 'gone',
        },
        reason: 'left',
        left_on: '2026-11-18',
        left_by: 'absence',
      },
    });
  });

  test.each([
    ['inactive', aManager({ ...inactive, linked: [boss()] })],
    ['gone', aManager({ present: false, linked: [boss()] })],
  ] as const)('the manager’s account there is %s: it names that, and whom it is linked to', (how, manager) => {
    expect(chargeOf(aLinkedCase(anIdentity(), { manager }), RULE)).toMatchObject({
      identity: { externalId: 'p-9' },
      summary: `Jane Doe (jane.doe@example.com) has a usable account in nimble, and the account of the manager, Max Roe (max@example.com), is ${how} there`,
      evidence: {
        reason: how,
        manager: { external_id: 'n-9', name: 'Max Roe', email: 'max@example.com', status: how },
      },
    });
  });

  test.each<[string, AccountCase]>([
    ['an unmatched account, whose manager’s account is gone', anAccountCase({ manager: aManager({ present: false }) })],
    ['of unknown status', anAccountCase({ row: { status: 'unknown' }, manager: aManager(inactive) })],
    ['a service account', anAccountCase({ row: { kind: 'service' }, manager: aManager(inactive) })],
    ['the end date of the manager was yesterday', aLinkedCase(reportsTo(boss({ endDate: '2026-11-20' })))],
    ['inactive on the list', aLinkedCase(reportsTo(boss({ status: 'inactive' })))],
    ['left by both lists', aLinkedCase(reportsTo(LEFT, bossInHr({ status: 'inactive' })))],
    [
      'another manager on each list, and both have left',
      aLinkedCase([reportsTo(LEFT), reportsInHr({}, bossInHr({ status: 'inactive' }))]),
    ],
    ['in order there, left on the list', aLinkedCase(reportsTo(LEFT), { manager: aManager() })],
    ['inactive there, current on the list', aLinkedCase(reportsTo(boss()), { manager: aManager(inactive) })],
    [
      'inactive there, of unknown status on the list',
      aLinkedCase(reportsTo(boss({ status: 'unknown' })), { manager: aManager(inactive) }),
    ],
    [
      'of somebody who has left too: the rows are all there is',
      aLinkedCase(anIdentity({ present: false, manager: [LEFT] })),
    ],
  ])('charged: %s', (_name, of) => {
    expect(chargeOf(of, RULE)?.severity).toBe('low');
  });

  test.each<[string, AccountCase]>([
    ['no manager, or one who was never seen', aLinkedCase(anIdentity())],
    ['both in order', aLinkedCase(reportsTo(boss()), { manager: aManager() })],
    ['the manager is pending there', anAccountCase({ manager: aManager({ row: { status: 'pending' } }) })],
    ['the manager is on leave', aLinkedCase(reportsTo(boss({ status: 'on_leave' })))],
    ['the last day of the manager is today', aLinkedCase(reportsTo(boss({ endDate: TODAY })))],
    ['left one list, current on the other', aLinkedCase(reportsTo(LEFT, bossInHr()))],
    ['one of two managers is current', aLinkedCase([reportsTo(LEFT), reportsInHr({}, bossInHr())])],
    [
      'only a row that has left names one who left',
      aLinkedCase([anIdentity({ present: false, manager: [LEFT] }), reportsInHr({}, bossInHr())]),
    ],
    [
      'only a row that has left names a manager at all',
      aLinkedCase([anIdentity({ present: false, manager: [LEFT] }), reportsInHr({})]),
    ],
    ['an inactive account', aLinkedCase(reportsTo(LEFT), { ...inactive, manager: aManager(inactive) })],
    ['a pending account', aLinkedCase(reportsTo(LEFT), { row: { status: 'pending' } })],
    ['an account that is gone', aLinkedCase(reportsTo(LEFT), { present: false })],
    ['a row of an authority', aLinkedCase(reportsTo(LEFT), { authoritative: true })],
    [
      'the own manager there, as the head of a company',
      anAccountCase({ manager: aManager({ row: { externalId: 'n-1', status: 'inactive' } }) }),
    ],
    [
      'the own manager on the list',
      aLinkedCase(anIdentity({ present: false, manager: [anIdentity({ present: false })] })),
    ],
    [
      'unknown there, and nothing was found before',
      anAccountCase({ manager: aManager({ row: { status: 'unknown' } }) }),
    ],
  ])('not charged: %s', (_name, of) => {
    expect(chargeOf(of, RULE)).toBeUndefined();
    expect(isUndecided(of, RULE)).toBe(false);
  });

  test.each<[string, AccountCase]>([
    ['the manager on the list is of unknown status', aLinkedCase(reportsTo(boss({ status: 'unknown' })))],
    ['left one list, of unknown status on the other', aLinkedCase(reportsTo(LEFT, bossInHr({ status: 'unknown' })))],
    ['a pinned identity of which nothing is known', anAccountCase({ link: { identity: boss().ref, rule: 'pinned' } })],
  ])('undecided: %s', (_name, of) => {
    expect(isUndecided(of, RULE)).toBe(true);
    expect(chargeOf(of, RULE)).toBeUndefined();
  });

  test('the own manager on one list does not hide the manager on the other', () => {
    const own = anIdentity({ row: { managerId: 'p-1' }, manager: [anIdentity({ row: { managerId: 'p-1' } })] });
    expect(chargeOf(aLinkedCase([own, reportsInHr({}, LEFT)]), RULE)?.identity?.externalId).toBe('p-9');
  });

  test.each<[FindingStatus, boolean]>([
    ['open', true],
    ['waived', true],
    ['resolved', false],
  ])('when the manager’s account is of unknown status, a finding that is %s stays: %s', (status, expected) => {
    const charge = chargeOf(anAccountCase({ manager: aManager(inactive) }), RULE);
    const findings = charge === undefined ? [] : [aKnown(charge, { status })];
    expect(isUndecided(anAccountCase({ manager: aManager({ row: { status: 'unknown' } }), findings }), RULE)).toBe(
      expected,
    );
  });

  test('nothing in it changes from one day to the next, nor with the title of the manager', () => {
    const later = aLinkedCase(reportsTo({ ...LEFT, row: { ...LEFT.row, title: 'Boss' } }));
    expect(chargeOf(later, RULE, { today: '2027-03-01' })).toEqual(chargeOf(aLinkedCase(reportsTo(LEFT)), RULE));
  });

  test('is looked at again on the day after the manager’s last one', () => {
    const of = aLinkedCase(reportsTo(boss({ endDate: '2026-12-01' })));
    expect(classify(of, aJudging()).recheckOn).toBe('2026-12-02');
  });
});

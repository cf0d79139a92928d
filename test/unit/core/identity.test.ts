import { describe, expect, test } from 'vitest';
import type { IdentityRow, Standing } from '../../../src/core/case.ts';
import { hasStarted, isPending, leavingOf, mergeIdentities, standingOf } from '../../../src/core/identity.ts';
import { anIdentity, TODAY } from '../../support/builders.ts';

const YESTERDAY = '2026-11-20';
const TOMORROW = '2026-11-22';

/** Rows of two authoritative sources: the directory first in the config, then HR. */
function inDirectory(externalId: string, email: string | undefined): IdentityRow {
  return anIdentity({ row: { externalId, email } });
}
function inHr(externalId: string, email: string | undefined): IdentityRow {
  return anIdentity({ row: { externalId, email }, ref: { sourceId: 9, externalId }, sourceName: 'hr', sourceRank: 1 });
}

function ids(rows: readonly IdentityRow[]): readonly (readonly string[])[] {
  return mergeIdentities(rows).map((identity) => identity.rows.map((row) => row.ref.externalId));
}

describe('standingOf', () => {
  const cases: readonly { name: string; rows: readonly IdentityRow[]; expected: Standing }[] = [
    { name: 'active', rows: [anIdentity()], expected: 'current' },
    { name: 'on leave', rows: [anIdentity({ row: { status: 'on_leave' } })], expected: 'current' },
    { name: 'pending', rows: [anIdentity({ row: { status: 'pending' } })], expected: 'current' },
    { name: 'the end date is today', rows: [anIdentity({ row: { endDate: TODAY } })], expected: 'current' },
    { name: 'the end date is tomorrow', rows: [anIdentity({ row: { endDate: TOMORROW } })], expected: 'current' },
    { name: 'the end date was yesterday', rows: [anIdentity({ row: { endDate: YESTERDAY } })], expected: 'left' },
    { name: 'inactive', rows: [anIdentity({ row: { status: 'inactive' } })], expected: 'left' },
    {
      name: 'inactive, whatever future end date is written',
      rows: [anIdentity({ row: { status: 'inactive', endDate: TOMORROW } })],
      expected: 'left',
    },
    { name: 'absent', rows: [anIdentity({ present: false })], expected: 'left' },
    { name: 'of unknown status', rows: [anIdentity({ row: { status: 'unknown' } })], expected: 'neither' },
    {
      name: 'of unknown status with a past end date',
      rows: [anIdentity({ row: { status: 'unknown', endDate: YESTERDAY } })],
      expected: 'left',
    },
    {
      name: 'left in one source, current in another',
      rows: [anIdentity({ present: false }), anIdentity()],
      expected: 'current',
    },
    {
      name: 'left in one source, unknown in another',
      rows: [anIdentity({ present: false }), anIdentity({ row: { status: 'unknown' } })],
      expected: 'neither',
    },
    { name: 'without any row', rows: [], expected: 'neither' },
  ];
  test.each(cases)('$name: $expected', ({ rows, expected }) => {
    expect(standingOf(rows, TODAY)).toBe(expected);
  });
});

describe('hasStarted and isPending', () => {
  test.each([
    [undefined, true],
    [YESTERDAY, true],
    [TODAY, true],
    [TOMORROW, false],
  ])('start date %s: started %s', (startDate, expected) => {
    expect(hasStarted([anIdentity({ row: { startDate } })], TODAY)).toBe(expected);
  });

  test('where sources disagree, the later start counts', () => {
    expect(hasStarted([anIdentity(), anIdentity({ row: { startDate: TOMORROW } })], TODAY)).toBe(false);
  });

  test('a pending row counts only while it is current', () => {
    expect(isPending([anIdentity({ row: { status: 'pending' } })], TODAY)).toBe(true);
    expect(isPending([anIdentity({ row: { status: 'pending' }, present: false }), anIdentity()], TODAY)).toBe(false);
  });
});

describe('leavingOf', () => {
  test.each([
    {
      name: 'by end date from the day after, plus grace',
      row: anIdentity({ row: { endDate: YESTERDAY }, leftOn: YESTERDAY, leftBy: 'end_date' }),
      expected: { leftOn: YESTERDAY, leftBy: 'end_date', dueOn: '2026-11-28' },
    },
    {
      name: 'by absence from the day it was seen, plus grace',
      row: anIdentity({ present: false, leftOn: YESTERDAY, leftBy: 'absence' }),
      expected: { leftOn: YESTERDAY, leftBy: 'absence', dueOn: '2026-11-27' },
    },
    {
      name: 'by status, not marked yet: today',
      row: anIdentity({ row: { status: 'inactive', endDate: TOMORROW } }),
      expected: { leftOn: TODAY, leftBy: 'status', dueOn: '2026-11-28' },
    },
    {
      name: 'absent, but the end date was past before: the end date',
      row: anIdentity({ present: false, row: { endDate: '2026-11-01' } }),
      expected: { leftOn: '2026-11-01', leftBy: 'end_date', dueOn: '2026-11-09' },
    },
  ] as const)('$name', ({ row, expected }) => {
    expect(leavingOf([row], TODAY, 7)).toEqual(expected);
  });

  test('the last row to leave decides', () => {
    const early = anIdentity({ present: false, leftOn: '2026-11-01', leftBy: 'absence' });
    const late = anIdentity({ present: false, leftOn: '2026-11-10', leftBy: 'absence' });
    expect(leavingOf([early, late], TODAY, 0)?.leftOn).toBe('2026-11-10');
    expect(leavingOf([late, early], TODAY, 0)?.leftOn).toBe('2026-11-10');
  });

  test('of two that left at once the first of the config decides, in any order', () => {
    const inactive = anIdentity({ row: { status: 'inactive' }, leftOn: YESTERDAY, leftBy: 'status' });
    const absent = { ...inHr('h-1', 'jane@acme.com'), present: false, leftOn: YESTERDAY, leftBy: 'absence' } as const;
    expect(leavingOf([inactive, absent], TODAY, 0)?.leftBy).toBe('status');
    expect(leavingOf([absent, inactive], TODAY, 0)?.leftBy).toBe('status');
  });

  test('who has not left has no leaving', () => {
    expect(leavingOf([anIdentity()], TODAY, 0)).toBeUndefined();
    expect(leavingOf([anIdentity({ row: { status: 'unknown' } })], TODAY, 0)).toBeUndefined();
  });
});

describe('mergeIdentities', () => {
  test('rows of which a source has another with the same e-mail that is not shown here stay alone', () => {
    const rows = [inHr('h-1', 'jane@acme.com'), inDirectory('p-1', 'jane@acme.com')].map((row) => ({
      ...row,
      alone: true,
    }));
    expect(ids(rows)).toEqual([['p-1'], ['h-1']]);
  });

  test('rows of different sources with the same e-mail are one, named by the first source of the config', () => {
    const rows = [inHr('h-1', 'jane@acme.com'), inDirectory('p-1', 'jane@acme.com')];
    expect(ids(rows)).toEqual([['p-1', 'h-1']]);
    expect(mergeIdentities(rows)[0]).toMatchObject({ ref: { externalId: 'p-1' }, sourceName: 'directory' });
  });

  test('two rows of one source stay two, and then no row of another is merged with either', () => {
    const rows = [
      inDirectory('p-2', 'jane@acme.com'),
      inHr('h-1', 'jane@acme.com'),
      inDirectory('p-1', 'jane@acme.com'),
    ];
    expect(ids(rows)).toEqual([['p-1'], ['p-2'], ['h-1']]);
  });

  test('rows without an address that parses are never merged', () => {
    expect(ids([inDirectory('p-1', undefined), inHr('h-1', undefined)])).toEqual([['p-1'], ['h-1']]);
    expect(ids([inDirectory('p-1', 'jane'), inHr('h-1', 'jane')])).toEqual([['p-1'], ['h-1']]);
  });

  test('name and e-mail come from the first row that has one', () => {
    const nameless = anIdentity({ row: { givenName: undefined, familyName: undefined, email: 'jane@acme.com' } });
    const rows = [nameless, inHr('h-1', 'jane@acme.com')];
    expect(mergeIdentities(rows)[0]).toMatchObject({ name: 'Jane Doe', email: 'jane@acme.com' });
  });
});

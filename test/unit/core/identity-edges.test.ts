import { describe, expect, test } from 'vitest';
import type { IdentityRow, RowRef } from '../../../src/core/case.ts';
import { compareText, currentFirst, isSameRef, leavingOf, mergeIdentities } from '../../../src/core/identity.ts';
import { anIdentity, TODAY } from '../../support/builders.ts';

const YESTERDAY = '2026-11-20';
const absent = (leftOn: string) => anIdentity({ present: false, leftOn, leftBy: 'absence' });

function inList(sourceRank: number, sourceId: number, externalId: string): IdentityRow {
  return anIdentity({ row: { externalId, email: undefined }, ref: { sourceId, externalId }, sourceRank });
}

describe('compareText', () => {
  test('is by code units, the same on every machine', () => {
    expect(['b', 'B', 'a', 'ä', 'a', ''].toSorted(compareText)).toEqual(['', 'B', 'a', 'a', 'b', 'ä']);
    expect([compareText('a', 'b'), compareText('b', 'a'), compareText('a', 'a')]).toEqual([-1, 1, 0]);
  });
});

describe('isSameRef', () => {
  test.each<[RowRef, boolean]>([
    [{ sourceId: 1, externalId: 'a' }, true],
    [{ sourceId: 2, externalId: 'a' }, false],
    [{ sourceId: 1, externalId: 'b' }, false],
  ])('%o: %s', (other, expected) => {
    expect(isSameRef({ sourceId: 1, externalId: 'a' }, other)).toBe(expected);
  });
});

describe('the order of identities', () => {
  test('is that of the config, then of the lists, then of the ids, whatever order they come in', () => {
    const sorted = [inList(0, 9, 'z'), inList(1, 3, 'a'), inList(1, 3, 'b'), inList(1, 5, 'a')];
    for (const rows of [sorted, sorted.toReversed()]) {
      expect(mergeIdentities(rows).map(({ ref }) => ref)).toEqual(sorted.map(({ ref }) => ref));
    }
  });

  test('does not depend on who has an address', () => {
    const addressed = anIdentity({ row: { externalId: 'p-2', email: 'jane@acme.com' } });
    const rows = [inList(0, 1, 'p-1'), addressed, inList(0, 1, 'p-3')];
    expect(mergeIdentities(rows).map(({ ref }) => ref.externalId)).toEqual(['p-1', 'p-2', 'p-3']);
  });

  test('one row that stands alone keeps all of its address alone', () => {
    const ref = { sourceId: 9, externalId: 'h-1' };
    const hr = anIdentity({ row: { externalId: 'h-1' }, ref, sourceRank: 1, alone: true });
    expect(mergeIdentities([anIdentity(), hr])).toHaveLength(2);
    expect(mergeIdentities([anIdentity(), { ...hr, alone: false }])).toHaveLength(1);
  });
});

describe('currentFirst', () => {
  const gone = anIdentity({ present: false });
  const back = anIdentity({ row: { externalId: 'p-2' } });

  test.each<[string, readonly IdentityRow[], string | undefined]>([
    ['whoever is current', [gone, back], 'p-2'],
    ['nobody is: the first', [{ ...back, present: false }, gone], 'p-1'],
    ['no row: nobody', [], undefined],
  ])('%s', (_name, rows, expected) => {
    expect(currentFirst(rows, TODAY)?.ref.externalId).toBe(expected);
  });
});

describe('the last row to leave decides', () => {
  const ended = anIdentity({ row: { endDate: YESTERDAY }, leftOn: YESTERDAY, leftBy: 'end_date' });

  test.each<[string, readonly IdentityRow[], object]>([
    ['by the day on which it is due', [absent(YESTERDAY), ended], { leftBy: 'end_date', dueOn: TODAY }],
    ['where that is the same, by the day of leaving', [ended, absent(TODAY)], { leftBy: 'absence', leftOn: TODAY }],
  ])('%s', (_name, rows, expected) => {
    expect(leavingOf(rows, TODAY, 0)).toMatchObject(expected);
    expect(leavingOf(rows.toReversed(), TODAY, 0)).toMatchObject(expected);
  });

  test('an end date that is today is no reason yet, whatever the status says', () => {
    const row = anIdentity({ row: { endDate: TODAY, status: 'inactive' } });
    expect(leavingOf([row], TODAY, 0)).toEqual({ leftOn: TODAY, leftBy: 'status', dueOn: TODAY });
  });
});

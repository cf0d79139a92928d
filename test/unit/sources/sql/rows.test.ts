import { describe, expect, test } from 'vitest';
import type { Field } from '../../../../src/sources/columns.ts';
import { findRepeated, readRow, selectColumns } from '../../../../src/sources/sql/rows.ts';

const result = ['id', 'office', 'mail', 'salary', 'login'].map((name) => ({ name, typeOid: 25 }));

describe('columns', () => {
  test('are asked for where a field needs them, once each', () => {
    const columns = new Map<Field, number>([
      ['email', 2],
      ['aliases', 4],
      ['display_name', 4],
      ['id', 0],
    ]);
    const { columns: asked, places } = selectColumns(result, columns);
    expect(asked.map(({ name }) => name)).toEqual(['id', 'mail', 'login']);
    expect(Object.fromEntries(places)).toEqual({ id: 0, email: 1, aliases: 2, display_name: 2 });
  });

  test.each([
    [['a', 'b', 'a'], 'a'],
    [['a', 'A'], undefined],
    [[], undefined],
  ])('%j repeat %j', (names, expected) => {
    expect(findRepeated(names.map((name) => ({ name, typeOid: 25 })))).toBe(expected);
  });
});

describe('a line', () => {
  const places = new Map<Field, number>([
    ['id', 0],
    ['email', 1],
    ['status', 2],
  ]);

  test('is a row, of which null is absent', () => {
    expect(readRow('[7, null, false]', places)).toMatchObject({
      raw: { externalId: 7, email: null, status: 'inactive', flags: [] },
    });
  });

  test('keeps the digits of a long number', () => {
    expect(readRow('[9007199254740993, "a"]', places)?.raw.externalId).toBe('9007199254740993');
  });

  test.each([null, '', '{}', '7', '[1'])('%j is none', (line) => {
    expect(readRow(line, places)).toBeUndefined();
  });
});

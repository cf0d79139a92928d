import { describe, expect, test } from 'vitest';
import { describeStatement, openStatement, placeInQuery, trimQuery } from '../../../../src/sources/sql/statements.ts';

test.each([
  ['select 1', 'select 1'],
  ['select 1;', 'select 1'],
  ['select 1 ; \n;\n', 'select 1'],
  ["select ';' ", "select ';'"],
  ['select 1; select 2;', 'select 1; select 2'],
])('%j loses what ends it', (given, expected) => {
  expect(trimQuery(given)).toBe(expected);
});

describe('statements', () => {
  test('keep a comment at the end of the query from swallowing what follows', () => {
    expect(describeStatement('select 1 -- one')).toMatch(/-- one\n\) as roster/);
    expect(openStatement('select 1 -- one', [])).toMatch(/-- one\n\) as roster/);
  });

  test('quote columns, so that no name of a column can be anything else', () => {
    const columns = [{ name: 'a") ; drop table x --', typeOid: 25 }];
    expect(openStatement('select 1', columns)).toContain('json_build_array(roster."a"") ; drop table x --")');
  });

  test.each([1082, 1114, 1184])('leave out infinite times (type %d)', (typeOid) => {
    expect(openStatement('select 1', [{ name: 'end', typeOid }])).toContain(
      'case when isfinite(roster."end") then roster."end" end',
    );
  });
});

describe('a place', () => {
  const query = 'select a,\n  😀b\nfrom c';
  const at = (text: string): string => {
    const before = describeStatement(query).split(text)[0] ?? '';
    return String(Array.from(before).length + 1);
  };

  test.each([
    ['select a', ', line 1, column 1 of query'],
    ['a,', ', line 1, column 8 of query'],
    ['b\n', ', line 2, column 4 of query'],
    ['c\n', ', line 3, column 6 of query'],
  ])('of %j is told as in the query', (text, expected) => {
    expect(placeInQuery(query, at(text))).toBe(expected);
  });

  test.each([undefined, '', 'x', '1', '15', '99'])('%j is none', (position) => {
    expect(placeInQuery(query, position)).toBe('');
  });
});

import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderCsv } from '../../../../src/cli/render/csv.ts';

function cellOf(text: string): string {
  const [row] = parse(renderCsv(['a'], [{ a: text }], false), { record_delimiter: '\r\n' });
  return row?.[0] ?? '';
}

test('a header, then a line a row; what is absent is empty', () => {
  const rows = [
    {
      id: 7,
      name: 'Doe, "Jane"',
      aliases: ['a@example.com', 'b@example.com'],
      evidence: { left_on: '2026-11-19' },
      gone: null,
    },
    { id: 8, name: 'Ann' },
  ];
  expect(renderCsv(['id', 'name', 'aliases', 'evidence', 'gone'], rows)).toBe(
    [
      'id,name,aliases,evidence,gone',
      '7,"Doe, ""Jane""",a@example.com;b@example.com,"{""left_on"":""2026-11-19""}",',
      '8,Ann,,,',
      '',
    ].join('\r\n'),
  );
});

test('an empty list is still a header', () => {
  expect(renderCsv(['id', 'name'], [])).toBe('id,name\r\n');
});

describe('what a spreadsheet would run is text', () => {
  const hostile = [
    "=cmd|'/c calc'!A1",
    '+1+1',
    '-1+1',
    '@SUM(A1)',
    '|x',
    '%x',
    '＝1+1',
    '＋1',
    '－1',
    '＠x',
    '\t=1',
    '\r=1',
    '\n=1',
    '\nplain',
    ' =1',
    '\u00a0=1',
    '\u200b=1',
    '\ufeff=1',
    '"=1"',
    "'=1",
  ];
  test.each(hostile)('%j', (text) => {
    expect(cellOf(text)).toBe(`'${text}`);
  });

  test('also in each of several', () => {
    expect(renderCsv(['a'], [{ a: ['ok', '=1'] }], false)).toBe("ok;'=1\r\n");
    expect(renderCsv(['a'], [{ a: ['=1', 'ok'] }], false)).toBe("'=1;ok\r\n");
  });

  test.each(['Jane', "O'Brien", 'jane@example.com', '2026-11-21', 'a=b', '', '日本'])('%j stays as it is', (text) => {
    expect(cellOf(text)).toBe(text);
  });
});

test('every text reads back as itself, with an apostrophe before it at most', () => {
  const piece = fc.constantFrom('=', '+', '@', '"', "'", ',', ';', '\n', '\r', ' ', 'a', '\t', '＝');
  fc.assert(
    fc.property(fc.string({ unit: piece, minLength: 1, maxLength: 8 }), (text) => {
      expect([text, `'${text}`]).toContain(cellOf(text));
    }),
  );
});

import { parse } from 'csv-parse/sync';
import fc from '../../../support/property.ts';
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
      '7,"Doe, ""Jane""","a@example.com;b@example.com","{""left_on"":""2026-11-19""}",',
      '8,"Ann",,,',
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
    expect(renderCsv(['a'], [{ a: ['ok', '=1'] }], false)).toBe('"ok;\'=1"\r\n');
    expect(renderCsv(['a'], [{ a: ['=1', 'ok'] }], false)).toBe('"\'=1;ok"\r\n');
  });

  test.each([
    ['a;=1+1;b', "a;'=1+1;b"],
    ['a;  +1', "a;  '+1"],
    ['a\t-1', "a\t'-1"],
    ['a, @x', "a, '@x"],
    ['a\r\n=1', "a\r\n'=1"],
    ['a;"=1"', 'a;"\'=1"'],
    ['=1;=2', "'=1;'=2"],
    ['\t=1', "'\t'=1"],
    ['\r=1', "'\r'=1"],
    ['\n=1', "'\n'=1"],
  ])('%j, where a cell starts inside', (text, inert) => {
    expect(cellOf(text)).toBe(inert);
  });

  test('in JSON by an escape of its own, so that it says the same', () => {
    const evidence = { name: 'a;=1+1', changes: [1, -2], first: '=1', last: 'b;\n＝2' };
    const [[cell = ''] = []] = parse(renderCsv(['a'], [{ a: evidence }], false));
    expect(cell).toContain('a;\\u003d1+1');
    expect(cell).not.toMatch(/;\s*[=＝]/u);
    expect(JSON.parse(cell)).toEqual(evidence);
  });

  test.each(['Jane', "O'Brien", 'jane@example.com', '2026-11-21', 'a=b', '', '日本'])('%j stays as it is', (text) => {
    expect(cellOf(text)).toBe(text);
  });
});

const IS_A_FORMULA = /^[\s"\p{Cf}]*[=+\-@＝]/u;

test('whatever a spreadsheet splits at, and whether it minds quotes, no cell of it is a formula', () => {
  const piece = fc.constantFrom('=', '+', '@', '-', '"', "'", ',', ';', '\n', '\r', ' ', 'a', '\t', '＝', '\u200b');
  const text = fc.string({ unit: piece, maxLength: 10 });
  fc.assert(
    fc.property(text, text, (first, second) => {
      const csv = renderCsv(['n', 'a', 'b'], [{ n: 7, a: first, b: [second, first] }], false);
      for (const separator of [/[;\r\n]/u, /[\t\r\n]/u, /[,\r\n]/u]) {
        expect(csv.split(separator).filter((cell) => IS_A_FORMULA.test(cell))).toEqual([]);
      }
    }),
    { numRuns: 1000 },
  );
});

test('every text is quoted and reads back as itself, apart from apostrophes', () => {
  const piece = fc.constantFrom('=', '+', '@', '"', "'", ',', ';', '\n', '\r', ' ', 'a', '\t', '＝');
  fc.assert(
    fc.property(fc.string({ unit: piece, minLength: 1, maxLength: 8 }), (text) => {
      expect(cellOf(text).replaceAll("'", '')).toBe(text.replaceAll("'", ''));
      expect(renderCsv(['a'], [{ a: text }], false)).toMatch(/^".*"\r\n$/su);
    }),
  );
});

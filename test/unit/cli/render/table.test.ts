import fc from '../../../support/property.ts';
import { expect, test } from 'vitest';
import { renderTable, type Column } from '../../../../src/cli/render/table.ts';
import { cellWidth } from '../../../../src/cli/render/text.ts';

type Row = { readonly id: string; readonly name: string; readonly note: string };

const COLUMNS: readonly Column<Row>[] = [
  { title: 'ID', text: (row) => row.id, align: 'right' },
  { title: 'NAME', text: (row) => row.name, shrinkTo: 4 },
  { title: 'NOTE', text: (row) => row.note, shrinkTo: 6 },
];

test('columns are as wide as their widest cell', () => {
  const rows = [
    { id: '7', name: 'Jane', note: 'left' },
    { id: '112', name: '日本', note: '' },
  ];
  expect(renderTable(COLUMNS, rows, 80)).toBe([' ID  NAME  NOTE', '  7  Jane  left', '112  日本', ''].join('\n'));
});

test('where the width is short, the widest column that may shrink gives way, ids never', () => {
  const rows = [{ id: '123456', name: 'abcdefgh', note: 'abcdefghijklmnop' }];
  expect(renderTable(COLUMNS, rows, 26)).toBe(['    ID  NAME      NOTE', '123456  abcdefgh  abcdefg…', ''].join('\n'));
  expect(renderTable(COLUMNS, rows, 10)).toBe(['    ID  NAME  NOTE', '123456  abc…  abcde…', ''].join('\n'));
});

test('a hostile cell stays in its row', () => {
  const rows = [{ id: '1', name: 'a\n2  forged', note: '\u001b[2J' }];
  expect(renderTable(COLUMNS, rows, 80)).toBe(['ID  NAME         NOTE', ' 1  a 2  forged  [2J', ''].join('\n'));
});

test('whatever the cells, each row is one line within the width', () => {
  const cell = fc.string({ unit: 'grapheme', maxLength: 40 });
  const rows = fc.array(fc.record({ id: fc.constantFrom('1', '22'), name: cell, note: cell }), { maxLength: 5 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 20, max: 100 }), (given, width) => {
      const lines = renderTable(COLUMNS, given, width).split('\n');
      expect(lines).toHaveLength(given.length + 2);
      for (const line of lines) expect(cellWidth(line)).toBeLessThanOrEqual(width);
    }),
  );
});

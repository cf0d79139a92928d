import { stringify } from 'csv-stringify/sync';
import type { Json } from '../../core/case.ts';

export type CsvRow = { readonly [column: string]: Json | undefined };

/**
 * A spreadsheet runs a cell that starts like a formula, also after a line break, a space, a quote or an invisible character
 * that it drops. `escape_formulas` of csv-stringify misses those (measured: a leading LF, a leading space, `"=`), so the
 * apostrophe is put here first; the option stays as a second guard for what it knows.
 */
const STARTS_A_FORMULA = /^[\s"'`\p{Cc}\p{Cf}\p{Z}]*[=+\-@|%\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\u2212]/u;
const STARTS_WITH_A_BREAK = /^[\t\r\n]/u;

/** CSV that is inert in a spreadsheet. `header` false for the second and later pieces of one file. */
export function renderCsv(columns: readonly string[], rows: readonly CsvRow[], header = true): string {
  const records = rows.map((row) => columns.map((column) => toCell(row[column])));
  return stringify(records, {
    header,
    columns: columns.map((column) => ({ key: column, header: column })),
    escape_formulas: true,
    record_delimiter: '\r\n',
  });
}

function toCell(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return inert(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    // Each item by itself: where `;` separates columns, a spreadsheet makes a cell of each.
    return value.map(inert).join(';');
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function inert(text: string): string {
  return STARTS_A_FORMULA.test(text) || STARTS_WITH_A_BREAK.test(text) ? `'${text}` : text;
}

import { stringify } from 'csv-stringify/sync';
import type { Json } from '../../core/case.ts';

export type CsvRow = { readonly [column: string]: Json | undefined };

const SIGN = String.raw`[=+\-@|%\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\u2212]`;
/** What a spreadsheet drops before it looks for a sign. */
const DROPPED = '[\\s"\'`\\p{Cc}\\p{Cf}\\p{Z}]';
/**
 * A spreadsheet runs a cell that starts like a formula, also after a line break, a space, a quote or an invisible character
 * that it drops. `escape_formulas` of csv-stringify misses those (measured: a leading LF, a leading space, `"=`), so the
 * apostrophe is put here first; the option stays as a second guard for what it knows.
 */
const STARTS_A_FORMULA = new RegExp(`^${DROPPED}*${SIGN}`, 'u');
const STARTS_WITH_A_BREAK = /^[\t\r\n]/u;
/**
 * Half of Europe's spreadsheets split at `;`, others at tabs. To them our quotes stand in the middle of a cell and mean nothing, so
 * what follows such a character, or a line break, inside a text is the start of a cell too.
 */
const STARTS_A_FORMULA_INSIDE = new RegExp(`([;,\\t\\r\\n](?:(?![\\t\\r\\n])${DROPPED})*)(${SIGN})`, 'gu');
const JSON_STRING = /"(?:[^"\\]|\\.)*"/gu;

/** CSV that is inert in a spreadsheet: every text is quoted. `header` false for the second and later pieces of one file. */
export function renderCsv(columns: readonly string[], rows: readonly CsvRow[], header = true): string {
  const records = rows.map((row) => columns.map((column) => toCell(row[column])));
  const options = { escape_formulas: true, record_delimiter: '\r\n', quoted_string: true } as const;
  // The names of columns are ours, and more readable without quotes.
  const head = header ? stringify([columns], { ...options, quoted_string: false }) : '';
  return head + stringify(records, options);
}

/** A number stays one, and what is absent is empty without quotes. */
function toCell(value: Json | undefined): string | number | null {
  if (value === undefined || value === null || typeof value === 'number') return value ?? null;
  if (typeof value === 'string') return inert(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    // Each item by itself: where `;` separates columns, a spreadsheet makes a cell of each.
    return value.map(inert).join(';');
  }
  return typeof value === 'object' ? inertJson(value) : String(value);
}

function inert(text: string): string {
  const start = STARTS_A_FORMULA.test(text) || STARTS_WITH_A_BREAK.test(text) ? "'" : '';
  return start + text.replaceAll(STARTS_A_FORMULA_INSIDE, "$1'$2");
}

/** An apostrophe would change what the JSON says: the sign is written as JSON's own escape. */
function inertJson(value: Json): string {
  return JSON.stringify(value).replaceAll(JSON_STRING, (literal) =>
    literal.replaceAll(STARTS_A_FORMULA_INSIDE, (_all, before: string, sign: string) => before + escapeSign(sign)),
  );
}

function escapeSign(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

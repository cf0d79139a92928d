import type { Shown } from './scenario.ts';

export type Row = {
  readonly number: number;
  readonly injected: string;
  readonly shown: Shown;
  readonly survived: boolean;
};

const HEADER = ['Case', 'Injected', 'Declared', 'Fired', 'Survived', 'False orphans', 'Orphans missed'] as const;
const BEGIN = '<!-- cases: written by the test run -->';
const END = '<!-- end of cases -->';

/** The table as the formatter leaves it, and the totals under it. */
export function renderCases(rows: readonly Row[]): string {
  const sorted = rows.toSorted((a, b) => a.number - b.number);
  const cells = sorted.map(({ number, injected, shown, survived }) => [
    String(number),
    injected,
    String(shown.declared),
    String(shown.fired),
    survived ? 'yes' : '**no**',
    shown.falseOrphans === undefined ? '–' : String(shown.falseOrphans),
    shown.missed === undefined ? '–' : String(shown.missed),
  ]);
  const widths = HEADER.map((title, at) => Math.max(title.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(HEADER), rule, ...cells.map((row) => line(row)), '', renderTotals(sorted)].join('\n');
}

function renderTotals(rows: readonly Row[]): string {
  const total = (of: (row: Row) => number): number => rows.reduce((sum, row) => sum + of(row), 0);
  const cases = new Set(rows.map(({ number }) => number)).size;
  return [
    `- Cases: ${cases}, in ${rows.length} scenarios; survived: ${rows.filter(({ survived }) => survived).length}`,
    `- Faults declared: ${total(({ shown }) => shown.declared)}; fired: ${total(({ shown }) => shown.fired)}`,
    `- False orphans: ${total(({ shown }) => shown.falseOrphans ?? 0)}`,
    `- Orphans missed: ${total(({ shown }) => shown.missed ?? 0)}`,
  ].join('\n');
}

/** The document with another table; throws where it has no place for one. */
export function replaceCases(document: string, cases: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the document has no place for the table: ${BEGIN} … ${END}`);
  return `${document.slice(0, begin + BEGIN.length)}\n\n${cases}\n\n${document.slice(end)}`;
}

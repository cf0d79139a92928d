import { renderTable } from '../../support/document.ts';
import type { Shown } from './scenario.ts';

export type Row = {
  readonly number: number;
  readonly injected: string;
  readonly shown: Shown;
  readonly survived: boolean;
};

const HEADER = ['Case', 'Injected', 'Declared', 'Fired', 'Survived', 'False orphans', 'Orphans missed'] as const;
export const PLACE = ['<!-- cases: written by the test run -->', '<!-- end of cases -->'] as const;

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
  return [renderTable(HEADER, cells), '', renderTotals(sorted)].join('\n');
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

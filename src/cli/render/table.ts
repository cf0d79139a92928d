import { breakToWidth, cellWidth, cutToWidth, padToWidth } from './text.ts';
import { toTerminalText } from '../../words/inert-text.ts';

export type Column<Row> = {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly align?: 'left' | 'right' | undefined;
  /** How narrow it may become where the width is short; absent: it is never cut, as an id or a date is worthless cut. */
  readonly shrinkTo?: number | undefined;
  /** Left out where even the narrowest table is too wide, the highest first. Never what names the row. */
  readonly spare?: number | undefined;
  /** Colour of a cell whose width is right already. */
  readonly paint?: ((text: string, row: Row) => string) | undefined;
};

const GAP = '  ';

/** A table within `width` cells as far as its columns may shrink. Every cell is made inert here, whatever a caller forgot. */
export function renderTable<Row>(all: readonly Column<Row>[], rows: readonly Row[], width: number): string {
  const columns = fitColumns(all, rows, width);
  const widths = layOut(columns, rows, width);
  return renderHead(columns, widths) + renderRows(columns, widths, rows);
}

/** The columns for which there is room. */
export function fitColumns<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): readonly Column<Row>[] {
  const narrowest = layOut(columns, rows, 0).reduce((sum, each) => sum + each + GAP.length, -GAP.length);
  const most = Math.max(0, ...columns.map(({ spare = 0 }) => spare));
  if (narrowest <= width || most === 0) return columns;
  return fitColumns(
    columns.filter(({ spare = 0 }) => spare < most),
    rows,
    width,
  );
}

/** The columns' widths for these rows; a table that is printed in pieces passes those of the piece before. */
export function layOut<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
  before: readonly number[] = [],
): readonly number[] {
  const widths = columns.map((column, at) => {
    let widest = Math.max(cellWidth(column.title), before[at] ?? 0);
    for (const row of rows) widest = Math.max(widest, cellWidth(toTerminalText(column.text(row))));
    return widest;
  });
  const room = width - GAP.length * (columns.length - 1);
  let excess = widths.reduce((sum, each) => sum + each, 0) - room;
  while (excess > 0) {
    const at = widestShrinkable(columns, widths);
    const cells = widths[at];
    if (cells === undefined) break;
    widths[at] = cells - 1;
    excess -= 1;
  }
  return widths;
}

export function renderHead<Row>(columns: readonly Column<Row>[], widths: readonly number[]): string {
  return toLine(columns, widths, (column) => toTerminalText(column.title));
}

export function renderRows<Row>(
  columns: readonly Column<Row>[],
  widths: readonly number[],
  rows: readonly Row[],
): string {
  return rows.map((row) => toLine(columns, widths, (column) => toTerminalText(column.text(row)), row)).join('');
}

/** The same with nothing cut: what a column is too narrow for goes on in the next line. */
export function renderWrapped<Row>(all: readonly Column<Row>[], rows: readonly Row[], width: number): string {
  const columns = fitColumns(all, rows, width);
  const widths = layOut(columns, rows, width);
  const head = columns.map((column) => column.title);
  const lines = [head, ...rows.map((row) => columns.map((column) => column.text(row)))].flatMap((texts) => {
    const cells = texts.map((text, at) => breakToWidth(toTerminalText(text), widths[at] ?? 0));
    const height = Math.max(...cells.map((cell) => cell.length));
    return Array.from({ length: height }, (_, at) => cells.map((cell) => cell[at] ?? ''));
  });
  const broken = columns.map(({ title, align }, at) => ({
    title,
    align,
    text: (line: readonly string[]) => line[at] ?? '',
  }));
  return renderRows(broken, widths, lines);
}

function toLine<Row>(
  columns: readonly Column<Row>[],
  widths: readonly number[],
  text: (column: Column<Row>) => string,
  row?: Row,
): string {
  const cells = columns.map((column, at) => {
    const width = widths[at] ?? 0;
    const cell = padToWidth(cutToWidth(text(column), width), width, column.align);
    return row === undefined || column.paint === undefined ? cell : column.paint(cell, row);
  });
  return `${cells.join(GAP).trimEnd()}\n`;
}

function widestShrinkable<Row>(columns: readonly Column<Row>[], widths: readonly number[]): number {
  let best = -1;
  for (const [at, column] of columns.entries()) {
    const width = widths[at] ?? 0;
    if (column.shrinkTo === undefined || width <= column.shrinkTo) continue;
    if (best === -1 || width > (widths[best] ?? 0)) best = at;
  }
  return best;
}

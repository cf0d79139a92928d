import { type Figure, judge, type Spread, type Target, type Unit } from './figure.ts';

/** The figures as a Markdown table, which docs/performance.md takes as it is. */
/** A figure, and the size at which it was measured. */
export type Line = { readonly figure: Figure; readonly rows: number };

export function renderTable(figures: readonly Line[]): string {
  const lines = figures.map(({ figure, rows }) => [
    figure.work,
    renderSpread(figure.figure, figure.unit),
    figure.floor === undefined ? '' : `${figure.floor.name}: ${renderSpread(figure.floor.figure, figure.unit)}`,
    renderRatio(figure),
    renderTarget(figure),
    judge(figure, rows),
  ]);
  const table = [['work', 'figure', 'floor', 'ratio', 'target', 'verdict'], ...lines];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  const render = (line: readonly string[]): string =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = table;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [render(head), rule, ...body.map(render)].join('\n');
}

function renderRatio({ ratio, ratioOf }: Figure): string {
  if (ratio === undefined) return '';
  return `${ratio.toFixed(2)} ×${ratioOf === 'speed' ? ' as fast' : ''}`;
}

function renderTarget({ target, ratio, unit }: Figure): string {
  if (target === undefined) return '';
  const limit = ratio === undefined ? renderValue(target.limit, unit) : `${Number(target.limit.toPrecision(2))} ×`;
  return `${SIGNS[target.is]} ${limit}${target.rows === 'any' ? '' : ` at ${target.rows}`}`;
}

const SIGNS = { 'at most': '≤', 'at least': '≥' } as const satisfies Record<Target['is'], string>;

function renderSpread({ median, min, max }: Spread, unit: Unit): string {
  if (min === max) return renderValue(median, unit);
  return `${renderValue(median, unit)} (${renderValue(min, unit)}–${renderValue(max, unit)})`;
}

function renderValue(value: number, unit: Unit): string {
  if (unit === 'exponent') return value.toFixed(2);
  if (unit === 'rows') return String(Math.round(value * 10) / 10);
  if (unit === 'ms') return `${value < 100 ? value.toFixed(1) : value.toFixed(0)} ms`;
  return value < 10 * MIB ? `${(value / KIB).toFixed(0)} KiB` : `${(value / MIB).toFixed(0)} MiB`;
}

const KIB = 1024;
const MIB = 1024 * KIB;

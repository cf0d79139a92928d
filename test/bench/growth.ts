import { type Figure, type Spread, spreadOf } from './figure.ts';
import type { Line } from './render.ts';

/** The same work at several sizes: `work` without its number of rows. */
const GROWING = [
  'full reconcile, links and findings stored',
  'full reconcile, every link made anew',
  'DuckDB on Parquet, 2 threads',
  'Map of objects in Node',
  'reconcile after 10 changes',
  'reconcile after 1000 changes',
] as const;

/** Work at so many rows, as `growthOf` finds it again. */
export function sizedWork(rows: number, work: string): string {
  return `${rows} rows, ${work}`;
}

/** How the time grows from the smallest size to the largest: rows to the power of this. 1 is in proportion, 0 is not at all. */
export function growthOf(lines: readonly Line[]): readonly Line[] {
  const sizes = [...new Set(lines.map(({ rows }) => rows))].toSorted((a, b) => a - b);
  return GROWING.flatMap((work) => {
    const found = sizes.flatMap((rows) => {
      const figure = timeOf(lines, sizedWork(rows, work));
      return figure === undefined ? [] : [{ rows, figure }];
    });
    const [small, large] = [found[0], found.at(-1)];
    if (small === undefined || large === undefined || small === large) return [];
    const exponent = Math.log(large.figure.median / small.figure.median) / Math.log(large.rows / small.rows);
    const figure: Figure = {
      work: `${work}: growth exponent from ${small.rows} to ${large.rows} rows`,
      unit: 'exponent',
      figure: spreadOf([exponent]),
    };
    return [{ figure, rows: large.rows }];
  });
}

function timeOf(lines: readonly Line[], work: string): Spread | undefined {
  return lines.find(({ figure }) => figure.work === work)?.figure.figure;
}

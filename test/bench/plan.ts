import type { Measurement } from './bench.ts';
import { measureChangedReconcile } from './changed-reconcile.ts';
import { measureCollection } from './collection.ts';
import { measureFirstLoad } from './first-load.ts';
import { measureFullReconcile } from './full-reconcile.ts';
import { loadBoth } from './load-both.ts';
import { measureChanged, measureUnchanged } from './read-again.ts';
import { measureStarting } from './starting.ts';

type Named = { readonly name: string; readonly measure: Measurement };

// At the size that contract §10 names. What follows on one database finds what the one before has left.
const SMALL = 100_000;
const LARGE = 1_000_000;
export const NEEDED_SIZES = {
  collection: [SMALL],
  'first-load': [SMALL],
  starting: [SMALL],
  unchanged: [LARGE],
  changed: [LARGE],
  reconcile: [LARGE],
  'changed-reconcile': [SMALL, LARGE],
} as const satisfies Readonly<Record<string, readonly number[]>>;
type Name = keyof typeof NEEDED_SIZES;

const MEASURES = {
  collection: measureCollection,
  'first-load': measureFirstLoad,
  starting: measureStarting,
  unchanged: measureUnchanged,
  changed: measureChanged,
  reconcile: measureFullReconcile,
  'changed-reconcile': measureChangedReconcile,
} as const satisfies Readonly<Record<Name, Measurement>>;
/** These bring their own rows, or need none. */
const ALONE: readonly Name[] = ['collection', 'first-load', 'starting'];

type Asked = { readonly only: string | undefined; readonly rows: number | undefined };

/** What is measured at which size, on a database for each size. */
export function planOf({
  only,
  rows,
}: Asked): readonly { readonly rows: number; readonly measurements: readonly Named[] }[] {
  const names = NAMES.filter((name) => only === undefined || only === name);
  const sizes = rows === undefined ? [SMALL, LARGE] : [rows];
  return sizes.flatMap((size) => {
    const here = names.filter((name) => rows !== undefined || NEEDED_SIZES[name].some((needed) => needed === size));
    if (here.length === 0) return [];
    const measurements = here.map((name) => ({ name, measure: MEASURES[name] }));
    const isLoaded = here.includes('first-load') || here.every((name) => ALONE.includes(name));
    return [
      { rows: size, measurements: isLoaded ? measurements : [{ name: 'load', measure: loadBoth }, ...measurements] },
    ];
  });
}

/** Starting comes last: its configuration retires the sources of the others. */
const NAMES: readonly Name[] = [
  'collection',
  'first-load',
  'unchanged',
  'changed',
  'reconcile',
  'changed-reconcile',
  'starting',
];

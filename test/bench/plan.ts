import type { Measurement } from './bench.ts';
import { measureChangedReconcile } from './changed-reconcile.ts';
import { measureCollection } from './collection.ts';
import { measureDelta } from './delta.ts';
import { measureFirstLoad } from './first-load.ts';
import { measureFullReconcile } from './full-reconcile.ts';
import { loadBoth } from './load-both.ts';
import { measureChanged, measureUnchanged } from './read-again.ts';
import { measurePeers } from './peers.ts';
import { measureReading } from './reading.ts';
import { measureStarting } from './starting.ts';

type Named = { readonly name: string; readonly measure: Measurement };

// At the size that contract §10 names. What follows on one database finds what the one before has left.
const TINY = 10_000;
const SMALL = 100_000;
const LARGE = 1_000_000;
export const NEEDED_SIZES = {
  collection: [SMALL],
  delta: [SMALL],
  reading: [SMALL],
  'first-load': [TINY, SMALL],
  peers: [TINY],
  starting: [SMALL],
  unchanged: [LARGE],
  changed: [LARGE],
  reconcile: [TINY, SMALL, LARGE],
  'changed-reconcile': [TINY, SMALL, LARGE],
} as const satisfies Readonly<Record<string, readonly number[]>>;
type Name = keyof typeof NEEDED_SIZES;

const MEASURES = {
  collection: measureCollection,
  delta: measureDelta,
  reading: measureReading,
  'first-load': measureFirstLoad,
  peers: measurePeers,
  starting: measureStarting,
  unchanged: measureUnchanged,
  changed: measureChanged,
  reconcile: measureFullReconcile,
  'changed-reconcile': measureChangedReconcile,
} as const satisfies Readonly<Record<Name, Measurement>>;
/** These bring their own rows, or need none. */
const ALONE: readonly Name[] = ['collection', 'delta', 'reading', 'first-load', 'starting'];

type Asked = { readonly only: string | undefined; readonly rows: number | undefined };

/** What is measured at which size, on a database for each size. */
export function planOf({
  only,
  rows,
}: Asked): readonly { readonly rows: number; readonly measurements: readonly Named[] }[] {
  const names = NAMES.filter((name) => only === undefined || only === name);
  const sizes = rows === undefined ? [TINY, SMALL, LARGE] : [rows];
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
  'delta',
  'reading',
  'first-load',
  'peers',
  'unchanged',
  'changed',
  'reconcile',
  'changed-reconcile',
  'starting',
];

import { tableBytes } from './backend.ts';
import type { Bench } from './bench.ts';
import { loadByDrizzle } from './drizzle-insert.ts';
import { type Figure, spreadOf, timesFloor } from './figure.ts';
import { loadPlainTable, writeFiles } from './plain-table.ts';
import { hasPsql, loadByPsql } from './psql.ts';
import { interleave, mustEqual } from './repeat.ts';
import { emptyStore, knowSources, readAccounts, readRoster } from './roster.ts';

/** More take minutes. */
const DRIZZLE_ROWS_MAX = 10_000;
const TARGET = { rows: 100_000, limit: 1.3, is: 'at most' } as const;

/**
 * Both rosters into an empty store, beside COPY of the same columns into one plain table with a primary key: by the driver, and by psql where it is
 * installed. And, once, drizzle's own inserts into that table.
 */
export async function measureFirstLoad(bench: Bench): Promise<readonly Figure[]> {
  await writeFiles(bench);
  const [walBytes, roomBytes]: [number[], number[]] = [[], []];
  const isInstalled = await hasPsql();
  const spread = await interleave(
    bench.rounds,
    {
      product: async () => {
        const loaded = await loadProduct(bench);
        walBytes.push(loaded.walBytes);
        roomBytes.push(loaded.roomBytes);
        return loaded.ms;
      },
      copy: () => loadPlainTable(bench),
      psql: () => (isInstalled ? loadByPsql(bench) : loadPlainTable(bench)),
    },
    { signal: bench.signal, isWarm: true },
  );
  const drizzle = bench.company.rows > DRIZZLE_ROWS_MAX ? [] : [await loadByDrizzle(bench)];
  const [product, driver] = [spread('product'), spread('copy')];
  // psql starts first, which counts for few rows: the faster of the two is the floor.
  const psql = spread('psql');
  const isFaster = isInstalled && psql.median < driver.median;
  const copy = isFaster ? psql : driver;
  const floor = { name: `${isFaster ? 'psql' : 'COPY'}, the same columns`, figure: copy };
  const work = `first load of ${bench.company.rows} identities and ${bench.company.rows} accounts`;
  return [
    { work, unit: 'ms', figure: product, floor, ratio: timesFloor(product, copy), target: TARGET },
    ...(isInstalled ? [{ work: `${work}, psql's copy into one table`, unit: 'ms' as const, figure: psql }] : []),
    {
      work: `${work}, COPY by the driver into one table`,
      unit: 'ms',
      figure: driver,
      floor,
      ratio: timesFloor(driver, copy),
    },
    ...drizzle.map((ms): Figure => {
      const figure = spreadOf([ms]);
      return {
        work: `${work}, drizzle's inserts into one table`,
        unit: 'ms',
        figure,
        floor,
        ratio: timesFloor(figure, copy),
      };
    }),
    { work: `${work}: WAL`, unit: 'bytes', figure: spreadOf(walBytes) },
    { work: `${work}: growth of the tables`, unit: 'bytes', figure: spreadOf(roomBytes) },
  ];
}

async function loadProduct(
  bench: Bench,
): Promise<{ readonly ms: number; readonly walBytes: number; readonly roomBytes: number }> {
  await emptyStore(bench);
  const { directory, application } = await knowSources(bench);
  const before = await tableBytes(bench.database);
  const identities = await readRoster(bench, directory, bench.company.identities());
  const accounts = await readAccounts(bench, application, 0);
  mustEqual('versions of a first load', identities.changed + accounts.changed, 2 * bench.company.rows);
  return {
    ms: identities.ms + accounts.ms,
    walBytes: identities.walBytes + accounts.walBytes,
    roomBytes: (await tableBytes(bench.database)) - before,
  };
}

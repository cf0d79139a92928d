import type { Bench } from './bench.ts';
import { type Figure, timesFloor } from './figure.ts';
import { loadPlainTable, writeFiles } from './plain-table.ts';
import { interleave, mustEqual } from './repeat.ts';
import { emptyStore, knowSources, readAccounts, readRoster } from './roster.ts';

const TARGET = { rows: 100_000, limit: 1.3, is: 'at most' } as const;

/** Both rosters into an empty store, beside COPY of the same columns into one plain table with a primary key. */
export async function measureFirstLoad(bench: Bench): Promise<readonly Figure[]> {
  await writeFiles(bench);
  const spread = await interleave(
    bench.rounds,
    { product: () => loadProduct(bench), copy: () => loadPlainTable(bench) },
    { signal: bench.signal, isWarm: true },
  );
  const [figure, copy] = [spread('product'), spread('copy')];
  const { rows } = bench.company;
  return [
    {
      work: `first load of ${rows} identities and ${rows} accounts`,
      unit: 'ms',
      figure,
      floor: { name: 'COPY of the same columns', figure: copy },
      ratio: timesFloor(figure, copy),
      target: TARGET,
    },
  ];
}

async function loadProduct(bench: Bench): Promise<number> {
  await emptyStore(bench);
  const { directory, application } = await knowSources(bench);
  const identities = await readRoster(bench, directory, bench.company.identities());
  const accounts = await readAccounts(bench, application, 0);
  mustEqual('versions of a first load', identities.changed + accounts.changed, 2 * bench.company.rows);
  return identities.ms + accounts.ms;
}

import { tableBytes } from './backend.ts';
import type { Bench } from './bench.ts';
import { type Figure, type Spread, spreadOf } from './figure.ts';
import { refreshPlainTable } from './plain-table.ts';
import { interleave, mustEqual } from './repeat.ts';
import { countVersions, knowSources, readAccounts } from './roster.ts';

const FASTER = { rows: 1_000_000, limit: 6, is: 'at least' } as const;
const NOTHING = { rows: 1_000_000, limit: 0, is: 'at most' } as const;

type Again = {
  readonly product: Spread;
  readonly plain: Spread;
  readonly walBytes: Spread;
  readonly growthBytes: Spread;
  readonly versions: Spread;
};

/** The same roster once more: nothing may be written. Beside it: staging all rows in full, and comparing them. */
export async function measureUnchanged(bench: Bench): Promise<readonly Figure[]> {
  const again = await readAgain(bench, { changes: () => 0, changedRows: 0 });
  const work = `the same ${bench.company.rows} accounts again`;
  return [
    { ...timeOf(work, again), target: FASTER },
    { work: `${work}: versions written`, unit: 'rows', figure: again.versions, target: NOTHING },
    { work: `${work}: WAL`, unit: 'bytes', figure: again.walBytes },
    { work: `${work}: growth of the tables`, unit: 'bytes', figure: again.growthBytes },
  ];
}

/** One account in a thousand has another title each time. */
export async function measureChanged(bench: Bench): Promise<readonly Figure[]> {
  const { rows, changedRows } = bench.company;
  const again = await readAgain(bench, { changes: (round) => round, changedRows });
  const work = `${rows} accounts, ${changedRows} of them changed`;
  return [
    timeOf(work, again),
    { work: `${work}: WAL`, unit: 'bytes', figure: again.walBytes },
    { work: `${work}: growth of the tables`, unit: 'bytes', figure: again.growthBytes },
  ];
}

type Asked = { readonly changes: (round: number) => number; readonly changedRows: number };

async function readAgain(bench: Bench, { changes, changedRows }: Asked): Promise<Again> {
  const { application } = await knowSources(bench);
  const walBytes: number[] = [];
  const growthBytes: number[] = [];
  const versions: number[] = [];
  const round = { product: 0, plain: 0 };
  const spread = await interleave(
    bench.rounds,
    {
      product: async () => {
        const before = await countVersions(bench);
        const room = await tableBytes(bench.database);
        round.product += 1;
        const read = await readAccounts(bench, application, changes(round.product));
        const written = (await countVersions(bench)) - before;
        mustEqual('versions written', [read.changed, written], [changedRows, changedRows]);
        versions.push(written);
        walBytes.push(read.walBytes);
        growthBytes.push((await tableBytes(bench.database)) - room);
        return read.ms;
      },
      plain: async () => {
        round.plain += 1;
        const refreshed = await refreshPlainTable(bench, changes(round.plain));
        mustEqual('rows written to the plain table', refreshed.changed, changedRows);
        return refreshed.ms;
      },
    },
    // The load before it has warmed what is warmed.
    { signal: bench.signal, isWarm: true },
  );
  return {
    product: spread('product'),
    plain: spread('plain'),
    walBytes: spreadOf(walBytes),
    growthBytes: spreadOf(growthBytes),
    versions: spreadOf(versions),
  };
}

/** The ratio the other way round: how many times faster than the yardstick. */
function timeOf(work: string, { product, plain }: Again): Figure {
  return {
    work,
    unit: 'ms',
    figure: product,
    floor: { name: 'staging all rows in full', figure: plain },
    ratio: plain.median / product.median,
    ratioOf: 'speed',
  };
}

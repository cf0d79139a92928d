import daff from 'daff';
import type { RosterRow } from '../../src/core/row.ts';
import type { Bench } from './bench.ts';
import { type Figure, timesFloor } from './figure.ts';
import { FILE_COLUMNS, valuesOf } from './plain-table.ts';
import { interleave, mustEqual } from './repeat.ts';
import { knowSources, readAccounts } from './roster.ts';

/**
 * The difference of two rosters by a program that is made for tables: daff compares two that are in memory, by id. It keeps nothing, judges nothing and
 * forgets what it saw; the product reads the second one against what it stored, writes versions of what differs and the evidence of the reading.
 */
export async function measurePeers(bench: Bench): Promise<readonly Figure[]> {
  const { application } = await knowSources(bench);
  const { rows, changedRows } = bench.company;
  const before = tableOf(bench.company.accounts(0));
  let change = 0;
  const spread = await interleave(
    bench.rounds,
    {
      product: async () => {
        change += 1;
        const read = await readAccounts(bench, application, change);
        mustEqual('versions written', read.changed, changedRows);
        return read.ms;
      },
      daff: async () => {
        const after = tableOf(bench.company.accounts(change));
        const start = performance.now();
        const changed = compare(before, after);
        const ms = performance.now() - start;
        mustEqual('rows that daff found changed', changed, changedRows);
        return ms;
      },
    },
    bench,
  );
  await readAccounts(bench, application, 0); // as the next measurement expects it
  const floor = { name: 'daff, two tables in memory', figure: spread('daff') };
  const figure = spread('product');
  return [
    {
      work: `${rows} accounts read again, ${changedRows} of them changed`,
      unit: 'ms',
      figure,
      floor,
      ratio: timesFloor(figure, floor.figure),
    },
  ];
}

type Cells = readonly (readonly string[])[];
const ID = 'external_id';

/** Names of the columns, then every row as texts. */
function tableOf(batches: Iterable<readonly RosterRow[]>): Cells {
  const rows = [...batches].flat().map((row) => valuesOf(row).map((value) => String(value ?? '')));
  return [FILE_COLUMNS.slice(1), ...rows];
}

/** How many rows differ: daff marks them with `->` in the first column. */
function compare(before: Cells, after: Cells): number {
  const flags = new daff.CompareFlags();
  flags.addPrimaryKey(ID);
  flags.show_unchanged = false;
  flags.unchanged_context = 0;
  const alignment = daff.compareTables(new daff.TableView(before), new daff.TableView(after), flags).align();
  const marked: unknown[][] = [];
  new daff.TableDiff(alignment, flags).hilite(new daff.TableView(marked));
  return marked.filter(([mark]) => mark === '->').length;
}

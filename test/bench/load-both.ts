import type { Bench } from './bench.ts';
import type { Figure } from './figure.ts';
import { loadPlainTable, writeFiles } from './plain-table.ts';
import { knowSources, readAccounts, readRoster } from './roster.ts';

/** What the measurements of a loaded store begin with. Said, and no figure: it is done once. */
export async function loadBoth(bench: Bench): Promise<readonly Figure[]> {
  await writeFiles(bench);
  await loadPlainTable(bench);
  const { directory, application } = await knowSources(bench);
  await readRoster(bench, directory, bench.company.identities());
  await readAccounts(bench, application, 0);
  return [];
}

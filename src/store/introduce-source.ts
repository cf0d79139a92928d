import type pg from 'pg';
import type { SourceSpec } from '../ports/sources.ts';
import { inTransaction } from './database.ts';
import { findRow, insertSource, loadKnown, lockSources, wantedOf } from './sync-sources.ts';

type Introduced = { readonly spec: SourceSpec; readonly among: readonly SourceSpec[] };

/**
 * For a person who signs in, perhaps with a configuration of this one source: what is known stays as it is, all others too. A source that
 * nobody knows is added as one that no worker reads: with an authoritative one in force that has no listing, every rule would wait
 * for it. The worker whose configuration names it takes it up. Returns the name by which it is known, which may be its former one.
 */
export async function introduceSource(pool: pg.Pool, { spec, among }: Introduced, now: Date): Promise<string> {
  return inTransaction(pool, 'make a source known', async (client) => {
    await lockSources(client);
    const row = findRow(await loadKnown(client), spec, new Set(among.map(({ name }) => name)));
    if (row !== undefined) return row.name;
    await insertSource(client, { ...wantedOf(spec, among.indexOf(spec)), retiredAt: now.toISOString() }, now);
    return spec.name;
  });
}

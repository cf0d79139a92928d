import { OperationalError } from '../errors.ts';
import { createReader } from '../store/reader/reader.ts';
import type { SharedStore } from './shared-store.ts';

/** What the database knows of the sources, to compare with. */
export type Known = {
  /** Source → rows present after its last complete listing. */
  readonly accounts: ReadonlyMap<string, number>;
};

/** Nothing where the database is away or not migrated yet: its own check says so. */
export async function loadKnown(shared: SharedStore): Promise<Known> {
  try {
    const sources = await shared.use(async ({ database }) => await createReader(database).sources());
    const complete = sources.filter(({ last_complete_at: at }) => at !== null);
    return { accounts: new Map(complete.map(({ source, accounts }) => [source, accounts])) };
  } catch (error) {
    if (error instanceof OperationalError) return { accounts: new Map() };
    throw error;
  }
}

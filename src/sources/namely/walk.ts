import pLimit from 'p-limit';
import type { ListingEnd, ListingOutcome } from '../../core/listing.ts';
import type { RosterRow } from '../../core/row.ts';
import { OperationalError } from '../../errors.ts';
import { toOutcome } from '../outcome.ts';
import type { Timing } from '../timing.ts';
import type { Roster } from './roster.ts';

/** What a reading works with, in full or of changes. */
export type Walk = {
  readonly name: string;
  readonly timing: Timing;
  readonly perPage: number;
  readonly concurrency: number;
  readonly roster: Roster;
  /** Asks `/events`; absent where hints are not wanted. */
  readonly fetchEvents?: ((query: Readonly<Record<string, number>>) => Promise<unknown>) | undefined;
};
export type WalkEnd = Omit<ListingEnd, 'endpoint' | 'requests' | 'rowsWithoutId'>;

type Singly = { readonly rows: readonly RosterRow[]; readonly outcome?: ListingOutcome | undefined };

/** Who is there of these; with an outcome where one of them could not be asked for, which leaves the reading unproven. */
export async function readSingly(roster: Roster, ids: readonly string[], concurrency: number): Promise<Singly> {
  const limit = pLimit(concurrency);
  try {
    const rows = await Promise.all(ids.map((id) => limit(async () => await roster.fetchOne(id))));
    return { rows: rows.filter((row) => row !== undefined) };
  } catch (error) {
    limit.clearQueue();
    if (!(error instanceof OperationalError)) throw error;
    return { rows: [], outcome: toOutcome(error, 'a single profile') };
  }
}

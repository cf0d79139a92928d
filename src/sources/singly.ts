import pLimit from 'p-limit';
import type { ListingOutcome } from '../core/listing.ts';
import type { RosterRow } from '../core/row.ts';
import { OperationalError } from '../errors.ts';
import { toOutcome } from './outcome.ts';

type Singly = { readonly rows: readonly RosterRow[]; readonly outcome?: ListingOutcome | undefined };

export type SingleReads = {
  /** One row, or nothing where the vendor says that there is none. */
  readonly fetchOne: (id: string) => Promise<RosterRow | undefined>;
  readonly concurrency: number;
  /** What is read, for messages: `a single profile`. */
  readonly what: string;
};

/** Who is there of these; with an outcome where one of them could not be asked for, which leaves the reading unproven. */
export async function readSingly(
  ids: readonly string[],
  { fetchOne, concurrency, what }: SingleReads,
): Promise<Singly> {
  const limit = pLimit(concurrency);
  try {
    const rows = await Promise.all(ids.map((id) => limit(async () => await fetchOne(id))));
    return { rows: rows.filter((row) => row !== undefined) };
  } catch (error) {
    limit.clearQueue();
    if (!(error instanceof OperationalError)) throw error;
    return { rows: [], outcome: toOutcome(error, what) };
  }
}

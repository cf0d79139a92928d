import pLimit from 'p-limit';
import type { ListingOutcome } from '../core/listing.ts';
import type { RosterRow } from '../core/row.ts';
import { type ErrorCode, OperationalError } from '../errors.ts';
import { toOutcome } from './outcome.ts';

type Singly = {
  readonly rows: readonly RosterRow[];
  readonly gone: readonly string[];
  /** Answered, but neither with a row nor as gone: nothing is known of these. */
  readonly unproven: readonly string[];
  /** Where they could not all be asked, which leaves the reading unproven. */
  readonly outcome?: ListingOutcome | undefined;
};

export type SingleReads = {
  /** One row, or `gone` where the vendor says that there is none. */
  readonly fetchOne: (id: string) => Promise<RosterRow | 'gone'>;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** What is read, for messages: `a single profile`. */
  readonly what: string;
};

/** An answer about one row, or none for its time, which says nothing of the others; any other failure would meet them too. */
const ABOUT_ONE: ReadonlySet<ErrorCode> = new Set([
  'source-forbidden',
  'source-contract',
  'source-too-large',
  'source-unavailable',
]);

/** Who is there of these. */
export async function readSingly(ids: readonly string[], reads: SingleReads): Promise<Singly> {
  const limit = pLimit(reads.concurrency);
  const rows: RosterRow[] = [];
  const gone: string[] = [];
  const unproven: string[] = [];
  const read = async (id: string): Promise<void> => {
    const answer = await fetchOne(reads, id);
    if (answer === 'gone') gone.push(id);
    else if (answer === 'unproven') unproven.push(id);
    else rows.push(answer);
    // Another row than was asked for is there, and says nothing of the one that was.
    if (typeof answer !== 'string' && answer.externalId !== id) unproven.push(id);
  };
  try {
    await Promise.all(ids.map((id) => limit(read, id)));
    return { rows, gone, unproven };
  } catch (error) {
    limit.clearQueue();
    if (!(error instanceof OperationalError)) throw error;
    return { rows: [], gone: [], unproven: [], outcome: toOutcome(error, reads.what) };
  }
}

async function fetchOne(reads: SingleReads, id: string): Promise<RosterRow | 'gone' | 'unproven'> {
  try {
    return await reads.fetchOne(id);
  } catch (error) {
    const isAboutOne = error instanceof OperationalError && ABOUT_ONE.has(error.code);
    if (isAboutOne && !reads.signal.aborted) return 'unproven';
    throw error;
  }
}

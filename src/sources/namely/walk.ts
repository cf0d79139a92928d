import pLimit from 'p-limit';
import type { ListingEnd, ListingOutcome } from '../../core/listing.ts';
import type { RosterRow } from '../../core/row.ts';
import { type ErrorCode, OperationalError } from '../../errors.ts';
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

export type Singly = {
  readonly rows: readonly RosterRow[];
  readonly gone: readonly string[];
  /** Answered, but neither with a profile nor as gone: nothing is known of these. */
  readonly unproven: readonly string[];
  /** Where they could not all be asked, which leaves the reading unproven. */
  readonly outcome?: ListingOutcome | undefined;
};

/** An answer about one profile, which says nothing of the others; any other failure would meet them too. */
const ABOUT_ONE: ReadonlySet<ErrorCode> = new Set(['source-forbidden', 'source-contract', 'source-too-large']);

/** Who is there of these. */
export async function readSingly(roster: Roster, ids: readonly string[], concurrency: number): Promise<Singly> {
  const limit = pLimit(concurrency);
  const rows: RosterRow[] = [];
  const [gone, unproven]: [string[], string[]] = [[], []];
  const read = async (id: string): Promise<void> => {
    const answer = await fetchOne(roster, id);
    if (answer === 'gone') gone.push(id);
    else if (answer === 'unproven') unproven.push(id);
    else rows.push(answer);
  };
  try {
    await Promise.all(ids.map((id) => limit(read, id)));
    return { rows, gone, unproven };
  } catch (error) {
    limit.clearQueue();
    if (!(error instanceof OperationalError)) throw error;
    return { rows: [], gone: [], unproven: [], outcome: toOutcome(error, 'a single profile') };
  }
}

async function fetchOne(roster: Roster, id: string): Promise<RosterRow | 'gone' | 'unproven'> {
  try {
    return await roster.fetchOne(id);
  } catch (error) {
    if (error instanceof OperationalError && ABOUT_ONE.has(error.code)) return 'unproven';
    throw error;
  }
}

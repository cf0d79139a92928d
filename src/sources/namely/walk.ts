import type { ListingEnd } from '../../core/listing.ts';
import type { SingleReads } from '../singly.ts';
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

/** How this walk asks for single profiles. */
export function singleReads({ roster, concurrency }: Walk): SingleReads {
  return {
    fetchOne: async (id) => await roster.fetchOne(id),
    concurrency,
    signal: roster.signal,
    what: 'a single profile',
  };
}

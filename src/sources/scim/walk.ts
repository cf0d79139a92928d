import type { RosterRow } from '../../core/row.ts';
import type { ListingEnd, ListingOutcome } from '../../core/listing.ts';
import type { SingleReads } from '../singly.ts';
import type { Timing } from '../timing.ts';
import type { Directory } from './directory.ts';
import type { Abilities } from './provider.ts';

/** What a reading works with, in full or of changes. */
export type Walk = {
  readonly name: string;
  readonly timing: Timing;
  readonly concurrency: number;
  readonly directory: Directory;
  /** Asks what the server announces; throws OperationalError. */
  readonly fetchAbilities: () => Promise<Abilities>;
  /** Shared by the readings of a source. */
  readonly learnt: Learnt;
};
export type Learnt = {
  /** Why this server cannot be asked for changes, and until when that is believed. */
  noChanges?: { readonly reason: string; readonly untilMs: number } | undefined;
  abilities?: Abilities | undefined;
};
export type WalkEnd = Omit<ListingEnd, 'endpoint' | 'requests' | 'rowsWithoutId'>;
export type Rows = AsyncGenerator<readonly RosterRow[], WalkEnd, undefined>;

export function singleReads({ directory, concurrency }: Walk): SingleReads {
  return {
    fetchOne: async (id) => await directory.fetchOne(id),
    concurrency,
    signal: directory.signal,
    what: 'a single user',
  };
}

/** The end of a reading of which no page was read. */
export function unread(outcome: ListingOutcome): WalkEnd {
  return { parameters: {}, pages: 0, rowsSeen: 0, warnings: [], outcome };
}

import { ListingSum } from '../../core/listing-sum.ts';
import type { EvidenceRow, EvidenceSource } from '../../ports/evidence.ts';
import { sha256 } from './chain.ts';
import type { ManifestSource } from './schema.ts';

type RosterName = 'roster_from' | 'roster_to';
type Listing = { readonly run: number; readonly digest: string };

/** What is counted of one source while its rows pass by. */
type Counted = {
  runs: number;
  first?: EvidenceRow | undefined;
  last?: EvidenceRow | undefined;
  /** The last complete full listing by each of the two moments. */
  readonly listings: Partial<Record<RosterName, Listing>>;
  readonly sums: Readonly<Record<RosterName, ListingSum>>;
};

/** Follows the chain of the runs and sums up the rosters, in memory that does not grow with their rows. */
export class SourceTally {
  readonly #sources: readonly EvidenceSource[];
  readonly #startMs: number;
  readonly #counted = new Map<number, Counted>();

  constructor(sources: readonly EvidenceSource[], start: string) {
    this.#sources = sources;
    this.#startMs = Date.parse(start);
  }

  /** Runs come before rosters, each in the order of its file. */
  see(dataset: string, row: EvidenceRow): void {
    if (dataset === 'runs') this.#seeRun(row);
    if (dataset === 'roster_from' || dataset === 'roster_to') {
      this.#of(row).sums[dataset].add(Buffer.from(textOf(row, 'content_hash') ?? '', 'hex'));
    }
  }

  sources(): readonly ManifestSource[] {
    return this.#sources.map(({ runs_after, ...source }) => {
      const { runs, first, last } = this.#of({ source_id: source.id });
      return {
        ...source,
        chain: {
          runs,
          first_run: numberOf(first, 'id'),
          last_run: numberOf(last, 'id'),
          previous_digest: textOf(first, 'previous_digest'),
          last_digest: textOf(last, 'digest'),
          runs_after,
        },
        roster_from: this.#roster(source.id, 'roster_from'),
        roster_to: this.#roster(source.id, 'roster_to'),
      };
    });
  }

  #seeRun(row: EvidenceRow): void {
    const counted = this.#of(row);
    counted.runs += 1;
    counted.first ??= row;
    counted.last = row;
    if (row['mode'] !== 'full' || row['verdict'] !== 'complete') return;
    const listing = { run: Number(row['id']), digest: textOf(row, 'listing_digest') ?? '' };
    counted.listings.roster_to = listing;
    if (Date.parse(textOf(row, 'finished_at') ?? '') <= this.#startMs) counted.listings.roster_from = listing;
  }

  #roster(sourceId: number, name: RosterName): ManifestSource[RosterName] {
    const { sums, listings } = this.#of({ source_id: sourceId });
    const digest = sha256(sums[name].toText());
    const listing = listings[name];
    return { rows: sums[name].count, digest, listed_by_run: listing?.digest === digest ? listing.run : null };
  }

  #of(row: EvidenceRow): Counted {
    const sourceId = Number(row['source_id']);
    const known = this.#counted.get(sourceId);
    if (known !== undefined) return known;
    const sums = { roster_from: new ListingSum(), roster_to: new ListingSum() };
    const made: Counted = { runs: 0, listings: {}, sums };
    this.#counted.set(sourceId, made);
    return made;
  }
}

function numberOf(row: EvidenceRow | undefined, column: string): number | null {
  const value = row?.[column];
  return typeof value === 'number' ? value : null;
}

function textOf(row: EvidenceRow | undefined, column: string): string | null {
  const value = row?.[column];
  return typeof value === 'string' ? value : null;
}

import { rowText, runText } from '../../core/evidence-facts.ts';
import { ListingSum } from '../../core/listing-sum.ts';
import { sha256 } from './chain.ts';
import type { Faults } from './faults.ts';
import type { Manifest } from './schema.ts';
import type { VerifiedRow } from './verify-rows.ts';

type Rows = AsyncIterable<VerifiedRow>;
/** Digests of listings, by their runs. */
export type Listings = ReadonlyMap<unknown, unknown>;

type Chain = Manifest['sources'][number]['chain'];

/** Each run says what its digest says, follows the one before it, and none is missing at the end. */
export async function checkRuns(manifest: Manifest, rows: Rows, faults: Faults): Promise<Listings> {
  const chains = new Map<unknown, Chain>(manifest.sources.map((each) => [each.id, each.chain]));
  const last = new Map<unknown, VerifiedRow>();
  const listings = new Map<unknown, unknown>();
  for await (const run of rows) {
    const id = Number(run['id']);
    const { source_id: source } = run;
    if (sha256(runText(run)) !== run['digest']) faults.add('runs', `run ${id} is not what its digest says`);
    if (!follows(run, last.get(source), chains.get(source))) {
      faults.add('runs', `run ${id} does not follow the run before it`);
    }
    last.set(source, run);
    listings.set(run['id'], run['listing_digest']);
  }
  for (const { id, name, chain } of manifest.sources) {
    const end = last.get(id)?.['digest'] ?? null;
    if (end !== chain.last_digest) faults.add('runs', `the last run of ${name} is missing`);
  }
  return listings;
}

/** Where retention has removed runs the one before may be missing; then nothing can be said. */
function follows(run: VerifiedRow, before: VerifiedRow | undefined, chain: Chain | undefined): boolean {
  if (before === undefined) return run['previous_digest'] === chain?.previous_digest;
  return run['previous_digest'] === before['digest'] || Number(before['id']) <= (chain?.runs_after ?? 0);
}

type Checked = {
  readonly manifest: Manifest;
  readonly name: 'roster_from' | 'roster_to';
  readonly listings: Listings;
  readonly faults: Faults;
};

/** Each row says what its content hash says, and all of a source together are the listing that the manifest names. */
export async function checkRoster({ manifest, name, listings, faults }: Checked, rows: Rows): Promise<void> {
  const sums = new Map<unknown, ListingSum>(manifest.sources.map(({ id }) => [id, new ListingSum()]));
  for await (const row of rows) {
    const hash = sha256(rowText(row));
    if (hash !== row['content_hash'])
      faults.add(name, `a row of source ${Number(row['source_id'])} is not what its content hash says`);
    sums.get(row['source_id'])?.add(Buffer.from(hash, 'hex'));
  }
  for (const source of manifest.sources) {
    const { digest, listed_by_run: run } = source[name];
    const found = sha256(sums.get(source.id)?.toText() ?? '');
    if (found !== digest || (run !== null && listings.get(run) !== found)) {
      faults.add(name, `the roster of ${source.name} is not the one that was listed`);
    }
  }
}

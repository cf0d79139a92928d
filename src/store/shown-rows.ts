import { createHash } from 'node:crypto';
import { ListingSum } from '../core/listing-sum.ts';
import type { HashedRow, Staged } from './intake-stage.ts';
import type { KnownRows } from './known-rows.ts';
import { SeenIds } from './seen-ids.ts';

const HASH_BYTES = 32;

/** What a listing has shown so far, each id once: rows that are known as they are, and rows that were staged. */
export class ShownRows {
  readonly #known: KnownRows | undefined;
  readonly #sum = new ListingSum();
  /** A hash as bytes; one for all, because a small Buffer a row would cost more than the row. */
  readonly #bytes = Buffer.alloc(HASH_BYTES);
  /** Of a first reading, which stages all it shows: there the database would have to sort every row to tell. */
  readonly #ids: SeenIds | undefined;
  #mayRepeat: boolean;

  constructor(known: KnownRows | undefined, isFirstRead: boolean) {
    this.#known = known;
    this.#ids = isFirstRead ? new SeenIds() : undefined;
    this.#mayRepeat = !isFirstRead;
  }

  /** Whether an id may have been staged twice. False is certain. */
  get mayRepeat(): boolean {
    return this.#mayRepeat;
  }

  get count(): number {
    return this.#sum.count;
  }

  /** Rows in the staging tables, copies of one id included. */
  get staged(): number {
    return this.#sum.count - (this.#known?.seen ?? 0);
  }

  /** Provably as it is stored. What has been staged before under the same id is not: then the later copy has to be staged as well. */
  isKnown({ row, contentHash }: HashedRow): boolean {
    if (this.#known === undefined) return false;
    const shown = this.#known.see(this.#bytesOf(contentHash), row);
    if (shown === 'first') this.#sum.add(this.#bytes);
    return shown !== undefined;
  }

  /** What was known as it is, and then came otherwise, is no longer known: each id counts once. */
  addStaged(rows: readonly HashedRow[], { hashes }: Staged): void {
    for (const { row, contentHash } of rows) {
      this.#sum.add(this.#bytesOf(contentHash));
      if (!this.#mayRepeat && this.#ids?.add(row.externalId) === true) this.#mayRepeat = true;
    }
    for (const hash of hashes) {
      if (hash !== undefined && this.#known?.takeBack(this.#bytesOf(hash)) === true) this.#sum.remove(this.#bytes);
    }
  }

  /** Earlier copies of repeated ids, which were staged. */
  remove(contentHashes: readonly Uint8Array[]): void {
    for (const contentHash of contentHashes) this.#sum.remove(contentHash);
  }

  toDigest(): string {
    return createHash('sha256').update(this.#sum.toText()).digest('hex');
  }

  #bytesOf(contentHash: string): Buffer {
    this.#bytes.write(contentHash, 'hex');
    return this.#bytes;
  }
}

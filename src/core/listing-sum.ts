const LANES = 8;
const LANE_BYTES = 4;

/**
 * Sum of a set of content hashes that does not depend on their order: eight lanes of 32 bits, so a hash that turned out to be an earlier
 * copy of a repeated id can be taken out again. The hash covers the id. Whoever hashes its text has the digest of a listing.
 */
export class ListingSum {
  readonly #lanes = new Uint32Array(LANES);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** `contentHash`: the 32 bytes of a SHA-256. */
  add(contentHash: Uint8Array): void {
    this.#count += 1;
    for (let lane = 0; lane < LANES; lane += 1) {
      this.#lanes[lane] = (this.#lanes[lane] ?? 0) + laneOf(contentHash, lane);
    }
  }

  remove(contentHash: Uint8Array): void {
    this.#count -= 1;
    for (let lane = 0; lane < LANES; lane += 1) {
      this.#lanes[lane] = (this.#lanes[lane] ?? 0) - laneOf(contentHash, lane);
    }
  }

  toText(): string {
    return `${this.#count}:${this.#lanes.join(',')}`;
  }
}

/** Little endian; what goes beyond 32 bits is cut off by the array. */
function laneOf(hash: Uint8Array, lane: number): number {
  const at = lane * LANE_BYTES;
  return (
    (hash[at] ?? 0) + (hash[at + 1] ?? 0) * 0x100 + (hash[at + 2] ?? 0) * 0x1_0000 + (hash[at + 3] ?? 0) * 0x100_0000
  );
}

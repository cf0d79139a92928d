import { createHash } from 'node:crypto';

const LANES = 8;

/**
 * Digest of a set of content hashes that does not depend on their order: a sum over eight lanes of 32 bits, so a hash that
 * turned out to be an earlier copy of a repeated id can be taken out again. The hash covers the id.
 */
export class ListingDigest {
  readonly #lanes = new Uint32Array(LANES);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(contentHash: Buffer): void {
    this.#count += 1;
    for (let lane = 0; lane < LANES; lane += 1) {
      this.#lanes[lane] = (this.#lanes[lane] ?? 0) + contentHash.readUInt32LE(lane * 4);
    }
  }

  remove(contentHash: Buffer): void {
    this.#count -= 1;
    for (let lane = 0; lane < LANES; lane += 1) {
      this.#lanes[lane] = (this.#lanes[lane] ?? 0) - contentHash.readUInt32LE(lane * 4);
    }
  }

  toHex(): string {
    return createHash('sha256')
      .update(`${this.#count}:${this.#lanes.join(',')}`)
      .digest('hex');
  }
}

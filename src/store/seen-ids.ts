/** Room to begin with. A power of two, because a place is found by a mask. */
const SLOTS_MIN = 8_192;
/** Above this every id may have come before: 64 MB of slots are enough. */
const IDS_MAX = 4_000_000;
/** Whoever chooses ids can choose them so that they all want one place: then each search would pass over all of them. */
const PROBES_MAX = 64;
/** A key has 53 bits, the whole numbers that a number holds. */
const HIGH = 0x1_0000_0000;
const HIGH_BITS = 21;
const SEEDS = [0x811c9dc5, 0x9747b28c] as const;

/**
 * Ids that a listing has shown, by a hash of 53 bits: 16 to 32 bytes each. What it calls new is new. What it calls seen may be another id with the
 * same hash, which among a million happens once in twenty thousand listings, or one for which there was no room near its place.
 */
export class SeenIds {
  /** 0 is free. */
  #slots = new Float64Array(SLOTS_MIN);
  #count = 0;
  /** An id has found no place in the larger table: from then on every one may have come before. */
  #isWhole = true;

  /** Whether the id may have been added before. */
  add(id: string): boolean {
    if (this.#count === IDS_MAX) return true;
    if (this.#count * 2 === this.#slots.length) this.#grow();
    return this.#put(keyOf(id)) || !this.#isWhole;
  }

  #put(key: number): boolean {
    const mask = this.#slots.length - 1;
    for (let probe = 0; probe < PROBES_MAX; probe += 1) {
      const at = (key + probe) & mask;
      if (this.#slots[at] === key) return true;
      if (this.#slots[at] !== 0) continue;
      this.#slots[at] = key;
      this.#count += 1;
      return false;
    }
    return true;
  }

  /** Half of the slots stay free, so a search is short. */
  #grow(): void {
    const before = this.#slots;
    this.#slots = new Float64Array(before.length * 2);
    this.#count = 0;
    for (const key of before) if (key !== 0 && this.#put(key)) this.#isWhole = false;
  }
}

function keyOf(id: string): number {
  let [low, high]: [number, number] = [...SEEDS];
  for (let at = 0; at < id.length; at += 1) {
    const unit = id.charCodeAt(at);
    low = Math.imul(low ^ unit, 0x5bd1e995);
    low ^= low >>> 15;
    high = Math.imul(high ^ unit, 0xcc9e2d51);
    high ^= high >>> 13;
  }
  // Never 0, which is a free slot.
  return (high >>> (32 - HIGH_BITS)) * HIGH + (low >>> 0) || 1;
}

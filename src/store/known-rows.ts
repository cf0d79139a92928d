import type pg from 'pg';
import type { RosterRow } from '../core/row.ts';
import { fetchBatches } from './cursor.ts';
import { inTransaction, longStatements } from './database.ts';
import { writeMoment } from './moment.ts';

// Asked of the database, each row of an unchanged roster costs a look-up in an index and a staged row, which together take longer than
// to send all rows in full. So a full reading first takes the hashes of what is known, once; a row that is among them is provably the
// same and costs the database nothing more. What is not among them is asked for as ever.

/** 33 to 66 bytes a row: some 80 MB at most. A larger roster is asked for batch by batch, and needs no memory for it. */
const ROWS_MAX = 2_000_000;
/** Half of SHA-256: that two of two million contents share it has a chance of 1 in 10^26. */
const HASH_WORDS = 4;
/** Room to begin with. A power of two, because the number of slots is one. */
const ROWS_MIN = 4_096;
const MOMENT_WORDS = 2;
const SLOTS_A_ROW = 2;
/** Blocks of the table in one answer: some megabytes. */
const BLOCKS = 2_000;
const HASH_BYTES = HASH_WORDS * 4;
/** Last activity, made, changed. */
const MOMENTS = 3;
const ROW_BYTES = HASH_BYTES + MOMENTS * MOMENT_WORDS * 4;

/** As `writeMoment` writes what is absent. */
const NONE = String.raw`'\x8000000000000001'::bytea`;
// Packed by the server, a stretch of the table at a time: a row of its own for each would cost more than all the rest of it.
const KNOWN = `
  select (select string_agg(substring(a.content_hash from 1 for ${HASH_BYTES})
                            || coalesce(timestamptz_send(a.last_active_at), ${NONE})
                            || coalesce(timestamptz_send(a.source_created_at), ${NONE})
                            || coalesce(timestamptz_send(a.source_updated_at), ${NONE}), ''::bytea)
            from rollcall.account a
           where a.ctid >= format('(%s,0)', block)::tid and a.ctid < format('(%s,0)', block + ${BLOCKS})::tid
             and a.source_id = $1 and a.gone_at is null) as packed
    from generate_series(0, pg_relation_size('rollcall.account') / current_setting('block_size')::int, ${BLOCKS}) as block`;

const STATE = { unseen: 0, seen: 1, staged: 2 } as const;

/**
 * The present rows of one source by their content hash, which covers the id. Each is unseen, or seen here (the listing has shown it
 * as it is), or staged (it has shown it otherwise, or again): never both of the last two.
 */
export class KnownRows {
  readonly #rowsMax: number;
  #hashes = new Int32Array(ROWS_MIN * HASH_WORDS);
  #moments = new Int32Array(ROWS_MIN * MOMENT_WORDS);
  #states = new Uint8Array(ROWS_MIN);
  /** The row's place and one more, where its hash leads; 0 is free. */
  #slots = new Int32Array(ROWS_MIN * SLOTS_A_ROW);
  readonly #words = new Int32Array(MOMENTS * MOMENT_WORDS);
  #count = 0;
  #seen = 0;
  #isWhole = true;

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  get count(): number {
    return this.#count;
  }

  /** Whether all were added. What is not here is not proven absent by not being seen, so a part is of no use. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Rows that only we remember. */
  get seen(): number {
    return this.#seen;
  }

  /** One row as the server packs it. */
  add(packed: Buffer, start: number): void {
    if (this.#count >= this.#rowsMax) this.#isWhole = false;
    if (!this.#isWhole) return;
    if (this.#count === this.#states.length) this.#grow();
    const at = this.#count;
    const slot = this.#slotOf(packed, start);
    if (this.#slots[slot] !== 0)
      throw new Error('two present rows of a source have one content hash, which covers the id');
    for (let word = 0; word < HASH_WORDS; word += 1) {
      this.#hashes[at * HASH_WORDS + word] = packed.readInt32LE(start + word * 4);
    }
    for (let word = 0; word < this.#words.length; word += 1) {
      this.#words[word] = packed.readInt32BE(start + HASH_BYTES + word * 4);
    }
    for (let lane = 0; lane < MOMENT_WORDS; lane += 1) {
      this.#moments[at * MOMENT_WORDS + lane] = digestOf(this.#words, lane);
    }
    this.#slots[slot] = at + 1;
    this.#count += 1;
  }

  /** Whether the row is known as it is. `first`: the listing shows it for the first time; else it counts already. */
  see(hash: Buffer, row: RosterRow): 'first' | 'again' | undefined {
    const at = this.#find(hash);
    if (at < 0 || this.#states[at] === STATE.staged || !this.#hasMoments(at, row)) return undefined;
    if (this.#states[at] === STATE.seen) return 'again';
    this.#states[at] = STATE.seen;
    this.#seen += 1;
    return 'first';
  }

  /** The row that is known by this hash has been staged: the later copy of an id counts. Whether it was seen here before. */
  takeBack(hash: Buffer): boolean {
    const at = this.#find(hash);
    if (at < 0) return false;
    const wasSeen = this.#states[at] === STATE.seen;
    if (wasSeen) this.#seen -= 1;
    this.#states[at] = STATE.staged;
    return wasSeen;
  }

  /** Twice the room: so often that the slots stay half empty, so seldom that it does not count. */
  #grow(): void {
    const [hashes, moments, states] = [this.#hashes, this.#moments, this.#states];
    this.#hashes = new Int32Array(hashes.length * 2);
    this.#hashes.set(hashes);
    this.#moments = new Int32Array(moments.length * 2);
    this.#moments.set(moments);
    this.#states = new Uint8Array(states.length * 2);
    this.#states.set(states);
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let at = 0; at < this.#count; at += 1) {
      let slot = (hashes[at * HASH_WORDS] ?? 0) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = at + 1;
    }
    this.#slots = slots;
  }

  isAnyUnseen(): boolean {
    return this.#states.subarray(0, this.#count).includes(STATE.unseen);
  }

  /** The first halves of the hashes, as hex, of what nothing has shown yet. */
  *unseen(): Generator<string> {
    const bytes = Buffer.alloc(HASH_BYTES);
    for (let at = 0; at < this.#count; at += 1) {
      if (this.#states[at] !== STATE.unseen) continue;
      for (let word = 0; word < HASH_WORDS; word += 1) {
        bytes.writeInt32LE(this.#hashes[at * HASH_WORDS + word] ?? 0, word * 4);
      }
      yield bytes.toString('hex');
    }
  }

  /** -1: not known. */
  #find(hash: Buffer): number {
    return (this.#slots[this.#slotOf(hash, 0)] ?? 0) - 1;
  }

  /** Where the hash is, or would be. At least half of the slots are free, so this ends. */
  #slotOf(bytes: Buffer, start: number): number {
    const mask = this.#slots.length - 1;
    let slot = bytes.readInt32LE(start) & mask;
    for (;;) {
      const at = this.#slots[slot] ?? 0;
      if (at === 0 || this.#isAt(at - 1, bytes, start)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #isAt(at: number, bytes: Buffer, start: number): boolean {
    for (let word = 0; word < HASH_WORDS; word += 1) {
      if (this.#hashes[at * HASH_WORDS + word] !== bytes.readInt32LE(start + word * 4)) return false;
    }
    return true;
  }

  /** False also where one of them is written in a way that only Postgres reads. */
  #hasMoments(at: number, { lastActiveAt, sourceCreatedAt, sourceUpdatedAt }: RosterRow): boolean {
    const words = this.#words;
    return (
      writeMoment(words, 0, lastActiveAt) &&
      writeMoment(words, MOMENT_WORDS, sourceCreatedAt) &&
      writeMoment(words, 2 * MOMENT_WORDS, sourceUpdatedAt) &&
      this.#moments[at * MOMENT_WORDS] === digestOf(words, 0) &&
      this.#moments[at * MOMENT_WORDS + 1] === digestOf(words, 1)
    );
  }
}

/** Undefined: more than are kept. Within a claim nobody else writes rows of this source, or is refused when it records. */
export async function loadKnownRows(pool: pg.Pool, sourceId: number): Promise<KnownRows | undefined> {
  const load = async (client: pg.PoolClient): Promise<KnownRows> => {
    await longStatements(client);
    const known = new KnownRows(ROWS_MAX);
    const query = { name: 'known_rows', text: KNOWN, values: [sourceId], batchRows: 1 };
    for await (const stretch of fetchBatches<{ packed: Buffer | null }>(client, query)) addAll(known, stretch);
    return known;
  };
  const known = await inTransaction(pool, 'load known rows', load, { again: true });
  return known.isWhole ? known : undefined;
}

function addAll(known: KnownRows, stretch: readonly { readonly packed: Buffer | null }[]): void {
  for (const { packed } of stretch) {
    if (packed === null) continue;
    for (let at = 0; at < packed.length; at += ROW_BYTES) known.add(packed, at);
  }
}

const SEEDS = [0x9747b28c, 0x5bd1e995] as const;
const FACTORS = [0xcc9e2d51, 0x85ebca6b] as const;

/** One of two times 32 bits, mixed as Murmur does. What shares both by chance would not be refreshed, once in 10^19 changes. */
function digestOf(words: Int32Array, lane: number): number {
  const factor = FACTORS[lane] ?? 0;
  let state = SEEDS[lane] ?? 0;
  for (let at = 0; at < words.length; at += 1) {
    const mixed = Math.imul(words[at] ?? 0, factor);
    const met = state ^ Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
    state = (Math.imul((met << 13) | (met >>> 19), 5) + 0xe6546b64) | 0;
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return state ^ (state >>> 16);
}

import { createHmac } from 'node:crypto';
import type pg from 'pg';
import { isStillForgotten, isUsableRow, type Likeness } from '../core/forget.ts';
import { keysOf } from '../core/normalise.ts';
import { foldedGivenName } from '../core/person.ts';
import type { RosterRow } from '../core/row.ts';

/** A source that is asked for single rows cannot be asked for those, as nobody knows their ids: a row may have slipped from page to page. */
const MISSED_MAX_SINGLY = 3;

const LOAD = `
  select g.forget_salt as salt, s.authoritative, encode(f.mark, 'hex') as mark,
         array(select encode(a, 'hex') from unnest(f.addresses) a) as addresses, encode(f.given_name, 'hex') as given_name, f.usable
    from rollcall.forgotten f join rollcall.source s on s.id = f.source_id cross join rollcall.setting g
   where f.source_id = $1`;

type MarkRow = {
  readonly salt: Buffer;
  readonly authoritative: boolean;
  readonly mark: string;
  readonly addresses: readonly string[];
  readonly given_name: string | null;
  readonly usable: boolean;
};

/** The hashes of a row: its mark, which says whether it is one, and what it is like. */
export function hashesOf(
  salt: Buffer,
  { row, sourceId, usable }: { readonly row: RosterRow; readonly sourceId: number; readonly usable: boolean },
): Likeness & { readonly mark: string } {
  const of = (...parts: readonly string[]): string => hashOf(salt, [String(sourceId), row.externalId, ...parts]);
  const given = foldedGivenName(row);
  const addresses = keysOf(row).filter(({ kind }) => kind !== 'employee_id');
  return {
    mark: of('id'),
    addresses: addresses.map(({ key }) => of('address', key)),
    givenName: given === undefined ? undefined : of('given name', given),
    usable,
  };
}

function hashOf(salt: Buffer, parts: readonly string[]): string {
  return createHmac('sha256', salt).update(JSON.stringify(parts)).digest('hex');
}

/** Nothing for a source of which nobody was forgotten: then no row is hashed. */
export async function loadForgotten(pool: pg.Pool, sourceId: number): Promise<Forgotten | undefined> {
  const { rows } = await pool.query<MarkRow>(LOAD, [sourceId]);
  const [first] = rows;
  return first === undefined ? undefined : new Forgotten(sourceId, first, rows);
}

/** What of one listing belongs to people who were forgotten: it is counted, so that totals agree, and passed over. */
export class Forgotten {
  readonly #sourceId: number;
  readonly #salt: Buffer;
  readonly #authoritative: boolean;
  readonly #marks: ReadonlyMap<string, Likeness>;
  /** By mark, the ids of rows that were passed over. */
  readonly #passed = new Map<string, string>();
  /** Named as somebody's manager: they are known to the vendor, listed or not. */
  readonly #named = new Set<string>();
  readonly #managers = new Set<string>();
  readonly #lapsed = new Set<string>();
  readonly #unusable = new Set<string>();

  constructor(sourceId: number, { salt, authoritative }: MarkRow, rows: readonly MarkRow[]) {
    this.#sourceId = sourceId;
    this.#salt = salt;
    this.#authoritative = authoritative;
    this.#marks = new Map(
      rows.map(({ mark, addresses, given_name, usable }) => [
        mark,
        { addresses, givenName: given_name ?? undefined, usable },
      ]),
    );
  }

  /** Distinct rows that were passed over so far. */
  get count(): number {
    return this.#passed.size;
  }

  /** The rows that are kept, without a manager who was forgotten. */
  sift(rows: readonly RosterRow[], now: Date): readonly RosterRow[] {
    const today = now.toISOString().slice(0, 'YYYY-MM-DD'.length);
    return rows.filter((row) => !this.#passesOver(row, today)).map((row) => this.#withoutManager(row));
  }

  /** A watermark may name rows by which a source knows its roster again. */
  clean(watermark: string | undefined): string | undefined {
    const ids = new Set([...this.#passed.values(), ...this.#managers]);
    if (watermark === undefined || ids.size === 0) return watermark;
    try {
      return JSON.stringify(JSON.parse(watermark, (_key, value: unknown) => withoutIds(value, ids)));
    } catch {
      return watermark;
    }
  }

  /** In the transaction that records the listing: a mark ends when its row is somebody else's, or is listed no more. */
  async settle(client: pg.PoolClient, { complete, singly }: Shown): Promise<void> {
    const ended = [...this.#lapsed];
    if (complete) {
      const unseen = [...this.#marks.keys()].filter((mark) => !this.#isSeen(mark));
      const missedMax = singly ? MISSED_MAX_SINGLY : 1;
      await client.query(MISS, [this.#sourceId, unseen, [...this.#passed.keys(), ...this.#named]]);
      await client.query(END_MISSED, [this.#sourceId, unseen, missedMax]);
    }
    if (ended.length > 0) await client.query(END, [this.#sourceId, ended]);
    if (this.#unusable.size > 0) await client.query(NOT_USABLE, [this.#sourceId, [...this.#unusable]]);
  }

  #isSeen(mark: string): boolean {
    return this.#passed.has(mark) || this.#named.has(mark) || this.#lapsed.has(mark);
  }

  #passesOver(row: RosterRow, today: string): boolean {
    const mark = hashOf(this.#salt, [String(this.#sourceId), row.externalId, 'id']);
    const known = this.#marks.get(mark);
    if (known === undefined) return false;
    const usable = isUsableRow(row, this.#authoritative, today);
    if (!isStillForgotten(known, hashesOf(this.#salt, { row, sourceId: this.#sourceId, usable }))) {
      this.#lapsed.add(mark);
      this.#passed.delete(mark);
      return false;
    }
    this.#passed.set(mark, row.externalId);
    if (known.usable && !usable) this.#unusable.add(mark);
    return true;
  }

  #withoutManager(row: RosterRow): RosterRow {
    const { managerId } = row;
    if (managerId === undefined) return row;
    const mark = hashOf(this.#salt, [String(this.#sourceId), managerId, 'id']);
    if (!this.#marks.has(mark) || this.#lapsed.has(mark)) return row;
    this.#named.add(mark);
    this.#managers.add(managerId);
    return { ...row, managerId: undefined };
  }
}

type Shown = {
  /** A complete full listing: what it does not show is not there. */
  readonly complete: boolean;
  readonly singly: boolean;
};

// As a value: `any` of a subquery would compare with its rows.
const MARKS = `(select array_agg(decode(m, 'hex')) from unnest($2::text[]) m)::bytea[]`;
const MISS = `
  with missed as (
    update rollcall.forgotten set missed = missed + 1 where source_id = $1 and mark = any (${MARKS}))
  update rollcall.forgotten set missed = 0
   where source_id = $1 and missed > 0 and mark = any ((select array_agg(decode(m, 'hex')) from unnest($3::text[]) m)::bytea[])`;
const END_MISSED = `
  delete from rollcall.forgotten where source_id = $1 and missed >= $3 and mark = any (${MARKS})`;
const END = `delete from rollcall.forgotten where source_id = $1 and mark = any (${MARKS})`;
const NOT_USABLE = `
  update rollcall.forgotten set usable = false where source_id = $1 and usable and mark = any (${MARKS})`;

function withoutIds(value: unknown, ids: ReadonlySet<string>): unknown {
  return Array.isArray(value) ? value.filter((item) => typeof item !== 'string' || !ids.has(item)) : value;
}

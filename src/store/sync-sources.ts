import type pg from 'pg';
import type { VerdictKind } from '../core/listing.ts';
import type { SourceSpec } from '../ports/sources.ts';
import type { StoredSource } from '../ports/store.ts';
import { inTransaction } from './database.ts';
import type { source } from './schema/rosters.ts';

/** "rollsrcs" cut to an int: two processes that start together make the sources known one after the other. */
const SOURCES_LOCK = 0x73726373;

type SourceRow = typeof source.$inferSelect;
type Wanted = Pick<
  SourceRow,
  | 'name'
  | 'type'
  | 'authoritative'
  | 'audited'
  | 'rank'
  | 'correlateEmployeeId'
  | 'keyDigest'
  | 'maxAgeMs'
  | 'retiredAt'
  | 'seatAmount'
  | 'seatCurrency'
  | 'seatPer'
>;
type Known = Wanted &
  Pick<SourceRow, 'id' | 'watermark' | 'notBefore'> & {
    readonly lastCompleteAt: string | null;
    readonly lastFullVerdict: VerdictKind | null;
    readonly lastVerdict: VerdictKind | null;
  };

/** `lastCompleteAt`: age of the last complete full listing. `lastVerdict`: a hint in order takes no doubt away, it has read a few rows. */
const KNOWN = `
  select id, name, type, authoritative, audited, rank, correlate_employee_id as "correlateEmployeeId",
         key_digest as "keyDigest", max_age_ms as "maxAgeMs", retired_at as "retiredAt",
         seat_amount as "seatAmount", seat_currency as "seatCurrency", seat_per as "seatPer", watermark, not_before as "notBefore",
         (select r.as_of from rollcall.sync_run r
           where r.source_id = s.id and r.mode = 'full' and r.verdict = 'complete' order by r.id desc limit 1) as "lastCompleteAt",
         (select r.verdict from rollcall.sync_run r
           where r.source_id = s.id and r.mode = 'full' order by r.id desc limit 1) as "lastFullVerdict",
         (select r.verdict from rollcall.sync_run r
           where r.source_id = s.id and (r.mode <> 'hint' or r.verdict = 'suspicious') order by r.id desc limit 1) as "lastVerdict"
    from rollcall.source s`;

const COLUMNS = [
  'name',
  'type',
  'authoritative',
  'audited',
  'rank',
  'correlate_employee_id',
  'key_digest',
  'max_age_ms',
  'retired_at',
  'seat_amount',
  'seat_currency',
  'seat_per',
];

/**
 * Makes the configured sources known. A source taken out of the configuration is retired, one that comes back under its name
 * or as `formerly` keeps its history, and changed key settings open a baseline breaker once there is something to compare with.
 */
export async function syncSources(
  pool: pg.Pool,
  specs: readonly SourceSpec[],
  now: Date,
): Promise<readonly StoredSource[]> {
  const write = async (client: pg.PoolClient): Promise<readonly StoredSource[]> => {
    await lockSources(client);
    const known = await loadKnown(client);
    const names = new Set(specs.map((spec) => spec.name));
    const stored: StoredSource[] = [];
    for (const [rank, spec] of specs.entries()) {
      const row = findRow(known, spec, names);
      const wanted = wantedOf(spec, rank);
      if (row !== undefined) await updateSource(client, row, wanted, now);
      const id = row === undefined ? await insertSource(client, wanted, now) : row.id;
      stored.push({ ...spec, id, ...memoryOf(row, spec) });
    }
    const retired = known.filter((row) => row.retiredAt === null && !stored.some(({ id }) => id === row.id));
    for (const { id } of retired) {
      await client.query('update rollcall.source set retired_at = $2 where id = $1', [id, now.toISOString()]);
    }
    return stored;
  };
  return inTransaction(pool, 'make the sources known', write, { again: true });
}

/** Until the transaction ends nobody else makes sources known. */
export async function lockSources(client: pg.PoolClient): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [SOURCES_LOCK]);
}

export async function loadKnown(client: pg.PoolClient): Promise<readonly Known[]> {
  return (await client.query<Known>(KNOWN)).rows;
}

/** A configured source as the database knows it, unless it was retired or given other key settings by another process. */
export async function findSource(pool: pg.Pool, spec: SourceSpec): Promise<StoredSource | undefined> {
  const { rows } = await pool.query<Known>(`${KNOWN} where name = $1 and key_digest = $2 and retired_at is null`, [
    spec.name,
    spec.keyDigest,
  ]);
  const [row] = rows;
  return row === undefined ? undefined : { ...spec, id: row.id, ...memoryOf(row, spec) };
}

/** What the database remembers of a source for its next reading. */
function memoryOf(row: Known | undefined, spec: SourceSpec): Omit<StoredSource, keyof SourceSpec | 'id'> {
  if (row === undefined) return {};
  return {
    notBefore: row.notBefore ?? undefined,
    // A watermark of other key settings points into another roster.
    watermark: row.keyDigest === spec.keyDigest ? (row.watermark ?? undefined) : undefined,
    lastCompleteAt: row.lastCompleteAt ?? undefined,
    lastFullVerdict: row.lastFullVerdict ?? undefined,
    lastVerdict: row.lastVerdict ?? undefined,
  };
}

/** By name; else by the former name, unless another configured source bears that name now. */
export function findRow<Row extends { readonly name: string }>(
  known: readonly Row[],
  spec: Pick<SourceSpec, 'name' | 'formerly'>,
  names: ReadonlySet<string>,
): Row | undefined {
  const same = known.find((row) => row.name === spec.name);
  if (same !== undefined || spec.formerly === undefined || names.has(spec.formerly)) return same;
  return known.find((row) => row.name === spec.formerly);
}

export function wantedOf(spec: SourceSpec, rank: number): Wanted {
  return {
    name: spec.name,
    type: spec.type,
    authoritative: spec.authoritative,
    audited: spec.audited,
    rank,
    correlateEmployeeId: spec.correlateEmployeeId,
    keyDigest: spec.keyDigest,
    maxAgeMs: spec.maxAgeMs ?? null,
    retiredAt: null,
    // The shortest text that is this number: what was written, and no digits of a float.
    seatAmount: spec.seatPrice === undefined ? null : String(spec.seatPrice.amount),
    seatCurrency: spec.seatPrice?.currency ?? null,
    seatPer: spec.seatPrice?.per ?? null,
  };
}

function valuesOf(wanted: Wanted): readonly unknown[] {
  const { name, type, authoritative, audited, rank, correlateEmployeeId, keyDigest, maxAgeMs, retiredAt } = wanted;
  const seat = [wanted.seatAmount, wanted.seatCurrency, wanted.seatPer];
  return [name, type, authoritative, audited, rank, correlateEmployeeId, keyDigest, maxAgeMs, retiredAt, ...seat];
}

export async function insertSource(client: pg.PoolClient, wanted: Wanted, now: Date): Promise<number> {
  const places = COLUMNS.map((_, at) => `$${at + 2}`).join(', ');
  const { rows } = await client.query<{ id: number }>(
    `insert into rollcall.source (created_at, ${COLUMNS.join(', ')}) values ($1, ${places}) returning id`,
    [now.toISOString(), ...valuesOf(wanted)],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('no source row');
  return row.id;
}

async function updateSource(client: pg.PoolClient, row: Known, wanted: Wanted, now: Date): Promise<void> {
  const isOtherKey = row.keyDigest !== wanted.keyDigest;
  if (JSON.stringify(valuesOf(row)) !== JSON.stringify(valuesOf(wanted))) {
    const places = COLUMNS.map((column, at) => `${column} = $${at + 2}`).join(', ');
    await client.query(`update rollcall.source set ${places} where id = $1`, [row.id, ...valuesOf(wanted)]);
  }
  if (!isOtherKey) return;
  await client.query(
    'update rollcall.source set watermark = null, owner_external_id = null, owner_email = null where id = $1',
    [row.id],
  );
  if (row.lastCompleteAt !== null) await openBaselineBreaker(client, row, wanted, now);
}

/** What was read under other settings is no measure for what comes; a person says when to begin anew (contract §5). */
async function openBaselineBreaker(client: pg.PoolClient, row: Known, wanted: Wanted, now: Date): Promise<void> {
  const evidence = {
    type_before: row.type,
    type_now: wanted.type,
    reason: 'type, rosterPath, query or key columns have changed',
  };
  await client.query(
    `insert into rollcall.breaker (source_id, kind, tripped_at, evidence)
     select $1, 'baseline', $2, $3
      where not exists (
        select from rollcall.breaker where source_id = $1 and kind = 'baseline' and closed_at is null)`,
    [row.id, now.toISOString(), JSON.stringify(evidence)],
  );
}

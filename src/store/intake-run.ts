import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Verdict } from '../core/listing.ts';
import type { RecordListing } from '../ports/store.ts';
import type { Run } from './intake-apply.ts';

/** The figures that only the store knows. */
export type RunFigures = {
  readonly distinctIds: number;
  readonly presentUsable: number;
  readonly changed: number;
  readonly gone: number;
  readonly listingDigest: string;
};

/** A run's number, moments and predecessor, as they are stored. */
export type NextRun = Run & {
  readonly startedAt: string;
  readonly asOf: string;
  readonly previousDigest: string | undefined;
};

// Never before the run before, whatever this machine's clock says: a validity range must not end before it begins. A file from the
// future would never grow old, and `as_of` is this machine's own time: after a clock that was ahead, age is right again. The database's own text of each moment comes back, because the digest must cover what is stored.
const NEXT_RUN = `
  with run as (
    select greatest($2::timestamptz, (select max(finished_at) from rollcall.sync_run where source_id = $1),
                    (select max(closed_at) + interval '1 millisecond' from rollcall.breaker where source_id = $1)) as at)
  select nextval(pg_get_serial_sequence('rollcall.sync_run', 'id')) as id, at,
         least($3::timestamptz, at) as started_at, least($4::timestamptz, $2::timestamptz) as as_of,
         (select digest from rollcall.sync_run where source_id = $1 order by id desc limit 1) as previous
    from run`;

const INSERT_RUN = `
  insert into rollcall.sync_run (id, source_id, mode, endpoint, parameters, pages, requests, rows_seen, rows_without_id,
         distinct_ids, declared_total, present_usable, verdict, code, reason, warnings, started_at, finished_at, as_of,
         rows_changed, rows_gone, listing_digest, digest, previous_digest)
  overriding system value
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
          $17, $18, $19, $20, $21, $22, $23, $24)`;

/** Takes the next run's number, moment and predecessor; the caller holds the source's row, so runs of a source are in order. */
export async function nextRun(
  client: pg.PoolClient,
  sourceId: number,
  { startedAt, finishedAt, end }: RecordListing,
): Promise<NextRun> {
  const { rows } = await client.query<NextRow>(NEXT_RUN, [
    sourceId,
    finishedAt.toISOString(),
    startedAt.toISOString(),
    end.modifiedAt,
  ]);
  const [row] = rows;
  if (row === undefined) throw new Error('no next run');
  return {
    id: row.id,
    at: row.at,
    startedAt: row.started_at,
    asOf: row.as_of,
    previousDigest: row.previous ?? undefined,
  };
}

type NextRow = {
  readonly id: number;
  readonly at: string;
  readonly started_at: string;
  readonly as_of: string;
  readonly previous: string | null;
};

/**
 * Appends the evidence of one listing and returns its digest. An auditor recomputes its digest from the row: SHA-256 of `previous_digest` (or nothing), a line
 * feed, and the columns from `id` to `listing_digest` in the order of the insert as a JSON array without spaces; absent is `null`,
 * moments are ISO 8601 in UTC with `Z` and no zeros at a fraction's end, `parameters` is a string: its JSON with sorted keys.
 */
export async function insertRun(
  client: pg.PoolClient,
  sourceId: number,
  run: NextRun,
  { outcome, figures }: { readonly outcome: RecordListing; readonly figures: RunFigures },
): Promise<string> {
  const { end, verdict } = outcome;
  const reason = verdict.kind === 'complete' ? undefined : verdict.reason;
  const declaredTotal = typeof end.declaredTotal === 'number' ? end.declaredTotal : undefined;
  const parameters = Object.fromEntries(Object.entries(end.parameters).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const facts = [
    run.id,
    sourceId,
    outcome.mode,
    end.endpoint,
    JSON.stringify(parameters),
    end.pages,
    end.requests,
    end.rowsSeen,
    end.rowsWithoutId,
    figures.distinctIds,
    declaredTotal,
    figures.presentUsable,
    verdict.kind,
    codeOf(verdict),
    reason,
    end.warnings,
    run.startedAt,
    run.at,
    run.asOf,
    figures.changed,
    figures.gone,
    figures.listingDigest,
  ];
  const digest = createHash('sha256')
    .update(`${run.previousDigest ?? ''}\n${JSON.stringify(facts)}`)
    .digest('hex');
  await client.query(INSERT_RUN, [...facts, digest, run.previousDigest]);
  return digest;
}

/** Whether this very listing is recorded. */
export async function isRun(pool: pg.Pool, id: number, digest: string): Promise<boolean> {
  const { rowCount } = await pool.query('select from rollcall.sync_run where id = $1 and digest = $2', [id, digest]);
  return rowCount === 1;
}

function codeOf(verdict: Verdict): string | undefined {
  if (verdict.kind === 'incomplete') return verdict.code;
  return verdict.kind === 'deferred' ? 'source-deferred' : undefined;
}

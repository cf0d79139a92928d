import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Verdict } from '../core/listing.ts';
import type { RecordListing } from '../ports.ts';
import type { Run } from './intake-apply.ts';

/** The figures that only the store knows. */
export type RunFigures = {
  readonly distinctIds: number;
  readonly presentUsable: number;
  readonly changed: number;
  readonly gone: number;
  readonly listingDigest: string;
  readonly previousDigest: string | undefined;
};

// Never before the run before, whatever this machine's clock says: a validity range must not end before it begins.
const NEXT_RUN = `
  select nextval(pg_get_serial_sequence('rollcall.sync_run', 'id')) as id,
         greatest($2::timestamptz, (select max(finished_at) from rollcall.sync_run where source_id = $1)) as at,
         (select digest from rollcall.sync_run where source_id = $1 order by id desc limit 1) as previous`;

const INSERT_RUN = `
  insert into rollcall.sync_run (id, source_id, mode, endpoint, parameters, pages, requests, rows_seen, rows_without_id,
         distinct_ids, declared_total, present_usable, verdict, code, reason, warnings, started_at, finished_at, as_of,
         rows_changed, rows_gone, listing_digest, digest, previous_digest)
  overriding system value
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
          least($17::timestamptz, $18::timestamptz), $18,
          -- A file from the future would never grow old.
          least(coalesce($19::timestamptz, $18::timestamptz), $18::timestamptz), $20, $21, $22, $23, $24)`;

/** Takes the next run's number, moment and predecessor; the caller holds the source's row, so runs of a source are in order. */
export async function nextRun(
  client: pg.PoolClient,
  sourceId: number,
  finishedAt: Date,
): Promise<Run & { readonly previousDigest: string | undefined }> {
  const { rows } = await client.query<{ id: number; at: string; previous: string | null }>(NEXT_RUN, [
    sourceId,
    finishedAt.toISOString(),
  ]);
  const [row] = rows;
  if (row === undefined) throw new Error('no next run');
  return { id: row.id, at: row.at, previousDigest: row.previous ?? undefined };
}

/** Appends the evidence of one listing. Its digest covers the facts, the listing and the run before. */
export async function insertRun(
  client: pg.PoolClient,
  sourceId: number,
  run: Run,
  { outcome, figures }: { readonly outcome: RecordListing; readonly figures: RunFigures },
): Promise<void> {
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
    outcome.startedAt.toISOString(),
    run.at,
    end.modifiedAt,
    figures.changed,
    figures.gone,
    figures.listingDigest,
  ];
  const digest = createHash('sha256')
    .update(`${figures.previousDigest ?? ''}\n${JSON.stringify(facts)}`)
    .digest('hex');
  await client.query(INSERT_RUN, [...facts, digest, figures.previousDigest]);
}

function codeOf(verdict: Verdict): string | undefined {
  if (verdict.kind === 'incomplete') return verdict.code;
  return verdict.kind === 'deferred' ? 'source-deferred' : undefined;
}

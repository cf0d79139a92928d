import type pg from 'pg';
import type { Verdict } from '../core/listing.ts';
import { fetchBatches } from './cursor.ts';
import type { Run } from './intake-apply.ts';
import { LOST, type Losses, lostParameters } from './intake-count.ts';
import type { IntakeKey } from './intake-stage.ts';

type Suspicious = Extract<Verdict, { kind: 'suspicious' }>;

const BATCH_IDS = 10_000;
const OPEN_BREAKER = `select id from rollcall.breaker where source_id = $1 and kind = 'source' and closed_at is null`;

/**
 * Opens the source breaker with the ids that it shows, unless it is open already: what a release covers is what was shown when
 * it tripped, never what was lost later. Returns its id when it has tripped.
 */
export async function tripBreaker(
  client: pg.PoolClient,
  run: Run,
  verdict: Suspicious & { readonly isEmpty: boolean },
  losses: Losses,
): Promise<number | undefined> {
  const { key, baseline } = losses;
  const open = await client.query(OPEN_BREAKER, [key.sourceId]);
  if (open.rows.length > 0) return undefined;
  const evidence = {
    baseline: verdict.baseline,
    lost: verdict.lost,
    limit: verdict.limit,
    baseline_run: baseline?.runId,
    reason: verdict.reason,
  };
  const { rows } = await client.query<{ id: number }>(
    `insert into rollcall.breaker (source_id, kind, tripped_at, run_id, evidence)
     values ($1, 'source', $2, $3, $4) returning id`,
    [key.sourceId, run.at, run.id, JSON.stringify(evidence)],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error('no breaker id');
  await client.query(
    `insert into rollcall.breaker_loss (breaker_id, external_id) select $6::bigint, lost.external_id from (${LOST}) lost`,
    [...lostParameters(losses), id],
  );
  if (verdict.isEmpty) await coverEmptiness(client, key, id);
  return id;
}

// An empty listing loses every present row: inactive ones, those that came after the baseline, and all of them where there is no
// baseline. A release must cover them, or the next empty listing would be suspicious again for their sake.
async function coverEmptiness(client: pg.PoolClient, key: IntakeKey, breakerId: number): Promise<void> {
  await client.query(
    `insert into rollcall.breaker_loss (breaker_id, external_id)
     select $2::bigint, a.external_id from rollcall.account a
      where a.source_id = $1 and a.gone_at is null
        and not exists (select from rollcall.breaker_loss l where l.breaker_id = $2 and l.external_id = a.external_id)`,
    [key.sourceId, breakerId],
  );
}

/** Adds rows that it shows besides, inactive ones too. */
export async function cover(client: pg.PoolClient, breakerId: number, ids: readonly string[]): Promise<void> {
  await client.query(
    `insert into rollcall.breaker_loss (breaker_id, external_id) select $1, unnest($2::text[]) on conflict do nothing`,
    [breakerId, ids],
  );
}

const WITHHOLD = `
  delete from rollcall.stage_row r where r.source_id = $1 and r.epoch = $2 and r.external_id = any ($3::text[])`;

/**
 * Takes the rows of the baseline that a listing shows inactive or turned unknown out of what is applied. By ids, not by a join with the
 * statement that finds them: no statistics know of a small listing, and then all of it was worked out anew for each staged row.
 */
export async function withholdLosses(client: pg.PoolClient, losses: Losses): Promise<void> {
  await client.query('set local cursor_tuple_fraction = 1');
  const batches = fetchBatches<{ external_id: string }>(client, {
    name: 'losses',
    text: LOST,
    values: lostParameters(losses),
    batchRows: BATCH_IDS,
  });
  const { sourceId, epoch } = losses.key;
  for await (const rows of batches) {
    await client.query(WITHHOLD, [sourceId, epoch, rows.map((row) => row.external_id)]);
  }
}

/** A complete full listing in order closes the breaker by itself. Returns its id. */
export async function recoverBreaker(client: pg.PoolClient, sourceId: number, run: Run): Promise<number | undefined> {
  const { rows } = await client.query<{ id: number }>(
    `update rollcall.breaker set closed_at = $2, closed_by = 'recovered'
      where source_id = $1 and kind = 'source' and closed_at is null returning id`,
    [sourceId, run.at],
  );
  return rows[0]?.id;
}

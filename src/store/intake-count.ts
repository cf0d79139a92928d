import type pg from 'pg';
import type { ListingCounts } from '../core/listing.ts';
import type { IntakeKey } from './intake-stage.ts';

const BASELINE_WINDOW = '24 hours';

/** The listing that losses are counted against (contract §5). */
export type Baseline = { readonly runId: number; readonly finishedAt: string; readonly present: number };

export type Counted = {
  readonly counts: ListingCounts;
  readonly baseline: Baseline | undefined;
  readonly applyAbsence: boolean;
};

// Pages move while they are read, so an id may come in two batches: the later copy counts. Its earlier hash is given back so
// that the listing's digest can forget it.
const FORGET_REPEATS = `
  delete from rollcall.stage s
   using (select external_id, max(batch) as batch from rollcall.stage
           where source_id = $1 and epoch = $2 group by external_id having count(*) > 1) d
   where s.source_id = $1 and s.epoch = $2 and s.external_id = d.external_id and s.batch < d.batch
  returning s.content_hash`;
const FORGET_REPEATED_ROWS = `
  delete from rollcall.stage_row r
   where r.source_id = $1 and r.epoch = $2
     and not exists (select from rollcall.stage s
                      where s.source_id = $1 and s.epoch = $2 and s.external_id = r.external_id and s.batch = r.batch)`;

// Complete full listings since the last released change of key settings: the largest of the last day, else the last one.
const COMPLETE_RUNS = `
  select r.id, r.finished_at, r.present_usable, r.distinct_ids,
         r.finished_at > coalesce($2::timestamptz, now()) - interval '${BASELINE_WINDOW}' as recent
    from rollcall.sync_run r
   where r.source_id = $1 and r.mode = 'full' and r.verdict = 'complete'
     and r.finished_at > coalesce((select max(b.closed_at) from rollcall.breaker b
                                    where b.source_id = $1 and b.kind = 'baseline' and b.released), '-infinity')`;
const BASELINE = `
  with run as (${COMPLETE_RUNS})
  (select id, finished_at, present_usable, distinct_ids, true as is_baseline from run
    order by recent desc, case when recent then present_usable end desc, id desc limit 1)
  union all
  (select id, finished_at, present_usable, distinct_ids, false from run order by id desc limit 1)`;

/** Ids that a person has accepted as lost since a moment ($3). */
const COVERED = `
  select l.external_id from rollcall.breaker k
    join rollcall.breaker_loss l on l.breaker_id = k.id
   where k.source_id = $1 and k.kind = 'source' and k.released and k.closed_at > $2::timestamptz`;

/**
 * The ids of the baseline ($3, finished $4) that this listing leaves absent ($5: only if absence counts), inactive or turned unknown,
 * without those that a release covers. Only rows that can have changed since then are looked at.
 */
export const LOST = `
  with candidate as (
    select external_id from rollcall.stage_row
     where source_id = $1 and epoch = $2 and status in ('inactive', 'unknown')
    union
    select external_id from rollcall.account_version
     where source_id = $1 and valid_to >= $4::timestamptz and to_run > $3
    union
    select a.external_id from rollcall.account a
     where $5 and a.source_id = $1 and a.gone_at is null
       and not exists (select from rollcall.stage s
                        where s.source_id = $1 and s.epoch = $2 and s.external_id = a.external_id)),
  outcome as (
    select b.external_id, b.status as before,
           case when s.external_id is null and ($5 or a.gone_at is not null) then 'absent'
                else coalesce(r.status, a.status) end as after
      from candidate c
      join rollcall.account_version b
        on b.source_id = $1 and b.external_id = c.external_id and b.status <> 'inactive'
       and b.from_run <= $3 and (b.to_run is null or b.to_run > $3)
      join rollcall.account a on a.source_id = $1 and a.external_id = c.external_id
      left join rollcall.stage s on s.source_id = $1 and s.epoch = $2 and s.external_id = c.external_id
      left join rollcall.stage_row r on r.source_id = $1 and r.epoch = $2 and r.external_id = c.external_id)
  select o.external_id from outcome o
   where (o.after in ('absent', 'inactive') or (o.after = 'unknown' and o.before <> 'unknown'))
     and not exists (select from rollcall.breaker k
                       join rollcall.breaker_loss l on l.breaker_id = k.id
                      where k.source_id = $1 and k.kind = 'source' and k.released and k.closed_at > $4::timestamptz
                        and l.external_id = o.external_id)`;

export function lostParameters(key: IntakeKey, baseline: Baseline, applyAbsence: boolean): readonly unknown[] {
  return [key.sourceId, key.epoch, baseline.runId, baseline.finishedAt, applyAbsence];
}

/** Leaves one staged row an id; returns the content hashes of the copies that do not count. */
export async function settleRepeats(client: pg.PoolClient, key: IntakeKey): Promise<readonly Buffer[]> {
  const { rows } = await client.query<{ content_hash: Buffer }>(FORGET_REPEATS, [key.sourceId, key.epoch]);
  if (rows.length > 0) await client.query(FORGET_REPEATED_ROWS, [key.sourceId, key.epoch]);
  return rows.map((row) => row.content_hash);
}

/** The figures that the verdict is judged by. `now`: the end of the 24 hours of the baseline; the server's clock if not told. */
export async function countListing(
  client: pg.PoolClient,
  key: IntakeKey,
  asked: { readonly distinctIds: number; readonly applyAbsence: boolean; readonly now?: Date | undefined },
): Promise<Counted> {
  const { applyAbsence } = asked;
  const { rows } = await client.query<BaselineRow>(BASELINE, [key.sourceId, asked.now?.toISOString()]);
  const largest = rows.find((row) => row.is_baseline);
  const last = rows.find((row) => !row.is_baseline);
  if (largest === undefined || last === undefined) {
    const counts = { distinctIds: asked.distinctIds, knownPresent: 0, baseline: 0, lost: 0 };
    return { counts, baseline: undefined, applyAbsence };
  }
  const baseline = { runId: largest.id, finishedAt: largest.finished_at, present: largest.present_usable };
  const lost = await client.query<{ count: number }>(`select count(*) as count from (${LOST}) lost`, [
    ...lostParameters(key, baseline, applyAbsence),
  ]);
  const covered = await client.query<{ count: number }>(
    `select count(*) as count from rollcall.account a
      where a.source_id = $1 and a.gone_at is null and a.external_id in (${COVERED})`,
    [key.sourceId, last.finished_at],
  );
  return {
    counts: {
      distinctIds: asked.distinctIds,
      // What a person has released may be missing: without this an empty listing could never be released.
      knownPresent: Math.max(0, last.distinct_ids - (covered.rows[0]?.count ?? 0)),
      baseline: baseline.present,
      lost: lost.rows[0]?.count ?? 0,
    },
    baseline,
    applyAbsence,
  };
}

type BaselineRow = {
  readonly id: number;
  readonly finished_at: string;
  readonly present_usable: number;
  readonly distinct_ids: number;
  readonly is_baseline: boolean;
};

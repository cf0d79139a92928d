import type pg from 'pg';
import type { Retained, RetentionStore } from '../ports/store.ts';
import { type Database, inTransaction, longStatements } from './database.ts';
import { named } from './errors.ts';
import { FLOORS, REMOVE_RUNS, REMOVE_VERSIONS } from './retention-statements.ts';

/** Rows that one transaction removes: well under a second, so that whoever waits for a row never waits long. */
const BATCH_ROWS = 5_000;
/** Of one day, over all sources: two million rows. What is left over goes on the next day. */
const BATCHES_MAX = 400;

// The first process on a day has the work, and after a while another one what that one began and did not end. Never beyond the database's own clock: a machine that is a year ahead would take all
// history for old.
const TAKE_DAY = `
  insert into rollcall.retention (day, started_at, versions_before, runs_before)
  select (m.at at time zone 'UTC')::date, m.at, m.at - $2 * interval '1 day', m.at - $3 * interval '1 day'
    from (select least($1::timestamptz, now()) as at) m
  on conflict (day) do update set started_at = excluded.started_at
     where retention.finished_at is null and retention.started_at < excluded.started_at - interval '10 minutes'
  returning day, versions_before, runs_before`;

const END_DAY = `
  update rollcall.retention set finished_at = now(), versions = $2, runs = $3 where day = $1`;

const KEEP_VERSIONS_SINCE = `
  insert into rollcall.kept_history (source_id, versions_since) values ($1, $2)
  on conflict (source_id) do update set versions_since = greatest(kept_history.versions_since, excluded.versions_since)`;

const KEEP_RUNS_AFTER = `
  insert into rollcall.kept_history (source_id, runs_after) values ($1, $2)
  on conflict (source_id) do update set runs_after = greatest(kept_history.runs_after, excluded.runs_after)`;

type Day = { readonly day: string; readonly versions_before: string; readonly runs_before: string };

/**
 * Removes versions and runs that are older than they are kept, in small transactions beside whatever else goes on: they touch only rows
 * that nobody writes any more. `batchRows` is smaller in tests.
 */
export function createRetentionStore({ pool }: Pick<Database, 'pool'>, batchRows = BATCH_ROWS): RetentionStore {
  return {
    retain: ({ versionsDays, runsDays }, now, signal) =>
      named('remove old history', async () => {
        const { rows } = await pool.query<Day>(TAKE_DAY, [now, versionsDays, runsDays]);
        const [day] = rows;
        return day === undefined ? undefined : removeOld(day, { pool, signal, batchRows, left: BATCHES_MAX });
      }),
  };
}

type Work = {
  readonly pool: pg.Pool;
  readonly signal: AbortSignal;
  readonly batchRows: number;
  /** Batches that may still be begun. */
  left: number;
};
type Removed = { readonly count: number; readonly last: string | number | null };

async function removeOld(day: Day, work: Work): Promise<Retained> {
  const { pool } = work;
  let [versions, runs] = [0, 0];
  const { rows } = await pool.query<{ source_id: number; floor: string }>(FLOORS, [day.versions_before]);
  for (const { source_id, floor } of rows) versions += await removeVersions(work, source_id, floor);
  // After the versions: what named a run may be gone now.
  const sources = await pool.query<{ id: number }>('select id from rollcall.source order by id');
  for (const { id } of sources.rows) runs += await removeRuns(work, id, day.runs_before);
  await pool.query(END_DAY, [day.day, versions, runs]);
  const { versions_before: versionsBefore, runs_before: runsBefore } = day;
  return { versions, runs, versionsBefore, runsBefore, isDone: work.left > 0 && !work.signal.aborted };
}

async function removeVersions(work: Work, sourceId: number, floor: string): Promise<number> {
  let from: Removed['last'] = '-infinity';
  return inBatches(work, async (client) => {
    const removed = await remove(client, REMOVE_VERSIONS, [sourceId, from, floor, work.batchRows]);
    from = removed.last;
    if (from !== null) await client.query(KEEP_VERSIONS_SINCE, [sourceId, from]);
    return removed.count;
  });
}

async function removeRuns(work: Work, sourceId: number, before: string): Promise<number> {
  return inBatches(work, async (client) => {
    const { count, last } = await remove(client, REMOVE_RUNS, [sourceId, before, work.batchRows]);
    if (last !== null) await client.query(KEEP_RUNS_AFTER, [sourceId, last]);
    return count;
  });
}

/** Until one is not full, the bound is reached, or the process is to end; each is whole by itself. */
async function inBatches(work: Work, removeOne: (client: pg.PoolClient) => Promise<number>): Promise<number> {
  let total = 0;
  while (work.left > 0 && !work.signal.aborted) {
    work.left -= 1;
    const count = await inTransaction(work.pool, 'remove old history', async (client) => {
      await longStatements(client);
      return removeOne(client);
    });
    total += count;
    if (count < work.batchRows) break;
  }
  return total;
}

async function remove(client: pg.PoolClient, statement: string, values: readonly unknown[]): Promise<Removed> {
  const { rows } = await client.query<Removed>(statement, [...values]);
  const [removed] = rows;
  if (removed === undefined) throw new Error('a count without a row');
  return removed;
}

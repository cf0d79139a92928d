import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { SOURCES } from './company.ts';

const LOOK_MS = 50;
const LAP_MAX_MS = 300_000;

// The database's clock for all of it: from the first reading to the commit of the last one, and to the report that has seen it.
const LAP = `
  select count(distinct r.source_id) as sources, count(*) as runs,
         extract(epoch from max(r.finished_at) - min(r.started_at)) * 1000 as "readMs",
         exists (select from rollcall.drift_report d where d.started_at > max(r.finished_at)) as reported
    from rollcall.sync_run r where r.id > $1 and r.verdict = 'complete'`;

export type Lap = { readonly runs: number; readonly readMs: number };

/** Waits until each source has a complete listing after run `after`, and a reconciliation has seen them all. */
export async function waitForLap(pool: pg.Pool, after: number): Promise<Lap> {
  const deadline = Date.now() + LAP_MAX_MS;
  while (Date.now() < deadline) {
    const { rows } = await pool.query<Lap & { sources: number; reported: boolean; readMs: string }>(LAP, [after]);
    const [lap] = rows;
    if (lap !== undefined && lap.sources > SOURCES && lap.reported)
      return { runs: lap.runs, readMs: Number(lap.readMs) };
    await sleep(LOOK_MS);
  }
  throw new Error(`a lap did not end within ${LAP_MAX_MS / 1000} s`);
}

export async function lastRun(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ id: number }>('select coalesce(max(id), 0) as id from rollcall.sync_run');
  return rows[0]?.id ?? 0;
}

/** What was found, without ids and times. */
export async function findingsOf(pool: pg.Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ line: string }>(
    `select concat_ws(' ', source, rule, account_id, status) as line from rollcall.drift_findings order by 1`,
  );
  return rows.map(({ line }) => line);
}

import type pg from 'pg';
import { renderTable } from '../support/document.ts';

export type Hour = {
  readonly hour: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly versions: number;
  readonly events: number;
  readonly runs: number;
  /** Of what is believed: accounts, keys, links, findings. */
  readonly stateBytes: number;
  /** Of the log of runs and reports, which grows by the tick. */
  readonly logBytes: number;
};

const SIZES = `
  select (select count(*) from rollcall.account_version) as versions,
         (select count(*) from rollcall.finding_event) as events,
         (select count(*) from rollcall.sync_run) as runs,
         (select sum(pg_total_relation_size(t)) from unnest(array[
             'rollcall.account', 'rollcall.account_key', 'rollcall.account_version', 'rollcall.link', 'rollcall.finding',
             'rollcall.dirty', 'rollcall.setting', 'rollcall.source', 'rollcall_jobs.job']::regclass[]) as t)::bigint as "stateBytes",
         (select sum(pg_total_relation_size(t)) from unnest(array[
             'rollcall.sync_run', 'rollcall.drift_report']::regclass[]) as t)::bigint as "logBytes"`;

/** After a garbage collection where there is one to be had (`--expose-gc`). */
export async function measure(pool: pg.Pool, hour: number): Promise<Hour> {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const { rows } = await pool.query<Omit<Hour, 'hour' | 'rssBytes' | 'heapBytes'>>(SIZES);
  const [row] = rows;
  if (row === undefined) throw new Error('nothing was measured');
  return { hour, rssBytes: rss, heapBytes: heapUsed, ...row };
}

type Counts = { readonly ticks: number; readonly edits: number; readonly declared: number; readonly fired: number };

export function renderHours(hours: readonly Hour[], { ticks, edits, declared, fired }: Counts): string {
  const shown = hours.filter(({ hour }) => hour === 1 || hour % 3 === 0);
  const table = renderTable(
    ['Hour', 'RSS', 'Heap', 'Versions', 'Events of findings', 'What is believed', 'Runs', 'Log of runs and reports'],
    shown.map((each) => [
      String(each.hour),
      mebi(each.rssBytes),
      mebi(each.heapBytes),
      String(each.versions),
      String(each.events),
      mebi(each.stateBytes),
      String(each.runs),
      mebi(each.logBytes),
    ]),
  );
  return `${table}\n\n- Ticks: ${ticks}; rows edited: ${edits}\n- Faults declared: ${declared}; fired: ${fired}`;
}

function mebi(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}

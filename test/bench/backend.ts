import { readFile } from 'node:fs/promises';
import type { BenchDatabase } from './database.ts';

// What a measurement costs the server: memory of one connection, files that did not fit into `work_mem`, and room in the tables.

const KIB = 1024;
/** High-water mark of the fattest connection of this name, what it shares with all others included; undefined of a server elsewhere. */
export async function backendPeak({ pool }: BenchDatabase, name: string): Promise<number | undefined> {
  const { rows } = await pool.query<{ pid: number }>('select pid from pg_stat_activity where application_name = $1', [
    name,
  ]);
  const peaks = await Promise.all(rows.map(({ pid }) => peakOf(pid)));
  const known = peaks.flatMap((peak) => peak ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** Only of a Postgres on this machine: another process may have the same number. */
async function peakOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  if (!/^Name:\s+postgres/m.test(status)) return undefined;
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return peak === undefined ? undefined : Number(peak) * KIB;
}

/** Written to temporary files of this database so far, by connections that are closed: an open one tells seconds later. */
export async function tempBytes({ pool }: BenchDatabase): Promise<number> {
  const { rows } = await pool.query<{ bytes: number }>(
    'select temp_bytes::int8 as bytes from pg_stat_database where datname = current_database()',
  );
  return rows[0]?.bytes ?? 0;
}

/** Of all tables of the product, with their indexes. */
export async function tableBytes({ pool }: BenchDatabase): Promise<number> {
  const { rows } = await pool.query<{ bytes: number }>(
    `select sum(pg_total_relation_size(c.oid))::int8 as bytes
       from pg_class c where c.relkind = 'r' and c.relnamespace = 'rollcall'::regnamespace`,
  );
  return rows[0]?.bytes ?? 0;
}

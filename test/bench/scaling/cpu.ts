import { readdirSync, readFileSync } from 'node:fs';
import type pg from 'pg';

// proc(5): fields of /proc/PID/stat after the name, which may hold spaces; times in ticks, of which Linux shows a hundred a second.
const TICKS_PER_SECOND = 100;
const FIELD = { parent: 1, user: 11, system: 12, childrenUser: 13, childrenSystem: 14 } as const;

/** Processor seconds that a process has used itself; NaN where the system does not tell. */
export function cpuSecondsOf(pid: number): number {
  const stat = readStat(pid);
  return (at(stat, FIELD.user) + at(stat, FIELD.system)) / TICKS_PER_SECOND;
}

/** Of the whole server that this connection leads to: its processes that live, and those that have ended. NaN where it is on another machine. */
export async function serverCpuSeconds(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
  const postmaster = at(readStat(rows[0]?.pid ?? 0), FIELD.parent);
  const own = readStat(postmaster);
  const living = processes()
    .filter((pid) => at(readStat(pid), FIELD.parent) === postmaster)
    .map(cpuSecondsOf)
    .filter((seconds) => !Number.isNaN(seconds));
  const ended = (at(own, FIELD.childrenUser) + at(own, FIELD.childrenSystem)) / TICKS_PER_SECOND;
  return living.reduce((sum, seconds) => sum + seconds, ended);
}

function processes(): readonly number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function readStat(pid: number): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function at(stat: readonly string[], index: number): number {
  return Number(stat[index] ?? Number.NaN);
}

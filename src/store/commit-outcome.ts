import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

/** Whether what a transaction wrote is there, by something that no other transaction could have written. */
export type IsThere<T> = (result: T, pool: pg.Pool) => Promise<boolean>;

/** A server that restarts is away for seconds, and one that still commits takes a moment. */
const LOOK_AGAIN_MS = 500;
const LOOKS_MAX = 20;
const ABSENCES_MAX = 3;

/**
 * Asked when a connection was lost at the commit, whose answer never came. Else a listing that is recorded would count as failed. Where
 * nobody can tell, it is a failure: to do it again does no harm. By what was written and not by `pg_xact_status`: after a crash a
 * transaction's number may be given to another one.
 */
export async function isCommitted<T>(pool: pg.Pool, result: T, isThere: IsThere<T> | undefined): Promise<boolean> {
  if (isThere === undefined) return false;
  let absences = 0;
  for (let look = 1; look <= LOOKS_MAX && absences < ABSENCES_MAX && !pool.ending; look += 1) {
    if (look > 1) await sleep(LOOK_AGAIN_MS);
    try {
      if (await isThere(result, pool)) return true;
      absences += 1;
    } catch {
      // Still away.
    }
  }
  return false;
}

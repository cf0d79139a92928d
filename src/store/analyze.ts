import type pg from 'pg';

/** Below this the planner's guesses do no harm, and ANALYZE would cost more than the run. */
export const ANALYZE_ROWS_MIN = 2_000;

/** Counts tables for the planner, within this transaction, by functions of the migrations: the worker does not own them. */
export async function analyze(client: pg.ClientBase, what: 'stage' | 'roster' | 'links'): Promise<void> {
  await client.query(`select rollcall.analyze_${what}()`);
}

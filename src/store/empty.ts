import type pg from 'pg';
import { inTransaction } from './database.ts';
import { JOBS_SCHEMA } from './jobs-schema.ts';
import { MIGRATIONS_SCHEMA } from './migrate.ts';

/**
 * Removes everything that Rollcall has made in this database. Only for the demo, whose database is its own and is made anew
 * each time.
 */
export async function emptyForDemo(pool: pg.Pool): Promise<void> {
  await inTransaction(pool, 'empty the demo database', async (client) => {
    await client.query(`drop schema if exists rollcall, ${JOBS_SCHEMA}, ${MIGRATIONS_SCHEMA} cascade`);
  });
}

import type pg from 'pg';
import { PgBoss } from 'pg-boss';
import { JOBS_SCHEMA } from './jobs-schema.ts';

/**
 * A pg-boss of its own on this connection, never started, whose jobs are there if, and only if, the connection's transaction commits. The
 * worker's would ask its pool for the queue's settings meanwhile, and with a pool of one wait for the connection that it is called from.
 */
export function bossOn(client: pg.ClientBase): PgBoss {
  return new PgBoss({
    db: { executeSql: (text: string, values?: unknown[]) => client.query(text, values) },
    schema: JOBS_SCHEMA,
    migrate: false,
    createSchema: false,
    supervise: false,
    schedule: false,
  });
}

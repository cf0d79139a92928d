import pg from 'pg';
import type { Log } from '../ports.ts';
import { named, wrapDatabaseError } from './errors.ts';
import { ROLLCALL_TYPES } from './types.ts';

// pg's own defaults are "none" for all five. A longer statement says so with `SET LOCAL` (`longStatements`).
const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 60_000;
const LOCK_TIMEOUT_MS = 30_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;
/** Client side, for a server that has vanished: longer than the longest statement that is allowed. */
const QUERY_TIMEOUT_MS = 31 * 60_000;
export const LONG_STATEMENT_TIMEOUT_MS = 30 * 60_000;
const KEEP_ALIVE_DELAY_MS = 10_000;
const IDLE_CONNECTION_MS = 30_000;

// Sent as statements, not as startup parameters: PgBouncer refuses a connection that brings parameters it does not know.
const SESSION = [
  `set statement_timeout = ${STATEMENT_TIMEOUT_MS}`,
  `set lock_timeout = ${LOCK_TIMEOUT_MS}`,
  `set idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_TIMEOUT_MS}`,
  `set datestyle = 'ISO, YMD'`,
  `set timezone = 'UTC'`,
].join('; ');

export type Database = {
  readonly pool: pg.Pool;
  close(): Promise<void>;
};
export type DatabaseOptions = {
  readonly url: string;
  readonly poolMax: number;
  readonly log: Log;
  readonly applicationName: string;
};

/**
 * A pool; nothing is connected before the first query. Timestamps leave as ISO text with `Z`, plain dates
 * as text, int8 as number.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolMax,
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_CONNECTION_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    types: ROLLCALL_TYPES,
    verify: (client, done) => {
      client.query(SESSION).then(() => done(), done);
    },
  });
  // Without a listener the server's restart would end this process (an idle connection emits `error`).
  pool.on('error', (error) => {
    options.log.warn({ err: wrapDatabaseError(error, 'idle connection') }, 'database connection lost');
  });
  return { pool, close: () => named('close the pool', pool.end()) };
}

/** One transaction on one connection; rolled back when `work` throws. Failures carry `what` and no data. */
export async function inTransaction<T>(
  pool: pg.Pool,
  what: string,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await named(what, pool.connect());
  let broken = false;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    broken = !(await rolledBack(client));
    throw wrapDatabaseError(error, what);
  } finally {
    client.release(broken);
  }
}

/** For the statements of this transaction only; a session setting would leak to others behind a transaction pooler. */
export async function longStatements(client: pg.ClientBase): Promise<void> {
  await client.query(`set local statement_timeout = ${LONG_STATEMENT_TIMEOUT_MS}`);
}

/** A connection whose rollback fails is not given back to the pool: its transaction may still be open. */
async function rolledBack(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query('rollback');
    return true;
  } catch {
    return false;
  }
}

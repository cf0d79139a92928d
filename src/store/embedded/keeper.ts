import pg from 'pg';

import { type Cluster, SUPERUSER } from './cluster.ts';
import { codeOf, embeddedFailure } from './failure.ts';

const NAME = 'rollcall keeper';
/** A lock ("keep") that orders comings and goings: who stops the server has looked for others while none could arrive. */
const DOOR = 0x6b656570;
const CONNECT_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 30_000;
export const DATABASE = 'rollcall';

/**
 * The connection by which a process shows that it uses the server. When a process is killed its keeper vanishes with it, so
 * counting keepers needs no lock file that could be stale.
 */
export type Keeper = { readonly port: number; readonly client: pg.Client };

/** Undefined: nobody answers yet, or the server is just starting or ending; worth another try while it is alive. */
export async function joinServer(cluster: Cluster, port: number): Promise<Keeper | undefined> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: SUPERUSER,
    password: cluster.password,
    database: 'postgres',
    ssl: false,
    application_name: NAME,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  });
  client.on('error', () => undefined); // a lost keeper is found out at the end; without a listener it would end the process
  try {
    await client.connect();
    await client.query(`select pg_advisory_lock_shared(${DOOR}), pg_advisory_unlock_shared(${DOOR})`);
    await makeDatabase(client);
    return { port, client };
  } catch (error) {
    await client.end().catch(() => undefined);
    if (codeOf(error) === '28P01') {
      throw embeddedFailure(`the server does not take the password in ${cluster.passwordFile}: restore it`, error);
    }
    return undefined;
  }
}

async function makeDatabase(client: pg.Client): Promise<void> {
  const found = await client.query('select from pg_database where datname = $1', [DATABASE]);
  if (found.rowCount === 1) return;
  await client.query(`create database ${DATABASE}`).catch((error: unknown) => {
    if (!['42P04', '23505'].includes(codeOf(error) ?? '')) throw error; // another process was quicker
  });
}

/** Runs `stop` when no other process has a keeper here, and leaves. Nobody can join between the look and the stop. */
export async function leaveServer(keeper: Keeper, stop: () => Promise<void>): Promise<void> {
  const { client } = keeper;
  try {
    await client.query(`select pg_advisory_lock(${DOOR})`);
    // Off the list first: a connection stays visible for a moment after it has given its locks back.
    await client.query(`set application_name = 'rollcall leaving'`);
    const others = await client.query('select from pg_stat_activity where application_name = $1 limit 1', [NAME]);
    if (others.rowCount === 0) await stop();
  } finally {
    await client.end().catch(() => undefined);
  }
}

import type pg from 'pg';

// pg's own defaults are "none" for all of them. A longer statement says so with `SET LOCAL` (`longStatements`).
export const STATEMENT_TIMEOUT_MS = 60_000;
const LOCK_TIMEOUT_MS = 30_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;
/** How often a statement looks whether its client is still there: else that of a process that was killed goes on, with its locks. */
const CLIENT_CHECK_MS = 5_000;

const SETTINGS = [
  ['statement_timeout', `${STATEMENT_TIMEOUT_MS}`],
  ['lock_timeout', `${LOCK_TIMEOUT_MS}`],
  ['idle_in_transaction_session_timeout', `${IDLE_IN_TRANSACTION_TIMEOUT_MS}`],
  ['datestyle', 'ISO, YMD'],
  ['timezone', 'UTC'],
] as const;
/** Servers on Windows cannot, and refuse it. */
const CLIENT_CHECK = ['client_connection_check_interval', `${CLIENT_CHECK_MS}`] as const;

/** Behind a pooler: what each transaction sets for itself. */
const localSettings = new WeakMap<pg.ClientBase, string>();

/**
 * Gives a new connection its settings. Not as startup parameters: PgBouncer refuses a connection that brings parameters it does not
 * know. Behind a pooler nothing is set for the session, which belongs to somebody else with the next transaction: a setting would leak
 * to them, and be missing from us. There each transaction sets its own (`beginWords`), and for a single statement the client's
 * timeout counts, and what the role or the server says.
 */
export async function prepareSession(client: pg.ClientBase): Promise<void> {
  if (await isDirect(client)) return;
  const local: (readonly [string, string])[] = [...SETTINGS];
  if (await knowsClientCheck(client)) local.push(CLIENT_CHECK);
  localSettings.set(client, local.map(([name, value]) => `; set local ${name} = '${value}'`).join(''));
}

/** `begin`, with the settings of the transaction where the session has none. No query, which would take its snapshot. */
export function beginWords(client: pg.ClientBase, begin: string): string {
  return begin + (localSettings.get(client) ?? '');
}

/** Whether there is a pooler between this connection and its server, in whatever mode. */
export function isPooled(client: pg.ClientBase): boolean {
  return localSettings.has(client);
}

/**
 * A pooler greets with a process number of its own; a proxy that only passes bytes on does not. In one statement, so that behind a
 * pooler it comes to nothing and else costs no second round trip.
 */
async function isDirect(client: pg.ClientBase): Promise<boolean> {
  const pid = 'processID' in client && typeof client.processID === 'number' ? client.processID : 0;
  const set = SETTINGS.map(([name, value]) => `set_config('${name}', '${value}', false)`).join(', ');
  const results: unknown = await client.query(
    `select ${set} where pg_backend_pid() = ${pid};
     do $$ begin
       if pg_backend_pid() = ${pid} then perform set_config('${CLIENT_CHECK[0]}', '${CLIENT_CHECK[1]}', false); end if;
     exception when others then null; end $$`,
  );
  const first: unknown = Array.isArray(results) ? results[0] : results;
  if (typeof first !== 'object' || first === null || !('rowCount' in first)) {
    throw new Error('pg gives no results of several statements any more');
  }
  return first.rowCount === 1;
}

async function knowsClientCheck(client: pg.ClientBase): Promise<boolean> {
  try {
    // For this statement alone, and in a block, so that nobody has to roll back.
    await client.query(`do $$ begin perform set_config('${CLIENT_CHECK[0]}', '${CLIENT_CHECK[1]}', true); end $$`);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '22023') return false;
    throw error;
  }
}

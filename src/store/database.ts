import { Socket } from 'node:net';
import pg from 'pg';
import type { Log } from '../ports/surroundings.ts';
import { type IsThere, isCommitted } from './commit-outcome.ts';
import { named, stateOf, wrapDatabaseError } from './errors.ts';
import { beginWords, prepareSession, STATEMENT_TIMEOUT_MS } from './session.ts';
import { ROLLCALL_TYPES } from './types.ts';
import { settlesWithin } from './within.ts';
import { noteEnd } from './write-trouble.ts';

const CONNECT_TIMEOUT_MS = 10_000;
export const LONG_STATEMENT_TIMEOUT_MS = 30 * 60_000;
/**
 * Client side, for a path that has fallen silent: neither the server's timeouts nor TCP tell of it. The rest of the statement's
 * own time, so that where the server is alive its answer comes first.
 */
const ANSWER_MS = 15_000;
const QUERY_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + ANSWER_MS;
const LONG_QUERY_TIMEOUT_MS = LONG_STATEMENT_TIMEOUT_MS + ANSWER_MS;
const KEEP_ALIVE_DELAY_MS = 10_000;
const IDLE_CONNECTION_MS = 30_000;
/** What runs has this long to give its connection back; then connections are cut, and the server rolls back. */
const CLOSE_MS = 2_000;

export type Database = {
  readonly pool: pg.Pool;
  /** Safe to call twice. Ends within seconds, whatever still runs and whether or not the server answers. */
  close(): Promise<void>;
};
export type DatabaseOptions = {
  readonly url: string;
  readonly poolMax: number;
  readonly log: Log;
  readonly applicationName: string;
  readonly queryTimeoutMs?: number | undefined;
  readonly connectTimeoutMs?: number | undefined;
  /** One connection, in one transaction that nothing ever commits: see rehearsal.ts. */
  readonly rehearsal?: boolean | undefined;
};

/** Pools whose transactions are steps of one that is rolled back. */
const rehearsals = new WeakSet<pg.Pool>();
const TRANSACTION = { begin: 'begin', commit: 'commit', rollback: 'rollback' } as const;
const STEP = {
  begin: 'savepoint step',
  commit: 'release savepoint step',
  rollback: 'rollback to savepoint step; release savepoint step',
} as const;

/**
 * A pool; nothing is connected before the first query. Timestamps leave as ISO text with `Z`, plain dates
 * as text, int8 as number.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const sockets = new Set<Socket>();
  const isRehearsal = options.rehearsal === true;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: isRehearsal ? 1 : options.poolMax,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    query_timeout: options.queryTimeoutMs ?? QUERY_TIMEOUT_MS,
    idleTimeoutMillis: isRehearsal ? 0 : IDLE_CONNECTION_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    types: ROLLCALL_TYPES,
    stream: () => keepIn(sockets, new Socket()),
    verify: (client, done) => {
      prepare(client, isRehearsal).then(() => done(), done);
    },
  });
  if (isRehearsal) rehearsals.add(pool);
  // Without a listener the server's restart would end this process (an idle connection emits `error`).
  pool.on('error', (error) => {
    options.log.warn({ err: wrapDatabaseError(error, 'idle connection') }, 'database connection lost');
  });
  // The same for one that is in somebody's hands between two queries: its next query fails, and says so.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  let closing: Promise<void> | undefined;
  return { pool, close: () => (closing ??= close(pool, sockets)) };
}

/** Here and nowhere else, so that no connection of a rehearsal is ever without its transaction. By itself: settings have taken a snapshot. */
async function prepare(client: pg.ClientBase, isRehearsal: boolean): Promise<void> {
  await prepareSession(client);
  if (isRehearsal) await client.query(beginWords(client, 'begin isolation level repeatable read'));
}

function keepIn(sockets: Set<Socket>, socket: Socket): Socket {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  return socket;
}

/** `pool.end()` waits for every client and every goodbye, which on a silent path is for ever; an open socket keeps the process. */
async function close(pool: pg.Pool, sockets: ReadonlySet<Socket>): Promise<void> {
  const ended = pool.end();
  await settlesWithin(ended, CLOSE_MS);
  for (const socket of sockets) socket.destroy();
  await settlesWithin(ended, CLOSE_MS);
}

type TransactionOptions<T> = {
  /** `work` does nothing outside its connection: when another transaction was in its way (40001, 40P01), it is done again. */
  readonly again?: boolean | undefined;
  readonly isThere?: IsThere<T> | undefined;
};

const ATTEMPTS_MAX = 3;
/** A serialisation failure, a deadlock: nothing is wrong, only somebody was quicker. */
const BEGIN_AGAIN = new Set(['40001', '40P01']);

/** One transaction on one connection, in a rehearsal one step of its own; rolled back when `work` throws. Failures carry `what` and no data. */
export async function inTransaction<T>(
  pool: pg.Pool,
  what: string,
  work: (client: pg.PoolClient) => Promise<T>,
  options: TransactionOptions<T> = {},
): Promise<T> {
  // A step of a rehearsal cannot begin again: its snapshot is that of the whole.
  const attempts = options.again === true && !rehearsals.has(pool) ? ATTEMPTS_MAX : 1;
  let end = await attemptOnce(pool, what, work);
  for (let attempt = 2; attempt <= attempts && isOvertaken(end); attempt += 1) {
    end = await attemptOnce(pool, what, work);
  }
  if (end.kind === 'done') {
    noteEnd(pool, what);
    return end.result;
  }
  if (end.kind === 'unanswered' && (await isCommitted(pool, end.result, options.isThere))) return end.result;
  const error = wrapDatabaseError(end.error, what);
  noteEnd(pool, what, error);
  throw error;
}

type End<T> =
  | { readonly kind: 'done'; readonly result: T }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** The commit was sent, and the connection ended before the answer: it may be done, or not. */
  | { readonly kind: 'unanswered'; readonly result: T; readonly error: unknown };

function isOvertaken(end: End<unknown>): boolean {
  return end.kind === 'failed' && BEGIN_AGAIN.has(stateOf(end.error) ?? '');
}

async function attemptOnce<T>(
  pool: pg.Pool,
  what: string,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<End<T>> {
  const words = rehearsals.has(pool) ? STEP : TRANSACTION;
  const client = await named(what, pool.connect());
  let broken = false;
  let sent: { readonly result: T } | undefined;
  try {
    await client.query(words === STEP ? words.begin : beginWords(client, words.begin));
    const result = await work(client);
    sent = { result };
    await client.query(words.commit);
    return { kind: 'done', result };
  } catch (error) {
    // A connection that did not answer in time would not answer to this either.
    broken = isSilence(error) || !(await rolledBack(client, words.rollback));
    return sent === undefined || !broken ? { kind: 'failed', error } : { kind: 'unanswered', ...sent, error };
  } finally {
    setQueryTimeout(client, pool.options.query_timeout ?? QUERY_TIMEOUT_MS);
    client.release(broken);
  }
}

/** For the statements of this transaction only; a session setting would leak to others behind a transaction pooler. */
export async function longStatements(client: pg.ClientBase): Promise<void> {
  awaitLong(client);
  await client.query(`set local statement_timeout = ${LONG_STATEMENT_TIMEOUT_MS}`);
}

/** Our half of `longStatements`, for who sends the other half in a statement of its own. Ends with `inTransaction`. */
export function awaitLong(client: pg.ClientBase): void {
  setQueryTimeout(client, LONG_QUERY_TIMEOUT_MS);
}

/** pg reads it at each query, and gives no other way to change it for a client that is connected. */
function setQueryTimeout(client: pg.ClientBase, ms: number): void {
  const parameters: unknown = 'connectionParameters' in client ? client.connectionParameters : undefined;
  if (typeof parameters !== 'object' || parameters === null || !('query_timeout' in parameters)) {
    throw new Error('pg has no connectionParameters.query_timeout any more');
  }
  Object.assign(parameters, { query_timeout: ms });
}

function isSilence(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Query read timeout');
}

/** A connection whose rollback fails is not given back to the pool: its transaction may still be open. */
async function rolledBack(client: pg.PoolClient, rollback: string): Promise<boolean> {
  try {
    await client.query(rollback);
    return true;
  } catch {
    return false;
  }
}

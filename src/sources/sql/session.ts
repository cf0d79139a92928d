import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { stopped } from '../failures.ts';
import { toFailure, type PlaceOf } from './failures.ts';
import type { ResultColumn } from './statements.ts';

export type Limits = {
  readonly connectMs: number;
  /** Of one statement: the opening of the cursor, or one batch. */
  readonly statementMs: number;
  /** Beyond that, for a path that has fallen silent: where the server lives, its own answer comes first. */
  readonly answerMs: number;
  readonly lockMs: number;
  /** While our side stores a batch. */
  readonly idleMs: number;
};

const KEEP_ALIVE_DELAY_MS = 10_000;
const CLOSE_MS = 2_000;

type Answer = {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
};

export type Session = AsyncDisposable & {
  /** One statement by the extended protocol, which takes no more than one. */
  readonly ask: (statement: string, placeOf?: PlaceOf) => Promise<Answer>;
};

export type SessionOptions = {
  readonly source: string;
  readonly url: string;
  readonly limits: Limits;
  readonly signal: AbortSignal;
};

/** One connection with one read-only transaction, in which everything is seen as at one moment. Throws OperationalError, also from `ask`. */
export async function openSession({ source, url, limits, signal }: SessionOptions): Promise<Session> {
  const socket = new Socket();
  // A statement under way is not cancelled: the server notices at its next word to us, or when its time is over.
  const cut = (): void => void socket.destroy();
  const guard = async <T>(work: () => Promise<T>, placeOf: PlaceOf): Promise<T> => {
    try {
      if (signal.aborted) throw stopped(source);
      return await work();
    } catch (error) {
      throw signal.aborted ? stopped(source) : toFailure(error, { source, statementMs: limits.statementMs, placeOf });
    }
  };
  const client = await guard(async () => createClient(url, limits, socket), nowhere);
  signal.addEventListener('abort', cut);
  const drop = (): void => {
    signal.removeEventListener('abort', cut);
    socket.destroy();
  };
  try {
    await guard(async () => {
      await client.connect();
      await client.query(beginStatements(limits));
    }, nowhere);
  } catch (error) {
    drop();
    throw error;
  }
  return {
    ask: async (statement, placeOf = nowhere) => await guard(async () => await askExtended(client, statement), placeOf),
    [Symbol.asyncDispose]: async () => {
      await Promise.race([leave(client), sleep(CLOSE_MS, undefined, { ref: false })]);
      drop();
    },
  };
}

function nowhere(): string {
  return '';
}

function createClient(url: string, { connectMs, statementMs, answerMs }: Limits, socket: Socket): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'rollcall',
    connectionTimeoutMillis: connectMs,
    query_timeout: statementMs + answerMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    stream: () => socket,
  });
  // Without a listener a connection that is cut between two statements would end the process; the next statement fails, and says so.
  client.on('error', () => undefined);
  return client;
}

/**
 * As statements for this transaction alone: behind a pooler a startup parameter is refused and a session's setting reaches others. All rows
 * are wanted, not the first ones quickly, hence the cursor's share.
 */
function beginStatements({ statementMs, lockMs, idleMs }: Limits): string {
  return [
    'begin transaction isolation level repeatable read, read only',
    `set local statement_timeout = ${statementMs}`,
    `set local lock_timeout = ${lockMs}`,
    `set local idle_in_transaction_session_timeout = ${idleMs}`,
    'set local cursor_tuple_fraction = 1',
    `set local timezone = 'UTC'`,
  ].join('; ');
}

async function askExtended(client: pg.Client, text: string): Promise<Answer> {
  // pg knows `queryMode`, its types do not; without it a statement without parameters goes by the simple protocol, which takes several.
  const query = { text, rowMode: 'array', queryMode: 'extended' } as const;
  const { fields, rows } = await client.query<(string | null)[]>(query);
  return { columns: fields.map(({ name, dataTypeID }) => ({ name, typeOid: dataTypeID })), rows };
}

/** Nothing to keep, ever: not even a notification of a function that query calls. */
async function leave(client: pg.Client): Promise<void> {
  try {
    await client.query('rollback');
    await client.end();
  } catch {
    // The connection is gone already, which ends the transaction as well.
  }
}

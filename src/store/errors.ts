import pg from 'pg';
import { type ErrorCode, OperationalError } from '../errors.ts';

/** A chain of causes longer than this is a loop. */
const CAUSES_MAX = 5;

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EACCES',
]);
/** Sentences of pg and pg-pool for which they have no code. */
const CONNECTION_SENTENCES =
  /^(Query read timeout|Connection terminated|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|The server does not support SSL)/;

/** pg-pool's only sentence for "none came free"; that the server did not answer in time has another one. */
const EXHAUSTED_SENTENCE = /^timeout exceeded when trying to connect/;
export const READ_ONLY_ADVICE = 'the server takes no writes: point database.url to the primary, or make it writable';

/** Worth another try: connection, shutdown, too many connections, deadlock, serialisation, waited too long for a lock. */
const AGAIN = /^(08|57P0|53300|40001|40P01|55P03|25P03)/;
const REFUSED = /^(28|3D000)/;

/**
 * Runs a database step under a name. What fails leaves as an OperationalError with that name and the SQLSTATE, without SQL and
 * without parameters: Postgres puts people and tokens into its details. A bug passes through as it is.
 */
export async function named<T>(what: string, work: Promise<T> | (() => Promise<T>)): Promise<T> {
  try {
    return await (typeof work === 'function' ? work() : work);
  } catch (error) {
    throw wrapDatabaseError(error, what);
  }
}

/** The OperationalError for a failure of the database or of the way to it; any other error (a bug) is returned unchanged. */
export function wrapDatabaseError(error: unknown, what: string): Error {
  const root = rootOf(error);
  if (root instanceof OperationalError) return root;
  if (root instanceof pg.DatabaseError) return wrapServerError(root, what);
  const code = networkCodeOf(root);
  if (code !== undefined) {
    return new OperationalError(
      'database-unavailable',
      `${what}: the database cannot be reached (${code}); check that it runs and that database.url names its host and port`,
    );
  }
  if (root instanceof Error && EXHAUSTED_SENTENCE.test(root.message)) {
    return new OperationalError(
      'database-pool-exhausted',
      `${what}: no connection came free in time, all of this process are in use; the server is slow, or a statement waits for a lock`,
    );
  }
  if (root instanceof Error && CONNECTION_SENTENCES.test(root.message)) {
    return new OperationalError(
      'database-unavailable',
      `${what}: no usable database connection (${lowerFirst(root.message)}); check the server's load and its connection limit`,
    );
  }
  return root instanceof Error ? root : new Error(`${what}: failed with a value that is no error`);
}

function wrapServerError(error: pg.DatabaseError, what: string): OperationalError {
  const state = error.code ?? 'no SQLSTATE';
  const code = codeOf(state);
  // Only names of our own objects: message and detail of a DatabaseError quote values.
  const object = error.constraint ?? error.table;
  const place = object === undefined ? '' : `, ${object}`;
  return new ServerError(code, `${what}: SQLSTATE ${state}${place}; ${adviceOf(state, code)}`, state);
}

/** With the SQLSTATE for who decides by it, and nothing else of what the server said. */
class ServerError extends OperationalError {
  readonly sqlState: string;

  constructor(code: ErrorCode, message: string, sqlState: string) {
    super(code, message);
    this.sqlState = sqlState;
  }
}

/** Of a failure that has left a `named` step. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof ServerError ? error.sqlState : undefined;
}

/** The same of one that comes from pg itself. */
export function stateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : sqlStateOf(error);
}

const BY_STATE: ReadonlyMap<string, ErrorCode> = new Map([
  ['53100', 'database-full'],
  ['25006', 'database-read-only'],
]);

function codeOf(state: string): ErrorCode {
  if (REFUSED.test(state)) return 'database-auth';
  return BY_STATE.get(state) ?? (AGAIN.test(state) ? 'database-unavailable' : 'database-failed');
}

const ADVICE_BY_STATE: ReadonlyMap<string, string> = new Map([
  ['3D000', 'the database does not exist: create it, or correct database.url'],
  ['53300', 'the server has no connection left: raise max_connections, or run fewer workers'],
  ['53100', 'the disk of the server is full: make room'],
  ['25006', READ_ONLY_ADVICE],
  [
    '42501',
    'the role lacks a right: sign in as a member of rollcall_worker (`grant rollcall_worker to …`; `rollcall migrate --roles`, by who owns the tables, makes that role and renews its rights)',
  ],
  ['57014', 'the statement took too long and was cancelled'],
  ['42P01', 'a table is missing: run `rollcall migrate`'],
  ['3F000', 'a table is missing: run `rollcall migrate`'],
]);

function adviceOf(state: string, code: ErrorCode): string {
  const advice = ADVICE_BY_STATE.get(state);
  if (advice !== undefined) return advice;
  if (code === 'database-auth') return 'the server refused user or password: correct database.url';
  if (code === 'database-unavailable') return 'the server is busy or restarting: it is tried again';
  if (state.startsWith('53')) return 'the server has run out of memory or of what it may use: give it more';
  return 'please report it with this code';
}

/** The innermost error that says something: through Node's aggregate of connection attempts. */
function rootOf(error: unknown): unknown {
  let current = error;
  for (let depth = 0; depth < CAUSES_MAX; depth += 1) {
    if (current instanceof AggregateError && current.errors.length > 0) {
      current = current.errors[0];
    } else {
      return current;
    }
  }
  return current;
}

function networkCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return NETWORK_CODES.has(error.code) ? error.code : undefined;
}

function lowerFirst(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}

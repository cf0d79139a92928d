import pg from 'pg';
import { OperationalError, type ErrorCode } from '../../errors.ts';
import { CERTIFICATE_CODE } from '../failures.ts';

type Failing = {
  readonly source: string;
  readonly statementMs: number;
  readonly placeOf: PlaceOf;
};

/** Where in the query the server's position is, in words; statements begin with text of ours. */
export type PlaceOf = (position: string | undefined) => string;

/**
 * What a throw of pg means. Messages and details of the server quote values, and those of pg may quote the URL: nothing of them is passed on
 * but SQLSTATE, the system's code and the place in the query. An error that is none of these is a bug and comes back as it is.
 */
export function toFailure(error: unknown, failing: Failing): Error {
  const root = rootOf(error);
  if (root instanceof OperationalError) return root;
  if (root instanceof pg.DatabaseError) return serverFailure(root, failing);
  const { source } = failing;
  if (!(root instanceof Error)) return new Error(`${source}: failed with a value that is no error`);
  return systemFailure(root, source) ?? sentenceFailure(root, source) ?? root;
}

function serverFailure(error: pg.DatabaseError, { source, statementMs, placeOf }: Failing): OperationalError {
  const state = error.code ?? 'none';
  const { code, text } = JUDGEMENTS.find(({ states }) => states.test(state)) ?? OTHER;
  const where = code === 'source-contract' ? placeOf(error.position) : '';
  const words = text.replace('{ms}', `${statementMs / 1000} s`);
  return new OperationalError(code, `${source}: ${words} (SQLSTATE ${state}${where})`);
}

type Judgement = { readonly states: RegExp; readonly code: ErrorCode; readonly text: string };

/** The first that fits counts. */
const JUDGEMENTS: readonly Judgement[] = [
  {
    states: /^28/,
    code: 'source-auth',
    text: 'the server refused the login; check user and password of url, and that this user may come from here, with or without TLS',
  },
  { states: /^3D000/, code: 'source-contract', text: 'the server has no database of that name; check url' },
  {
    states: /^42501/,
    code: 'source-forbidden',
    text: 'the user may not read what query asks for; grant it CONNECT, USAGE of the schema and SELECT',
  },
  {
    states: /^2500[16]/,
    code: 'source-contract',
    text: 'query would change something; it is only ever run in a read-only transaction',
  },
  {
    states: /^57014/,
    code: 'source-unavailable',
    text: 'a step of query took longer than {ms} and was cancelled; make it faster, or copy its result to a table first',
  },
  { states: /^55P03/, code: 'source-unavailable', text: 'query waited too long for a lock; the next run tries again' },
  {
    states: /^25P/,
    code: 'source-unavailable',
    text: 'the reading took too long between two steps; the next run tries again',
  },
  {
    states: /^40/,
    code: 'source-unavailable',
    text: 'the server cancelled query in favour of other work; the next run tries again',
  },
  {
    // From the server for a missing parameter, from a pooler for much else.
    states: /^08P01/,
    code: 'source-contract',
    text: 'the server, or a pooler before it, refused the exchange; query may have no parameters such as $1',
  },
  {
    states: /^(08|53|57|58|XX)/,
    code: 'source-unavailable',
    text: 'the server is busy, restarting or in trouble; the next run tries again',
  },
  {
    states: /^42601/,
    code: 'source-contract',
    text: 'query cannot be understood; it is one SELECT, without a semicolon in it',
  },
  { states: /^(42P01|3F000)/, code: 'source-contract', text: 'query names a table or schema that is not there' },
  { states: /^42703/, code: 'source-contract', text: 'query names a column that is not there' },
  { states: /^22/, code: 'source-contract', text: 'query fails on a value that it computes' },
];
const OTHER: Judgement = { states: /^/, code: 'source-contract', text: 'the server refused query' };

function systemFailure(error: Error, source: string): OperationalError | undefined {
  if (!('code' in error) || typeof error.code !== 'string') return undefined;
  const { code } = error;
  const text = systemText(code, 'syscall' in error ? error.syscall : undefined);
  return text === undefined ? undefined : new OperationalError('source-unavailable', `${source}: ${text} (${code})`);
}

function systemText(code: string, syscall: unknown): string | undefined {
  if (CERTIFICATE_CODE.test(code)) return 'the certificate of the server is not trusted; nothing was asked';
  if (/^ERR_(SSL|TLS)/.test(code)) return 'TLS with the server failed; check sslmode of url';
  if (syscall === 'open') return 'a certificate file that url names cannot be read';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the host of url is not known; check url';
  return /^E[A-Z]+$/.test(code)
    ? 'the server cannot be reached; check that it runs, and host and port of url'
    : undefined;
}

/** Sentences of pg for which it has no code. */
function sentenceFailure({ message }: Error, source: string): OperationalError | undefined {
  const found = SENTENCES.find(({ pattern }) => pattern.test(message));
  return found === undefined ? undefined : new OperationalError(found.code, `${source}: ${found.text}`);
}

const SENTENCES: readonly { readonly pattern: RegExp; readonly code: ErrorCode; readonly text: string }[] = [
  { pattern: /^SASL/, code: 'source-auth', text: 'the login could not be completed; check user and password of url' },
  {
    pattern: /^(The server does not support SSL|There was an error establishing an SSL)/,
    code: 'source-unavailable',
    text: 'sslmode of url asks for TLS, which the server does not offer; nothing was asked',
  },
  {
    pattern: /^(timeout expired|Query read timeout)/,
    code: 'source-unavailable',
    text: 'the server did not answer in time; the next run tries again',
  },
  {
    pattern: /^(Connection terminated|Client has encountered|Client was closed)/,
    code: 'source-unavailable',
    text: 'the connection was cut; the next run tries again',
  },
];

/** A name with several addresses fails with the errors of all of them in one; a chain longer than this is a loop. */
const DEPTH_MAX = 5;

function rootOf(error: unknown): unknown {
  let current = error;
  for (let depth = 0; depth < DEPTH_MAX; depth += 1) {
    if (!(current instanceof AggregateError) || current.errors.length === 0) return current;
    current = current.errors[0];
  }
  return current;
}

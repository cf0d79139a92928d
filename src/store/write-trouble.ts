import type pg from 'pg';
import { OperationalError } from '../errors.ts';
import { wrapDatabaseError } from './errors.ts';

/** What failed and never comes again must not stand for ever. */
const FORGOTTEN_MS = 10 * 60_000;
const KINDS_MAX = 100;

type Failure = { readonly error: OperationalError; readonly at: number };

/** By pool and kind of transaction, or text of a statement: a full disk refuses the large ones first, and a small one that passes says nothing of them. */
const failures = new WeakMap<pg.Pool, Map<string, Failure>>();

/** How a transaction ended: `error` is undefined for a commit. */
export function noteEnd(pool: pg.Pool, what: string, error?: unknown): void {
  if (error === undefined) {
    failures.get(pool)?.delete(what);
    return;
  }
  if (!(error instanceof OperationalError) || error.code !== 'database-full') return;
  const known = failures.get(pool) ?? new Map<string, Failure>();
  if (known.size >= KINDS_MAX) known.clear();
  known.set(what, { error, at: performance.now() });
  failures.set(pool, known);
}

/** Statements of their own: one that finds nothing to write passes on a full disk, so only the same text says that it is over. */
export function notingEnd<Values, T>(
  pool: pg.Pool,
  execute: (text: string, values?: Values) => Promise<T>,
): (text: string, values?: Values) => Promise<T> {
  return async (text, values) => {
    try {
      const answer = await execute(text, values);
      noteEnd(pool, text);
      return answer;
    } catch (error) {
      noteEnd(pool, text, wrapDatabaseError(error, 'job queue'));
      throw error;
    }
  };
}

/** The disk that was full when something was last written; nothing once the same could be written again. */
export function writeTrouble(pool: pg.Pool, now = performance.now()): OperationalError | undefined {
  const standing = [...(failures.get(pool)?.values() ?? [])].filter(({ at }) => now - at < FORGOTTEN_MS);
  return standing[0]?.error;
}

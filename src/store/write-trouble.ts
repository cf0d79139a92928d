import type pg from 'pg';
import { OperationalError } from '../errors.ts';

/** What failed and never comes again must not stand for ever. */
const FORGOTTEN_MS = 30 * 60_000;

type Failure = { readonly error: OperationalError; readonly at: number };

/** By pool and kind of transaction: a full disk refuses the large ones first, and a small one that passes says nothing of them. */
const failures = new WeakMap<pg.Pool, Map<string, Failure>>();

/** How a transaction ended: `error` is undefined for a commit. */
export function noteEnd(pool: pg.Pool, what: string, error?: unknown): void {
  if (error === undefined) {
    failures.get(pool)?.delete(what);
    return;
  }
  if (!(error instanceof OperationalError) || error.code !== 'database-full') return;
  const known = failures.get(pool) ?? new Map<string, Failure>();
  known.set(what, { error, at: performance.now() });
  failures.set(pool, known);
}

/** The disk that was full when something was last written; nothing once the same could be written again. */
export function writeTrouble(pool: pg.Pool, now = performance.now()): OperationalError | undefined {
  const standing = [...(failures.get(pool)?.values() ?? [])].filter(({ at }) => now - at < FORGOTTEN_MS);
  return standing[0]?.error;
}

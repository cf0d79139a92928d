import { ERROR_CODES, type ErrorCode, OperationalError } from '../errors.ts';
import type { Log } from '../ports/surroundings.ts';
import { pause } from './pause.ts';

/** What somebody else mends without starting us again. Another password, database or version of the program needs a new start. */
const WAITED_FOR: ReadonlySet<ErrorCode> = new Set([
  'database-unavailable',
  'database-pool-exhausted',
  'database-full',
  'database-read-only',
]);
const FIRST_WAIT_MS = 1_000;
const WAIT_MAX_MS = 30_000;
/** A day at the longest wait: by then it has not been overlooked, and a supervisor may know better. */
const ATTEMPTS_MAX = 2_880;

/**
 * Does `prepare` until the database lets it. A worker that ended instead would be started again and again, faster than this, and nobody
 * could ask it why; so it lives, is not ready, and says the reason at each try.
 */
export async function awaitDatabase(
  prepare: () => Promise<void>,
  { log, signal, random = Math.random }: { log: Log; signal: AbortSignal; random?: () => number },
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await prepare();
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!isWaitedFor(error) || attempt >= ATTEMPTS_MAX) throw error;
      const waitMs = waitOf(attempt, random());
      const told = { err: error, attempt, waitMs };
      if (ERROR_CODES[error.code].alert) log.error(told, 'database not usable, trying again');
      else log.warn(told, 'database not usable, trying again');
      await pause(waitMs, signal);
      signal.throwIfAborted();
    }
  }
}

function isWaitedFor(error: unknown): error is OperationalError {
  return error instanceof OperationalError && WAITED_FOR.has(error.code);
}

/** Doubled each time; half of it by chance, so that many workers do not come back at the same moment. */
function waitOf(attempt: number, chance: number): number {
  const longest = Math.min(WAIT_MAX_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt - 1, 10));
  return Math.round(longest * (0.5 + chance / 2));
}

import type { DatabaseTrouble } from '../core/database-notice.ts';
import { OperationalError } from '../errors.ts';
import type { Log } from '../ports/surroundings.ts';

/** Cheap: one small question. */
const LOOK_MS = 5_000;

export type WatchDeps = {
  /** Throws what keeps the database from being written to. */
  readonly check: () => Promise<void>;
  /** Tells people directly: an alert of the queue would have to be written first. `well`: the trouble that was told is over. */
  readonly tell: (what: DatabaseTrouble | 'well', signal: AbortSignal) => Promise<void>;
  readonly log: Log;
  readonly lookMs?: number | undefined;
};

/**
 * Looks whether the database can be written to, and tells when not: once when it begins and once when it is over, in each process. That
 * it is away altogether is nobody's news here: readiness and metrics say it, and what begins by itself mostly ends so.
 */
export function watchDatabase(deps: WatchDeps): { stop(): void } {
  const ending = new AbortController();
  let seen: DatabaseTrouble | undefined;
  let told: DatabaseTrouble | undefined;
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    const trouble = await troubleOf(deps);
    if (trouble === 'unknown') return;
    if (trouble !== seen && trouble === undefined) deps.log.info({}, 'the database can be written to again');
    if (trouble !== seen && trouble !== undefined)
      deps.log.error({ code: trouble }, 'the database cannot be written to');
    seen = trouble;
    if (trouble === told) return;
    try {
      await deps.tell(trouble ?? 'well', ending.signal);
      told = trouble;
    } catch (error) {
      // Looked at again, and told then.
      deps.log.warn({ err: error }, 'trouble with the database not told');
    }
  };
  const timer = setInterval(() => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
  }, deps.lookMs ?? LOOK_MS);
  return {
    // A look that hangs on a silent path is not waited for: it ends with the pool.
    stop: () => {
      clearInterval(timer);
      ending.abort();
    },
  };
}

async function troubleOf({ check, log }: WatchDeps): Promise<DatabaseTrouble | undefined | 'unknown'> {
  try {
    await check();
    return undefined;
  } catch (error) {
    const code = error instanceof OperationalError ? error.code : undefined;
    if (code === undefined) log.error({ err: error }, 'the look at the database failed');
    return code === 'database-full' || code === 'database-read-only' ? code : 'unknown';
  }
}

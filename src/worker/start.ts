import cron from 'node-cron';
import type { Instant } from '../core/row.ts';
import type { JobHandlers, Stopped } from '../ports/alerts.ts';
import { deliverOrFold } from './deliver.ts';
import type { ScheduledDeps, WorkerDeps } from './deps.ts';
import { readHints } from './hint.ts';
import { reconcile } from './reconcile.ts';
import { isTaken, type SyncOutcome } from './outcome.ts';
import { sweep } from './retain.ts';
import { syncSource } from './sync.ts';
import { startTicker, toCronLog } from './ticker.ts';
import { OperationalError } from '../errors.ts';

/** Contract §2: reconciliations asked for within this time become one. */
const COALESCE_SECONDS = 5;

/** Once an hour it is asked whether that day's old history was removed: a worker that is away at one hour is there at another. */
const SWEEP_TICK = '17 * * * *';

export interface RunningWorker {
  /** Stops taking work, lets running jobs end for at most `graceMs` or until `hurry`, then aborts them. */
  stop(graceMs: number, hurry?: AbortSignal): Promise<Stopped>;
}

/**
 * The long-running worker: node-cron fires, pg-boss works. A tick only asks for a job; whichever process takes it claims the
 * source, so that no source ever overlaps with itself however many workers fire.
 */
export async function startWorker(deps: ScheduledDeps, budgetMs: number, signal: AbortSignal): Promise<RunningWorker> {
  const stored = await deps.sourceStore.syncSources(deps.specs, deps.clock());
  try {
    await deps.queue.work(handlersOf(deps, budgetMs));
    for (const source of stored)
      if (source.lastCompleteAt === undefined) await deps.queue.askSync(source.name, 'first');
    signal.throwIfAborted();
  } catch (error) {
    await deps.queue.stop(0);
    throw error;
  }
  // Last: like the polls they keep the process alive, and nobody could end them when a step before has failed.
  const ticker = startTicker(deps, stored);
  const sweeps = scheduleSweeps(deps);
  return {
    stop: async (graceMs, hurry) => {
      await sweeps.destroy();
      await ticker.stop();
      return await deps.queue.stop(graceMs, hurry);
    },
  };
}

/** Of no source, and made up for by the next hour's: the database keeps one an hour, however many workers ask. */
function scheduleSweeps({ queue, log }: WorkerDeps) {
  const fire = async (): Promise<void> => {
    try {
      await queue.askSweep();
    } catch (error) {
      log.error({ err: error }, 'sweep could not be queued, the next hour asks again');
    }
  };
  void fire();
  return cron.schedule(SWEEP_TICK, fire, {
    timezone: 'UTC',
    noOverlap: true,
    name: 'sweep',
    logger: toCronLog(log, 'sweep'),
  });
}

/** Also a failure: only a report tells that a source has gone stale. Not where another process reads, and asks itself. */
function isNews(outcome: SyncOutcome): boolean {
  if (outcome.kind === 'failed') return !isTaken(outcome.code);
  return outcome.kind === 'judged';
}

/** Before when the vendor must not be asked; nothing where it need not be asked again. */
function untilOf(outcome: SyncOutcome): Instant | undefined {
  return outcome.kind === 'failed' ? undefined : outcome.until;
}

function handlersOf(deps: WorkerDeps, budgetMs: number): JobHandlers {
  let doubted = '';
  let lastReport = 0;
  return {
    sync: async ({ source, mode }, signal) => {
      const spec = deps.specs.find((each) => each.name === source);
      // Known since the start. To make them known again here would undo what a worker with a newer configuration has written.
      const stored = spec === undefined ? undefined : await deps.sourceStore.findSource(spec);
      if (stored === undefined) {
        deps.log.warn({ source }, 'job for a source that is not configured any more');
        return;
      }
      if (mode === 'first' && stored.lastCompleteAt !== undefined) return;
      const outcome = await syncSource(deps, {
        stored,
        full: mode !== 'delta',
        budgetMs,
        signal,
        progress: () => undefined,
      });
      // What was to be read is still to be read. The database remembers it: a restart, and a tick that comes meanwhile, change nothing.
      const until = untilOf(outcome);
      if (until !== undefined) await deps.queue.askSync(source, mode, new Date(until));
      if (isNews(outcome) && !signal.aborted) await deps.queue.askReconcile(COALESCE_SECONDS);
      if (outcome.kind === 'failed') throw new OperationalError(outcome.code, outcome.message);
    },
    hint: async (ids, signal) => {
      await readHints(deps, { ids, budgetMs, signal });
    },
    reconcile: async (signal) => {
      const { doubts, reportId } = await reconcile(deps, { notify: true, signal });
      // Numbers only rise, also past what was rolled back.
      if (reportId <= lastReport) deps.log.error({ reportId, lastReport }, 'the database has gone back in time');
      lastReport = reportId;
      // Each time they are others, not with each tick.
      if (doubts.join('\n') !== doubted) for (const doubt of doubts) deps.log.warn({ doubt }, 'configuration doubtful');
      doubted = doubts.join('\n');
    },
    alert: async (alert, signal, fold) => {
      await deliverOrFold(deps, { alert, fold }, signal);
    },
    sweep: async (signal) => {
      await sweep(deps, signal);
    },
  };
}

import cron from 'node-cron';
import type { Instant } from '../core/row.ts';
import type { JobHandlers, Stopped } from '../ports/alerts.ts';
import type { StoredSource } from '../ports/store.ts';
import { deliverOrFold } from './deliver.ts';
import type { WorkerDeps } from './deps.ts';
import { readHints } from './hint.ts';
import { reconcile } from './reconcile.ts';
import { isTaken, type SyncOutcome } from './outcome.ts';
import { retainWhenDue } from './retain.ts';
import { syncSource } from './sync.ts';
import { OperationalError } from '../errors.ts';

/** Contract §2: reconciliations asked for within this time become one. */
const COALESCE_SECONDS = 5;

/** Once an hour it is asked whether that day's old history was removed: a worker that is away at one hour is there at another. */
const RETENTION_TICK = '17 * * * *';

export interface RunningWorker {
  /** Stops taking work, lets running jobs end for at most `graceMs` or until `hurry`, then aborts them. */
  stop(graceMs: number, hurry?: AbortSignal): Promise<Stopped>;
}

/**
 * The long-running worker: node-cron fires, pg-boss works. A tick only asks for a job; whichever process takes it claims the
 * source, so that no source ever overlaps with itself however many workers fire.
 */
export async function startWorker(deps: WorkerDeps, budgetMs: number, signal: AbortSignal): Promise<RunningWorker> {
  const stored = await deps.sourceStore.syncSources(deps.specs, deps.clock());
  try {
    await deps.queue.work(handlersOf(deps, budgetMs));
    for (const source of stored) if (source.lastCompleteAt === undefined) await deps.queue.askSync(source.name, 'full');
    signal.throwIfAborted();
  } catch (error) {
    await deps.queue.stop(0);
    throw error;
  }
  // Last: like the polls they keep the process alive, and nobody could end them when a step before has failed.
  const tasks = stored.flatMap((source) => schedulesOf(deps, source));
  const retention = scheduleRetention(deps);
  return {
    stop: async (graceMs, hurry) => {
      for (const task of tasks) await task.destroy();
      const retained = retention.stop();
      const stopped = await deps.queue.stop(graceMs, hurry);
      await retained;
      return stopped;
    },
  };
}

/** Beside the jobs, so that no reconciliation waits for it. It stops at the end of the batch that it is at. */
function scheduleRetention(deps: WorkerDeps): { stop(): Promise<void> } {
  const ending = new AbortController();
  let running: Promise<void> | undefined;
  const fire = async (): Promise<void> => {
    running = retainWhenDue(deps, ending.signal);
    await running;
  };
  const options = { timezone: 'UTC', noOverlap: true, name: 'retention' };
  const task = cron.schedule(RETENTION_TICK, fire, options);
  return {
    stop: async () => {
      ending.abort();
      await task.destroy();
      await running;
    },
  };
}

/** `schedule` reads changes where that is possible and enough, `fullSchedule` reads in full. */
function schedulesOf(deps: WorkerDeps, { name, schedule, fullSchedule }: StoredSource) {
  const plan = (expression: string, mode: 'full' | 'delta') => {
    const fire = async (): Promise<void> => {
      try {
        await deps.queue.askSync(name, mode);
      } catch (error) {
        deps.log.error({ source: name, err: error }, 'tick lost: the job could not be queued');
      }
    };
    const options = { timezone: deps.policy.timezone, noOverlap: true, name: `sync ${name} ${mode}` };
    return cron.schedule(expression, fire, options);
  };
  return [plan(schedule, 'delta'), ...(fullSchedule === undefined ? [] : [plan(fullSchedule, 'full')])];
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
  return {
    sync: async ({ source, mode }, signal) => {
      const spec = deps.specs.find((each) => each.name === source);
      // Known since the start. To make them known again here would undo what a worker with a newer configuration has written.
      const stored = spec === undefined ? undefined : await deps.sourceStore.findSource(spec);
      if (stored === undefined) {
        deps.log.warn({ source }, 'job for a source that is not configured any more');
        return;
      }
      const outcome = await syncSource(deps, {
        stored,
        full: mode === 'full',
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
      const { doubts } = await reconcile(deps, { notify: true, signal });
      // Each time they are others, not with each tick.
      if (doubts.join('\n') !== doubted) for (const doubt of doubts) deps.log.warn({ doubt }, 'configuration doubtful');
      doubted = doubts.join('\n');
    },
    alert: async (alert, signal, fold) => {
      await deliverOrFold(deps, { alert, fold }, signal);
    },
  };
}

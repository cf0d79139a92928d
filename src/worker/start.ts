import cron from 'node-cron';
import type { JobHandlers, StoredSource } from '../ports.ts';
import type { WorkerDeps } from './deps.ts';
import { reconcile } from './reconcile.ts';
import { syncSource } from './sync.ts';
import { OperationalError } from '../errors.ts';

/** Contract §2: reconciliations asked for within this time become one. */
const COALESCE_SECONDS = 5;

export interface RunningWorker {
  /** Stops taking work, lets running jobs end for at most `graceMs`, then aborts them. */
  stop(graceMs: number): Promise<void>;
}

/**
 * The long-running worker: node-cron fires, pg-boss works. A tick only asks for a job; whichever process takes it claims the
 * source, so that no source ever overlaps with itself however many workers fire.
 */
export async function startWorker(deps: WorkerDeps, budgetMs: number): Promise<RunningWorker> {
  const stored = await deps.sourceStore.syncSources(deps.specs, deps.clock());
  await deps.queue.work(handlersOf(deps, budgetMs));
  const tasks = stored.flatMap((source) => schedulesOf(deps, source));
  for (const source of stored) if (source.lastCompleteAt === undefined) await deps.queue.askSync(source.name, 'full');
  return {
    stop: async (graceMs) => {
      for (const task of tasks) await task.destroy();
      await deps.queue.stop(graceMs);
    },
  };
}

function schedulesOf(deps: WorkerDeps, source: StoredSource) {
  const fire = async (): Promise<void> => {
    try {
      await deps.queue.askSync(source.name, 'full');
    } catch (error) {
      deps.log.error({ source: source.name, err: error }, 'tick lost: the job could not be queued');
    }
  };
  const options = { timezone: deps.policy.timezone, noOverlap: true, name: `sync ${source.name}` };
  return [cron.schedule(source.schedule, fire, options)];
}

function handlersOf(deps: WorkerDeps, budgetMs: number): JobHandlers {
  return {
    sync: async ({ source, mode }, signal) => {
      const spec = deps.specs.find((each) => each.name === source);
      // Known since the start. To make them known again here would undo what a worker with a newer configuration has written.
      const stored = spec === undefined ? undefined : await deps.sourceStore.findSource(spec);
      if (stored === undefined) {
        deps.log.warn({ source }, 'job for a source that is not configured any more');
        return;
      }
      const outcome = await syncSource(deps, { stored, mode, budgetMs, signal, progress: () => undefined });
      if (outcome.kind === 'failed') throw new OperationalError(outcome.code, outcome.message);
      if (outcome.kind === 'judged') await deps.queue.askReconcile(COALESCE_SECONDS);
    },
    reconcile: async () => {
      await reconcile(deps, { dryRun: false, notify: true });
    },
    alert: async (alert, signal) => {
      await deps.deliver(alert, signal);
    },
  };
}

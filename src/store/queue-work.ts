import type pg from 'pg';
import type { Job, JobResult, PgBoss } from 'pg-boss';
import { ERROR_CODES, OperationalError } from '../errors.ts';
import type { JobHandlers } from '../ports/alerts.ts';
import type { Log } from '../ports/surroundings.ts';
import { foldAlerts, hurryAlerts, putBack, redriveAlerts, UNREADABLE } from './alert-jobs.ts';
import { SYNC_QUEUE } from './ask-sync.ts';
import { ALERT_QUEUE } from './enqueue-alerts.ts';
import { wrapDatabaseError } from './errors.ts';
import { HINT_QUEUE } from './hints.ts';
import { parseAlert, parseHintJob, parseSyncJob, toJobOutput } from './job-data.ts';
import type { RunningJobs } from './running-jobs.ts';

export const RECONCILE_QUEUE = 'reconcile';
export const SWEEP_QUEUE = 'sweep';
/** Sources that one process reads at the same time. */
const SYNCS_MAX = 4;
/** How soon a waiting job is seen. An idle process asks once per queue in this time. */
const POLL_SECONDS = 2;

const STOPPED = { code: 'stopped', message: 'the worker was ended meanwhile; the job is tried again' };

/** Read in one go: a source lets about as many requests start at once. */
const HINTS_AT_ONCE = 10;

/** Makes this process look into a queue now, not at its next poll. */
export type Wake = (queue: typeof HINT_QUEUE | typeof RECONCILE_QUEUE) => void;
export type Work = { readonly jobs: RunningJobs; readonly log: Log; readonly pool: pg.Pool };

/** Starts pg-boss and hands its jobs to the handlers. */
export async function startWork(boss: PgBoss, handlers: JobHandlers, work: Work): Promise<Wake> {
  await boss.start();
  await prepareWork(boss, work.log);
  const polling = { perJobResults: true, pollingIntervalSeconds: POLL_SECONDS } as const;
  // At most one running job a group, in all processes together.
  const oneAGroup = { ...polling, groupConcurrency: 1 } as const;
  for (let lane = 0; lane < SYNCS_MAX; lane += 1) await openSyncLane(boss, handlers, work, oneAGroup);
  const hinted = { ...polling, batchSize: HINTS_AT_ONCE, burstWhenBatchFull: true } as const;
  const hintWorker = await boss.work<unknown, unknown, typeof hinted>(HINT_QUEUE, hinted, (jobs) =>
    settleHints(work, jobs, handlers.hint),
  );
  const reconcileWorker = await boss.work<unknown, unknown, typeof oneAGroup>(
    RECONCILE_QUEUE,
    oneAGroup,
    settling(work, async ({ signal }) => {
      await handlers.reconcile(signal);
      return 'done';
    }),
  );
  // Beside the others, so that no reconciliation waits for it.
  await boss.work<unknown, unknown, typeof oneAGroup>(
    SWEEP_QUEUE,
    oneAGroup,
    settling(work, async ({ signal }) => {
      await handlers.sweep(signal);
      return 'done';
    }),
  );
  await boss.work<unknown, unknown, typeof polling>(
    ALERT_QUEUE,
    polling,
    settling(work, async (job) => {
      const alert = parseAlert(job.data);
      if (alert === undefined) return 'unreadable';
      try {
        await handlers.alert(alert, job.signal, () => foldAlerts(boss, work.pool, job));
      } catch (error) {
        if (!(error instanceof OperationalError) || error.notBefore === undefined) throw error;
        const { notBefore, code } = error;
        work.log.warn({ alert: alert.kind, notBefore: notBefore.toISOString(), code, err: error }, 'alert waits');
        await putBack(boss, job, error);
      }
      return 'done';
    }),
  );
  return (queue) => boss.notifyWorker(queue === HINT_QUEUE ? hintWorker : reconcileWorker);
}

/**
 * Reads one source after the other. Each lane is a worker of its own to pg-boss, because only one with a known id can be told to look again
 * at once: else two hundred small sources would wait for a poll each.
 */
async function openSyncLane(
  boss: PgBoss,
  handlers: JobHandlers,
  work: Work,
  options: { readonly perJobResults: true; readonly pollingIntervalSeconds: number; readonly groupConcurrency: number },
): Promise<void> {
  let lane: string | undefined;
  lane = await boss.work<unknown, unknown, typeof options>(
    SYNC_QUEUE,
    options,
    settling(work, async ({ data, signal }) => {
      if (lane !== undefined) boss.notifyWorker(lane);
      const job = parseSyncJob(data);
      if (job === undefined) return 'unreadable';
      await handlers.sync(job, signal);
      return 'done';
    }),
  );
}

type Handled = 'done' | 'unreadable';

const ENDS = {
  done: { status: 'completed' },
  unreadable: { status: 'deadletter', output: UNREADABLE },
  stopped: { status: 'failed', output: STOPPED },
} as const satisfies Record<Handled | 'stopped', Omit<JobResult, 'id'>>;

/**
 * A handler whose jobs are settled one by one with an output of ours; an error that it let through would be stored with stack
 * and causes. What another try cannot mend goes to the dead letters at once. A job that the handler has put back itself is not
 * active any more, and `completed` says nothing about it.
 */
function settling(
  { jobs: running, log }: Work,
  handle: (job: Pick<Job<unknown>, 'id' | 'data' | 'signal'>) => Promise<Handled>,
): (jobs: Job<unknown>[]) => Promise<JobResult[]> {
  return async (jobs) => {
    const results: JobResult[] = [];
    for (const job of jobs) {
      try {
        const { id, data } = job;
        const handled = await running.run(job.signal, (signal) => handle({ id, data, signal }));
        if (handled === 'stopped') log.info({ queue: job.name, job: id }, 'job put back');
        results.push({ id, ...ENDS[handled] });
      } catch (error) {
        log.error({ queue: job.name, job: job.id, err: error }, 'job failed');
        results.push({ id: job.id, status: isWorthRetry(error) ? 'failed' : 'deadletter', output: toJobOutput(error) });
      }
    }
    return results;
  };
}

/** Jobs that are read together end alike, but for those that cannot be read. */
async function settleHints(
  work: Work,
  jobs: readonly Job<unknown>[],
  handle: JobHandlers['hint'],
): Promise<JobResult[]> {
  const ids = new Set(jobs.flatMap(({ data }) => parseHintJob(data) ?? []));
  const [first] = jobs;
  if (first === undefined) return [];
  const settle = settling(work, async ({ signal }) => {
    if (ids.size > 0) await handle([...ids], signal);
    return 'done';
  });
  const [result] = await settle([first]);
  return jobs.map(({ id, data }) =>
    parseHintJob(data) === undefined || result === undefined ? { id, ...ENDS.unreadable } : { ...result, id },
  );
}

/** A bug may be a passing one: it has its tries too, and then lies among the failed jobs. */
function isWorthRetry(error: unknown): boolean {
  return !(error instanceof OperationalError) || ERROR_CODES[error.code].retry;
}

/** Alerts of a process that died while it had them become free; nothing else does that where only `run` is used. */
export async function freeDead(boss: PgBoss): Promise<void> {
  await boss.supervise(ALERT_QUEUE);
}

/** A worker lives on while the disk is full, and works when there is room: what is only upkeep must not end it. */
async function prepareWork(boss: PgBoss, log: Log): Promise<void> {
  try {
    await keepUp(boss);
    await hurryAlerts(boss);
  } catch (error) {
    const err = wrapDatabaseError(error, 'upkeep of the job queue');
    const isUnwritable =
      err instanceof OperationalError && (err.code === 'database-full' || err.code === 'database-read-only');
    if (!isUnwritable) throw error;
    log.warn({ err }, 'job queue not kept up: alerts that wait for a better time keep theirs');
  }
}

/** Once before alerts are taken: upkeep where only `run` is used, and another chance for alerts that were given up. */
export async function keepUp(boss: PgBoss): Promise<void> {
  await boss.supervise();
  await redriveAlerts(boss);
}

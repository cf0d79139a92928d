import type pg from 'pg';
import { type Job, type JobResult, PgBoss } from 'pg-boss';
import { ERROR_CODES, OperationalError } from '../errors.ts';
import type { AlertJob, JobHandlers, Log, Queue } from '../ports.ts';
import { ALERT_QUEUE } from './enqueue-alerts.ts';
import type { Database } from './database.ts';
import { named, wrapDatabaseError } from './errors.ts';
import { parseAlert, parseSyncJob, toJobOutput } from './job-data.ts';
import { DEAD_QUEUE, JOBS_SCHEMA, loadJobsState } from './jobs-schema.ts';

const SYNC_QUEUE = 'sync';
const RECONCILE_QUEUE = 'reconcile';
/** Sources that one process reads at the same time. */
const SYNCS_MAX = 4;
/** How soon a waiting job is seen. An idle process asks once per queue in this time. */
const POLL_SECONDS = 2;
/** Alerts given up earlier that one start tries again. */
const REDRIVE_MAX = 1_000;
/** Another process may take the waiting job just when we want to change it; it cannot do so for ever. */
const ASK_ATTEMPTS_MAX = 3;
/** pg-boss's own least grace. */
const STOP_MS_MIN = 1_000;

/**
 * Jobs in pg-boss over our own pool. Only `work` starts anything that runs by itself: a command takes and asks without
 * maintenance in the background. Job rows and logs hold ids, codes and our own sentences, never an error's cause.
 */
export function createQueue({ pool }: Pick<Database, 'pool'>, log: Log): Queue {
  const boss = new PgBoss({
    db: { executeSql: (text: string, values?: unknown[]) => pool.query(text, values) },
    schema: JOBS_SCHEMA,
    migrate: false,
    createSchema: false,
    schedule: false,
  });
  // Without a listener an event named `error` ends the process.
  boss.on('error', (error) => log.error({ err: wrapDatabaseError(error, 'job queue') }, 'job queue failed'));
  let upkeep: Promise<void> | undefined;
  return {
    takeAlerts: (limit) =>
      named('take alerts', async () => {
        upkeep ??= keepUp(boss);
        await upkeep;
        // A person has started this run: what waits for a better time is due now (contract §2).
        const jobs = await boss.fetch<unknown>(ALERT_QUEUE, { batchSize: limit, ignoreStartAfter: true });
        return await toAlertJobs(boss, jobs);
      }),
    waitingAlerts: () => countJobs(pool, [ALERT_QUEUE], ['created', 'retry']),
    askSync: (source, mode) => named('ask for a sync', askSync(boss, source, mode)),
    askReconcile: (delaySeconds) =>
      named('ask for a reconciliation', async () => {
        await boss.send(RECONCILE_QUEUE, {}, { startAfter: delaySeconds, group: { id: RECONCILE_QUEUE } });
      }),
    work: (handlers) =>
      named('start the job queue', async () => {
        if ((await loadJobsState(pool)) !== 'current') {
          throw new OperationalError('database-behind', 'the job queue is missing or old: run `rollcall migrate`');
        }
        await startWork(boss, handlers, log);
      }),
    stop: (graceMs) =>
      named('stop the job queue', boss.stop({ graceful: true, timeout: Math.max(graceMs, STOP_MS_MIN), close: false })),
    failedJobs: () => countJobs(pool, [SYNC_QUEUE, RECONCILE_QUEUE, ALERT_QUEUE], ['failed']),
  };
}

/**
 * Once before alerts are taken: jobs of a process that died while it had them become free (nothing else does that where only
 * `run` is used), and alerts that were given up get another chance, because a person may have mended the channel since.
 */
async function keepUp(boss: PgBoss): Promise<void> {
  await boss.supervise();
  await boss.redrive(DEAD_QUEUE, { sourceName: ALERT_QUEUE, limit: REDRIVE_MAX });
}

async function toAlertJobs(boss: PgBoss, jobs: readonly Job<unknown>[]): Promise<readonly AlertJob[]> {
  const taken: AlertJob[] = [];
  for (const { id, data } of jobs) {
    const alert = parseAlert(data);
    if (alert === undefined) {
      await boss.fail(ALERT_QUEUE, id, UNREADABLE);
      continue;
    }
    taken.push({
      id,
      alert,
      done: () => named('complete an alert', async () => void (await boss.complete(ALERT_QUEUE, id))),
      failed: (error) => named('put an alert back', putBack(boss, id, error)),
    });
  }
  return taken;
}

const UNREADABLE = { code: 'unreadable', message: 'the job was made by another version of this program' };

/** Tried again after the queue's growing delay, or at the moment that the other side has named. */
async function putBack(boss: PgBoss, id: string, error: unknown): Promise<void> {
  await boss.fail(ALERT_QUEUE, id, toJobOutput(error));
  const notBefore = error instanceof OperationalError ? error.notBefore : undefined;
  if (notBefore !== undefined) await boss.update(ALERT_QUEUE, undefined, { id, startAfter: notBefore });
}

/** One waiting job a source. A full listing that is asked for while a delta waits makes that job a full one. */
async function askSync(boss: PgBoss, source: string, mode: 'full' | 'delta'): Promise<void> {
  for (let attempt = 1; attempt <= ASK_ATTEMPTS_MAX; attempt += 1) {
    const id = await boss.send(SYNC_QUEUE, { source, mode }, { singletonKey: source, group: { id: source } });
    if (id !== null || mode === 'delta') return;
    const { updated } = await boss.update(SYNC_QUEUE, { source, mode }, { singletonKey: source });
    if (updated > 0) return;
  }
  throw new OperationalError('busy', `the waiting job of ${source} was taken again and again; ask once more`);
}

async function startWork(boss: PgBoss, handlers: JobHandlers, log: Log): Promise<void> {
  await boss.start();
  await keepUp(boss);
  const polling = { perJobResults: true, pollingIntervalSeconds: POLL_SECONDS } as const;
  // At most one running job a group, in all processes together.
  const oneAGroup = { ...polling, groupConcurrency: 1 } as const;
  await boss.work<unknown, unknown, typeof oneAGroup & { readonly localConcurrency: number }>(
    SYNC_QUEUE,
    { ...oneAGroup, localConcurrency: SYNCS_MAX },
    settling(log, async ({ data, signal }) => {
      const job = parseSyncJob(data);
      if (job === undefined) return 'unreadable';
      await handlers.sync(job, signal);
      return 'done';
    }),
  );
  await boss.work<unknown, unknown, typeof oneAGroup>(
    RECONCILE_QUEUE,
    oneAGroup,
    settling(log, async ({ signal }) => {
      await handlers.reconcile(signal);
      return 'done';
    }),
  );
  await boss.work<unknown, unknown, typeof polling>(
    ALERT_QUEUE,
    polling,
    settling(log, async ({ id, data, signal }) => {
      const alert = parseAlert(data);
      if (alert === undefined) return 'unreadable';
      try {
        await handlers.alert(alert, signal);
      } catch (error) {
        if (!(error instanceof OperationalError) || error.notBefore === undefined) throw error;
        log.warn({ alert: alert.kind, notBefore: error.notBefore.toISOString() }, 'alert waits as told');
        await putBack(boss, id, error);
      }
      return 'done';
    }),
  );
}

type Handled = 'done' | 'unreadable';

/**
 * A handler whose jobs are settled one by one with an output of ours; an error that it let through would be stored with stack
 * and causes. What another try cannot mend goes to the dead letters at once. A job that the handler has put back itself is not
 * active any more, and `completed` says nothing about it.
 */
function settling(
  log: Log,
  handle: (job: Job<unknown>) => Promise<Handled>,
): (jobs: Job<unknown>[]) => Promise<JobResult[]> {
  return async (jobs) => {
    const results: JobResult[] = [];
    for (const job of jobs) {
      try {
        const handled = await handle(job);
        results.push(
          handled === 'done'
            ? { id: job.id, status: 'completed' }
            : { id: job.id, status: 'deadletter', output: UNREADABLE },
        );
      } catch (error) {
        log.error({ queue: job.name, job: job.id, err: error }, 'job failed');
        results.push({ id: job.id, status: isWorthRetry(error) ? 'failed' : 'deadletter', output: toJobOutput(error) });
      }
    }
    return results;
  };
}

/** A bug may be a passing one: it has its tries too, and then lies among the failed jobs. */
function isWorthRetry(error: unknown): boolean {
  return !(error instanceof OperationalError) || ERROR_CODES[error.code].retry;
}

/** From pg-boss's table: its own figures are cached for up to an hour. */
async function countJobs(pool: pg.Pool, queues: readonly string[], states: readonly string[]): Promise<number> {
  return await named('count jobs', async () => {
    const { rows } = await pool.query<{ count: number }>(
      `select count(*) as count from ${JOBS_SCHEMA}.job where name = any ($1::text[]) and state::text = any ($2::text[])`,
      [queues, states],
    );
    return rows[0]?.count ?? 0;
  });
}

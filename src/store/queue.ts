import type pg from 'pg';
import { type Job, PgBoss } from 'pg-boss';
import { OperationalError } from '../errors.ts';
import type { AlertJob, Log, Queue } from '../ports.ts';
import { ALERT_QUEUE } from './enqueue-alerts.ts';
import type { Database } from './database.ts';
import { named, wrapDatabaseError } from './errors.ts';
import { parseAlert } from './job-data.ts';
import { JOBS_SCHEMA, loadJobsState } from './jobs-schema.ts';
import { keepUp, putBack, RECONCILE_QUEUE, startWork, SYNC_QUEUE, UNREADABLE } from './queue-work.ts';

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
    waitingAlerts: () => countJobs(pool, [ALERT_QUEUE], ['created', 'retry', 'active']),
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

import type pg from 'pg';
import { type Job, PgBoss } from 'pg-boss';
import { OperationalError } from '../errors.ts';
import type { AlertJob, Queue, Stopped } from '../ports/alerts.ts';
import type { Log } from '../ports/surroundings.ts';
import { foldAlerts, hurryAlerts, putBack, UNREADABLE } from './alert-jobs.ts';
import { askSync, SYNC_QUEUE } from './ask-sync.ts';
import { ALERT_QUEUE, IS_DEFERRED } from './enqueue-alerts.ts';
import type { Database } from './database.ts';
import { toBossError } from './boss-error.ts';
import { named } from './errors.ts';
import { HINT_QUEUE, Hints } from './hints.ts';
import { loadDeadLetters, loadDepths } from './job-counts.ts';
import { parseAlert } from './job-data.ts';
import { JOBS_SCHEMA, loadJobsState } from './jobs-schema.ts';
import { Overflow } from './overflow.ts';
import { PollWatch } from './poll-watch.ts';
import { freeDead, keepUp, RECONCILE_QUEUE, startWork, SWEEP_QUEUE, type Wake } from './queue-work.ts';
import { RunningJobs } from './running-jobs.ts';
import { ToldOnce } from './told-once.ts';
import { settlesWithin } from './within.ts';
import { notingEnd } from './write-trouble.ts';

/** pg-boss settles what has ended and stops its timers; on a silent path it would wait for each of its statements. */
const SETTLE_MS = 2_000;
/** How often jobs of dead processes are looked for; pg-boss's own minute is longer than a person waits. */
const SUPERVISE_SECONDS = 10;
/** At most so often, however many ask. */
const MONITOR_SECONDS = 1;
/** Several to a heartbeat (`ALERT_HEARTBEAT_SECONDS`), and no more than an alert takes. */
const TOUCH_MS = 4_000;
const TOUCHES_MAX = 30;
/** In each hour of the clock one is kept, also when it has been done already. */
const SWEEP_EVERY_SECONDS = 3_600;
const WORKED = [SYNC_QUEUE, HINT_QUEUE, RECONCILE_QUEUE, ALERT_QUEUE, SWEEP_QUEUE];
const RECONCILE_NOW = `
  update ${JOBS_SCHEMA}.job set start_after = now() where name = $1 and state = 'created' and start_after > now()`;

/**
 * Jobs in pg-boss over our own pool. Only `work` starts anything that runs by itself: a command takes and asks without
 * maintenance in the background. Job rows and logs hold ids, codes and our own sentences, never an error's cause.
 */
export function createQueue({ pool }: Pick<Database, 'pool'>, log: Log): Queue {
  const polls = new PollWatch();
  const jobs = new RunningJobs();
  const boss = openBoss(polls.watch(notingEnd(pool, (text, values) => pool.query(text, values))), log);
  let upkeep: Promise<void> | undefined;
  let wake: Wake | undefined;
  const overflow = new Overflow((told) => log.warn(told, 'too many hints wait: reading changes instead'));
  const hints = new Hints(pool, boss, async (sources, count) => {
    overflow.add(count, sources);
    for (const source of sources) await askSync(boss, { source, mode: 'delta' });
  });
  let state: 'not started' | 'working' | 'stopping' = 'not started';
  return {
    takeAlerts: (limit) =>
      named('take alerts', async () => {
        upkeep ??= keepUp(boss);
        await upkeep;
        await freeDead(boss);
        // A person has started this run: what waits for a better time is due now (contract §2).
        await hurryAlerts(boss);
        const jobs = await boss.fetch<unknown>(ALERT_QUEUE, { batchSize: limit });
        return await toAlertJobs(boss, pool, jobs);
      }),
    waitingAlerts: () => named('count jobs', () => countAlerts(pool)),
    askSync: (source, mode, startAfter) =>
      named('ask for a sync', async () => {
        await askSync(boss, { source, mode }, startAfter);
      }),
    askReconcile: (delaySeconds) =>
      named('ask for a reconciliation', async () => {
        const id = await boss.send(RECONCILE_QUEUE, {}, { startAfter: delaySeconds, group: { id: RECONCILE_QUEUE } });
        if (delaySeconds > 0) return;
        if (id === null) await pool.query(RECONCILE_NOW, [RECONCILE_QUEUE]);
        wake?.(RECONCILE_QUEUE);
      }),
    askHints: (ids, sources) =>
      named('ask for single rows', async () => {
        await hints.ask(ids, sources);
        wake?.(HINT_QUEUE);
      }),
    work: (handlers) =>
      named('start the job queue', async () => {
        if ((await loadJobsState(pool)) !== 'current') {
          throw new OperationalError('database-behind', 'the job queue is missing or old: run `rollcall migrate`');
        }
        wake = await startWork(boss, handlers, { jobs, log, pool });
        if (state === 'not started') state = 'working';
      }),
    stop: (graceMs, hurry) => {
      state = 'stopping';
      return named('stop the job queue', stop(boss, jobs, graceMs, hurry));
    },
    trouble: () => (state === 'working' ? polls.trouble(jobs.count > 0) : `the job queue is ${state}`),
    askSweep: () =>
      named('ask for a sweep', async () => {
        await boss.send(SWEEP_QUEUE, {}, { singletonSeconds: SWEEP_EVERY_SECONDS, group: { id: SWEEP_QUEUE } });
      }),
    deadLetters: () => named('count jobs', () => loadDeadLetters(pool, WORKED)),
    depths: () => named('count jobs', () => loadDepths(pool, WORKED)),
  };
}

function openBoss(executeSql: ReturnType<PgBoss['getDb']>['executeSql'], log: Log): PgBoss {
  const boss = new PgBoss({
    db: { executeSql },
    schema: JOBS_SCHEMA,
    migrate: false,
    createSchema: false,
    schedule: false,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: MONITOR_SECONDS,
  });
  const told = new ToldOnce();
  // Without a listener an event named `error` ends the process.
  boss.on('error', (error) => {
    const err = toBossError(error);
    const untold = told.pass(err.message);
    if (untold !== undefined) log.error({ err, untold }, 'job queue failed');
  });
  return boss;
}

/** Jobs that ended are settled before pg-boss stops, and all within a bound. */
async function stop(boss: PgBoss, jobs: RunningJobs, graceMs: number, hurry?: AbortSignal): Promise<Stopped> {
  // First of all no more polls. They end after the jobs in hand.
  const settled = Promise.all(WORKED.map((queue) => boss.offWork(queue)));
  const stopped = await jobs.stop(graceMs, hurry);
  await settlesWithin(settled, SETTLE_MS);
  await settlesWithin(boss.stop({ graceful: false, close: false }), SETTLE_MS);
  return stopped;
}

async function toAlertJobs(boss: PgBoss, pool: pg.Pool, jobs: readonly Job<unknown>[]): Promise<readonly AlertJob[]> {
  const taken: AlertJob[] = [];
  for (const job of jobs) {
    const { id, data } = job;
    const alert = parseAlert(data);
    if (alert === undefined) {
      await boss.fail(ALERT_QUEUE, id, UNREADABLE);
      continue;
    }
    const rest = keepAlive(boss, id);
    const settle = async (what: string, work: () => Promise<unknown>): Promise<void> => {
      rest();
      await named(what, work);
    };
    taken.push({
      id,
      alert,
      done: () => settle('complete an alert', () => boss.complete(ALERT_QUEUE, id)),
      failed: (error) => settle('put an alert back', () => putBack(boss, job, error)),
      fold: async () => {
        const folded = await named('put alerts together', () => foldAlerts(boss, pool, job));
        if (folded) rest();
        return folded;
      },
    });
  }
  return taken;
}

/** Shows others that this process lives and is at it; a beat that fails says nothing, the next one comes. */
function keepAlive(boss: PgBoss, id: string): () => void {
  let left = TOUCHES_MAX;
  const timer = setInterval(() => {
    left -= 1;
    if (left === 0) clearInterval(timer);
    boss.touch(ALERT_QUEUE, id).catch(() => undefined);
  }, TOUCH_MS).unref();
  return () => clearInterval(timer);
}

/** From pg-boss's table: its own figures are cached for up to an hour. */
async function countAlerts(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*) as count from ${JOBS_SCHEMA}.job where name = $1 and state in ('created', 'retry', 'active') and not ${IS_DEFERRED}`,
    [ALERT_QUEUE],
  );
  return rows[0]?.count ?? 0;
}

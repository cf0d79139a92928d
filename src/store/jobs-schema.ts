import type pg from 'pg';
import { PgBoss, type Queue as BossQueue } from 'pg-boss';
import bossPackage from 'pg-boss/package.json' with { type: 'json' };
import { OperationalError } from '../errors.ts';
import { named } from './errors.ts';

export const JOBS_SCHEMA = 'rollcall_jobs';
const INSTALL_ATTEMPTS_MAX = 3;
const BOSS_SCHEMA_VERSION = bossPackage.pgboss.schema;

/** Jobs that have failed for good, kept for a person to look at. */
export const DEAD_QUEUE = 'dead';

const DAY = 86_400;
/** Of jobs that ended, to be looked at. */
const KEPT = { retentionSeconds: 14 * DAY, deleteAfterSeconds: 7 * DAY } as const;

/** Stated for every queue: pg-boss's own are two tries at once, and a quarter of an hour until a job of a dead process is free. */
type Stated = Required<
  Pick<
    BossQueue,
    | 'policy'
    | 'retryLimit'
    | 'retryDelay'
    | 'retryBackoff'
    | 'retryDelayMax'
    | 'expireInSeconds'
    | 'heartbeatSeconds'
    | 'retentionSeconds'
    | 'deleteAfterSeconds'
  >
> &
  Pick<BossQueue, 'deadLetter'> & { readonly name: string };

/**
 * A policy cannot be changed once a queue exists. `short`: one waiting job a key (the source), so that ticks coalesce. Not
 * `stately`: while a source runs, its waiting job is the oldest, its fetch violates the unique index, and every other source
 * starves behind it; that one runs at a time is said by job groups (queue.ts) and by the claim. A worker that died is noticed by
 * its missing heartbeat, so that `expireInSeconds` may be as long as a large roster takes.
 */
const WORKED = [
  {
    ...KEPT,
    name: 'sync',
    policy: 'short',
    retryLimit: 2,
    retryDelay: 30,
    retryBackoff: true,
    retryDelayMax: 300,
    expireInSeconds: 6 * 3_600,
    heartbeatSeconds: 60,
  },
  {
    ...KEPT,
    name: 'hint',
    policy: 'short',
    retryLimit: 2,
    retryDelay: 30,
    retryBackoff: true,
    retryDelayMax: 300,
    expireInSeconds: 600,
    heartbeatSeconds: 60,
  },
  {
    ...KEPT,
    name: 'reconcile',
    policy: 'short',
    retryLimit: 3,
    retryDelay: 15,
    retryBackoff: true,
    retryDelayMax: 300,
    expireInSeconds: 3_600,
    heartbeatSeconds: 60,
  },
  {
    ...KEPT,
    name: 'alert',
    policy: 'standard',
    retryLimit: 60,
    retryDelay: 30,
    retryBackoff: true,
    retryDelayMax: 1_800,
    expireInSeconds: 120,
    heartbeatSeconds: 12,
    deadLetter: DEAD_QUEUE,
  },
  // A day that was begun and not ended can be begun again after ten minutes (retention.ts).
  {
    ...KEPT,
    name: 'sweep',
    policy: 'short',
    retryLimit: 3,
    retryDelay: 900,
    retryBackoff: true,
    retryDelayMax: 3_600,
    expireInSeconds: 6 * 3_600,
    heartbeatSeconds: 60,
  },
] as const satisfies readonly Stated[];

/** Dead letters first: the others name it. Nobody works on them. */
const QUEUES = [
  { name: DEAD_QUEUE, retryLimit: 0, retentionSeconds: 30 * DAY, deleteAfterSeconds: 30 * DAY },
  ...WORKED,
] as const;

export type JobsState = 'absent' | 'behind' | 'current';

/** Whether pg-boss's schema and our queues are there; reads only, so that a worker without rights can ask. */
export async function loadJobsState(pool: pg.Pool): Promise<JobsState> {
  return named('look at the job queue', async () => {
    const { rows: found } = await pool.query<{ present: boolean }>('select to_regclass($1) is not null as present', [
      `${JOBS_SCHEMA}.version`,
    ]);
    if (found[0]?.present !== true) return 'absent';
    const { rows } = await pool.query<{ version: number; queues: string[] }>(
      `select (select max(version) from ${JOBS_SCHEMA}.version) as version,
              (select coalesce(array_agg(name), '{}') from ${JOBS_SCHEMA}.queue) as queues`,
    );
    const [row] = rows;
    if (row === undefined || row.version < BOSS_SCHEMA_VERSION) return 'behind';
    if (row.version > BOSS_SCHEMA_VERSION) {
      throw new OperationalError(
        'database-newer',
        'the job queue was made by a newer Rollcall than this one; run that version or a later one',
      );
    }
    return QUEUES.every((queue) => row.queues.includes(queue.name)) ? 'current' : 'behind';
  });
}

/**
 * Makes pg-boss's schema and our queues, so that workers may start it without the right to create. Any number of processes may
 * come here at once: pg-boss holds a transaction lock of its own, but of eight that started together one still failed on
 * `create schema if not exists` (23505, pg-boss 12.27), so a failure is taken for final only when nothing helps.
 */
export async function installJobs(pool: pg.Pool): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await named('install the job queue', () => install(pool));
      return;
    } catch (error) {
      if (attempt >= INSTALL_ATTEMPTS_MAX || (await loadJobsState(pool)) === 'absent') throw error;
    }
  }
}

async function install(pool: pg.Pool): Promise<void> {
  const boss = new PgBoss({
    db: { executeSql: (text: string, values?: unknown[]) => pool.query(text, values) },
    schema: JOBS_SCHEMA,
    supervise: false,
    schedule: false,
  });
  // Its errors reach us as rejections; without a listener an event would end the process.
  boss.on('error', () => {});
  await boss.start();
  try {
    for (const { name, ...options } of QUEUES) await boss.createQueue(name, options);
    // One that was there already has the settings of the version that made it.
    for (const { name, policy: _, ...options } of WORKED) await boss.updateQueue(name, options);
  } finally {
    await boss.stop({ graceful: false });
  }
}

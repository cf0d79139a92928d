import type pg from 'pg';
import type { Job, PgBoss } from 'pg-boss';
import { ERROR_CODES, OperationalError } from '../errors.ts';
import type { Alert } from '../ports/store.ts';
import { inTransaction } from './database.ts';
import { bossOn } from './boss-on.ts';
import { ALERT_QUEUE, ALERT_RETENTION_SECONDS, enqueueAlerts, IS_DEFERRED } from './enqueue-alerts.ts';
import { mergeAlerts } from './fold-alerts.ts';
import { isSentBefore, parseAlert, toJobOutput } from './job-data.ts';
import { DEAD_QUEUE, JOBS_SCHEMA } from './jobs-schema.ts';

export const UNREADABLE = { code: 'unreadable', message: 'the job was made by another version of this program' };
/** Folded at once; what is left is folded with the next. */
const FOLD_MAX = 1_000;
/** Alerts given up earlier that one start tries again. */
const REDRIVE_MAX = 1_000;

const THIS_JOB = `name = '${ALERT_QUEUE}' and id = $1`;
const MARK_SENT = `
  update ${JOBS_SCHEMA}.job set data = data || '{"sentBefore": true}' where ${THIS_JOB}`;
// Neither tried again by the queue nor with the dead letters at the next start: it was sent twice, and Slack may have it twice.
const NEVER_AGAIN = `
  update ${JOBS_SCHEMA}.job set retry_limit = 0, dead_letter = null where ${THIS_JOB}`;
const GIVE_UP = `update ${JOBS_SCHEMA}.job set retry_limit = 0 where ${THIS_JOB}`;
// To wait for a channel is no failed try of the alert: those are counted, and it must outlast any outage.
const WAIT = `
  update ${JOBS_SCHEMA}.job
     set start_after = $2::timestamptz, retry_count = 0,
         keep_until = $2::timestamptz + ${ALERT_RETENTION_SECONDS} * interval '1 second'
   where ${THIS_JOB} and state = 'retry'`;
// pg-boss moves a job back without the name of its dead letter queue (12.27): refused again, it would be gone for good.
const NAME_DEAD_LETTER = `
  update ${JOBS_SCHEMA}.job
     set dead_letter = '${DEAD_QUEUE}', keep_until = now() + ${ALERT_RETENTION_SECONDS} * interval '1 second'
   where name = '${ALERT_QUEUE}' and state = 'created' and dead_letter is null`;
const DUE_NOW = `
  update ${JOBS_SCHEMA}.job set start_after = now()
   where name = '${ALERT_QUEUE}' and state in ('created', 'retry') and start_after > now() and not ${IS_DEFERRED}`;
const HOLD = `
  select from ${JOBS_SCHEMA}.job where name = '${ALERT_QUEUE}' and id = any ($1::uuid[]) and state = 'active' for update`;

/** Alerts that were given up get another chance: a person may have mended the channel since. */
export async function redriveAlerts(boss: PgBoss): Promise<void> {
  await boss.redrive(DEAD_QUEUE, { sourceName: ALERT_QUEUE, limit: REDRIVE_MAX });
  await boss.getDb().executeSql(NAME_DEAD_LETTER);
}

/** What waits for a better time is due: a person has started a worker or a run, perhaps with another channel. Not a digest of the day. */
export async function hurryAlerts(boss: PgBoss): Promise<void> {
  await boss.getDb().executeSql(DUE_NOW);
}

/**
 * Ends one try of an alert: kept until the moment that the error names, else tried again after the queue's growing delay, or given up
 * when another try cannot mend it. One that was sent twice without an answer is over.
 */
export async function putBack(boss: PgBoss, job: Pick<Job<unknown>, 'id' | 'data'>, error: unknown): Promise<void> {
  const { id, data } = job;
  const db = boss.getDb();
  const known = error instanceof OperationalError ? error : undefined;
  if (known?.code === 'slack-unanswered') await db.executeSql(isSentBefore(data) ? NEVER_AGAIN : MARK_SENT, [id]);
  else if (known !== undefined && known.notBefore === undefined && !ERROR_CODES[known.code].retry) {
    await db.executeSql(GIVE_UP, [id]);
  }
  await boss.fail(ALERT_QUEUE, id, toJobOutput(error));
  if (known?.notBefore !== undefined) await db.executeSql(WAIT, [id, known.notBefore]);
}

/**
 * Puts this alert and all that wait into one, in one transaction. False when no other waits: those in the hands of other processes are
 * theirs.
 */
export async function foldAlerts(
  boss: PgBoss,
  pool: pg.Pool,
  job: Pick<Job<unknown>, 'id' | 'data'>,
): Promise<boolean> {
  const others = await boss.fetch<unknown>(ALERT_QUEUE, { batchSize: FOLD_MAX, ignoreStartAfter: true });
  if (others.length === 0) return false;
  const all = [job, ...others];
  const alerts: Alert[] = [];
  const ids: string[] = [];
  for (const { id, data } of all) {
    const alert = parseAlert(data);
    if (alert === undefined) {
      await boss.fail(ALERT_QUEUE, id, UNREADABLE);
      continue;
    }
    alerts.push(alert);
    ids.push(id);
  }
  // Where one of them was never sent, this is the first that Slack hears of it: it has both its tries.
  const sentBefore = all.every(({ data }) => isSentBefore(data));
  await inTransaction(pool, 'put alerts together', async (client) => {
    await enqueueAlerts(client, [mergeAlerts(alerts)], { sentBefore });
    const { rowCount } = await client.query(HOLD, [ids]);
    // This process was stopped for long, and others have taken them: what they tell must not be told here too.
    if (rowCount !== ids.length) throw new OperationalError('busy', 'other processes have taken the alerts meanwhile');
    await bossOn(client).complete(ALERT_QUEUE, ids);
  });
  return true;
}

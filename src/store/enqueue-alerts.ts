import type pg from 'pg';
import type { Alert, Daily } from '../ports/store.ts';
import { bossOn } from './boss-on.ts';
import { JOBS_SCHEMA } from './jobs-schema.ts';

export const ALERT_QUEUE = 'alert';
/**
 * An alert whose process gave no sign of life for so long is taken by the next one: within the time that `run` delivers. In the
 * job, not in the queue's settings, so that it holds in databases whose queue was made before.
 */
const ALERT_HEARTBEAT_SECONDS = 12;
/** pg-boss forgets what has waited for 14 days; a channel may be dead for longer before somebody looks. */
export const ALERT_RETENTION_SECONDS = 400 * 86_400;

/** Of a digest that waits for its time of the day, which nothing makes due but the clock. As texts: what a job holds may be anything. */
export const IS_DEFERRED = `
  coalesce(data ->> 'due', '') > to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
// One that nobody has begun to tell takes the next report in, also when its time has come meanwhile.
const EXTEND_DAILY = `
  update ${JOBS_SCHEMA}.job
     set data = jsonb_set(data, '{reports,to}', to_jsonb(greatest((data -> 'reports' ->> 'to')::bigint, $1::bigint)))
   where id = (select id from ${JOBS_SCHEMA}.job
                where name = '${ALERT_QUEUE}' and state = 'created' and data ->> 'kind' = 'daily'
                order by start_after limit 1 for update)`;

/** Puts alerts into the queue on this connection, in its transaction: they are sent if, and only if, what they tell is committed. */
export async function enqueueAlerts(
  client: pg.ClientBase,
  alerts: readonly Alert[],
  { sentBefore = false }: { readonly sentBefore?: boolean } = {},
): Promise<void> {
  const fresh: Alert[] = [];
  for (const alert of alerts) if (alert.kind !== 'daily' || !(await extendDaily(client, alert))) fresh.push(alert);
  if (fresh.length === 0) return;
  const settings = { heartbeatSeconds: ALERT_HEARTBEAT_SECONDS, retentionSeconds: ALERT_RETENTION_SECONDS };
  const mark = sentBefore ? { sentBefore } : {};
  await bossOn(client).insert(
    ALERT_QUEUE,
    fresh.map((alert) => ({
      data: { ...alert, ...mark },
      ...settings,
      ...(alert.kind === 'daily' ? { startAfter: new Date(alert.due) } : {}),
    })),
  );
}

/** The reports of a day are one job, and thus one message. False: none waits. */
async function extendDaily(client: pg.ClientBase, { reports }: Daily): Promise<boolean> {
  const { rowCount } = await client.query(EXTEND_DAILY, [reports.to]);
  return rowCount === 1;
}

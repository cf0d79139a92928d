import type pg from 'pg';
import { PgBoss } from 'pg-boss';
import type { Alert } from '../ports/store.ts';
import { JOBS_SCHEMA } from './jobs-schema.ts';

export const ALERT_QUEUE = 'alert';
/**
 * An alert whose process gave no sign of life for so long is taken by the next one: within the time that `run` delivers. In the
 * job, not in the queue's settings, so that it holds in databases whose queue was made before.
 */
const ALERT_HEARTBEAT_SECONDS = 12;

/**
 * Puts alerts into the queue on this connection, in its transaction: they are sent if, and only if, what they tell is
 * committed. A pg-boss of its own on this connection, never started: the worker's would ask its pool for the queue's settings
 * meanwhile, and with a pool of one wait for the connection that it is called from.
 */
export async function enqueueAlerts(client: pg.ClientBase, alerts: readonly Alert[]): Promise<void> {
  if (alerts.length === 0) return;
  const boss = new PgBoss({
    db: { executeSql: (text: string, values?: unknown[]) => client.query(text, values) },
    schema: JOBS_SCHEMA,
    migrate: false,
    createSchema: false,
    supervise: false,
    schedule: false,
  });
  await boss.insert(
    ALERT_QUEUE,
    alerts.map((alert) => ({ data: alert, heartbeatSeconds: ALERT_HEARTBEAT_SECONDS })),
  );
}

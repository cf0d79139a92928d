import type pg from 'pg';
import type { Alert } from '../ports/store.ts';
import { bossOn } from './boss-on.ts';

export const ALERT_QUEUE = 'alert';
/**
 * An alert whose process gave no sign of life for so long is taken by the next one: within the time that `run` delivers. In the
 * job, not in the queue's settings, so that it holds in databases whose queue was made before.
 */
const ALERT_HEARTBEAT_SECONDS = 12;
/** pg-boss forgets what has waited for 14 days; a channel may be dead for longer before somebody looks. */
export const ALERT_RETENTION_SECONDS = 400 * 86_400;

/** Puts alerts into the queue on this connection, in its transaction: they are sent if, and only if, what they tell is committed. */
export async function enqueueAlerts(
  client: pg.ClientBase,
  alerts: readonly Alert[],
  { sentBefore = false }: { readonly sentBefore?: boolean } = {},
): Promise<void> {
  if (alerts.length === 0) return;
  const settings = { heartbeatSeconds: ALERT_HEARTBEAT_SECONDS, retentionSeconds: ALERT_RETENTION_SECONDS };
  const mark = sentBefore ? { sentBefore } : {};
  await bossOn(client).insert(
    ALERT_QUEUE,
    alerts.map((alert) => ({ data: { ...alert, ...mark }, ...settings })),
  );
}

import { OperationalError } from '../errors.ts';
import type { AlertJob } from '../ports/alerts.ts';
import type { WorkerDeps } from './deps.ts';
import { pause } from './pause.ts';

/** Alerts taken in one run at most: more than that is a flood that the next run goes on with. */
const ALERTS_MAX = 100;
/** Slack takes one message a second from a webhook; as often it is asked whether another process has left one. */
const GAP_MS = 1_000;

/** How many alerts stay queued, and why: this run did not try, Slack could not be told, or others are at it or time was over. */
export type Undelivered = { readonly count: number; readonly because: 'not-tried' | 'refused' | 'pending' };

/**
 * Sends what is waiting, older alerts too, until done or out of time. What another process has in hand is waited for: it is
 * delivered there, or becomes free because that process died.
 */
export async function deliverWaiting(deps: WorkerDeps, timeMs: number, signal: AbortSignal): Promise<Undelivered> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeMs)]);
  let sent = 0;
  while (sent < ALERTS_MAX && !deadline.aborted) {
    const [job] = await deps.queue.takeAlerts(1);
    if (job === undefined) {
      if ((await deps.queue.waitingAlerts()) === 0) break;
      await pause(GAP_MS, deadline);
      continue;
    }
    if (sent > 0) await pause(GAP_MS, deadline);
    if (!(await send(deps, job, deadline))) return { count: await deps.queue.waitingAlerts(), because: 'refused' };
    sent += 1;
  }
  return { count: await deps.queue.waitingAlerts(), because: 'pending' };
}

async function send(deps: WorkerDeps, job: AlertJob, deadline: AbortSignal): Promise<boolean> {
  try {
    await deps.deliver(job.alert, deadline);
    await job.done();
    return true;
  } catch (error) {
    const failure = error instanceof Error ? error : new Error('alert failed');
    await job.failed(failure);
    if (!(error instanceof OperationalError) && !deadline.aborted) throw error;
    deps.log.warn({ alert: job.alert.kind, err: failure }, 'alert not delivered');
    return false;
  }
}

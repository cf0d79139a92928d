import { OperationalError } from '../errors.ts';
import type { WorkerDeps } from './deps.ts';

/** Alerts taken in one run at most: more than that is a flood that the next run goes on with. */
const ALERTS_MAX = 100;
/** Slack takes one message a second from a webhook. */
const GAP_MS = 1_000;

/** Sends what is waiting, older alerts too, until done or out of time. Returns how many stay queued. */
export async function deliverWaiting(deps: WorkerDeps, timeMs: number, signal: AbortSignal): Promise<number> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeMs)]);
  for (let sent = 0; sent < ALERTS_MAX && !deadline.aborted; sent += 1) {
    const [job] = await deps.queue.takeAlerts(1);
    if (job === undefined) break;
    if (sent > 0) await pause(GAP_MS, deadline);
    try {
      await deps.deliver(job.alert, deadline);
      await job.done();
    } catch (error) {
      const failure = error instanceof Error ? error : new Error('alert failed');
      await job.failed(failure);
      if (!(error instanceof OperationalError) && !deadline.aborted) throw error;
      deps.log.warn({ alert: job.alert.kind, err: failure }, 'alert not delivered');
      break;
    }
  }
  return deps.queue.waitingAlerts();
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

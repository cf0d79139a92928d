import { isBacklog } from '../core/catch-up.ts';
import { OperationalError } from '../errors.ts';
import type { AlertJob } from '../ports/alerts.ts';
import type { WorkerDeps } from './deps.ts';
import { pause } from './pause.ts';

/** Alerts taken in one run at most: more than that is a flood that the next run goes on with. */
const ALERTS_MAX = 100;
/** How often it is asked whether another process has left an alert. */
const ASK_AGAIN_MS = 1_000;

/** How many alerts stay queued, and why: this run did not try, Slack could not be told, or others are at it or time was over. */
export type Undelivered = { readonly count: number } & (
  | { readonly because: 'not-tried' | 'pending' }
  | { readonly because: 'refused'; readonly reason: string }
);

/**
 * Sends what is waiting, older alerts too, until done or out of time. What another process has in hand is waited for: it is
 * delivered there, or becomes free because that process died.
 */
export async function deliverWaiting(deps: WorkerDeps, timeMs: number, signal: AbortSignal): Promise<Undelivered> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeMs)]);
  const endsAt = deps.clock().getTime() + timeMs;
  let taken = 0;
  while (taken < ALERTS_MAX && !deadline.aborted) {
    const [job] = await deps.queue.takeAlerts(1);
    if (job === undefined) {
      if ((await deps.queue.waitingAlerts()) === 0) break;
      await pause(ASK_AGAIN_MS, deadline);
      continue;
    }
    taken += 1;
    const end = await settle(deps, job, deadline);
    // Slack has asked for a wait that fits into this run; its turn is waited for with the next.
    if (end.kind === 'told' && end.until.getTime() < endsAt) continue;
    if (end.kind === 'settled' || deadline.aborted) continue;
    return { count: await deps.queue.waitingAlerts(), because: 'refused', reason: end.reason };
  }
  return { count: await deps.queue.waitingAlerts(), because: 'pending' };
}

type One = Pick<AlertJob, 'alert' | 'fold'>;

/** Sends one alert; or, when many wait after an outage, puts them all into one that is sent next. */
export async function deliverOrFold(
  deps: WorkerDeps,
  { alert, fold }: One,
  signal: AbortSignal,
): Promise<'sent' | 'folded'> {
  const waiting = await deps.queue.waitingAlerts();
  const silentMs = waiting > 1 ? ((await deps.silentMs?.()) ?? 0) : 0;
  if (isBacklog(waiting, silentMs) && (await fold())) {
    deps.log.info({ waiting, silentMs }, 'alerts put together into one');
    return 'folded';
  }
  await deps.deliver(alert, signal);
  return 'sent';
}

type End =
  /** Sent, put together with others, or this alert's own fault: the next one may go out. */
  | { readonly kind: 'settled' }
  | { readonly kind: 'told'; readonly until: Date; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

async function settle(deps: WorkerDeps, job: AlertJob, deadline: AbortSignal): Promise<End> {
  try {
    if ((await deliverOrFold(deps, job, deadline)) === 'sent') await job.done();
    return { kind: 'settled' };
  } catch (error) {
    const failure = error instanceof Error ? error : new Error('alert failed');
    await job.failed(failure);
    if (!(error instanceof OperationalError) && !deadline.aborted) throw error;
    deps.log.warn({ alert: job.alert.kind, err: failure }, 'alert not delivered');
    return endOf(failure);
  }
}

function endOf(failure: Error): End {
  if (!(failure instanceof OperationalError)) return { kind: 'refused', reason: 'sending ended before its time' };
  const { code, message: reason, notBefore: until } = failure;
  if (code === 'slack-rejected') return { kind: 'settled' };
  return until === undefined ? { kind: 'refused', reason } : { kind: 'told', until, reason };
}

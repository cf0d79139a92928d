import { deliverWaiting, type Undelivered } from './deliver.ts';
import type { WorkerDeps } from './deps.ts';
import type { SyncOutcome } from './outcome.ts';
import { reconcile, type Reconciled } from './reconcile.ts';
import { retainWhenDue } from './retain.ts';
import { syncSource } from './sync.ts';
import type { ListProgress } from '../ports/sources.ts';

/** Contract §2: alerts are delivered for at most this long before `run` ends. */
const DELIVER_MS = 15_000;

export type RunRequest = {
  /** Names to read; all when empty. */
  readonly only: readonly string[];
  /** Force full listings. */
  readonly full: boolean;
  readonly notify: boolean;
  readonly budgetMs: number;
  readonly signal: AbortSignal;
  readonly progress: (step: RunProgress) => void;
};
export type RunProgress =
  | { readonly kind: 'source'; readonly source: string; readonly step: ListProgress }
  | { readonly kind: 'source-done'; readonly source: string; readonly outcome: SyncOutcome }
  | { readonly kind: 'reconciling' | 'delivering' };

export type RunResult = {
  readonly outcomes: readonly SyncOutcome[];
  readonly reconciled: Reconciled;
  readonly undelivered: Undelivered;
};

/** Collect and reconcile once. One dead source stops no other: each has its own outcome. */
export async function runOnce(deps: WorkerDeps, request: RunRequest): Promise<RunResult> {
  const stored = await deps.sourceStore.syncSources(deps.specs, deps.clock());
  const wanted = stored.filter((each) => request.only.length === 0 || request.only.includes(each.name));
  const outcomes = await Promise.all(
    wanted.map(async (each) => {
      const outcome = await syncSource(deps, {
        stored: each,
        full: request.full,
        budgetMs: request.budgetMs,
        signal: request.signal,
        progress: (step) => request.progress({ kind: 'source', source: each.name, step }),
      });
      request.progress({ kind: 'source-done', source: each.name, outcome });
      return outcome;
    }),
  );
  request.signal.throwIfAborted();
  request.progress({ kind: 'reconciling' });
  const { notify, full, signal } = request;
  const reconciled = await reconcile(deps, { notify, full, signal });
  const undelivered = await tell(deps, request);
  await retainWhenDue(deps, request.signal);
  return { outcomes, reconciled, undelivered };
}

async function tell(deps: WorkerDeps, request: RunRequest): Promise<Undelivered> {
  if (!request.notify) {
    const count = await deps.queue.waitingAlerts();
    return { count, because: 'not-tried' };
  }
  request.progress({ kind: 'delivering' });
  return deliverWaiting(deps, DELIVER_MS, request.signal);
}

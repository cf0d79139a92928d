import { momentText } from '../core/moment-text.ts';
import { OperationalError } from '../errors.ts';
import type { StoredSource } from '../ports/store.ts';
import type { WorkerDeps } from './deps.ts';
import type { SyncOutcome } from './outcome.ts';
import { pause } from './pause.ts';
import type { SyncRequest } from './sync.ts';

/** Each wait may end with another process having been told to wait on; the budget ends this too. */
const WAITS_MAX = 5;
/** Timers fire a little early now and then. */
const MARGIN_MS = 50;

/** The outcome of a source whose vendor has asked to wait until later than `now`. */
export function deferral({ name, credential, notBefore }: StoredSource, now: Date): SyncOutcome | undefined {
  if (notBefore === undefined || new Date(notBefore) <= now) return undefined;
  return { source: name, credential, kind: 'waiting', until: notBefore };
}

/**
 * Reads once the vendor may be asked again, with what the wait has left of the budget; `waiting` where that is not enough. A hint does
 * not wait at all: others stand behind it, and the reading of changes that takes its place does.
 */
export async function whenAllowed(
  deps: Pick<WorkerDeps, 'clock'>,
  request: SyncRequest,
  read: (budgetMs: number) => Promise<SyncOutcome>,
): Promise<SyncOutcome> {
  const { stored, ids, signal, progress } = request;
  let { budgetMs } = request;
  let until = stored.notBefore;
  for (let waits = 0; ; waits += 1) {
    const leftMs = until === undefined ? 0 : new Date(until).getTime() - deps.clock().getTime();
    if (until !== undefined && leftMs > 0) {
      const isTooLong = ids !== undefined || leftMs > budgetMs || waits === WAITS_MAX;
      if (isTooLong) return { source: stored.name, credential: stored.credential, kind: 'waiting', until };
      progress({
        kind: 'wait',
        ms: leftMs,
        reason: `${stored.name} has asked to wait until ${momentText(until, 'second')}`,
      });
      await pause(leftMs + MARGIN_MS, signal);
      if (signal.aborted) throw new OperationalError('source-unavailable', 'the reading was stopped before its end');
      budgetMs -= leftMs;
    }
    const outcome = await read(budgetMs);
    if (outcome.kind !== 'waiting') return outcome;
    until = outcome.until;
  }
}

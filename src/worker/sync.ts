import type { Verdict } from '../core/listing.ts';
import { OperationalError } from '../errors.ts';
import type { ListProgress } from '../ports/sources.ts';
import type { Claim, Intake, StoredSource } from '../ports/store.ts';
import { withClaim } from './claim.ts';
import type { WorkerDeps } from './deps.ts';
import { deferral, whenAllowed } from './not-before.ts';
import { failedOutcome, isTaken, type SyncOutcome } from './outcome.ts';
import {
  judgeStaged,
  type Judged,
  learnTokenOwner,
  modeOf,
  readListing,
  type Reading,
  toJudged,
} from './read-listing.ts';

export type SyncRequest = {
  readonly stored: StoredSource;
  /** In full, also where changes alone would do. */
  readonly full?: boolean | undefined;
  /** These rows alone; the source can do that. */
  readonly ids?: readonly string[] | undefined;
  readonly budgetMs: number;
  readonly claimWaitMs?: number | undefined;
  readonly signal: AbortSignal;
  readonly progress: (step: ListProgress) => void;
};

/**
 * Reads one source once: claim, collect, judge, record. A reading of changes that cannot prove itself goes on as a full one.
 * Operational failures come back as an outcome; bugs are thrown.
 */
export async function syncSource(deps: WorkerDeps, request: SyncRequest): Promise<SyncOutcome> {
  const { stored } = request;
  try {
    return await whenAllowed(deps, request, async (budgetMs) => await readClaimed(deps, { ...request, budgetMs }));
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    if (request.signal.aborted) {
      deps.log.info({ source: stored.name }, 'reading stopped');
    } else if (request.ids !== undefined && isTaken(error.code)) {
      deps.log.info({ source: stored.name }, 'another process reads this source: its changes are read instead');
    } else {
      deps.judged(stored.name, 'failed', error.code);
      deps.log.error({ source: stored.name, err: error }, 'source not read');
    }
    return failedOutcome(stored, error);
  }
}

type OneReading = Reading & { readonly claim: Claim };

async function readClaimed(deps: WorkerDeps, request: SyncRequest): Promise<SyncOutcome> {
  const { id, name, credential } = request.stored;
  const about = { source: name, credential };
  const source = deps.sources.get(name);
  if (source === undefined) throw new Error(`no adapter for source ${name}`);
  return await withClaim(deps, { ...request, sourceId: id }, async (claim, signal) => {
    // What another process has learned while this one waited for it: a new watermark, or to wait.
    const stored = (await deps.sourceStore.findSource(request.stored)) ?? request.stored;
    const now = deps.clock();
    const waiting = deferral(stored, now);
    if (waiting !== undefined) return waiting;
    const mode = modeOf({ ...request, stored }, source, now);
    const reading = { ...request, stored, signal, source, claim };
    const judged = await readOnce(deps, { ...reading, mode });
    if (judged !== 'full_needed') return { ...about, ...judged };
    const again = await readOnce(deps, { ...reading, mode: 'full' });
    if (again === 'full_needed') throw new Error(`a full reading of ${name} asked for a full one`);
    return { ...about, ...again };
  });
}

async function readOnce(deps: WorkerDeps, reading: OneReading): Promise<Judged | 'full_needed'> {
  const intake = await deps.sourceStore.openIntake(reading.claim, reading.mode);
  try {
    return await collect(deps, reading, intake);
  } finally {
    await intake.discard();
  }
}

async function collect(deps: WorkerDeps, reading: OneReading, intake: Intake): Promise<Judged | 'full_needed'> {
  const { stored, mode } = reading;
  const ratio = deps.policy.breakerRatio;
  const startedAt = deps.clock();
  const end = await readListing(reading, intake, { ratio, clock: deps.clock });
  reading.signal.throwIfAborted();
  if (end.outcome.kind === 'full_needed' && mode !== 'full') {
    deps.log.info({ source: stored.name, reason: end.outcome.detail }, 'reading in full instead');
    return 'full_needed';
  }
  const { counts, verdict } = await judgeStaged(reading, intake, end, { ratio, now: deps.clock() });
  if (verdict.kind === 'deferred') await deps.sourceStore.saveNotBefore(stored.id, new Date(verdict.until));
  const watermark = verdict.kind === 'complete' ? end.watermark : undefined;
  const owner = await learnTokenOwner(reading, end, deps.log);
  reading.signal.throwIfAborted();
  const recorded = await intake.record({ mode, end, verdict, startedAt, finishedAt: deps.clock(), watermark, owner });
  const rows = counts.distinctIds;
  const { changed, gone } = recorded;
  const { declaredTotal: declared, pages, requests } = end;
  tellVerdict(deps, stored.name, verdict, { mode, rows, declared, pages, requests, changed, gone });
  for (const warning of end.warnings) deps.log.warn({ source: stored.name, warning }, 'source warning');
  return toJudged({ mode, rows, verdict, recorded });
}

function tellVerdict(deps: WorkerDeps, source: string, verdict: Verdict, facts: object): void {
  deps.judged(source, verdict.kind, verdict.kind === 'incomplete' ? verdict.code : undefined);
  if (verdict.kind === 'complete') deps.log.info({ source, verdict: verdict.kind, ...facts }, 'listing judged');
  else deps.log.warn({ source, verdict: verdict.kind, reason: verdict.reason, ...facts }, 'listing judged');
}

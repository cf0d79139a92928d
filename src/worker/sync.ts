import type { ListingEnd, Mode, Verdict } from '../core/listing.ts';
import { chooseMode } from '../core/mode.ts';
import type { RosterRow } from '../core/row.ts';
import { judgeListing } from '../core/verdict.ts';
import { OWNED_TYPES } from '../core/token-owner.ts';
import { OperationalError } from '../errors.ts';
import type { ListProgress, Source } from '../ports/sources.ts';
import type { Claim, Intake, StoredSource } from '../ports/store.ts';
import type { Clock } from '../ports/surroundings.ts';
import { withClaim } from './claim.ts';
import type { WorkerDeps } from './deps.ts';
import { whenAllowed } from './not-before.ts';
import { isTaken, type SyncOutcome } from './outcome.ts';

/** Rows staged at once: large enough for COPY to pay, small enough that memory stays flat whatever the roster's size. */
const STAGE_ROWS = 5_000;
/** For the one question whose the token is. */
const WHOAMI_TIMEOUT_MS = 25_000;

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
      deps.judged(stored.name, 'failed');
      deps.log.error({ source: stored.name, err: error }, 'source not read');
    }
    return {
      source: stored.name,
      credential: stored.credential,
      kind: 'failed',
      code: error.code,
      message: error.message,
    };
  }
}

async function readClaimed(deps: WorkerDeps, request: SyncRequest): Promise<SyncOutcome> {
  const { id, name, credential } = request.stored;
  const about = { source: name, credential };
  const source = deps.sources.get(name);
  if (source === undefined) throw new Error(`no adapter for source ${name}`);
  return await withClaim(deps, { ...request, sourceId: id }, async (claim, signal) => {
    // What another process has learned while this one waited for it: a new watermark, or to wait.
    const stored = (await deps.sourceStore.findSource(request.stored)) ?? request.stored;
    const now = deps.clock();
    if (stored.notBefore !== undefined && new Date(stored.notBefore) > now) {
      return { ...about, kind: 'waiting', until: stored.notBefore };
    }
    const mode = modeOf({ ...request, stored }, source, now);
    const reading = { ...request, stored, signal, source, claim };
    const judged = await readOnce(deps, { ...reading, mode });
    if (judged !== 'full_needed') return { ...about, ...judged };
    const again = await readOnce(deps, { ...reading, mode: 'full' });
    if (again === 'full_needed') throw new Error(`a full reading of ${name} asked for a full one`);
    return { ...about, ...again };
  });
}

function modeOf({ stored, full, ids }: SyncRequest, source: Source, now: Date): Mode {
  if (ids !== undefined) return 'hint';
  return full === true || source.deltas !== true ? 'full' : chooseMode(stored, now.toISOString());
}

type Judged = Omit<Extract<SyncOutcome, { kind: 'judged' }>, 'source' | 'credential'>;
type OneReading = SyncRequest & { readonly source: Source; readonly claim: Claim; readonly mode: Mode };

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
  const end = await stageAll(reading, intake, { ratio, clock: deps.clock });
  reading.signal.throwIfAborted();
  if (end.outcome.kind === 'full_needed' && mode !== 'full') {
    deps.log.info({ source: stored.name, reason: end.outcome.detail }, 'reading in full instead');
    return 'full_needed';
  }
  const ended = end.outcome.kind === 'ended';
  const counts = await intake.count(mode === 'full' && ended, deps.clock());
  const verdict = judgeListing(end, counts, { mode, minRows: stored.minRows, ratio });
  if (verdict.kind === 'deferred') await deps.sourceStore.saveNotBefore(stored.id, new Date(verdict.until));
  const watermark = verdict.kind === 'complete' ? end.watermark : undefined;
  const recorded = await intake.record({ mode, end, verdict, startedAt, finishedAt: deps.clock(), watermark });
  const rows = counts.distinctIds;
  const { changed, gone } = recorded;
  const { declaredTotal: declared, pages, requests } = end;
  tellVerdict(deps, stored.name, verdict, { mode, rows, declared, pages, requests, changed, gone });
  for (const warning of end.warnings) deps.log.warn({ source: stored.name, warning }, 'source warning');
  await learnTokenOwner(deps, reading, end);
  const judged = { kind: 'judged' as const, mode, rows, changed, gone };
  if (verdict.kind === 'complete') return { ...judged, verdict: 'complete' };
  const code = verdict.kind === 'incomplete' ? verdict.code : undefined;
  const until = verdict.kind === 'deferred' ? verdict.until : undefined;
  return { ...judged, verdict: verdict.kind, code, reason: verdict.reason, until };
}

/**
 * Once a full reading, after its listing is stored: whatever becomes of this question, the listing counts. An owner who cannot be
 * asked for stays whom the last answer named.
 */
async function learnTokenOwner(deps: WorkerDeps, reading: OneReading, end: ListingEnd): Promise<void> {
  const { source, stored, signal, mode } = reading;
  if (mode !== 'full' || end.outcome.kind !== 'ended') return;
  if (source.whoami === undefined || !OWNED_TYPES.includes(stored.type)) return;
  try {
    const owner = await source.whoami(AbortSignal.any([signal, AbortSignal.timeout(WHOAMI_TIMEOUT_MS)]));
    if (owner !== undefined) await deps.sourceStore.saveTokenOwner(stored.id, owner);
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    deps.log.warn({ source: stored.name, err: error }, 'owner of the token not read');
  }
}

async function stageAll(
  reading: OneReading,
  intake: Intake,
  { ratio, clock }: { readonly ratio: number; readonly clock: Clock },
): Promise<ListingEnd> {
  const { mode, ids, budgetMs, signal, progress, stored, source } = reading;
  let waiting: RosterRow[] = [];
  const stage = async (): Promise<void> => {
    if (waiting.length > 0) await intake.stage(waiting);
    waiting = [];
  };
  const missing = async (): Promise<readonly string[]> => {
    await stage();
    return await intake.missing(ratio, clock());
  };
  const listing = source.list({ mode, watermark: stored.watermark, ids, missing, budgetMs, signal, progress });
  for (;;) {
    const step = await listing.next();
    if (step.done === true) {
      await stage();
      return step.value;
    }
    waiting.push(...step.value);
    if (waiting.length >= STAGE_ROWS) await stage();
  }
}

function tellVerdict(deps: WorkerDeps, source: string, verdict: Verdict, facts: object): void {
  deps.judged(source, verdict.kind);
  if (verdict.kind === 'complete') deps.log.info({ source, verdict: verdict.kind, ...facts }, 'listing judged');
  else deps.log.warn({ source, verdict: verdict.kind, reason: verdict.reason, ...facts }, 'listing judged');
}

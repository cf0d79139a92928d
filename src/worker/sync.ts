import { judgeListing } from '../core/verdict.ts';
import type { ListingEnd, Mode, Verdict } from '../core/listing.ts';
import type { RosterRow } from '../core/row.ts';
import { OperationalError } from '../errors.ts';
import type { Intake, ListProgress, Source, StoredSource } from '../ports.ts';
import { withClaim } from './claim.ts';
import type { WorkerDeps } from './deps.ts';
import type { SyncOutcome } from './outcome.ts';

/** Rows staged at once: large enough for COPY to pay, small enough that memory stays flat whatever the roster's size. */
const STAGE_ROWS = 5_000;

export type SyncRequest = {
  readonly stored: StoredSource;
  readonly mode: Mode;
  readonly budgetMs: number;
  readonly signal: AbortSignal;
  readonly progress: (step: ListProgress) => void;
};

/** Reads one source once: claim, collect, judge, record. Operational failures come back as an outcome; bugs are thrown. */
export async function syncSource(deps: WorkerDeps, request: SyncRequest): Promise<SyncOutcome> {
  const { stored } = request;
  const about = { source: stored.name, credential: stored.credential };
  const now = deps.clock();
  if (stored.notBefore !== undefined && new Date(stored.notBefore) > now) {
    return { ...about, kind: 'waiting', until: stored.notBefore };
  }
  const source = deps.sources.get(stored.name);
  if (source === undefined) throw new Error(`no adapter for source ${stored.name}`);
  try {
    return await withClaim(deps, stored.id, request.signal, async (claim, signal) => {
      const intake = await deps.sourceStore.openIntake(claim, request.mode);
      try {
        return { ...about, ...(await collect(deps, { ...request, signal }, source, intake)) };
      } finally {
        await intake.discard();
      }
    });
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    deps.judged(stored.name, 'failed');
    deps.log.error({ source: stored.name, err: error }, 'source not read');
    return { ...about, kind: 'failed', code: error.code, message: error.message };
  }
}

type Judged = Omit<Extract<SyncOutcome, { kind: 'judged' }>, 'source' | 'credential'>;

async function collect(deps: WorkerDeps, request: SyncRequest, source: Source, intake: Intake): Promise<Judged> {
  const { stored, mode } = request;
  const startedAt = deps.clock();
  const end = await stageAll(request, source, intake);
  request.signal.throwIfAborted();
  const ended = end.outcome.kind === 'ended';
  const counts = await intake.count(mode === 'full' && ended, deps.clock());
  const verdict = judgeListing(end, counts, { mode, minRows: stored.minRows, ratio: deps.policy.breakerRatio });
  if (verdict.kind === 'deferred') await deps.sourceStore.saveNotBefore(stored.id, new Date(verdict.until));
  const recorded = await intake.record({ mode, end, verdict, startedAt, finishedAt: deps.clock() });
  const rows = counts.distinctIds;
  tellVerdict(deps, stored.name, verdict, {
    rows,
    declared: end.declaredTotal,
    pages: end.pages,
    requests: end.requests,
    changed: recorded.changed,
    gone: recorded.gone,
  });
  for (const warning of end.warnings) deps.log.warn({ source: stored.name, warning }, 'source warning');
  const { changed, gone } = recorded;
  if (verdict.kind === 'complete') return { kind: 'judged', verdict: 'complete', rows, changed, gone };
  const code = verdict.kind === 'incomplete' ? verdict.code : undefined;
  return { kind: 'judged', verdict: verdict.kind, code, reason: verdict.reason, rows, changed, gone };
}

async function stageAll(request: SyncRequest, source: Source, intake: Intake): Promise<ListingEnd> {
  const { mode, budgetMs, signal, progress, stored } = request;
  const listing = source.list({ mode, watermark: stored.watermark, budgetMs, signal, progress });
  let waiting: RosterRow[] = [];
  for (;;) {
    const step = await listing.next();
    if (step.done === true) {
      if (waiting.length > 0) await intake.stage(waiting);
      return step.value;
    }
    waiting.push(...step.value);
    if (waiting.length >= STAGE_ROWS) {
      await intake.stage(waiting);
      waiting = [];
    }
  }
}

function tellVerdict(deps: WorkerDeps, source: string, verdict: Verdict, facts: object): void {
  deps.judged(source, verdict.kind);
  if (verdict.kind === 'complete') deps.log.info({ source, verdict: verdict.kind, ...facts }, 'listing judged');
  else deps.log.warn({ source, verdict: verdict.kind, reason: verdict.reason, ...facts }, 'listing judged');
}

import type { TokenOwner } from '../core/case.ts';
import type { ListingEnd } from '../core/listing.ts';
import type { BreakerRow, FindingChange, ReportRow, SourceHealthRow, SyncRunRow } from '../core/views.ts';
import { OperationalError } from '../errors.ts';
import type { Source } from '../ports/sources.ts';
import type { Intake, Rehearsal, RehearsalStage, StoredSource } from '../ports/store.ts';
import type { WorkerDeps } from './deps.ts';
import { deferral } from './not-before.ts';
import { failedOutcome, type SyncOutcome } from './outcome.ts';
import { judgeStaged, learnTokenOwner, modeOf, readListing, type Reading, toJudged } from './read-listing.ts';
import { reconcile, type Reconciled } from './reconcile.ts';
import type { RunRequest } from './run.ts';
import { Spool } from './spool.ts';

export type RehearseDeps = { readonly worker: WorkerDeps; readonly rehearsal: Rehearsal };
export type RehearseRequest = Omit<RunRequest, 'notify'>;

/** What a run now would do, and what the database would say after it. */
export type Rehearsed = {
  readonly outcomes: readonly SyncOutcome[];
  readonly reconciled: Reconciled;
  readonly report: ReportRow;
  readonly sources: readonly SourceHealthRow[];
  readonly runs: readonly SyncRunRow[];
  readonly changes: readonly FindingChange[];
  /** That would be open. */
  readonly breakers: readonly BreakerRow[];
  readonly openCount: number;
};

/**
 * Contract §2, `run --dry-run`. First the vendors are read, without claim and transaction, into memory; then everything is applied,
 * judged and looked at in one transaction that is rolled back. So a worker is kept waiting for no longer than a reconciliation takes.
 */
export async function rehearseRun(deps: RehearseDeps, request: RehearseRequest): Promise<Rehearsed> {
  const { worker, rehearsal } = deps;
  // What the database remembers of each source, as the configuration of today would leave it.
  const stored = await rehearsal.rehearse((stage) => knownSources(stage, worker));
  const wanted = stored.filter((each) => request.only.length === 0 || request.only.includes(each.name));
  const read = await Promise.all(
    wanted.map(async (each) => {
      const one = await readOne(deps, each, request);
      if (one.kind === 'outcome') {
        request.progress({ kind: 'source-done', source: each.name, outcome: one.outcome });
      }
      return one;
    }),
  );
  request.signal.throwIfAborted();
  return rehearsal.rehearse((stage) => applyAll(stage, worker, { ...request, read }), {
    alone: true,
    signal: request.signal,
  });
}

/** Everything that a listing says, and the settings it was read by. */
type Listed = {
  readonly kind: 'listed';
  readonly reading: Reading;
  readonly spool: Spool;
  readonly end: ListingEnd;
  readonly startedAt: Date;
  readonly owner?: TokenOwner | undefined;
};
type Read = Listed | { readonly kind: 'outcome'; readonly outcome: SyncOutcome };

function knownSources(stage: RehearsalStage, { specs, clock }: WorkerDeps): Promise<readonly StoredSource[]> {
  return stage.sourceStore.syncSources(specs, clock());
}

async function readOne(deps: RehearseDeps, stored: StoredSource, request: RehearseRequest): Promise<Read> {
  const { worker } = deps;
  const now = worker.clock();
  const waiting = deferral(stored, now);
  if (waiting !== undefined) return { kind: 'outcome', outcome: waiting };
  const source = worker.sources.get(stored.name);
  if (source === undefined) throw new Error(`no adapter for source ${stored.name}`);
  try {
    return await readToEnd(deps, readingOf(stored, source, { ...request, now }));
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    if (!request.signal.aborted) worker.log.error({ source: stored.name, err: error }, 'source not read');
    return { kind: 'outcome', outcome: failedOutcome(stored, error) };
  }
}

function readingOf(stored: StoredSource, source: Source, request: RehearseRequest & { readonly now: Date }): Reading {
  const { budgetMs, signal, full, now } = request;
  return {
    stored,
    source,
    mode: modeOf({ stored, full }, source, now),
    budgetMs,
    signal,
    progress: (step) => request.progress({ kind: 'source', source: stored.name, step }),
  };
}

/** A reading of changes that cannot prove itself goes on as a full one, as in a run. */
async function readToEnd(deps: RehearseDeps, reading: Reading): Promise<Listed> {
  const { worker } = deps;
  const listed = await spoolListing(deps, reading);
  const isShort = listed.end.outcome.kind === 'full_needed' && reading.mode !== 'full';
  const whole = isShort ? await spoolListing(deps, { ...reading, mode: 'full' }) : listed;
  return { ...whole, owner: await learnTokenOwner(whole.reading, whole.end, worker.log) };
}

async function spoolListing(deps: RehearseDeps, reading: Reading): Promise<Listed> {
  const { worker, rehearsal } = deps;
  const { breakerRatio: ratio } = worker.policy;
  const startedAt = worker.clock();
  const spool = new Spool();
  const intake: Pick<Intake, 'stage' | 'missing'> = {
    stage: async (rows) => spool.add(rows),
    missing: (_ratio, now) =>
      rehearsal.rehearse(async (stage) => (await stageSpool(stage, worker, { reading, spool })).missing(ratio, now)),
  };
  const end = await readListing(reading, intake, { ratio, clock: worker.clock });
  reading.signal.throwIfAborted();
  return { kind: 'listed', reading, spool, end, startedAt };
}

/** The rows of a listing, staged in this rehearsal; its sources have ids of their own where the configuration is new. */
async function stageSpool(
  stage: RehearsalStage,
  worker: WorkerDeps,
  { reading, spool }: Pick<Listed, 'reading' | 'spool'>,
  known?: readonly StoredSource[],
): Promise<Intake> {
  const sources = known ?? (await knownSources(stage, worker));
  const { id } = find(sources, reading.stored.name);
  const intake = await stage.openIntake(id, reading.mode);
  for (const rows of spool.batches()) await intake.stage(rows);
  return intake;
}

function find(sources: readonly StoredSource[], name: string): StoredSource {
  const found = sources.find((source) => source.name === name);
  if (found === undefined) throw new Error(`source ${name} is not known`);
  return found;
}

type ReadAll = Pick<RehearseRequest, 'progress' | 'signal' | 'full'> & { readonly read: readonly Read[] };

async function applyAll(
  stage: RehearsalStage,
  worker: WorkerDeps,
  { read, progress, signal, full }: ReadAll,
): Promise<Rehearsed> {
  const sources = await knownSources(stage, worker);
  const outcomes: SyncOutcome[] = [];
  for (const one of read) {
    signal.throwIfAborted();
    const outcome = one.kind === 'outcome' ? one.outcome : await applyOne(stage, worker, one, sources);
    outcomes.push(outcome);
    if (one.kind === 'listed') progress({ kind: 'source-done', source: outcome.source, outcome });
  }
  progress({ kind: 'reconciling' });
  const silent = { ...worker.log, info: () => undefined };
  const rehearsing = { ...worker, log: silent, reconcileStore: stage.reconcileStore };
  const reconciled = await reconcile(rehearsing, { notify: false, full });
  return { outcomes, reconciled, ...(await lookAt(stage, reconciled)) };
}

async function applyOne(
  stage: RehearsalStage,
  worker: WorkerDeps,
  listed: Listed,
  sources: readonly StoredSource[],
): Promise<SyncOutcome> {
  const { reading, end, startedAt, owner } = listed;
  const { mode, stored } = reading;
  const { breakerRatio: ratio } = worker.policy;
  const intake = await stageSpool(stage, worker, listed, sources);
  const now = worker.clock();
  const { counts, verdict } = await judgeStaged(reading, intake, end, { ratio, now });
  const recorded = await intake.record({ mode, end, verdict, startedAt, finishedAt: now, owner });
  const judged = toJudged({ mode, rows: counts.distinctIds, verdict, recorded });
  return { source: stored.name, credential: stored.credential, ...judged };
}

type Looked = Omit<Rehearsed, 'outcomes' | 'reconciled'>;

async function lookAt({ reader }: RehearsalStage, { reportId }: Reconciled): Promise<Looked> {
  const report = await reader.report(reportId);
  if (report === undefined) throw new Error('a report that was just written is not there');
  const counts = await reader.countFindings();
  return {
    report,
    sources: await reader.sources(),
    runs: await reader.latestRuns(),
    changes: await reader.changes(reportId),
    breakers: await reader.breakers(true),
    openCount: counts.reduce((sum, each) => sum + (each.status === 'open' ? each.count : 0), 0),
  };
}

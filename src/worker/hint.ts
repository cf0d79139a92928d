import { OperationalError } from '../errors.ts';
import type { SourceSpec } from '../ports/sources.ts';
import type { WorkerDeps } from './deps.ts';
import { isTaken, type SyncOutcome } from './outcome.ts';
import { pause } from './pause.ts';
import { syncSource } from './sync.ts';

/** Nobody waits long for a hint: the next reading of changes shows the same. */
const BUDGET_MS = 30_000;
/** Who reads the source now may do so for minutes, and other hints wait behind this one. */
const CLAIM_WAIT_MS = 2_000;

/** Who waits for the source looks each 500 ms whether it is free: a stream of hints must not hold it all the time but for milliseconds. */
const MAKE_WAY_MS = 1_000;

type HintRequest = { readonly ids: readonly string[]; readonly budgetMs: number; readonly signal: AbortSignal };

/** Asks that these rows be read by their ids, soon; false where no source reads single rows. Takes nobody's word for what they hold. */
export async function askHints(deps: WorkerDeps, ids: readonly string[]): Promise<boolean> {
  const names = hintedSources(deps).map(({ name }) => name);
  if (names.length === 0) return false;
  await deps.queue.askHints(ids, names);
  return true;
}

/** Reads these rows from every source that reads single ones: an id does not say whose it is. */
export async function readHints(deps: WorkerDeps, request: HintRequest): Promise<void> {
  await Promise.all(hintedSources(deps).map(async (spec) => await readFrom(deps, spec, request)));
}

async function readFrom(deps: WorkerDeps, spec: SourceSpec, request: HintRequest): Promise<void> {
  const { ids, signal } = request;
  const stored = await deps.sourceStore.findSource(spec);
  if (stored === undefined) return;
  // Single rows before the first listing would only make a part look like a roster.
  if (stored.lastCompleteAt === undefined) return await deps.queue.askSync(spec.name, 'first');
  const patience = { budgetMs: Math.min(BUDGET_MS, request.budgetMs), claimWaitMs: CLAIM_WAIT_MS };
  const outcome = await syncSource(deps, { stored, ids, ...patience, signal, progress: () => undefined });
  if (outcome.kind === 'failed' && (signal.aborted || !isTaken(outcome.code))) {
    throw new OperationalError(outcome.code, outcome.message);
  }
  // A row that is not there is no proof that it is gone, only of a hint that came to nothing: what the source calls changed says more.
  if (!isWholly(outcome, ids)) await deps.queue.askSync(spec.name, 'delta');
  if (isNews(outcome) && !signal.aborted) await deps.queue.askReconcile(0);
  // Others that wait are told by a stream of calls, so that the next batch begins when this one ends.
  if (outcome.kind === 'judged') await pause(MAKE_WAY_MS, signal);
}

/** Where nothing was written there is nothing to judge anew. */
function isNews(outcome: SyncOutcome): boolean {
  return outcome.kind === 'judged' && (outcome.changed > 0 || outcome.verdict === 'suspicious');
}

function hintedSources({ specs, sources }: WorkerDeps): readonly SourceSpec[] {
  return specs.filter(({ name }) => sources.get(name)?.hints === true);
}

function isWholly(outcome: SyncOutcome, ids: readonly string[]): boolean {
  return outcome.kind === 'judged' && outcome.verdict === 'complete' && outcome.rows === ids.length;
}

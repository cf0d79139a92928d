import type { TokenOwner } from '../core/case.ts';
import type { ListingCounts, ListingEnd, Mode, Verdict } from '../core/listing.ts';
import { chooseMode } from '../core/mode.ts';
import type { RosterRow } from '../core/row.ts';
import { OWNED_TYPES } from '../core/token-owner.ts';
import { judgeListing } from '../core/verdict.ts';
import { OperationalError } from '../errors.ts';
import type { ListProgress, Source } from '../ports/sources.ts';
import type { Intake, Recorded, StoredSource } from '../ports/store.ts';
import type { Clock, Log } from '../ports/surroundings.ts';
import type { SyncOutcome } from './outcome.ts';

// What a reading that is recorded and one that is only rehearsed have in common: the vendor's side, and the judgement.

/** Rows staged at once: large enough for COPY to pay, small enough that memory stays flat whatever the roster's size. */
const STAGE_ROWS = 5_000;
/** For the one question whose the token is. */
const WHOAMI_TIMEOUT_MS = 25_000;

/** One listing of one source. */
export type Reading = {
  readonly stored: StoredSource;
  readonly source: Source;
  readonly mode: Mode;
  /** These rows alone; the source can do that. */
  readonly ids?: readonly string[] | undefined;
  readonly budgetMs: number;
  readonly signal: AbortSignal;
  readonly progress: (step: ListProgress) => void;
};

type Asked = {
  readonly stored: StoredSource;
  readonly full?: boolean | undefined;
  readonly ids?: readonly string[] | undefined;
};

export function modeOf({ stored, full, ids }: Asked, source: Source, now: Date): Mode {
  if (ids !== undefined) return 'hint';
  return full === true || source.deltas !== true ? 'full' : chooseMode(stored, now.toISOString());
}

/** Reads to the end, staging on the way. */
export async function readListing(
  reading: Reading,
  intake: Pick<Intake, 'stage' | 'missing'>,
  { ratio, clock }: { readonly ratio: number; readonly clock: Clock },
): Promise<ListingEnd> {
  const { mode, ids, budgetMs, signal, progress, stored, source } = reading;
  let waiting: RosterRow[] = [];
  const stage = async (): Promise<void> => {
    if (waiting.length > 0) await intake.stage(waiting, clock());
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

/** Once all is staged. */
export async function judgeStaged(
  { mode, stored }: Pick<Reading, 'mode' | 'stored'>,
  intake: Pick<Intake, 'count'>,
  end: ListingEnd,
  { ratio, now }: { readonly ratio: number; readonly now: Date },
): Promise<{ readonly counts: ListingCounts; readonly verdict: Verdict }> {
  const counts = await intake.count(mode === 'full' && end.outcome.kind === 'ended', now);
  return { counts, verdict: judgeListing(end, counts, { mode, minRows: stored.minRows, ratio }) };
}

export type Judged = Omit<Extract<SyncOutcome, { kind: 'judged' }>, 'source' | 'credential'>;
type Result = { readonly mode: Mode; readonly rows: number; readonly verdict: Verdict; readonly recorded: Recorded };

export function toJudged({ mode, rows, verdict, recorded: { changed, gone } }: Result): Judged {
  const judged = { kind: 'judged' as const, mode, rows, changed, gone };
  if (verdict.kind === 'complete') return { ...judged, verdict: 'complete' };
  const code = verdict.kind === 'incomplete' ? verdict.code : undefined;
  const until = verdict.kind === 'deferred' ? verdict.until : undefined;
  return { ...judged, verdict: verdict.kind, code, reason: verdict.reason, until };
}

/**
 * Once a full reading, before its listing is stored and to be stored with it: between two transactions a process can die, and the
 * readings of changes that follow would not ask again. Whatever becomes of this question, the listing counts. An owner who cannot be
 * asked for stays whom the last answer named.
 */
export async function learnTokenOwner(
  { source, stored, signal, mode }: Reading,
  end: ListingEnd,
  log: Log,
): Promise<TokenOwner | undefined> {
  if (mode !== 'full' || end.outcome.kind !== 'ended') return undefined;
  if (source.whoami === undefined || !OWNED_TYPES.includes(stored.type)) return undefined;
  try {
    return await source.whoami(AbortSignal.any([signal, AbortSignal.timeout(WHOAMI_TIMEOUT_MS)]));
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    log.warn({ source: stored.name, err: error }, 'owner of the token not read');
    return undefined;
  }
}

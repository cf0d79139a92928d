import { OperationalError } from '../errors.ts';
import type { ListProgress } from '../ports/sources.ts';
import type { Claim } from '../ports/store.ts';
import type { WorkerDeps } from './deps.ts';

/** How long a tick waits for another process that reads the same source (contract §2, exit code 75). */
const CLAIM_WAIT_MS = 30_000;
/** A third of the 60 s after which an unextended claim lapses. */
const HEARTBEAT_MS = 20_000;
/** A million rows at the pace of the slowest vendor take four hours; what takes longer only drips. */
const READING_MAX_MS = 6 * 3_600_000;

type ClaimDeps = Pick<WorkerDeps, 'holder' | 'clock' | 'log'> & {
  readonly sourceStore: Pick<WorkerDeps['sourceStore'], 'claim' | 'extendClaim' | 'releaseClaim'>;
};
type ClaimRequest = {
  readonly sourceId: number;
  /** How long to wait for another process, as long as a tick where it does not say. */
  readonly claimWaitMs?: number | undefined;
  readonly signal: AbortSignal;
  readonly progress: (step: ListProgress) => void;
};

/**
 * Runs `work` while this process holds the only right to write the source's listing. A claim that cannot be extended aborts
 * the work: the committing transaction would refuse it anyway, this only stops it from asking the vendor for nothing.
 */
export async function withClaim<T>(
  deps: ClaimDeps,
  request: ClaimRequest,
  work: (claim: Claim, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { sourceId, signal, progress } = request;
  const claim = await deps.sourceStore.claim(sourceId, deps.holder, deps.clock, {
    ms: request.claimWaitMs ?? CLAIM_WAIT_MS,
    signal,
    waiting: (ms) => progress({ kind: 'wait', ms, reason: 'another process is reading this source' }),
  });
  const lost = new AbortController();
  const deadline = setTimeout(() => lost.abort(tooLong()), READING_MAX_MS);
  const heartbeat = setInterval(() => {
    deps.sourceStore.extendClaim(claim, deps.clock()).catch((error: unknown) => {
      if (isLost(error)) lost.abort(error);
      else deps.log.warn({ sourceId, err: error }, 'claim not extended, will try again');
    });
  }, HEARTBEAT_MS);
  try {
    return await work(claim, AbortSignal.any([signal, lost.signal]));
  } finally {
    clearTimeout(deadline);
    clearInterval(heartbeat);
    await deps.sourceStore.releaseClaim(claim).catch((error: unknown) => {
      deps.log.warn({ sourceId, err: error }, 'claim not released, it lapses by itself');
    });
  }
}

function tooLong(): OperationalError {
  const hours = READING_MAX_MS / 3_600_000;
  return new OperationalError('source-unavailable', `the listing did not end within ${hours} hours and was given up`);
}

function isLost(error: unknown): boolean {
  return error instanceof OperationalError && error.code === 'claim-lost';
}

import type { Mode, VerdictKind } from '../core/listing.ts';
import type { Instant } from '../core/row.ts';
import type { ErrorCode, OperationalError } from '../errors.ts';
import type { StoredSource } from '../ports/store.ts';

/** How the reading of one source ended, for exit code, progress and log. */
export type SyncOutcome = {
  readonly source: string;
  /** Whether it is read with a credential: counts for exit code 77. */
  readonly credential: boolean;
} & (
  | {
      readonly kind: 'judged';
      readonly mode: Mode;
      readonly verdict: VerdictKind;
      readonly code?: string | undefined;
      readonly reason?: string | undefined;
      /** Of a deferred one: when it can be made again. */
      readonly until?: Instant | undefined;
      readonly rows: number;
      readonly changed: number;
      readonly gone: number;
    }
  /** The vendor asked to wait; it was not asked again. */
  | { readonly kind: 'waiting'; readonly until: Instant }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
);

export function failedOutcome({ name, credential }: StoredSource, { code, message }: OperationalError): SyncOutcome {
  return { source: name, credential, kind: 'failed', code, message };
}

/** Another process reads the source, perhaps in full for minutes. */
export function isTaken(code: ErrorCode): boolean {
  return code === 'busy' || code === 'claim-lost';
}

export type ExitFacts = {
  readonly outcomes: readonly SyncOutcome[];
  /** Rules were withheld, or a breaker is open. */
  readonly withheld: boolean;
  readonly openFindings: number;
  readonly detailed: boolean;
};

/** Contract §2: the first that applies. */
export function exitCodeOf(facts: ExitFacts): number {
  const { outcomes } = facts;
  if (outcomes.some((o) => o.kind === 'failed' && isTaken(o.code))) return 75;
  if (allRefused(outcomes)) return 77;
  if (outcomes.some((o) => o.kind === 'failed')) return 1;
  if (outcomes.length > 0 && !outcomes.some(isUsable)) return 1;
  if (facts.withheld || !outcomes.every(isUsable)) return 3;
  return facts.detailed && facts.openFindings > 0 ? 2 : 0;
}

function isUsable(outcome: SyncOutcome): boolean {
  return outcome.kind === 'judged' && outcome.verdict === 'complete';
}

function allRefused(outcomes: readonly SyncOutcome[]): boolean {
  const withCredential = outcomes.filter((o) => o.credential);
  return (
    withCredential.length > 0 &&
    withCredential.every((o) => o.kind === 'judged' && (o.code === 'source-auth' || o.code === 'source-forbidden'))
  );
}

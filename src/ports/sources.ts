import type { ListingEnd, Mode } from '../core/listing.ts';
import type { RosterRow } from '../core/row.ts';

export type ListRequest = {
  readonly mode: Mode;
  readonly watermark?: string | undefined;
  /** For `mode: 'hint'`: these rows alone. */
  readonly ids?: readonly string[] | undefined;
  /**
   * For a source that can read single rows: known rows that nothing yielded so far has shown, to be asked for one by one. Empty also when
   * more are missing than the breaker allows (contract §5).
   */
  readonly missing?: (() => Promise<readonly string[]>) | undefined;
  /** All waits together may not be longer than this. */
  readonly budgetMs: number;
  readonly signal: AbortSignal;
  /** Told of each page and each wait, for people who watch. */
  readonly progress: (step: ListProgress) => void;
};
export type ListProgress =
  | { readonly kind: 'page'; readonly page: number; readonly pages?: number | undefined; readonly rows: number }
  | { readonly kind: 'wait'; readonly ms: number; readonly reason: string };

/**
 * A roster that can be read. `list` yields batches of normalised rows as they arrive, also those read before or after a page
 * that failed, and returns what it knows of completeness. It throws only bugs: a failure is an outcome.
 */
export interface Source {
  readonly name: string;
  /** Whether it can read changes alone (`mode: 'delta'`, from the `watermark` of an earlier reading). */
  readonly deltas?: boolean | undefined;
  /** Whether it can read single rows by their ids (`mode: 'hint'`, `ids`). A row that it leaves out then is not gone. */
  readonly hints?: boolean | undefined;
  list(request: ListRequest): AsyncGenerator<readonly RosterRow[], ListingEnd, undefined>;
  /**
   * Who the credential belongs to, for `doctor`; throws OperationalError. Undefined: it is accepted, but the vendor does not say whose it is.
   * Absent where there is no credential.
   */
  readonly whoami?: ((signal: AbortSignal) => Promise<TokenOwner | undefined>) | undefined;
  /** For `doctor`; undefined where the vendor does not say, or the token may not ask. Absent where nothing is limited. */
  readonly capacity?: ((signal: AbortSignal) => Promise<Capacity | undefined>) | undefined;
}
/** How full something is that the vendor limits. */
export type Capacity = { readonly what: string; readonly used: number; readonly limit: number };
export type TokenOwner = {
  readonly externalId?: string | undefined;
  readonly email?: string | undefined;
  readonly shape: string;
};

/** What a seat costs, as the configuration says it; never calculated with here, but as exact decimals by the database. */
export type SeatPrice = { readonly amount: number; readonly currency: string; readonly per: 'month' | 'year' };

/** What the worker needs to know of a configured source; the rest stays with its adapter. */
export type SourceSpec = {
  readonly name: string;
  readonly formerly?: string | undefined;
  readonly type: string;
  readonly authoritative: boolean;
  readonly audited: boolean;
  readonly minRows: number;
  readonly maxAgeMs?: number | undefined;
  readonly schedule: string;
  readonly fullSchedule?: string | undefined;
  readonly correlateEmployeeId: boolean;
  /** Digest of what a new baseline depends on: type, rosterPath or query, key columns. */
  readonly keyDigest: string;
  /** Reads with a credential: counts for exit code 77. */
  readonly credential: boolean;
  readonly seatPrice?: SeatPrice | undefined;
};

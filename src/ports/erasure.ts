import type { ServiceEntry } from '../core/service-accounts.ts';

export type ForgetRequest = {
  /** `SOURCE/ID`, or an e-mail. */
  readonly person: string;
  readonly reason: string;
  readonly author: string;
  readonly now: Date;
  /** Say what would be removed, and remove nothing. */
  readonly dryRun: boolean;
  /** Whom the configuration names: it would bring them back. */
  readonly serviceAccounts: readonly ServiceEntry[];
};

/** A row of the person. */
export type ForgottenRow = {
  readonly source: string;
  readonly external_id: string;
  /** Listed by its source still: it is passed over from now on. */
  readonly listed: boolean;
  /** As its source says. */
  readonly status: string;
  /** Whether somebody can still get in by it. */
  readonly usable: boolean;
};

export type Forgotten = {
  readonly rows: readonly ForgottenRow[];
  /** How much was removed, or would be, by kind. */
  readonly removed: { readonly [what: string]: number };
  /** Rows of others that have one of the addresses as well, as `SOURCE/ID`; they stay. */
  readonly alike: readonly string[];
};

export interface Eraser {
  /**
   * Removes every record of a person in one transaction with its audit row. `not-found`; `usage` where the name means several people, or where
   * forgetting would do harm, and then nothing is changed; `busy` when a listing, a reconciliation or a decision about a link is in the way for 30 s.
   */
  forget(request: ForgetRequest): Promise<Forgotten>;
}

import type { Instant } from '../core/row.ts';

/** What a token endpoint has given. Both tokens are secrets: they are in no log, message or plain column. */
export type TokenSet = {
  readonly access: string;
  /** Absent where the vendor gave none: then a person signs in again when the access ends. */
  readonly refresh?: string | undefined;
  readonly obtainedAt: Instant;
  /** The token endpoint and client that they are of: another one must never see them. */
  readonly grantedBy: string;
  /** When the access ends, as far as the vendor said so believably. */
  readonly expiresAt: Instant;
};

export type StoredCredential =
  | { readonly kind: 'tokens'; readonly tokens: TokenSet }
  /** The vendor has ended the right that was given: nothing is asked of it before a person has signed in again. */
  | { readonly kind: 'ended' };

/** What becomes of a stored credential. */
export type CredentialChange =
  | { readonly kind: 'keep' }
  | { readonly kind: 'store'; readonly tokens: TokenSet }
  | { readonly kind: 'end' };

/** What came to the address that a vendor sends the browser back to. */
export type LoginAnswer =
  /** The code in it is a secret until it is exchanged. */
  | { readonly kind: 'code'; readonly parameters: URLSearchParams }
  | { readonly kind: 'refused'; readonly why: string }
  /** Nothing that belongs to this login. */
  | { readonly kind: 'stray'; readonly what: string };

/** The OAuth tokens of the sources, encrypted where they are stored. `undefined`: nobody has signed in yet. */
export interface CredentialStore {
  load(source: string): Promise<StoredCredential | undefined>;
  /**
   * Runs `decide` under a lock on the credential that holds for all workers, with what is stored now, and commits what it decides
   * before the answer is returned: a token is never used before it is stored. `decide` must end within 25 s. Two at a
   * time, the others wait. Throws `busy` when another
   * process has had the lock for longer than it is waited for.
   */
  renew(
    source: string,
    decide: (stored: StoredCredential) => Promise<CredentialChange>,
  ): Promise<StoredCredential | undefined>;
  /**
   * Begins no renewal any more, and resolves when none of this process is under way: what a vendor has given must be stored before the
   * database is left.
   */
  settled(): Promise<void>;
  /** Sources whose stored tokens open with none of this process's keys: another process seals with another key. */
  sealedByOthers(): Promise<readonly string[]>;
  /** A person has signed in; replaces what was there, readable or not. With an audit row. */
  signIn(source: string, tokens: TokenSet, author: string): Promise<void>;
}

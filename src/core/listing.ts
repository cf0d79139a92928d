import type { Instant } from './row.ts';

/** `hint`: one direct read that an event asked for. */
export type Mode = 'full' | 'delta' | 'hint';

/** What a source knows at the end of a listing. Counts only; the rows have passed by. */
export type ListingEnd = {
  readonly endpoint: string;
  /** Query parameters as sent, without secrets: evidence for an auditor. */
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly pages: number;
  readonly requests: number;
  /** Rows received in pages, repeats and unreadable ones included. */
  readonly rowsSeen: number;
  /** Rows without a readable id. One is enough to make the listing incomplete. */
  readonly rowsWithoutId: number;
  /** The total, if every page declared the same one; `disagree` if pages declared different ones. */
  readonly declaredTotal?: number | 'disagree' | undefined;
  /** Everything was read at one moment, as from a file: rows cannot have moved while they were read, so a repeated id is a fault. */
  readonly atOnce?: boolean | undefined;
  /** Distinct ids of the pages that the total was declared on, where others were read before them. */
  readonly onPages?: number | undefined;
  /** The pages were read again because rows moved, and again, and rows still moved. */
  readonly neverStill?: boolean | undefined;
  /** For a source that can read single rows: how many rows only a single read has shown … */
  readonly readSingly?: number | undefined;
  /** … and which known rows it has shown to be gone. Nobody else is: absence alone proves nothing there. */
  readonly confirmedGone?: readonly string[] | undefined;
  /** Known rows that no page shows, and of which the vendor says neither that they are there nor that they are gone. */
  readonly unproven?: readonly string[] | undefined;
  /** Age of a file: its modification time. */
  readonly modifiedAt?: Instant | undefined;
  readonly outcome: ListingOutcome;
  /** Where the next reading of changes begins, if this one is complete; the source's own text. */
  readonly watermark?: string | undefined;
  /** Sentences for a person, at most a few, each once, without personal data. */
  readonly warnings: readonly string[];
};

export type ListingOutcome =
  /** Every page had the right shape and the pages ended properly. */
  | { readonly kind: 'ended' }
  /** A page is missing or wrong; `code` is an error code of errors.ts, `detail` a sentence without URL, body or token. */
  | { readonly kind: 'broken'; readonly code: string; readonly detail: string }
  /** A reading of changes cannot prove that it left nothing out: only a full one can. */
  | { readonly kind: 'full_needed'; readonly detail: string }
  /** The vendor asked to wait longer than the budget. */
  | { readonly kind: 'deferred'; readonly until: Instant; readonly detail: string };

/** Counts that the store takes from the staged rows and the rows it knows. */
export type ListingCounts = {
  readonly distinctIds: number;
  /** Rows of the source present now, whatever listing showed them, less those a release covers. */
  readonly knownPresent: number;
  /** `n` of contract §5: rows present and not inactive in the largest complete listing of the last 24 h, else the last. */
  readonly baseline: number;
  /** Those of the baseline now absent (full listings only), inactive or turned `unknown`, less those a release covers. */
  readonly lost: number;
};

/** `lossLimit`: more rows than this that the listing shows turned inactive or `unknown` are not applied, though it trips nothing. */
export type Verdict =
  | { readonly kind: 'complete' }
  | {
      readonly kind: 'incomplete';
      readonly reason: string;
      readonly code: string;
      readonly lossLimit?: number | undefined;
    }
  | {
      readonly kind: 'deferred';
      readonly until: Instant;
      readonly reason: string;
      readonly lossLimit?: number | undefined;
    }
  | {
      readonly kind: 'suspicious';
      readonly reason: string;
      readonly lost: number;
      readonly baseline: number;
      readonly limit: number;
    };

export type VerdictKind = Verdict['kind'];

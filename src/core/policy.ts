import type { TokenOwner } from './case.ts';
import type { PlainDate, Instant } from './row.ts';
import type { Rule } from './rule.ts';
import type { RuleOptions } from './rule-options.ts';
import type { ServiceAccounts } from './service-accounts.ts';
import type { VerdictKind } from './listing.ts';

/** What the rules of one reconciliation are judged by. Time has entered already: `now` and the company's `today`. */
export type Judging = {
  readonly now: Instant;
  readonly today: PlainDate;
  /** In which instants become the company's days. */
  readonly timezone: string;
  readonly leaverGraceDays: number;
  /** Rules switched off in the configuration (`false`). */
  readonly disabled: ReadonlySet<Rule>;
  /** Who answers for which account that is no person, each owner looked up in the authoritative lists. */
  readonly serviceAccounts: ServiceAccounts;
  readonly options: RuleOptions;
};

/** What is known of a source when a reconciliation starts. */
export type SourceState = {
  readonly id: number;
  readonly name: string;
  readonly authoritative: boolean;
  readonly audited: boolean;
  readonly maxAgeMs?: number | undefined;
  /** The last full listing, whatever its verdict; absent when there was none. `at`: finish, or a file's modification time. */
  readonly lastFull?:
    | { readonly verdict: VerdictKind; readonly at: Instant; readonly reason?: string | undefined }
    | undefined;
  readonly lastCompleteFullAt?: Instant | undefined;
  /** The latest delta since the last full listing. */
  readonly lastDelta?: { readonly verdict: VerdictKind; readonly reason?: string | undefined } | undefined;
  /** Its last listing failed because the vendor does not take its credential. */
  readonly refused?: boolean | undefined;
  readonly breakerOpen: boolean;
  /** Whose its token is; absent until a full reading has learnt it, and where the vendor does not say. */
  readonly tokenOwner?: TokenOwner | undefined;
  /** Rules past their baseline for this source. */
  readonly baselined: ReadonlySet<Rule>;
};

export type Usability = { readonly usable: true } | { readonly usable: false; readonly reason: string };

/** Which rules run for which source, and why the others do not. */
export type RulePlan = {
  readonly runs: readonly {
    readonly sourceId: number;
    readonly source: string;
    readonly rules: readonly Rule[];
    readonly baseline: readonly Rule[];
  }[];
  readonly withheld: readonly {
    readonly source: string;
    readonly rules: readonly Rule[];
    readonly reason: string;
    /** Names of the sources that are not usable, but for an open breaker: that has a message of its own. */
    readonly causes: readonly string[];
    /** Those of `causes` whose credential is not taken; absent: none. A person has to mend it, and has a message of its own about it. */
    readonly refused?: readonly string[] | undefined;
  }[];
};

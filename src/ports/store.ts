import type { AccountCase, Case, Json, Judgement, ReuseMark, RowRef, TokenOwner, Transition } from '../core/case.ts';
import type { ListingCounts, ListingEnd, Mode, Verdict, VerdictKind } from '../core/listing.ts';
import type { Owner } from '../core/owner.ts';
import type { RulePlan, SourceState } from '../core/policy.ts';
import type { Instant, PlainDate, RosterRow } from '../core/row.ts';
import type { Rule } from '../core/rule.ts';
import type { ServiceEntry } from '../core/service-accounts.ts';
import type { RuleOptions } from '../core/rule-options.ts';
import type { Listed } from '../core/service-doubts.ts';
import type { Reader } from './reading.ts';
import type { SourceSpec } from './sources.ts';
import type { Clock } from './surroundings.ts';

export type StoredSource = SourceSpec & {
  readonly id: number;
  readonly notBefore?: Instant | undefined;
  readonly watermark?: string | undefined;
  /** As of when the last complete full listing is; absent: `start` reads it at once. */
  readonly lastCompleteAt?: Instant | undefined;
  /** Verdict of the last full listing, and of the last listing of any mode. */
  readonly lastFullVerdict?: VerdictKind | undefined;
  readonly lastVerdict?: VerdictKind | undefined;
};

/** The right to write a source's listing; every committing transaction checks `epoch`. */
export type Claim = { readonly sourceId: number; readonly epoch: number; readonly holder: string };

/** How long to wait for a claim of another process, what ends the wait with its reason, and who is told of the rest of it. */
export type ClaimWait = {
  readonly ms: number;
  readonly signal?: AbortSignal | undefined;
  readonly waiting?: ((leftMs: number) => void) | undefined;
};

/** A listing on its way in. Batches go to a staging area that costs no WAL; nothing is visible before `record`. */
export interface Intake {
  /**
   * Stages one batch: hash first, then the full rows of those that differ from what is known. Rows of people who were forgotten are counted
   * and left out; `now` tells whether one of them has left still, without it this machine's clock does.
   */
  stage(rows: readonly RosterRow[], now?: Date): Promise<void>;
  /**
   * Ids of present rows that are not staged, if a breaker of this ratio allows so many: usable ones first, inactive ones as far as
   * they fit.
   */
  missing(ratio: number, now?: Date): Promise<readonly string[]>;
  /**
   * After the last batch: counts for the verdict. `applyAbsence` false: what is not listed is not lost. `now` ends the 24 hours
   * of the baseline; without it the database's clock does.
   */
  count(applyAbsence: boolean, now?: Date): Promise<ListingCounts>;
  /**
   * One transaction: epoch check, versions, gone rows, run row, watermark, breaker, and the `breaker` or `recovery` alert job
   * when one tripped or closed (alerts are enqueued in the transaction that records what they tell).
   */
  record(outcome: RecordListing): Promise<Recorded>;
  /** Drops what was staged. Safe to call twice, and after `record`. */
  discard(): Promise<void>;
}
export type RecordListing = {
  readonly mode: Mode;
  readonly end: ListingEnd;
  readonly verdict: Verdict;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly watermark?: string | undefined;
  /** Whose the source's token is: kept until another full reading learns something else. */
  readonly owner?: TokenOwner | undefined;
};
export type Recorded = {
  readonly runId: number;
  readonly changed: number;
  readonly gone: number;
  /** Set when this listing tripped the source breaker (not when it was open already). */
  readonly trippedBreakerId?: number | undefined;
  /** A breaker of this source that a good listing has closed. */
  readonly recoveredBreakerId?: number | undefined;
};

export interface SourceStore {
  /** Makes the configured sources known: new, renamed (`formerly`), returned or retired ones; order gives authority rank. */
  syncSources(specs: readonly SourceSpec[], now: Date): Promise<readonly StoredSource[]>;
  /** One of them, with what the database remembers now; undefined when another process has made other settings known since. */
  findSource(spec: SourceSpec): Promise<StoredSource | undefined>;
  /**
   * For a login: adds the source if it is unknown, to be taken up by the worker whose configuration names it, and changes nothing else.
   * `among`: all of this configuration. Returns the name that it is known by, which may be its former one.
   */
  introduce(spec: SourceSpec, among: readonly SourceSpec[], now: Date): Promise<string>;
  /** `busy` when the wait is over. A claim lapses 60 s after its last `extend`. */
  claim(sourceId: number, holder: string, now: Clock, wait: ClaimWait): Promise<Claim>;
  extendClaim(claim: Claim, now: Date): Promise<void>;
  releaseClaim(claim: Claim): Promise<void>;
  /** Vendor asked to wait: kept across restarts. */
  saveNotBefore(sourceId: number, until: Date): Promise<void>;
  openIntake(claim: Claim, mode: Mode): Promise<Intake>;
}

/** One reconciliation is one transaction; readers see the report before or after, never between. */
export interface Reconciliation {
  readonly reportId: number;
  readonly sources: readonly SourceState[];
  /** What the report before this one withheld, and why; empty when there was none. */
  readonly withheldBefore: readonly Pick<RulePlan['withheld'][number], 'source' | 'causes' | 'refused'>[];
  /** First: everything, or what could be judged otherwise than last time. */
  scope(request: ScopeRequest): Promise<Scope>;
  /** Marks authoritative rows that have left (`left_on`) or are current again. */
  markLeft(today: PlainDate, scope: Scope): Promise<void>;
  /**
   * Links in one statement what has exactly one identity with the same e-mail and no history; returns how many. A few of a source in `byCases` are
   * left: there each case decides about its link, and to find them here would take longer.
   */
  linkPlain(today: PlainDate, byCases?: readonly number[]): Promise<number>;
  /** What the authoritative lists know of these e-mails, ids or `SOURCE/ID`s, after `markLeft`; nothing of one that is no known identity. */
  owners(owners: readonly string[], today: PlainDate): Promise<ReadonlyMap<string, Owner>>;
  /** Which present accounts these entries list. */
  listed(entries: readonly ServiceEntry[]): Promise<readonly Listed[]>;
  /** Accounts that others name as their manager and whose link may move: it does before theirs are judged. */
  managers(looking: Looking): AsyncIterable<readonly AccountCase[]>;
  /** The scope and, where it is not everything, the reports of these accounts. */
  withReports(scope: Scope, moved: readonly RowRef[]): Promise<Scope>;
  /** What is not provably in order, or has a known finding, or is in the scope, of the rules and sources of the plan. */
  cases(looking: Looking): AsyncIterable<readonly Case[]>;
  saveJudgements(items: readonly { readonly of: Case; readonly judgement: Judgement }[]): Promise<void>;
  /** Marks of the intake that a judgement has found to be nothing, or over (contract §6, `reused_account`). */
  clearMarks(items: readonly { readonly ref: RowRef; readonly marks: readonly ReuseMark[] }[]): Promise<void>;
  saveTransitions(
    items: readonly { readonly sourceId: number; readonly transition: Transition }[],
    now: Date,
  ): Promise<void>;
  /**
   * Sets findings that this report opened to `held`, and opens a conclusion breaker; returns its id. The caller puts the `breaker`
   * alert into `finish`.
   */
  hold(sourceId: number, rules: readonly Rule[], evidence: Readonly<Record<string, Json>>, now: Date): Promise<number>;
  /** Rows present in a source: what the conclusion breaker measures by. */
  countAccounts(sourceId: number): Promise<number>;
  /** Resolves findings of retired sources, of switched-off rules, and of rules that the options leave nothing to judge. Returns how many. */
  retireFindings(disabled: ReadonlySet<Rule>, now: Date, options?: RuleOptions): Promise<number>;
  /** Ends the waivers whose last day is over; before the cases. */
  expireWaivers(today: PlainDate, now: Date): Promise<void>;
  /** Opens waived findings that no waiver covers any longer; after all judgement. Returns how many. */
  openUnwaived(now: Date): Promise<number>;
  /** Marks the waivers that end within a week and were not told of yet: the digest of this report does. Returns how many. */
  warnOfWaivers(today: PlainDate, now: Date): Promise<number>;
  /** Writes the report, rule baselines and alert jobs, and commits. */
  finish(report: FinishReport, now: Date): Promise<void>;
}
/** `changed`: accounts to judge, and identities that may have another number of accounts, or another standing. */
export type Scope =
  /** `isOther`: judged by other rules, options, sources or another program than last time. */
  | { readonly kind: 'all'; readonly isOther?: boolean | undefined }
  | { readonly kind: 'changed'; readonly accounts: readonly RowRef[]; readonly identities: readonly RowRef[] };
export type Looking = {
  readonly plan: RulePlan;
  readonly today: PlainDate;
  readonly scope: Scope;
  /** Without: the contract's defaults. */
  readonly options?: RuleOptions | undefined;
};
export type ScopeRequest = {
  readonly plan: RulePlan;
  readonly today: PlainDate;
  /** Everything that is judged by, but rows and sources: another one than last time, and everything is looked at. */
  readonly ruleSet: string;
  /** The same for an auditor, without a person. */
  readonly ruleSetFacts: Json;
  readonly serviceAccounts: readonly ServiceEntry[];
  /** Asked to look at everything. */
  readonly full: boolean;
};
export type FinishReport = {
  readonly startedAt: Date;
  readonly judgedBy: ScopeRequest;
  readonly opened: number;
  readonly reopened: number;
  readonly resolved: number;
  readonly alerts: readonly Alert[];
};

export interface ReconcileStore {
  /**
   * Runs `work` in one transaction under a transaction-level lock; rolls back when it throws. `busy` after 30 s. When another writer changed the same rows, `work` is called again on a new step: it must do nothing outside it. An
   * aborted `signal` cancels the statement that runs, rolls back and throws its reason.
   */
  reconcile<T>(options: ReconcileSettings, work: (step: Reconciliation) => Promise<T>): Promise<T>;
}
export type ReconcileSettings = {
  readonly timezone: string;
  readonly leaverSlaHours: number;
  /** `reused_account` is switched off: what intake has marked counts for nothing. */
  readonly ignoresReuse?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** The stores of a dry run: they read what is there and write what nobody will ever see. */
export type RehearsalStage = {
  readonly sourceStore: Pick<SourceStore, 'syncSources'>;
  readonly reconcileStore: ReconcileStore;
  readonly reader: Reader;
  /** Without a claim: who reads this source meanwhile is neither kept waiting nor disturbed. */
  openIntake(sourceId: number, mode: Mode): Promise<Intake>;
};
type RehearsalOptions = { readonly alone?: boolean; readonly signal?: AbortSignal | undefined };
export interface Rehearsal {
  /**
   * Runs `work` in one transaction that is rolled back whatever comes of it. `alone`: no reconciliation runs meanwhile, `busy` when
   * one does for 30 s; and `busy` when a writer was first with the same rows. An aborted `signal` cancels the statement that runs, and
   * its reason is thrown.
   */
  rehearse<T>(work: (stage: RehearsalStage) => Promise<T>, options?: RehearsalOptions): Promise<T>;
}

export type RetentionDays = { readonly versionsDays: number; readonly runsDays: number };
export type Retained = {
  readonly versions: number;
  readonly runs: number;
  readonly versionsBefore: Instant;
  readonly runsBefore: Instant;
  /** False when it was stopped, or did as much as one day may. */
  readonly isDone: boolean;
};
export interface RetentionStore {
  /**
   * Removes old versions and runs that nothing rests on any more, once a day in all processes together: undefined when that day's work
   * was taken before. In small transactions; ends between two of them when `signal` says so.
   */
  retain(days: RetentionDays, now: Date, signal: AbortSignal): Promise<Retained | undefined>;
}

/** Alerts travel as ids: no person is in a job. They are enqueued in the transaction that records what they tell. */
export type Alert =
  | { readonly kind: 'digest'; readonly reportId: number }
  | { readonly kind: 'baseline'; readonly reportId: number }
  | { readonly kind: 'withheld'; readonly reportId: number }
  /** Credentials: those that vendors have begun to refuse (`refused`, names of sources), and what the report says of their owners. */
  | { readonly kind: 'credential'; readonly reportId: number; readonly refused: readonly string[] }
  /** Their credential is taken again. */
  | { readonly kind: 'accepted'; readonly reportId: number; readonly sources: readonly string[] }
  | Daily
  | { readonly kind: 'breaker'; readonly breakerId: number }
  /** A conclusion breaker was released: its held findings are open now (`FindingFilter.releasedBy`). */
  | { readonly kind: 'released'; readonly breakerId: number }
  | { readonly kind: 'recovery'; readonly breakerId: number }
  | CatchUp;
/** In place of the digests of all reports since the last one: `slack.digest: daily`. */
export type Daily = {
  readonly kind: 'daily';
  readonly reports: { readonly from: number; readonly to: number };
  /** ISO, in UTC: not told before. */
  readonly due: string;
};
/** In place of all the alerts that waited while nobody could be told; what it says is read when it is sent. */
export type CatchUp = {
  readonly kind: 'catch-up';
  /** The first and the last one that had something to tell. */
  readonly reports?: { readonly from: number; readonly to: number } | undefined;
  /** Breakers that tripped or closed. */
  readonly breakerIds: readonly number[];
  /** Conclusion breakers that were released. */
  readonly releasedIds: readonly number[];
};

import type { Case, FindingStatus, Json, Judgement, Transition } from './core/case.ts';
import type { ListingCounts, ListingEnd, Mode, Verdict } from './core/listing.ts';
import type { RulePlan, SourceState } from './core/policy.ts';
import type { Instant, PlainDate, RosterRow } from './core/row.ts';
import type { Rule, Severity } from './core/rule.ts';
import type {
  BreakerRow,
  Explanation,
  FindingRow,
  ReportRow,
  RosterViewRow,
  SourceHealthRow,
  SyncRunRow,
} from './core/views.ts';

export type Clock = () => Date;

/** pino's shape: data first, then a static message. */
export interface Log {
  debug(data: object, message: string): void;
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

// ---------------------------------------------------------------- sources

export type ListRequest = {
  readonly mode: Mode;
  readonly watermark?: string | undefined;
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
  list(request: ListRequest): AsyncGenerator<readonly RosterRow[], ListingEnd, undefined>;
  /** Who the credential belongs to, for `doctor`; throws OperationalError. Absent where there is no credential. */
  readonly whoami?: ((signal: AbortSignal) => Promise<TokenOwner>) | undefined;
}
export type TokenOwner = {
  readonly externalId?: string | undefined;
  readonly email?: string | undefined;
  readonly shape: string;
};

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
  /** Digest of what a new baseline depends on: type, rosterPath, key columns. */
  readonly keyDigest: string;
  /** Reads with a credential: counts for exit code 77. */
  readonly credential: boolean;
};

// ------------------------------------------------------------------ store

export type StoredSource = SourceSpec & {
  readonly id: number;
  readonly notBefore?: Instant | undefined;
  readonly watermark?: string | undefined;
  /** Finish of the last complete full listing; absent: `start` reads it at once. */
  readonly lastCompleteAt?: Instant | undefined;
};

/** The right to write a source's listing; every committing transaction checks `epoch`. */
export type Claim = { readonly sourceId: number; readonly epoch: number; readonly holder: string };

/** A listing on its way in. Batches go to a staging area that costs no WAL; nothing is visible before `record`. */
export interface Intake {
  /** Stages one batch: hash first, then the full rows of those that differ from what is known. */
  stage(rows: readonly RosterRow[]): Promise<void>;
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
  /** `busy` after `waitMs`. A claim lapses 60 s after its last `extend`. */
  claim(sourceId: number, holder: string, now: Clock, waitMs: number): Promise<Claim>;
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
  readonly withheldBefore: readonly Pick<RulePlan['withheld'][number], 'source' | 'causes'>[];
  /** Marks authoritative rows that have left (`left_on`) or are current again. */
  markLeft(today: PlainDate): Promise<void>;
  /** Links in one statement what has exactly one identity with the same e-mail and no history; returns how many. */
  linkPlain(): Promise<number>;
  /** What is not provably in order, or has a known finding, of the rules and sources of the plan. */
  cases(plan: RulePlan, today: PlainDate): AsyncIterable<readonly Case[]>;
  saveJudgements(items: readonly { readonly of: Case; readonly judgement: Judgement }[]): Promise<void>;
  saveTransitions(
    items: readonly { readonly sourceId: number; readonly transition: Transition }[],
    now: Date,
  ): Promise<void>;
  /**
   * Sets findings that this report opened to `held`, and opens a conclusion breaker; returns its id. The caller puts the `breaker`
   * alert into `finish`.
   */
  hold(sourceId: number, rules: readonly Rule[], evidence: Readonly<Record<string, Json>>, now: Date): Promise<number>;
  /** Resolves findings of retired sources and of switched-off rules. Returns how many. */
  retireFindings(disabled: ReadonlySet<Rule>, now: Date): Promise<number>;
  /** Writes the report, rule baselines and alert jobs, and commits. */
  finish(report: FinishReport, now: Date): Promise<void>;
}
export type FinishReport = {
  readonly startedAt: Date;
  readonly plan: RulePlan;
  readonly opened: number;
  readonly reopened: number;
  readonly resolved: number;
  readonly undecided: number;
  readonly alerts: readonly Alert[];
};

export interface ReconcileStore {
  /**
   * Runs `work` in one transaction under a transaction-level lock; rolls back when it throws, or at the end of a dry run. `busy`
   * after 30 s. When another writer changed the same rows, `work` is called again on a new step: it must do nothing outside it.
   */
  reconcile<T>(
    options: { readonly timezone: string; readonly leaverSlaHours: number; readonly dryRun: boolean },
    work: (step: Reconciliation) => Promise<T>,
  ): Promise<T>;
}

/** Alerts travel as ids: no person is in a job. They are enqueued in the transaction that records what they tell. */
export type Alert =
  | { readonly kind: 'digest'; readonly reportId: number }
  | { readonly kind: 'baseline'; readonly reportId: number }
  | { readonly kind: 'withheld'; readonly reportId: number }
  | { readonly kind: 'breaker'; readonly breakerId: number }
  /** A conclusion breaker was released: its held findings are open now (`FindingFilter.releasedBy`). */
  | { readonly kind: 'released'; readonly breakerId: number }
  | { readonly kind: 'recovery'; readonly breakerId: number };

// ---------------------------------------------------------------- reading

export type FindingFilter = {
  readonly statuses?: readonly FindingStatus[] | undefined;
  readonly rules?: readonly Rule[] | undefined;
  readonly sources?: readonly string[] | undefined;
  /** Findings whose last change belongs to this report. */
  readonly changedIn?: number | undefined;
  /**
   * Findings that the digest of this report tells: opened or reopened in it, or risen in severity. One that was resolved less
   * than 24 h before it came back is left out (contract §5: flapping is damped in Slack only).
   */
  readonly announcedIn?: number | undefined;
  /** Findings that the release of this conclusion breaker opened. */
  readonly releasedBy?: number | undefined;
  /** At most so many, the most severe first; absent: all. */
  readonly limit?: number | undefined;
};
/** How many findings of one kind are not resolved: what metrics are made of, without reading the findings. */
export type FindingCount = {
  readonly source: string;
  readonly rule: Rule;
  readonly severity: Severity;
  readonly status: FindingStatus;
  readonly count: number;
};

/** Read-only questions: the commands, the HTTP pages and the alert texts use these. */
export interface Reader {
  report(id?: number): Promise<ReportRow | undefined>;
  /** The latest reports, newest first. */
  reports(limit: number): Promise<readonly ReportRow[]>;
  findings(filter: FindingFilter): Promise<readonly FindingRow[]>;
  countFindings(): Promise<readonly FindingCount[]>;
  /** Findings that this report has resolved, without those that were held: they end as silently as they came. */
  countResolved(reportId: number): Promise<number>;
  explain(findingId: number): Promise<Explanation | undefined>;
  sources(): Promise<readonly SourceHealthRow[]>;
  /** The latest run of each source. */
  latestRuns(): Promise<readonly SyncRunRow[]>;
  roster(source: string, at?: Instant): AsyncIterable<readonly RosterViewRow[]>;
  breakers(open: boolean): Promise<readonly BreakerRow[]>;
  breaker(id: number): Promise<BreakerRow | undefined>;
  /** Ids a source breaker shows as lost; at most `limit`. */
  breakerLosses(id: number, limit: number): Promise<readonly string[]>;
}

export interface Operator {
  /** Releases a breaker, with an audit row; `not-found` when there is none open with this id. */
  releaseBreaker(id: number, author: string, reason: string, now: Date): Promise<BreakerRow>;
}

// ----------------------------------------------------------------- alerts

/** A job taken from the queue: exactly one of `done` and `failed` follows. */
export type AlertJob = {
  readonly id: string;
  readonly alert: Alert;
  done(): Promise<void>;
  failed(error: Error): Promise<void>;
};

export interface Queue {
  /** Takes waiting alerts, oldest first, at most `limit`. */
  takeAlerts(limit: number): Promise<readonly AlertJob[]>;
  /** Not delivered yet: waiting, to be tried again, or being sent by another process. */
  waitingAlerts(): Promise<number>;
  /** Asks for a sync of a source; one waiting job a source at most. */
  askSync(source: string, mode: 'full' | 'delta'): Promise<void>;
  askReconcile(delaySeconds: number): Promise<void>;
  /** Hands jobs to the worker until `stop`. */
  work(handlers: JobHandlers): Promise<void>;
  stop(graceMs: number): Promise<void>;
  failedJobs(): Promise<number>;
}
export type JobHandlers = {
  readonly sync: (
    job: { readonly source: string; readonly mode: 'full' | 'delta' },
    signal: AbortSignal,
  ) => Promise<void>;
  readonly reconcile: (signal: AbortSignal) => Promise<void>;
  readonly alert: (alert: Alert, signal: AbortSignal) => Promise<void>;
};

/** Where people are told. A dry run and a missing webhook are other channels, chosen in wire.ts. */
export interface AlertChannel {
  readonly name: string;
  /** Throws OperationalError `slack-unavailable` (try again, `notBefore`) or `slack-rejected` (do not). */
  send(message: ChannelMessage, signal: AbortSignal): Promise<void>;
}
/** `text` is the fallback and what a terminal shows; `blocks` is Slack Block Kit JSON. */
export type ChannelMessage = { readonly text: string; readonly blocks: readonly object[] };

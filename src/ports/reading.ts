import type { FindingStatus } from '../core/case.ts';
import type { Instant } from '../core/row.ts';
import type { Rule, Severity } from '../core/rule.ts';
import type {
  BreakerRow,
  Explanation,
  FindingRow,
  ReportRow,
  RosterViewRow,
  SourceHealthRow,
  SyncRunRow,
} from '../core/views.ts';

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

/** What a person says of an account and an identity; each named by the vendor's id or by an e-mail. */
export type LinkRequest = {
  readonly action: 'add' | 'deny' | 'clear';
  readonly source: string;
  readonly account: string;
  /** `clear` without one: all that was said of the account. */
  readonly identity?: string | undefined;
  readonly author: string;
  readonly reason: string;
  readonly now: Date;
};

/** What came of it. It takes effect in the next reconciliation. */
export type LinkChange = {
  readonly action: LinkRequest['action'];
  /** False: it was so already, and nothing was written. */
  readonly changed: boolean;
  readonly source: string;
  readonly account_id: string;
  readonly account_label: string;
  readonly identity_source: string | null;
  readonly identity_id: string | null;
  readonly identity_label: string | null;
  /** Links and denials that were taken away, those of other accounts included. */
  readonly removed: number;
  /** The id or the e-mail was suspected to be somebody else's before; that is decided now. */
  readonly reuse_decided: boolean;
};

export interface LinkOperator {
  /** One transaction with its audit row; `usage` or `not-found` where a name does not name one row. */
  changeLink(request: LinkRequest): Promise<LinkChange>;
}

export interface Operator extends LinkOperator {
  /** Releases a breaker, with an audit row; `not-found` when there is none open with this id. */
  releaseBreaker(id: number, author: string, reason: string, now: Date): Promise<BreakerRow>;
}

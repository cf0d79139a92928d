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
  /** The latest run of each source; one that read hinted rows alone only where it is suspicious. */
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

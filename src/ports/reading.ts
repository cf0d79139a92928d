import type { FindingStatus } from '../core/case.ts';
import type { Instant, PlainDate } from '../core/row.ts';
import type { FindingDiff } from '../core/report-diff.ts';
import type { Rule, Severity } from '../core/rule.ts';
import type {
  BreakerRow,
  Explanation,
  FindingChange,
  FindingRow,
  ListingRow,
  PastSourceRow,
  ReportRow,
  RosterViewRow,
  SourceHealthRow,
  SyncRunRow,
  WaiverNews,
  WaiverRow,
} from '../core/views.ts';

export type FindingFilter = {
  readonly statuses?: readonly FindingStatus[] | undefined;
  readonly rules?: readonly Rule[] | undefined;
  readonly sources?: readonly string[] | undefined;
  /**
   * Findings that the digest of this report tells: opened or reopened in it, or risen in severity. One that was resolved less
   * than 24 h before it came back is left out (contract §5: flapping is damped in Slack only), and so are those that `countBack`
   * and `waiverNews` tell.
   */
  readonly announcedIn?: number | undefined;
  /** With `announcedIn`: or in any report from that one to this. */
  readonly announcedUntil?: number | undefined;
  /** With `announcedIn`: without what a baseline of its report found, which has a message of its own. */
  readonly withoutFirstLooks?: boolean | undefined;
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

/** What a report shows, as it was at a moment. */
export type ReportThen = {
  /** Open or held then. */
  readonly findings: readonly FindingRow[];
  /** Of those, ids whose words are of a later time, because what they said then was not kept. */
  readonly laterWords: readonly number[];
  readonly sources: readonly PastSourceRow[];
  readonly runs: readonly ListingRow[];
};

/** `ruleSetChanged`: another configuration or program judged the later one. */
export type ReportDiff = { readonly findings: readonly FindingDiff[]; readonly ruleSetChanged: boolean };

export type ReportRange = { readonly from: number; readonly to: number };
/** Each finding counts once, by how it was before the range and how it is now. */
export type Meanwhile = {
  /** Known before, and resolved now. */
  readonly resolved: number;
  /** Opened in the range, and resolved now. */
  readonly passed: number;
  readonly back: number;
  readonly waivers: readonly WaiverNews[];
  /** Sources of which one of these reports was the first. */
  readonly firstLooks: readonly string[];
};

/** Read-only questions: the commands, the HTTP pages and the alert texts use these. */
export interface Reader {
  report(id?: number): Promise<ReportRow | undefined>;
  /** The one that was the latest at a moment. */
  reportAt(at: Instant): Promise<ReportRow | undefined>;
  firstReport(): Promise<ReportRow | undefined>;
  /** After this report, and after what people had decided by `at`. */
  reportThen(reportId: number, at: Instant): Promise<ReportThen>;
  /** What the later of two reports shows differently, the most severe first. */
  diff(before: ReportRow, after: ReportRow): Promise<ReportDiff>;
  /** The latest reports, newest first. */
  reports(limit: number): Promise<readonly ReportRow[]>;
  findings(filter: FindingFilter): Promise<readonly FindingRow[]>;
  countFindings(): Promise<readonly FindingCount[]>;
  /** Waivers in force that end within so many days, by source. */
  waiversEnding(days: number): Promise<readonly { readonly source: string; readonly count: number }[]>;
  /** Findings that this report has resolved and people knew of: without what was held or waived, and without what flaps. */
  countResolved(reportId: number): Promise<number>;
  /** Findings that this report has opened again because their source or rule is back in the configuration. */
  countBack(reportId: number): Promise<number>;
  /** What this report has changed, finding by finding, in the state that it left them in. */
  changes(reportId: number): Promise<readonly FindingChange[]>;
  /** Waivers of which the digest of this report tells: over, or over within a week. */
  waiverNews(reportId: number): Promise<readonly WaiverNews[]>;
  /** What a range of reports did beside what is open now, for a message that stands for those of all of them. */
  meanwhile(reports: ReportRange): Promise<Meanwhile>;
  explain(findingId: number): Promise<Explanation | undefined>;
  sources(): Promise<readonly SourceHealthRow[]>;
  /** The latest run of each source; a hint, which reads single rows, only where it was suspicious. */
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
  /**
   * Waives an open or held finding, or waives it anew, until the end of a day in the company's time zone. `not-found` when there is no such finding
   * or it is resolved, `usage` for a day that is past or too far ahead; then nothing is changed.
   */
  waive(request: WaiveRequest, now: Date): Promise<Waived>;
  /** Takes the waiver back: the finding opens again. `not-found` when there is none in force. */
  unwaive(request: Omit<WaiveRequest, 'until'>, now: Date): Promise<Waived>;
}
export type WaiveRequest = {
  readonly findingId: number;
  readonly until: PlainDate;
  readonly author: string;
  readonly reason: string;
};
export type Waived = {
  readonly finding: FindingRow;
  readonly waiver: WaiverRow;
  /** The older waiver that this one replaces. */
  readonly replaced?: WaiverRow | undefined;
};

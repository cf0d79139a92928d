import type { FindingStatus, Json } from './case.ts';
import type { Mode, VerdictKind } from './listing.ts';
import type { PlainDate } from './row.ts';
import type { Rule, Severity } from './rule.ts';

/** A row of view `drift_findings`, with its column names. */
export type FindingRow = {
  readonly id: number;
  readonly fingerprint: string;
  readonly source: string;
  readonly rule: Rule;
  readonly severity: Severity;
  readonly status: FindingStatus;
  readonly account_id: string | null;
  readonly account_email: string | null;
  readonly account_name: string | null;
  readonly identity_id: string | null;
  readonly identity_source: string | null;
  readonly identity_email: string | null;
  readonly summary: string;
  readonly evidence: { readonly [key: string]: Json };
  readonly first_detected_at: string;
  readonly last_detected_at: string | null;
  readonly resolved_at: string | null;
  readonly resolution: string | null;
  readonly waived_until: string | null;
  readonly report_id: number;
};
/** What a list says of a finding; evidence is there only where it alone tells whom the finding is about. */
export type FindingLine = Pick<
  FindingRow,
  | 'id'
  | 'source'
  | 'rule'
  | 'severity'
  | 'status'
  | 'account_id'
  | 'account_email'
  | 'account_name'
  | 'identity_id'
  | 'identity_email'
  | 'summary'
  | 'evidence'
  | 'first_detected_at'
>;
export const CHANGES = ['opened', 'reopened', 'held', 'waived', 'updated', 'resolved'] as const;
/** A finding and what one report did to it last, in the words of its history. */
export type FindingChange = FindingRow & { readonly change: (typeof CHANGES)[number] };
/** A row of view `drift_reports`. */
export type ReportRow = {
  readonly id: number;
  readonly started_at: string;
  readonly finished_at: string;
  readonly verdicts: { readonly [source: string]: Json };
  readonly withheld: readonly { readonly source: string; readonly rules: readonly string[]; readonly reason: string }[];
  readonly opened: number;
  readonly resolved: number;
  readonly open: number;
  readonly held: number;
  readonly waived: number;
  readonly baseline: readonly string[];
};
/** A row of view `source_health`. */
export type SourceHealthRow = {
  readonly source: string;
  readonly type: string;
  readonly authoritative: boolean;
  readonly last_complete_at: string | null;
  readonly last_verdict: VerdictKind | null;
  readonly stale: boolean;
  readonly breaker: string | null;
  readonly accounts: number;
  readonly open_findings: number;
  /** A month, as exact decimals; null where the source has no price. */
  readonly seat_cost_at_risk: string | null;
  readonly seat_currency: string | null;
  readonly seats_at_risk: number;
  /** Usable accounts of people who were forgotten; no finding shows them. */
  readonly forgotten_usable: number;
};
/** A row of view `sync_runs`. */
export type SyncRunRow = {
  readonly id: number;
  readonly source: string;
  readonly mode: Mode;
  readonly verdict: VerdictKind;
  readonly reason: string | null;
  readonly started_at: string;
  readonly finished_at: string;
  readonly pages: number;
  readonly requests: number;
  readonly rows_seen: number;
  readonly distinct_ids: number;
  readonly declared_total: number | null;
  readonly rows_changed: number;
  readonly rows_gone: number;
};
/** The same of an earlier time; null where retention has removed versions of then. */
export type PastSourceRow = Omit<SourceHealthRow, 'accounts' | 'seats_at_risk' | 'forgotten_usable'> & {
  readonly accounts: number | null;
  /** At the prices of now, which have no history. */
  readonly seats_at_risk: number | null;
  /** Known of now alone. */
  readonly forgotten_usable: number | null;
};
/** What a report shows of a run. */
export type ListingRow = Pick<SyncRunRow, 'source' | 'verdict' | 'distinct_ids' | 'declared_total'>;
export type BreakerRow = {
  readonly id: number;
  readonly source: string;
  readonly kind: 'source' | 'conclusion' | 'baseline';
  readonly tripped_at: string;
  readonly closed_at: string | null;
  readonly closed_by: string | null;
  readonly reason: string | null;
  readonly evidence: { readonly [key: string]: Json };
};
/** A waiver of a finding, in force while `ended_at` is null. */
export type WaiverRow = {
  readonly id: number;
  /** Its last day, in the company's time zone. */
  readonly until: string;
  readonly author: string;
  readonly reason: string;
  readonly created_at: string;
  readonly ended_at: string | null;
  /** expired, replaced, unwaived by NAME, severity rose, another identity. */
  readonly ended_because: string | null;
  /** When a digest showed that it ends within a week. */
  readonly warned_at: string | null;
};
/** A waiver that a digest tells of. */
export type WaiverNews = {
  readonly news: 'ended' | 'ending';
  readonly finding: FindingRow;
  readonly waiver: WaiverRow;
};
export type RosterViewRow = { readonly [column: string]: Json };

/** What `explain` shows: everything a finding rests on, as it is today. */
export type Explanation = {
  readonly finding: FindingRow;
  /** Of a credential: the owner's row in the source that is read with it. */
  readonly account: RosterViewRow | null;
  /** Whose the account is; of a service account, who answers for it. Where the finding names a manager, that one is under `managers`. */
  readonly identity: RosterViewRow | null;
  /** The identity's or subject's other accounts in the same source; of a dispute, the identities that could own it. */
  readonly others: readonly RosterViewRow[];
  /** The account's row before its id came with other addresses, until a person has decided. */
  readonly before: RosterViewRow | null;
  /** Whom the account's own row names, and whom the identity's row names. */
  readonly managers: { readonly of_account: RosterViewRow | null; readonly of_identity: RosterViewRow | null };
  readonly link: {
    readonly rule: string;
    readonly since: string;
    readonly evidence: { readonly [key: string]: Json };
    readonly identity_source: string;
    readonly identity_id: string;
    /** Who pinned it and why; null where a rule found it. */
    readonly author: string | null;
    readonly reason: string | null;
  } | null;
  /** Whom a person said that the account is never of. */
  readonly denied: readonly {
    readonly identity_source: string;
    readonly identity_id: string;
    readonly since: string;
    readonly author: string | null;
    readonly reason: string | null;
  }[];
  /** Whom the account could be of, where the finding asks that: the likeliest first, each with why. None of it is a link. */
  readonly suggestions: readonly {
    readonly source: string;
    readonly external_id: string;
    readonly name: string | null;
    readonly email: string | null;
    /** As the record says, or `gone`. */
    readonly status: string;
    readonly reasons: readonly string[];
  }[];
  /** Everybody who ever waived it, the first one first. */
  readonly waivers: readonly WaiverRow[];
  /**
   * The last complete listing of each source that the rule reads, and a later one that was not complete. Of a resolved finding: those of
   * the report that resolved it, as far as they are kept.
   */
  readonly runs: readonly SyncRunRow[];
  /** Why the last report did not judge it, where it did not. */
  readonly withheld: string | null;
  /** The next day on which the calendar alone could change it. */
  readonly recheck_on: PlainDate | null;
  readonly events: readonly FindingEvent[];
};
export type FindingEvent = {
  readonly at: string;
  readonly event: string;
  readonly report_id: number | null;
  readonly detail: { readonly [key: string]: Json };
};

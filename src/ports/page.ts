import type { FindingStatus } from '../core/case.ts';
import type { VerdictKind } from '../core/listing.ts';
import type { Instant, PlainDate } from '../core/row.ts';
import type { Rule, Severity } from '../core/rule.ts';
import type { SeatCost } from '../core/seats.ts';
import type { BreakerRow, FindingLine, FindingRow, RosterViewRow, SyncRunRow } from '../core/views.ts';

/** What findings have in common that stand beside one another in the list; the resolved are not in it. */
export type LiveGroup = {
  readonly severity: Severity;
  readonly rule: Rule;
  readonly source: string;
  readonly status: Exclude<FindingStatus, 'resolved'>;
};
export type LiveCount = LiveGroup & { readonly findings: number };

/** How a source stands, without counting its rows. `complete_…`: the last complete full listing; `latest_…`: the last listing. */
export type SourceStateRow = {
  readonly source: string;
  readonly type: string;
  readonly authoritative: boolean;
  readonly stale: boolean;
  readonly breaker: string | null;
  readonly last_complete_at: Instant | null;
  readonly complete_ids: number | null;
  readonly complete_total: number | null;
  readonly latest_verdict: VerdictKind | null;
  readonly latest_mode: string | null;
  readonly latest_at: Instant | null;
  readonly latest_reason: string | null;
  readonly latest_ids: number | null;
  readonly latest_total: number | null;
  readonly forgotten_usable: number | null;
};

/** What the last report of a day said; null on days before the first report. */
export type TrendDay = {
  readonly day: PlainDate;
  readonly open: number | null;
  readonly held: number | null;
  readonly waived: number | null;
};

/** A row of view `leaver_clock`. */
export type ClockRow = {
  readonly finding_id: number;
  readonly source: string;
  readonly account_id: string;
  readonly left_on: PlainDate;
  readonly access_removed_at: Instant | null;
  readonly hours_exposed: number;
  readonly breach: boolean;
};

/** A record with the link that it has as an account. */
export type LinkedRecord = {
  readonly row: RosterViewRow;
  readonly link: {
    readonly rule: string;
    readonly since: Instant;
    readonly author: string | null;
    readonly reason: string | null;
  } | null;
};

/** Everything about one person, or about one account of nobody. */
export type PersonView = {
  /** Of the person in the authoritative sources; empty where nobody knows whose the account is. */
  readonly identity: readonly RosterViewRow[];
  readonly accounts: readonly LinkedRecord[];
  readonly findings: readonly FindingRow[];
  /** There are more accounts or findings than are shown. */
  readonly more: boolean;
};

/** One source, and its runs, the latest first. */
export type SourceView = {
  readonly name: string;
  readonly type: string;
  readonly authoritative: boolean;
  readonly retired_at: Instant | null;
  /** Of a source that is configured. */
  readonly state: SourceStateRow | null;
  /** Of this source, open or not: the latest first. */
  readonly breakers: readonly BreakerRow[];
  readonly runs: readonly SyncRunRow[];
  /** The id to ask for runs before; null: there are no older ones. */
  readonly older: number | null;
};

/**
 * Questions of the report page. None reads more rows than it answers with, however large the rosters and the ledger are; what counts, counts
 * each living finding once.
 */
export interface PageReader {
  /** In no order. `until`: of those alone that were first seen until then. */
  live(until?: Instant): Promise<readonly LiveCount[]>;
  /** People who left and have open findings for it, each once. */
  leaverPeople(): Promise<number>;
  /** How many of the group come up to this finding and with it. */
  passed(place: LiveGroup & { readonly id: number }, until?: Instant): Promise<number>;
  /** Of each group the first `limit` behind finding `after`; in no order. */
  list(
    groups: readonly (LiveGroup & { readonly after: number; readonly limit: number })[],
    until?: Instant,
  ): Promise<readonly FindingLine[]>;
  /** Who left first and still has an account, as far as is known. */
  firstLeavers(limit: number): Promise<readonly FindingLine[]>;
  sourceStates(): Promise<readonly SourceStateRow[]>;
  /** Of each source with a price. Looks up the account of each open finding that says a seat is not needed. */
  seats(): Promise<readonly SeatCost[]>;
  openBreakers(): Promise<readonly BreakerRow[]>;
  /** The last `days` days of the company, or those up to a report; the oldest first. */
  trend(days: number, untilReport?: number): Promise<readonly TrendDay[]>;
  /** Of these findings; breaches first, then the longest. */
  clock(findingIds: readonly number[]): Promise<readonly ClockRow[]>;
  /** `before`: only runs with a smaller id. Undefined: there never was such a source. */
  source(
    name: string,
    runs: { readonly limit: number; readonly before?: number | undefined },
  ): Promise<SourceView | undefined>;
  /** By a record's source and the vendor's id. */
  person(source: string, externalId: string): Promise<PersonView | undefined>;
}

import type { FindingStatus } from '../core/case.ts';
import type { VerdictKind } from '../core/listing.ts';
import type { Instant, PlainDate } from '../core/row.ts';
import type { Rule, Severity } from '../core/rule.ts';
import type { SeatCost } from '../core/seats.ts';
import type { BreakerRow, FindingRow, RosterViewRow, SyncRunRow } from '../core/views.ts';

/** A finding that is not resolved, in little: enough to count, filter and order it without reading what it says. */
export type LiveFinding = {
  readonly id: number;
  readonly source: string;
  readonly rule: Rule;
  readonly severity: Severity;
  readonly status: Exclude<FindingStatus, 'resolved'>;
  readonly first_detected_at: Instant;
  /** Of a leaver: who, so that one with two accounts is one person. */
  readonly person: string | null;
  /** Of a leaver. */
  readonly left_on: string | null;
};

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

/** Questions of the report page. None reads more rows than it answers with, however large the rosters and the ledger are; `live` reads each living finding once. */
export interface PageReader {
  /** Another text when the ledger has changed. */
  stamp(): Promise<string>;
  /** The most severe first; at most `limit`. */
  live(limit: number): Promise<readonly LiveFinding[]>;
  /** Those of these that there are, in no order. */
  findings(ids: readonly number[]): Promise<readonly FindingRow[]>;
  sourceStates(): Promise<readonly SourceStateRow[]>;
  /** Of each source with a price. Reads the open findings of those. */
  seats(): Promise<readonly SeatCost[]>;
  openBreakers(): Promise<readonly BreakerRow[]>;
  /** The last `days` days of the company, or those up to a report; the oldest first. */
  trend(days: number, untilReport?: number): Promise<readonly TrendDay[]>;
  /** Of these leavers' accounts. */
  clock(accounts: readonly { readonly source: string; readonly accountId: string }[]): Promise<readonly ClockRow[]>;
  /** `before`: only runs with a smaller id. Undefined: there never was such a source. */
  source(
    name: string,
    runs: { readonly limit: number; readonly before?: number | undefined },
  ): Promise<SourceView | undefined>;
  /** By a record's source and the vendor's id. */
  person(source: string, externalId: string): Promise<PersonView | undefined>;
}

import type { FindingStatus, Json } from '../core/case.ts';
import type { Instant } from '../core/row.ts';
import type { Rule, Severity } from '../core/rule.ts';

export type Row = { readonly [column: string]: Json };
/** Part of a longer list: `total` counts all of it. */
export type RowPage = { readonly rows: readonly Row[]; readonly total: number };
export type Paging = { readonly limit: number; readonly offset: number };

export type AskedFindings = Paging & {
  readonly statuses: readonly FindingStatus[];
  readonly rules?: readonly Rule[] | undefined;
  readonly severities?: readonly Severity[] | undefined;
  readonly source?: string | undefined;
};
export type AskedRoster = Paging & {
  readonly source: string;
  readonly at?: Instant | undefined;
  readonly search?: string | undefined;
};
export type AskedClock = Paging & { readonly breachOnly: boolean; readonly openOnly: boolean };

/** What the views of contract §7 say, asked with the rights of `rollcall_reader` and no others. Each question is one read-only transaction. */
export interface ViewReader {
  /** `usage` where the role is there and may not be taken; returns whether it is. */
  checkRole(): Promise<'rollcall_reader' | 'read-only'>;
  findings(asked: AskedFindings): Promise<RowPage>;
  /** A finding with both records and the last complete listings that it rests on; undefined when there is none. */
  finding(id: number): Promise<Readonly<Record<'finding' | 'account' | 'identity' | 'clock', Row | null>> | undefined>;
  roster(asked: AskedRoster): Promise<RowPage>;
  leaverClock(asked: AskedClock): Promise<RowPage>;
  sources(): Promise<readonly Row[]>;
  lastReport(): Promise<Row | undefined>;
}

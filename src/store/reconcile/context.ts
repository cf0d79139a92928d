import type pg from 'pg';

/** A source that is configured today, as the statements of one reconciliation need it. */
export type ActiveSource = {
  readonly id: number;
  readonly name: string;
  readonly authoritative: boolean;
  readonly audited: boolean;
  readonly rank: number;
  readonly correlateEmployeeId: boolean;
};

/** What every step of one reconciliation works with: its connection, in its transaction, and the report that it makes. */
export type ReconcileContext = {
  readonly client: pg.PoolClient;
  readonly reportId: number;
  /** In the order of the configuration. */
  readonly sources: readonly ActiveSource[];
  /** `reused_account` is switched off: what intake has marked counts for nothing. */
  readonly ignoresReuse?: boolean | undefined;
};

/** Rows of these are identities. In the order of the configuration: the first names an identity. */
export function authorityIds(context: Pick<ReconcileContext, 'sources'>): readonly number[] {
  return context.sources.filter((source) => source.authoritative).map((source) => source.id);
}

/** Rows of these are correlated and judged as accounts: applications, and authorities that are `audited`. */
export function judgedIds(context: ReconcileContext): readonly number[] {
  return context.sources.filter((source) => !source.authoritative || source.audited).map((source) => source.id);
}

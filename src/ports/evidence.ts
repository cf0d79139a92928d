import type { Json } from '../core/case.ts';
import type { Instant, PlainDate } from '../core/row.ts';

/** Company days, both included, and the moments that bound them: the last one before the first day, and the last one of the last day. */
export type EvidencePeriod = {
  readonly from: PlainDate;
  readonly to: PlainDate;
  readonly start: Instant;
  readonly end: Instant;
};

export type EvidenceRow = { readonly [column: string]: Json };
export type EvidenceDataset = {
  readonly name: string;
  readonly columns: readonly string[];
  /** In batches, in the order of a file; to be read to the end, one dataset after the other. */
  rows(): AsyncIterable<readonly EvidenceRow[]>;
};

/** What is said of a source beside its rows. */
export type EvidenceSource = {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly authoritative: boolean;
  /** Retention has removed runs up to this one: only from the next one on each digest follows from the one before. */
  readonly runs_after: number | null;
};

/** One moment of the database, from the first row to the last. */
export type EvidenceSnapshot = {
  readonly slaHours: number;
  readonly sources: readonly EvidenceSource[];
  readonly datasets: readonly EvidenceDataset[];
};

export interface EvidenceStore {
  /** `not-found` where retention has removed what a roster of the period would be made of. Memory stays flat whatever the rows. */
  snapshot<T>(period: EvidencePeriod, use: (snapshot: EvidenceSnapshot) => Promise<T>): Promise<T>;
}

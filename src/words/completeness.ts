import type { ListingRow } from '../core/views.ts';

/** `412/412`: distinct ids read, and the total that the vendor declared; `412` where it declares none. */
export function renderCompleteness(run: Pick<ListingRow, 'distinct_ids' | 'declared_total'> | undefined): string {
  if (run === undefined) return '-';
  return run.declared_total === null ? String(run.distinct_ids) : `${run.distinct_ids}/${run.declared_total}`;
}

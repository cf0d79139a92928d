import type { PlainDate } from '../../core/row.ts';
import type { Scope } from '../../ports/store.ts';
import { authorityIds, type ReconcileContext } from './context.ts';
import { toArrays } from './roster-row.ts';

// Contract §6. A row has left when it is gone, inactive, or its end date is past; it is current when it is present, active, on leave
// or pending, and not ended; of unknown status it is neither and keeps its mark. `left_on` is set once, when a listing or
// the calendar first made the row leave: the end date if that was past by then, else today. It goes when the row is
// current again. Only rows whose mark changes are written: a scan, and on most days no write at all.
const mark = (among: string): string => `
  update rollcall.account a
     set left_on = m.left_on, left_by = m.left_by
    from (
         select source_id, external_id,
                case when not has_left then null when has_ended then end_date else $2::date end as left_on,
                case when not has_left then null
                     when has_ended then 'end_date'
                     when gone_at is not null then 'absence'
                     else 'status'
                end as left_by
           from (
                select source_id, external_id, status, end_date, gone_at, left_on,
                       coalesce(end_date < $2::date, false) as has_ended,
                       gone_at is not null or status = 'inactive' or coalesce(end_date < $2::date, false) as has_left
                  from rollcall.account
                 where source_id = any ($1::int[]) ${among}) r
          where (has_left and left_on is null)
             or (not has_left and status <> 'unknown' and left_on is not null)) m
   where a.source_id = m.source_id and a.external_id = m.external_id`;

const AMONG_THESE = 'and (source_id, external_id) in (select * from unnest($3::int[], $4::text[]))';

/**
 * Marks rows of authoritative sources that have left since the last look, and takes the mark from those that are current again;
 * of all rows, or of those that have changed since the company's day began.
 */
export async function markLeft(context: ReconcileContext, today: PlainDate, scope: Scope): Promise<void> {
  const values = [authorityIds(context), today];
  if (scope.kind === 'all') await context.client.query(mark(''), values);
  else await context.client.query(mark(AMONG_THESE), [...values, ...toArrays(scope.identities)]);
}

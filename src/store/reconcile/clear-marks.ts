import type { ReuseMark, RowRef } from '../../core/case.ts';
import type { ReconcileContext } from './context.ts';
import { toArrays } from './roster-row.ts';

const CLEAR = `
  update rollcall.account a
     set reuse_before_run = case when r.reused then null else a.reuse_before_run end,
         moved_from = case when r.moved then null else a.moved_from end
    from unnest($1::int[], $2::text[], $3::boolean[], $4::boolean[]) as r (source_id, external_id, reused, moved)
   where a.source_id = r.source_id and a.external_id = r.external_id`;

/** Takes away what intake has marked and what turned out to be nothing, or is over. */
export async function clearMarks(
  { client }: Pick<ReconcileContext, 'client'>,
  items: readonly { readonly ref: RowRef; readonly marks: readonly ReuseMark[] }[],
): Promise<void> {
  const over = items.filter(({ marks }) => marks.length > 0);
  if (over.length === 0) return;
  await client.query(CLEAR, [
    ...toArrays(over.map(({ ref }) => ref)),
    over.map(({ marks }) => marks.includes('reused')),
    over.map(({ marks }) => marks.includes('moved')),
  ]);
}

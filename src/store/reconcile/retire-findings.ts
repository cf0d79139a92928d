import type { Rule } from '../../core/rule.ts';
import type { ReconcileContext } from './context.ts';

const RETIRE = `
  with changed as (
    update rollcall.finding f
       set status = 'resolved', resolved_at = $2::timestamptz, report_id = $3::bigint,
           resolution = case when s.retired_at is null then 'rule disabled' else 'source removed' end
      from rollcall.source s
     where s.id = f.source_id and f.status <> 'resolved' and (s.retired_at is not null or f.rule = any ($1::text[]))
    returning f.id, f.resolution)
  insert into rollcall.finding_event (finding_id, at, event, report_id, detail)
  select id, $2::timestamptz, 'resolved', $3::bigint, jsonb_build_object('resolution', resolution) from changed`;

/** Ends the findings that nobody judges any more: of sources taken out of the configuration, and of rules switched off. */
export async function retireFindings(
  { client, reportId }: ReconcileContext,
  disabled: ReadonlySet<Rule>,
  now: Date,
): Promise<number> {
  const { rowCount } = await client.query(RETIRE, [[...disabled], now, reportId]);
  return rowCount ?? 0;
}

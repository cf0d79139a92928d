import type pg from 'pg';
import { SEVERITIES } from '../../core/rule.ts';
import { CHANGES, type FindingChange } from '../../core/views.ts';
import { FINDING_COLUMNS } from './columns.ts';

/** By the last event of each finding in this report; the most severe first, as `findings` has them. */
export async function loadChanges(pool: pg.Pool, reportId: number): Promise<readonly FindingChange[]> {
  const { rows } = await pool.query<FindingChange>(
    `select ${FINDING_COLUMNS}, e.event as change
       from (select distinct on (finding_id) finding_id, event
               from rollcall.finding_event
              where report_id = $1 and event = any ($2::text[])
              order by finding_id, id desc) e
       join rollcall.drift_findings f on f.id = e.finding_id
      order by array_position($3::text[], severity) desc, rule, source, id`,
    [reportId, CHANGES, SEVERITIES],
  );
  return rows;
}

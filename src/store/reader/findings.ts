import type pg from 'pg';
import { SEVERITIES } from '../../core/rule.ts';
import type { FindingRow } from '../../core/views.ts';
import type { FindingCount, FindingFilter } from '../../ports/reading.ts';
import { WAS_QUIET } from '../state-before.ts';
import { FINDING_COLUMNS } from './columns.ts';
import { IS_DAMPED, IS_NEWS, IS_OF_FIRST_LOOK } from './reopened.ts';

/** The most severe first, then in a stable order. */
export async function findings(pool: pg.Pool, filter: FindingFilter): Promise<readonly FindingRow[]> {
  const { rows } = await pool.query<FindingRow>(
    `select ${FINDING_COLUMNS} from rollcall.drift_findings
      where ($1::text[] is null or status = any ($1))
        and ($2::text[] is null or rule = any ($2))
        and ($3::text[] is null or source = any ($3))
        and ($4::bigint is null or id in (
            select e.finding_id from rollcall.finding_event e
              join rollcall.finding f on f.id = e.finding_id
              join rollcall.breaker b on b.id = $4 and b.source_id = f.source_id
             where e.event = 'released' and e.detail ->> 'breaker' = $4::text))
        and ($7::bigint is null or id in (
            select e.finding_id from rollcall.finding_event e
             where e.report_id between $7 and $8 and not ($9 and ${IS_OF_FIRST_LOOK})
               and (e.event = 'opened'
                 or (e.event = 'updated' and array_position($5::text[], e.detail ->> 'severity')
                                           > array_position($5::text[], e.detail ->> 'severity_before'))
                 or (e.event = 'reopened' and ${IS_NEWS}))))
      order by array_position($5::text[], severity) desc, rule, source, id
      limit $6`,
    [
      filter.statuses ?? null,
      filter.rules ?? null,
      filter.sources ?? null,
      filter.releasedBy ?? null,
      SEVERITIES,
      filter.limit ?? null,
      filter.announcedIn ?? null,
      filter.announcedUntil ?? filter.announcedIn ?? null,
      filter.withoutFirstLooks ?? false,
    ],
  );
  return rows;
}

/** How many findings this report has resolved that somebody had been told of; one that flaps was told of once. */
export async function countResolved(pool: pg.Pool, reportId: number): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*) as count from rollcall.finding_event n
      where n.report_id = $1 and n.event = 'resolved'
        and not (select ${WAS_QUIET} from rollcall.finding_event r where r.id = n.id)
        and not exists (
            select from (select b.* from rollcall.finding_event b
                          where b.finding_id = n.finding_id and b.id < n.id and b.event in ('opened', 'reopened')
                          order by b.id desc limit 1) e
             where e.event = 'reopened' and ${IS_DAMPED})`,
    [reportId],
  );
  return rows[0]?.count ?? 0;
}

/** What is not resolved, by kind. */
export async function countFindings(pool: pg.Pool): Promise<readonly FindingCount[]> {
  const { rows } = await pool.query<FindingCount>(
    `select s.name as source, f.rule, f.severity, f.status, count(*) as count
       from rollcall.finding f join rollcall.source s on s.id = f.source_id
      where f.status <> 'resolved'
      group by s.name, f.rule, f.severity, f.status
      order by s.name, f.rule, f.severity, f.status`,
  );
  return rows;
}

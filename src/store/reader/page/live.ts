import type pg from 'pg';
import { SEVERITIES } from '../../../core/rule.ts';
import type { FindingRow } from '../../../core/views.ts';
import type { LiveFinding } from '../../../ports/page.ts';
import { FINDING_COLUMNS } from '../columns.ts';

/** Whoever changes a finding writes an event, with a report or without: two reads at the ends of two indexes. */
export async function loadStamp(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ stamp: string }>(
    `select concat_ws('/', coalesce((select max(id) from rollcall.finding_event), 0),
                           coalesce((select max(id) from rollcall.drift_report), 0)) as stamp`,
  );
  return rows[0]?.stamp ?? '';
}

export async function loadFindings(pool: pg.Pool, ids: readonly number[]): Promise<readonly FindingRow[]> {
  if (ids.length === 0) return [];
  const { rows } = await pool.query<FindingRow>(
    `select ${FINDING_COLUMNS} from rollcall.drift_findings where id = any ($1::bigint[])`,
    [ids],
  );
  return rows;
}

/** By index `finding_live`: what is resolved is not looked at, however much of it there is. */
export async function loadLive(pool: pg.Pool, limit: number): Promise<readonly LiveFinding[]> {
  const { rows } = await pool.query<LiveFinding>(
    `select f.id, s.name as source, f.rule, f.severity, f.status, f.first_detected_at,
            case f.rule when 'leaver_account' then concat(f.identity_source_id, '/', f.identity_id) end as person,
            case f.rule when 'leaver_account' then f.evidence ->> 'left_on' end as left_on
       from rollcall.finding f join rollcall.source s on s.id = f.source_id
      where f.status <> 'resolved'
      order by array_position($1::text[], f.severity) desc, f.id
      limit $2`,
    [SEVERITIES, limit],
  );
  return rows;
}

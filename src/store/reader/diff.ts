import type pg from 'pg';
import { SEVERITIES } from '../../core/rule.ts';
import type { FindingDiff } from '../../core/report-diff.ts';
import type { ReportDiff } from '../../ports/reading.ts';
import { FINDING_COLUMNS } from './columns.ts';
import { THEN } from './findings-at.ts';

// `$1`, `$2`: the later report and its end, as `THEN` has them; `$3`, `$4` the same of the earlier one. What a person decided has no report, and
// counts from its own moment.
const BEFORE = 'coalesce(e.report_id <= $3::bigint, e.at <= $4::timestamptz)';
const BETWEEN = `not ${BEFORE} and coalesce(e.report_id <= $1::bigint, e.at <= $2::timestamptz)`;

const DIFF = `
  ${THEN}
  select ${FINDING_COLUMNS}, b.status_before, h.events
    from (select distinct e.finding_id from rollcall.finding_event e where ${BETWEEN} and e.event <> 'waiver_ending') c
    join was on was.id = c.finding_id
    left join lateral (
         select case e.event when 'resolved' then 'resolved' when 'held' then 'held' when 'waived' then 'waived' else 'open' end as status_before
           from rollcall.finding_event e
          where e.finding_id = c.finding_id and ${BEFORE} and e.event not in ('updated', 'waiver_ending')
          order by e.id desc limit 1) b on true
   cross join lateral (
         select jsonb_agg(jsonb_build_object('at', e.at, 'event', e.event, 'report_id', e.report_id, 'detail', e.detail) order by e.id) as events
           from rollcall.finding_event e where e.finding_id = c.finding_id and ${BETWEEN} and e.event <> 'waiver_ending') h
   order by array_position($5::text[], severity) desc, rule, source, id`;

const RULE_SETS = `
  select (select rule_set from rollcall.drift_report where id = $1) is distinct from
         (select rule_set from rollcall.drift_report where id = $2) as changed`;

/** What is another in the later of two reports, finding by finding, with what happened between them. */
export async function loadDiff(pool: pg.Pool, before: Ended, after: Ended): Promise<ReportDiff> {
  const moments = [after.id, after.finished_at, before.id, before.finished_at];
  const { rows: findings } = await pool.query<FindingDiff>(DIFF, [...moments, SEVERITIES]);
  const { rows: sets } = await pool.query<{ changed: boolean }>(RULE_SETS, [before.id, after.id]);
  return { findings, ruleSetChanged: sets[0]?.changed === true };
}

type Ended = { readonly id: number; readonly finished_at: string };

import type pg from 'pg';
import type { FindingStatus } from '../../core/case.ts';
import type { Instant } from '../../core/row.ts';
import { SEVERITIES } from '../../core/rule.ts';
import type { FindingRow } from '../../core/views.ts';
import { FINDING_COLUMNS } from './columns.ts';

/** A moment in the ledger: after this report, and after what people had decided by then. */
export type LedgerMoment = { readonly reportId: number; readonly at: Instant };

export type FindingsThen = {
  readonly findings: readonly FindingRow[];
  /** Of those, ids whose words are of a later time: they changed since, before a change kept what was said until then. */
  readonly laterWords: readonly number[];
};

// `$1` report, `$2` moment. A reconciliation's events count with its report, whenever they were written: a report is all or nothing.
// What a person decided has no report, and counts from its own moment.
const HAS_HAPPENED = 'coalesce(e.report_id <= $1::bigint, e.at <= $2::timestamptz)';

/** A reconciliation wrote what the finding says. A person who waives a finding, or takes that back, changes no word of it. */
const IS_CHARGED = `(e.report_id is not null and e.event in ('opened', 'reopened', 'updated', 'waived'))`;

/**
 * Findings as they were, one statement over the events. The status is that of the last event that had happened. The words are those of
 * today with what later events say was said before them put back, the latest first: so each column ends as the first of them says.
 */
export const THEN = `
  with status as (
    select distinct on (e.finding_id) e.finding_id, e.event, e.at, e.detail,
           case e.event when 'resolved' then 'resolved' when 'held' then 'held' when 'waived' then 'waived' else 'open' end as status
      from rollcall.finding_event e
     where ${HAS_HAPPENED} and e.event not in ('updated', 'waiver_ending')
     order by e.finding_id, e.id desc),
  moved as (
    select e.finding_id, max(e.report_id) as report_id, max(e.at) filter (where ${IS_CHARGED} and e.event <> 'updated') as opened_at
      from rollcall.finding_event e
     where ${HAS_HAPPENED}
     group by e.finding_id),
  said as (
    select e.finding_id, jsonb_object_agg(b.key, b.value order by e.id desc) as words
      from rollcall.finding_event e
     cross join lateral jsonb_each(coalesce(e.detail -> 'before', case when e.detail ? 'severity_before'
             then jsonb_build_object('severity', e.detail -> 'severity_before') end)) b
     where not ${HAS_HAPPENED}
     group by e.finding_id),
  unsaid as (
    select distinct e.finding_id from rollcall.finding_event e
     where not ${HAS_HAPPENED} and ${IS_CHARGED} and e.event <> 'opened' and not e.detail ? 'before'),
  was as (
    select w.id, w.fingerprint, s.name as source, s.id as source_id, w.rule, w.severity, t.status,
           w.account_id, w.account_email, w.account_name, w.identity_id, i.name as identity_source, w.identity_email, w.summary,
           case when w.rule = 'leaver_account' and w.evidence ->> 'left_on' ~ '^\\d{4}-\\d\\d-\\d\\d$'
                then w.evidence || jsonb_build_object('days_exposed', greatest(0,
                       (case t.status when 'resolved' then t.at else $2::timestamptz end at time zone g.timezone)::date
                       - (w.evidence ->> 'left_on')::date))
                else w.evidence
           end as evidence,
           w.first_detected_at, greatest(m.opened_at, d.finished_at) as last_detected_at,
           case t.status when 'resolved' then t.at end as resolved_at,
           case t.status when 'resolved' then t.detail ->> 'resolution' end as resolution,
           v.until as waived_until, m.report_id, u.finding_id is not null as has_later_words
      from status t
      join moved m on m.finding_id = t.finding_id
      join rollcall.finding f on f.id = t.finding_id
      left join said b on b.finding_id = t.finding_id
      left join unsaid u on u.finding_id = t.finding_id
     cross join lateral jsonb_populate_record(f, coalesce(b.words, '{}')) w
      join rollcall.source s on s.id = w.source_id
      left join rollcall.source i on i.id = w.identity_source_id
     cross join rollcall.setting g
      left join rollcall.rule_state rs on rs.source_id = w.source_id and rs.rule = w.rule
      left join lateral (
           select max(r.finished_at) as finished_at from rollcall.drift_report r
            where r.id = (
                  select p.id from rollcall.drift_report p
                   where p.id <= least($1::bigint, case t.status when 'resolved' then m.report_id - 1 else rs.last_report_id end)
                     and not exists (
                         select from jsonb_array_elements(p.withheld) h
                          where h ->> 'source' = s.name and h -> 'rules' ? w.rule and t.status <> 'resolved')
                   order by p.id desc limit 1)) d on true
      left join lateral (
           select a.until from rollcall.waiver a
            where a.fingerprint = w.fingerprint and a.created_at <= $2::timestamptz
              and (t.status = 'waived' or a.ended_at is null or a.ended_at > $2::timestamptz)
            order by a.id desc limit 1) v on true)`;

/** Findings that had one of these statuses then; the most severe first, then in a stable order, as `findings` has them. */
export async function findingsAt(
  pool: pg.Pool,
  { reportId, at }: LedgerMoment,
  statuses: readonly FindingStatus[],
): Promise<FindingsThen> {
  const { rows } = await pool.query<FindingRow & { readonly has_later_words: boolean }>(
    `${THEN}
     select ${FINDING_COLUMNS}, has_later_words from was
      where status = any ($3::text[])
      order by array_position($4::text[], severity) desc, rule, source, id`,
    [reportId, at, statuses, SEVERITIES],
  );
  return {
    findings: rows.map(({ has_later_words: _later, ...finding }) => finding),
    laterWords: rows.filter((row) => row.has_later_words).map((row) => row.id),
  };
}

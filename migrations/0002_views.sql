CREATE VIEW rollcall.drift_findings AS
SELECT f.id, f.fingerprint, s.name AS source, f.rule, f.severity, f.status,
       f.account_id, f.account_email, f.account_name,
       f.identity_id, i.name AS identity_source, f.identity_email,
       f.summary,
       -- Days go by without a write: the figure is made when it is read.
       CASE WHEN f.rule = 'leaver_account' AND f.evidence ->> 'left_on' ~ '^\d{4}-\d\d-\d\d$'
            THEN f.evidence || jsonb_build_object('days_exposed', greatest(0,
                   (coalesce(f.resolved_at, now()) AT TIME ZONE g.timezone)::date - (f.evidence ->> 'left_on')::date))
            ELSE f.evidence
       END AS evidence,
       f.first_detected_at,
       -- A finding that stays open writes no row. While it lives: the last report in which its rule ran for its source. Once
       -- resolved: the report before the one that resolved it, the last that may have seen it.
       greatest(f.opened_at, CASE WHEN f.status = 'resolved' THEN p.finished_at ELSE r.finished_at END) AS last_detected_at,
       f.resolved_at, f.resolution, w.until AS waived_until, f.report_id
  FROM rollcall.finding f
  JOIN rollcall.source s ON s.id = f.source_id
 CROSS JOIN rollcall.setting g
  LEFT JOIN rollcall.source i ON i.id = f.identity_source_id
  LEFT JOIN rollcall.rule_state rs ON rs.source_id = f.source_id AND rs.rule = f.rule
  LEFT JOIN rollcall.drift_report r ON r.id = rs.last_report_id
  LEFT JOIN rollcall.waiver w ON w.fingerprint = f.fingerprint AND w.ended_at IS NULL
  LEFT JOIN LATERAL (
       SELECT d.finished_at FROM rollcall.drift_report d
        WHERE f.status = 'resolved' AND d.id < f.report_id
        ORDER BY d.id DESC LIMIT 1) p ON true;
--> statement-breakpoint
CREATE VIEW rollcall.drift_reports AS
SELECT id, started_at, finished_at, verdicts, withheld, opened + reopened AS opened, resolved, open, held, waived, baseline
  FROM rollcall.drift_report;
--> statement-breakpoint
CREATE VIEW rollcall.roster AS
SELECT s.name AS source, a.external_id,
       v.email, v.aliases, v.employee_id, v.given_name, v.family_name, v.display_name,
       v.status, v.kind, v.role, v.privileged, v.title, v.department, v.manager_id, v.start_date, v.end_date,
       a.last_active_at, a.source_created_at, a.source_updated_at,
       CASE WHEN s.authoritative THEN 'identity'
            WHEN l.rule IS NOT NULL THEN 'linked'
            WHEN a.disputed THEN 'disputed'
            ELSE 'unmatched'
       END AS situation,
       l.identity_external_id AS identity_id,
       l.rule AS link_rule,
       a.first_seen_at,
       -- Derived, so that an unchanged roster writes no row. A row first seen since then was last seen by its own run.
       greatest(v.valid_from, CASE WHEN a.gone_at IS NULL THEN c.finished_at ELSE p.finished_at END) AS last_seen_at,
       a.gone_at
  FROM rollcall.account a
  JOIN rollcall.source s ON s.id = a.source_id
  JOIN rollcall.account_version v
    ON v.source_id = a.source_id AND v.external_id = a.external_id AND v.from_run = a.version_run
  LEFT JOIN rollcall.link l ON l.source_id = a.source_id AND l.external_id = a.external_id AND l.rule <> 'denied'
  LEFT JOIN (
       SELECT source_id, max(finished_at) AS finished_at FROM rollcall.sync_run
        WHERE mode = 'full' AND verdict = 'complete' GROUP BY source_id) c ON c.source_id = a.source_id
  LEFT JOIN LATERAL (
       SELECT u.finished_at FROM rollcall.sync_run u
        WHERE a.gone_at IS NOT NULL AND u.source_id = a.source_id
          AND u.mode = 'full' AND u.verdict = 'complete' AND u.id < v.to_run
        ORDER BY u.id DESC LIMIT 1) p ON true;
--> statement-breakpoint
-- `at` names the moment; a validity range is half-open and starts at the finish of the run that saw it.
CREATE FUNCTION rollcall.roster_at(source text, at timestamptz)
RETURNS TABLE (
  external_id text, email text, aliases text[], employee_id text, given_name text, family_name text, display_name text,
  status text, kind text, role text, privileged boolean, title text, department text, manager_id text,
  start_date date, end_date date, valid_from timestamptz, valid_to timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
  SELECT v.external_id, v.email, v.aliases, v.employee_id, v.given_name, v.family_name, v.display_name,
         v.status, v.kind, v.role, v.privileged, v.title, v.department, v.manager_id,
         v.start_date, v.end_date, v.valid_from, v.valid_to
    FROM rollcall.account_version v
    JOIN rollcall.source s ON s.id = v.source_id
   WHERE s.name = roster_at.source
     AND v.valid_from <= roster_at.at
     AND (v.valid_to IS NULL OR v.valid_to > roster_at.at)
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION rollcall.roster_at(text, timestamptz) FROM PUBLIC;
--> statement-breakpoint
CREATE VIEW rollcall.sync_runs AS
SELECT r.id, s.name AS source, r.mode, r.verdict, r.reason, r.started_at, r.finished_at, r.pages, r.requests,
       r.rows_seen, r.distinct_ids, r.declared_total, r.rows_changed, r.rows_gone, r.digest, r.previous_digest
  FROM rollcall.sync_run r
  JOIN rollcall.source s ON s.id = r.source_id;
--> statement-breakpoint
CREATE VIEW rollcall.leaver_clock AS
SELECT c.source, c.account_id, c.identity_id, c.left_on, c.first_detected_at, x.access_removed_at,
       round((extract(epoch FROM coalesce(x.access_removed_at, c.resolved_at, now()) - c.left_at) / 3600)::numeric, 2)
         ::double precision AS hours_exposed,
       coalesce(x.access_removed_at, c.resolved_at, now()) - c.left_at > c.sla AS breach
  FROM (
       SELECT f.source_id, s.name AS source, f.account_id, f.identity_id, (f.evidence ->> 'left_on')::date AS left_on,
              f.first_detected_at, f.opened_at, f.resolved_at, g.leaver_sla_hours * interval '1 hour' AS sla,
              -- By date: the end of that day in the company's zone. By status or absence: the run that saw it.
              CASE coalesce(f.evidence ->> 'left_by', i.left_by)
                   WHEN 'status' THEN coalesce(n.since, f.first_detected_at)
                   WHEN 'absence' THEN coalesce(i.gone_at, f.first_detected_at)
                   ELSE ((f.evidence ->> 'left_on')::date + 1)::timestamp AT TIME ZONE g.timezone
              END AS left_at
         FROM rollcall.finding f
         JOIN rollcall.source s ON s.id = f.source_id
        CROSS JOIN rollcall.setting g
         LEFT JOIN rollcall.account i ON i.source_id = f.identity_source_id AND i.external_id = f.identity_id
         LEFT JOIN LATERAL (
              SELECT min(v.valid_from) AS since FROM rollcall.account_version v
               WHERE v.source_id = f.identity_source_id AND v.external_id = f.identity_id AND v.status = 'inactive'
                 AND NOT EXISTS (
                     SELECT FROM rollcall.account_version o
                      WHERE o.source_id = v.source_id AND o.external_id = v.external_id
                        AND o.status <> 'inactive' AND o.valid_from > v.valid_from)) n ON true
        WHERE f.rule = 'leaver_account' AND f.evidence ->> 'left_on' ~ '^\d{4}-\d\d-\d\d$') c
  -- Only what happened after the finding last opened: an account that was removed once and is back is exposed again.
  LEFT JOIN LATERAL (
       SELECT min(m.moment) AS access_removed_at
         FROM (SELECT v.valid_from AS moment FROM rollcall.account_version v
                WHERE v.source_id = c.source_id AND v.external_id = c.account_id AND v.status = 'inactive'
               UNION ALL
               SELECT v.valid_to FROM rollcall.account_version v
                WHERE v.source_id = c.source_id AND v.external_id = c.account_id AND v.valid_to IS NOT NULL
                  AND NOT EXISTS (
                      SELECT FROM rollcall.account_version o
                       WHERE o.source_id = v.source_id AND o.external_id = v.external_id AND o.from_run = v.to_run)) m
        WHERE m.moment >= c.opened_at) x ON true;
--> statement-breakpoint
CREATE VIEW rollcall.source_health AS
SELECT s.name AS source, s.type, s.authoritative,
       c.finished_at AS last_complete_at,
       l.verdict AS last_verdict,
       c.as_of IS NULL
         OR (s.max_age_ms IS NOT NULL AND c.as_of + s.max_age_ms * interval '1 millisecond' < now()) AS stale,
       b.kinds AS breaker,
       (SELECT count(*) FROM rollcall.account a WHERE a.source_id = s.id AND a.gone_at IS NULL)::integer AS accounts,
       (SELECT count(*) FROM rollcall.finding f WHERE f.source_id = s.id AND f.status = 'open')::integer AS open_findings,
       NULL::numeric AS seat_cost_at_risk
  FROM rollcall.source s
  LEFT JOIN LATERAL (
       SELECT r.finished_at, r.as_of FROM rollcall.sync_run r
        WHERE r.source_id = s.id AND r.mode = 'full' AND r.verdict = 'complete'
        ORDER BY r.id DESC LIMIT 1) c ON true
  LEFT JOIN LATERAL (
       SELECT r.verdict FROM rollcall.sync_run r WHERE r.source_id = s.id ORDER BY r.id DESC LIMIT 1) l ON true
  LEFT JOIN LATERAL (
       SELECT string_agg(o.kind, ', ' ORDER BY o.kind) AS kinds FROM rollcall.breaker o
        WHERE o.source_id = s.id AND o.closed_at IS NULL) b ON true
 WHERE s.retired_at IS NULL;

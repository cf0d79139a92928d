CREATE TABLE "rollcall"."kept_history" (
	"source_id" integer PRIMARY KEY NOT NULL,
	"versions_since" timestamp with time zone,
	"runs_after" bigint
);
--> statement-breakpoint
CREATE TABLE "rollcall"."retention" (
	"day" date PRIMARY KEY NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"versions_before" timestamp with time zone NOT NULL,
	"runs_before" timestamp with time zone NOT NULL,
	"versions" integer DEFAULT 0 NOT NULL,
	"runs" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
COMMENT ON TABLE rollcall.kept_history IS 'From where on the history of a source is whole, where retention has removed some of it.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.retention IS 'One row a day on which old versions and runs were removed, and how many.';
--> statement-breakpoint
-- A moment of which a version has been removed is refused: fewer people than there were would be a false answer.
CREATE OR REPLACE FUNCTION rollcall.roster_at(source text, at timestamptz)
RETURNS TABLE (
  external_id text, email text, aliases text[], employee_id text, given_name text, family_name text, display_name text,
  status text, kind text, role text, privileged boolean, title text, department text, manager_id text,
  start_date date, end_date date, valid_from timestamptz, valid_to timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
  kept_since timestamptz;
BEGIN
  SELECT k.versions_since INTO kept_since
    FROM rollcall.kept_history k
    JOIN rollcall.source s ON s.id = k.source_id
   WHERE s.name = roster_at.source AND k.versions_since > roster_at.at;
  IF FOUND THEN
    RAISE EXCEPTION 'the roster of this source is kept since %', kept_since
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Older versions were removed after retention.versionsDays.';
  END IF;
  RETURN QUERY
  SELECT v.external_id, v.email, v.aliases, v.employee_id, v.given_name, v.family_name, v.display_name,
         v.status, v.kind, v.role, v.privileged, v.title, v.department, v.manager_id,
         v.start_date, v.end_date, v.valid_from, v.valid_to
    FROM rollcall.account_version v
    JOIN rollcall.source s ON s.id = v.source_id
   WHERE s.name = roster_at.source
     AND v.valid_from <= roster_at.at
     AND (v.valid_to IS NULL OR v.valid_to > roster_at.at);
END $$;
--> statement-breakpoint
COMMENT ON FUNCTION rollcall.roster_at(text, timestamptz) IS 'The rows of a source that were present at a moment; an error for a moment of which retention has removed versions.';
--> statement-breakpoint
CREATE OR REPLACE VIEW rollcall.leaver_clock AS
SELECT c.source, c.account_id, c.identity_id, c.left_on, c.first_detected_at, x.access_removed_at,
       round((extract(epoch FROM t.exposed) / 3600)::numeric, 2)::double precision AS hours_exposed,
       t.exposed > c.sla AS breach
  FROM (
       SELECT f.source_id, s.name AS source, f.account_id, f.identity_id, (f.evidence ->> 'left_on')::date AS left_on,
              f.first_detected_at, f.opened_at, f.resolved_at, g.leaver_sla_hours * interval '1 hour' AS sla,
              -- By date: the end of that day in the company's zone. By status or absence: the run that saw it, of all rows of the
              -- person the last one, as the rule says. History ends where the finding opened: who is back has rows that are later.
              CASE coalesce(f.evidence ->> 'left_by', i.left_by)
                   WHEN 'status' THEN coalesce(n.inactive_since, f.opened_at)
                   WHEN 'absence' THEN coalesce(n.gone_since, f.opened_at)
                   ELSE ((f.evidence ->> 'left_on')::date + 1)::timestamp AT TIME ZONE g.timezone
              END AS left_at
         FROM rollcall.finding f
         JOIN rollcall.source s ON s.id = f.source_id
        CROSS JOIN rollcall.setting g
         LEFT JOIN rollcall.account i ON i.source_id = f.identity_source_id AND i.external_id = f.identity_id
         LEFT JOIN LATERAL (
              SELECT max(l.inactive_since) AS inactive_since, max(l.gone_since) AS gone_since
                FROM (
                     SELECT f.identity_source_id AS source_id, f.identity_id AS external_id
                     UNION
                     SELECT o.id, a.row ->> 'external_id'
                       FROM jsonb_array_elements(CASE jsonb_typeof(f.evidence #> '{identity,also}')
                              WHEN 'array' THEN f.evidence #> '{identity,also}' ELSE '[]' END) AS a (row)
                       JOIN rollcall.source o ON o.name = a.row ->> 'source') p
               CROSS JOIN LATERAL (
                     SELECT min(v.valid_from) FILTER (
                              WHERE v.status = 'inactive' AND v.valid_from > coalesce(m.last_current, '-infinity')) AS inactive_since,
                            CASE WHEN count(*) FILTER (WHERE coalesce(v.valid_to, 'infinity') > f.opened_at) = 0
                                 THEN max(v.valid_to) END AS gone_since
                       FROM rollcall.account_version v
                      CROSS JOIN LATERAL (
                            SELECT max(u.valid_from) AS last_current FROM rollcall.account_version u
                             WHERE u.source_id = p.source_id AND u.external_id = p.external_id
                               AND u.status IN ('active', 'on_leave', 'pending') AND u.valid_from <= f.opened_at) m
                      WHERE v.source_id = p.source_id AND v.external_id = p.external_id AND v.valid_from <= f.opened_at) l) n ON true
        WHERE f.rule = 'leaver_account' AND f.evidence ->> 'left_on' ~ '^\d{4}-\d\d-\d\d$') c
  -- When the account was off: inactive, or between two of its versions, or after the last. Before the first it counts as on.
 CROSS JOIN LATERAL (
       SELECT array_agg(tstzrange(o.off_since, o.on_again)) AS offs
         FROM (
              SELECT CASE v.status WHEN 'inactive' THEN v.valid_from ELSE v.valid_to END AS off_since,
                     lead(v.valid_from, 1, 'infinity') OVER (ORDER BY v.from_run) AS on_again
                FROM rollcall.account_version v
               WHERE v.source_id = c.source_id AND v.external_id = c.account_id) o
        WHERE o.off_since < o.on_again) h
  -- Only what happened while the finding lived as it does now: an account that was removed once and is back is exposed again,
  -- and one that was removed long after its person came back was not removed from a leaver.
 CROSS JOIN LATERAL (
       SELECT min(lower(o.off)) AS access_removed_at FROM unnest(h.offs) AS o (off)
        WHERE lower(o.off) >= c.opened_at AND (c.resolved_at IS NULL OR lower(o.off) <= c.resolved_at)) x
 CROSS JOIN LATERAL (SELECT coalesce(x.access_removed_at, c.resolved_at, now()) AS ended_at) e
 CROSS JOIN LATERAL (
       SELECT greatest(interval '0', e.ended_at - c.left_at - coalesce(sum(least(upper(o.off), e.ended_at) - greatest(lower(o.off), c.left_at)), interval '0')) AS exposed
         FROM unnest(h.offs) AS o (off)
        WHERE lower(o.off) < e.ended_at AND upper(o.off) > c.left_at) t;
--> statement-breakpoint
COMMENT ON COLUMN rollcall.leaver_clock.access_removed_at IS 'Finish of the first run, while the finding lived since it last opened, that saw the account inactive or gone.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.leaver_clock.hours_exposed IS 'From the end of left_on in the company zone (status or absence: from the run that saw it) to access_removed_at, to the resolution, else to now; hours in which the account was known to be off are left out.';
--> statement-breakpoint
CREATE OR REPLACE VIEW rollcall.source_health AS
SELECT s.name AS source, s.type, s.authoritative,
       c.finished_at AS last_complete_at,
       l.verdict AS last_verdict,
       -- As a rule sees it: from maxAge on, and under new key settings until they have been read in full.
       n.as_of IS NULL
         OR (s.max_age_ms IS NOT NULL AND n.as_of + s.max_age_ms * interval '1 millisecond' <= now()) AS stale,
       b.kinds AS breaker,
       (SELECT count(*) FROM rollcall.account a WHERE a.source_id = s.id AND a.gone_at IS NULL)::integer AS accounts,
       (SELECT count(*) FROM rollcall.finding f WHERE f.source_id = s.id AND f.status = 'open')::integer AS open_findings,
       NULL::numeric AS seat_cost_at_risk
  FROM rollcall.source s
  LEFT JOIN LATERAL (
       SELECT r.finished_at FROM rollcall.sync_run r
        WHERE r.source_id = s.id AND r.mode = 'full' AND r.verdict = 'complete'
        ORDER BY r.id DESC LIMIT 1) c ON true
  LEFT JOIN LATERAL (
       SELECT r.as_of FROM rollcall.sync_run r
        WHERE r.source_id = s.id AND r.mode = 'full' AND r.verdict = 'complete'
          AND r.finished_at > coalesce((SELECT max(k.closed_at) FROM rollcall.breaker k
                                         WHERE k.source_id = s.id AND k.kind = 'baseline' AND k.released), '-infinity')
        ORDER BY r.id DESC LIMIT 1) n ON true
  LEFT JOIN LATERAL (
       -- A hint in order has read a few rows, and takes no doubt away.
       SELECT r.verdict FROM rollcall.sync_run r
        WHERE r.source_id = s.id AND (r.mode <> 'hint' OR r.verdict = 'suspicious')
        ORDER BY r.id DESC LIMIT 1) l ON true
  LEFT JOIN LATERAL (
       SELECT string_agg(o.kind, ', ' ORDER BY o.kind) AS kinds FROM rollcall.breaker o
        WHERE o.source_id = s.id AND o.closed_at IS NULL) b ON true
 WHERE s.retired_at IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN rollcall.source_health.last_verdict IS 'Verdict of the last listing; a hint, which reads single rows, counts only when it was suspicious.';
--> statement-breakpoint
COMMENT ON COLUMN rollcall.source_health.stale IS 'True when there was no complete full listing yet (under the present key settings), or the last one is as old as maxAge.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.dirty IS 'Rows that changed since the last reconciliation, or about which a person has decided something.';
--> statement-breakpoint
COMMENT ON TABLE rollcall.former_key IS 'Keys that a row had and has no more.';

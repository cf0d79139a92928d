-- A first reading paid more for it than for its rows (docs/decisions/0049).
ALTER TABLE "rollcall"."account" DROP CONSTRAINT "account_source_id_source_id_fk";
--> statement-breakpoint
-- The page asks these at each look: the list in its order, who left first, the last report of each day.
CREATE INDEX "drift_report_by_time" ON "rollcall"."drift_report" USING btree ("finished_at");
--> statement-breakpoint
CREATE INDEX "finding_listed" ON "rollcall"."finding" USING btree ("severity","rule","source_id","status","id","first_detected_at") WHERE "rollcall"."finding"."status" <> 'resolved';
--> statement-breakpoint
CREATE INDEX "finding_leaver" ON "rollcall"."finding" USING btree (("evidence" ->> 'left_on'),"id") WHERE "rollcall"."finding"."rule" = 'leaver_account' and "rollcall"."finding"."status" in ('open', 'held');
--> statement-breakpoint
-- One column more, at the end: who shows a clock beside a finding looks it up by its id.
CREATE OR REPLACE VIEW rollcall.leaver_clock AS
SELECT c.source, c.account_id, c.identity_id, c.left_on, c.first_detected_at, x.access_removed_at,
       round((extract(epoch FROM t.exposed) / 3600)::numeric, 2)::double precision AS hours_exposed,
       t.exposed > c.sla AS breach, c.finding_id
  FROM (
       SELECT f.id AS finding_id, f.source_id, s.name AS source, f.account_id, f.identity_id, (f.evidence ->> 'left_on')::date AS left_on,
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
COMMENT ON COLUMN rollcall.leaver_clock.finding_id IS 'The finding that the clock is of: id in drift_findings.';
--> statement-breakpoint
-- The same columns, another way to count seats.
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
       CASE WHEN s.seat_amount IS NULL THEN NULL
            WHEN s.seat_per = 'month' THEN s.seat_amount * p.seats
            WHEN s.seat_per = 'year' THEN round(s.seat_amount * p.seats / 12, greatest(2, scale(s.seat_amount)))
       END AS seat_cost_at_risk,
       s.seat_currency,
       p.seats::integer AS seats_at_risk,
       (SELECT count(*) FROM rollcall.forgotten g
         WHERE g.source_id = s.id AND g.usable AND (NOT s.authoritative OR s.audited))::integer AS forgotten_usable
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
  -- One row, whatever is counted: Postgres leaves the join out for whoever does not ask for it. An array, so that accounts are looked up by
  -- their ids: joined, all accounts of the source were read, however few have a finding.
  LEFT JOIN LATERAL (
       SELECT count(*) AS seats FROM rollcall.account a
        WHERE a.source_id = s.id AND a.gone_at IS NULL AND a.status IN ('active', 'unknown')
          AND NOT (s.type = 'nimbus' AND a.kind = 'service')
          AND a.external_id = ANY (ARRAY(
              SELECT f.account_id FROM rollcall.finding f
               WHERE f.source_id = s.id AND f.status = 'open'
                 AND f.rule IN ('orphaned_account', 'leaver_account', 'dormant_account', 'lifecycle_conflict')))) p ON true
 WHERE s.retired_at IS NULL;

-- One column more, at the end: an account that can still be used stays somebody's worry when nobody knows any more whose it was.
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
       -- The same count twice, and not joined once: whoever does not ask for it does not pay for it.
       CASE WHEN s.seat_amount IS NULL THEN NULL
            WHEN s.seat_per = 'month' THEN s.seat_amount * (SELECT count(DISTINCT f.account_id)
          FROM rollcall.finding f
          JOIN rollcall.account a ON a.source_id = f.source_id AND a.external_id = f.account_id AND a.gone_at IS NULL
         WHERE f.source_id = s.id AND f.status = 'open'
           AND f.rule IN ('orphaned_account', 'leaver_account', 'dormant_account', 'lifecycle_conflict')
           AND a.status IN ('active', 'unknown') AND NOT (s.type = 'nimbus' AND a.kind = 'service'))
            WHEN s.seat_per = 'year' THEN round(s.seat_amount * (SELECT count(DISTINCT f.account_id)
          FROM rollcall.finding f
          JOIN rollcall.account a ON a.source_id = f.source_id AND a.external_id = f.account_id AND a.gone_at IS NULL
         WHERE f.source_id = s.id AND f.status = 'open'
           AND f.rule IN ('orphaned_account', 'leaver_account', 'dormant_account', 'lifecycle_conflict')
           AND a.status IN ('active', 'unknown') AND NOT (s.type = 'nimbus' AND a.kind = 'service')) / 12, greatest(2, scale(s.seat_amount)))
       END AS seat_cost_at_risk,
       s.seat_currency,
       (SELECT count(DISTINCT f.account_id)
          FROM rollcall.finding f
          JOIN rollcall.account a ON a.source_id = f.source_id AND a.external_id = f.account_id AND a.gone_at IS NULL
         WHERE f.source_id = s.id AND f.status = 'open'
           AND f.rule IN ('orphaned_account', 'leaver_account', 'dormant_account', 'lifecycle_conflict')
           AND a.status IN ('active', 'unknown') AND NOT (s.type = 'nimbus' AND a.kind = 'service'))::integer AS seats_at_risk,
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
 WHERE s.retired_at IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN rollcall.source_health.forgotten_usable IS 'Accounts of people who were forgotten that this source still lists as usable: no finding shows them, and they are to be removed there.';

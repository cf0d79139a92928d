// Lists instead of `*`: a view may get a column in a later version, and a row type of ours does not.

export const FINDING_COLUMNS = `
  id, fingerprint, source, rule, severity, status, account_id, account_email, account_name, identity_id, identity_source,
  identity_email, summary, evidence, first_detected_at, last_detected_at, resolved_at, resolution, waived_until, report_id`;

export const REPORT_COLUMNS = `
  id, started_at, finished_at, verdicts, withheld, opened, resolved, open, held, waived, baseline`;

export const RUN_COLUMNS = `
  id, source, mode, verdict, reason, started_at, finished_at, pages, requests, rows_seen, distinct_ids, declared_total,
  rows_changed, rows_gone`;

export const HEALTH_COLUMNS = `
  source, type, authoritative, last_complete_at, last_verdict, stale, breaker, accounts, open_findings,
  seat_cost_at_risk, seat_currency, seats_at_risk, forgotten_usable`;

/** Table `breaker` as `BreakerRow`; `b` is the table, `s` its source. */
export const BREAKER_COLUMNS = `
  b.id, s.name as source, b.kind, b.tripped_at, b.closed_at, b.closed_by, b.reason, b.evidence`;

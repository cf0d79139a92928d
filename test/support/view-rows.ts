import type { Explanation, FindingRow, ReportRow, SourceHealthRow, SyncRunRow } from '../../src/core/views.ts';

// Rows of the views as the store would give them; a test overrides what matters to it.

export function aFinding(overrides: Partial<FindingRow> = {}): FindingRow {
  return {
    id: 17,
    fingerprint: `fp-${overrides.id ?? 17}`,
    source: 'nimble',
    rule: 'leaver_account',
    severity: 'high',
    status: 'open',
    account_id: 'u-1',
    account_email: 'jane.doe@example.com',
    account_name: 'Jane Doe',
    identity_id: 'e-1',
    identity_source: 'directory',
    identity_email: 'jane.doe@example.com',
    summary: 'Jane Doe left and still has an account.',
    evidence: { left_on: '2026-11-19', left_by: 'end_date' },
    first_detected_at: '2026-11-20T09:00:00.000Z',
    last_detected_at: '2026-11-21T09:00:00.000Z',
    resolved_at: null,
    resolution: null,
    waived_until: null,
    report_id: 3,
    ...overrides,
  };
}

export function aReport(overrides: Partial<ReportRow> = {}): ReportRow {
  return {
    id: 3,
    started_at: '2026-11-21T09:00:00.000Z',
    finished_at: '2026-11-21T09:00:05.000Z',
    verdicts: {},
    withheld: [],
    opened: 1,
    resolved: 0,
    open: 1,
    held: 0,
    waived: 0,
    baseline: [],
    ...overrides,
  };
}

export function aSourceHealth(overrides: Partial<SourceHealthRow> = {}): SourceHealthRow {
  return {
    source: 'nimble',
    type: 'nimble',
    authoritative: false,
    last_complete_at: '2026-11-21T08:57:00.000Z',
    last_verdict: 'complete',
    stale: false,
    breaker: null,
    accounts: 412,
    open_findings: 1,
    seat_cost_at_risk: null,
    seat_currency: null,
    seats_at_risk: 0,
    forgotten_usable: 0,
    ...overrides,
  };
}

export function aRun(overrides: Partial<SyncRunRow> = {}): SyncRunRow {
  return {
    id: 9,
    source: 'nimble',
    mode: 'full',
    verdict: 'complete',
    reason: null,
    started_at: '2026-11-21T08:56:00.000Z',
    finished_at: '2026-11-21T08:57:00.000Z',
    pages: 9,
    requests: 9,
    rows_seen: 412,
    distinct_ids: 412,
    declared_total: 412,
    rows_changed: 0,
    rows_gone: 0,
    ...overrides,
  };
}

export function anExplanation(overrides: Partial<Explanation> = {}): Explanation {
  return {
    finding: aFinding(),
    account: { source: 'nimble', external_id: 'u-1', email: 'jane.doe@example.com', status: 'active', end_date: null },
    identity: {
      source: 'directory',
      external_id: 'e-1',
      email: 'jane.doe@example.com',
      status: 'active',
      end_date: '2026-11-19',
    },
    others: [],
    before: null,
    managers: { of_account: null, of_identity: null },
    link: {
      rule: 'email',
      since: '2026-11-01T00:00:00.000Z',
      evidence: { email: 'jane.doe@example.com' },
      identity_source: 'directory',
      identity_id: 'e-1',
      author: null,
      reason: null,
    },
    denied: [],
    suggestions: [],
    waivers: [],
    withheld: null,
    recheck_on: null,
    runs: [aRun(), aRun({ id: 8, source: 'directory', declared_total: null, distinct_ids: 400 })],
    events: [{ at: '2026-11-20T09:00:00.000Z', event: 'opened', report_id: 2, detail: {} }],
    ...overrides,
  };
}

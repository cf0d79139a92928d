import type { BreakerRow, FindingRow, ReportRow } from '../../src/core/views.ts';
import type { Alert } from '../../src/ports/store.ts';
import { createMemoryReader } from './memory-reader.ts';
import { aFinding, aReport } from './view-rows.ts';

type Told = { readonly name: string; readonly alert: Alert; readonly reader: ReturnType<typeof createMemoryReader> };

/** What must be in no message, whatever evidence or a record holds. */
export const PRIVATE = 'CANARY-91000';

const PEOPLE = ['Marcus Webb', 'Ines Faro', 'Tom Berg', 'Yuki Mori', 'Lena Roth', 'Omar Diaz'];

const leavers: readonly FindingRow[] = PEOPLE.map((name, at) => {
  const email = `${name.toLowerCase().replace(' ', '.')}@example.com`;
  return aFinding({
    id: 11 + at,
    account_id: `n-${11 + at}`,
    account_name: name,
    account_email: email,
    identity_id: `e-${11 + at}`,
    identity_email: email,
    first_detected_at: '2026-11-21T09:00:00.000Z',
    evidence: { left_on: `2026-11-${20 - at}`, left_by: 'end_date', account: { salary: PRIVATE }, ssn: PRIVATE },
  });
});

/** A name that would call the whole channel, and be bold, if it were anything but text. */
const stranger = aFinding({
  id: 52,
  rule: 'orphaned_account',
  severity: 'critical',
  account_id: 'n-52',
  account_name: '<!channel> *Zoe*',
  account_email: 'zoe@partner.example',
  identity_id: null,
  identity_source: null,
  identity_email: null,
  first_detected_at: '2026-11-21T09:00:00.000Z',
  evidence: { account: { external_id: 'n-52', role: 'admin', personal_email: PRIVATE } },
});

const token = aFinding({
  id: 60,
  source: 'namely',
  rule: 'credential_owner_at_risk',
  severity: 'critical',
  account_id: null,
  account_name: null,
  account_email: null,
  identity_id: 'e-7',
  identity_email: 'ana.reyes@example.com',
  first_detected_at: '2026-11-21T09:00:00.000Z',
  evidence: { reason: 'leaving', last_day: '2026-11-30', token_owner: { external_id: 'uid-9' } },
});

const REASON = 'directory is stale: its list is of 2026-11-19 06:00 UTC, and maxAge is 26 h';
const report = aReport({ id: 41, resolved: 2 });
const withheld = aReport({
  id: 42,
  withheld: [{ source: 'nimble', rules: ['orphaned_account', 'leaver_account'], reason: REASON }],
});
const refused = aReport({
  id: 43,
  withheld: [
    { source: 'nimble', rules: ['orphaned_account', 'leaver_account', 'disputed_account'], reason: 'refused' },
  ],
  verdicts: {
    nimble: {
      verdict: 'incomplete',
      reason: 'Nimble answered 401: the token is wrong or has ended; renew it',
      delta: null,
    },
  },
});

function aBreaker(overrides: Partial<BreakerRow>): BreakerRow {
  return {
    id: 5,
    source: 'nimble',
    kind: 'source',
    tripped_at: '2026-11-21T09:00:00.000Z',
    closed_at: null,
    closed_by: null,
    reason: null,
    evidence: { lost: 120, baseline: 412, limit: 83 },
    ...overrides,
  };
}

function of(reports: readonly ReportRow[], findings: readonly FindingRow[] = []) {
  return createMemoryReader({
    reports,
    findings,
    breaker: async (id) => BREAKERS.find((breaker) => breaker.id === id),
    breakerLosses: async (id) => (id === 5 ? ['n-1', '<@U123>', 'n-3', 'n-4', 'n-5'] : []),
    meanwhile: async () => ({ resolved: 2, passed: 1, back: 0, waivers: [], firstLooks: ['namely'] }),
  });
}

const BREAKERS: readonly BreakerRow[] = [
  aBreaker({}),
  aBreaker({ id: 6, kind: 'conclusion', evidence: { found: 90, accounts: 412, limit: 83 } }),
  aBreaker({ id: 7, kind: 'baseline', evidence: {} }),
  aBreaker({ id: 8, closed_at: '2026-11-21T10:00:00.000Z', closed_by: 'recovered' }),
];
const first = aReport({ id: 1, baseline: ['nimble/leaver_account', 'nimble/orphaned_account'] });
const dayBefore = aReport({
  id: 38,
  started_at: '2026-11-20T14:05:00.000Z',
  finished_at: '2026-11-20T14:05:09.000Z',
});

/** One of each kind of message (contract §9), from a company that is the same in all of them. */
export const TOLD: readonly Told[] = [
  { name: 'baseline', alert: { kind: 'baseline', reportId: 1 }, reader: of([first], [...leavers, stranger]) },
  { name: 'baseline-quiet', alert: { kind: 'baseline', reportId: 1 }, reader: of([first]) },
  { name: 'digest', alert: { kind: 'digest', reportId: 41 }, reader: of([report], [...leavers, stranger, token]) },
  { name: 'digest-resolved', alert: { kind: 'digest', reportId: 41 }, reader: of([report]) },
  {
    name: 'daily',
    alert: { kind: 'daily', reports: { from: 38, to: 41 }, due: '2026-11-21T14:00:00.000Z' },
    reader: of([report, dayBefore], [...leavers.slice(0, 2), token]),
  },
  { name: 'withheld', alert: { kind: 'withheld', reportId: 42 }, reader: of([withheld]) },
  {
    name: 'credential-refused',
    alert: { kind: 'credential', reportId: 43, refused: ['nimble'] },
    reader: of([refused], leavers),
  },
  {
    name: 'credential-owner',
    alert: { kind: 'credential', reportId: 41, refused: [] },
    reader: of([report], [...leavers, token]),
  },
  {
    name: 'credential-accepted',
    alert: { kind: 'accepted', reportId: 44, sources: ['nimble'] },
    reader: of([aReport({ id: 44 })]),
  },
  { name: 'breaker-source', alert: { kind: 'breaker', breakerId: 5 }, reader: of([]) },
  { name: 'breaker-conclusion', alert: { kind: 'breaker', breakerId: 6 }, reader: of([]) },
  { name: 'breaker-baseline', alert: { kind: 'breaker', breakerId: 7 }, reader: of([]) },
  { name: 'recovery', alert: { kind: 'recovery', breakerId: 8 }, reader: of([]) },
  { name: 'released', alert: { kind: 'released', breakerId: 6 }, reader: of([], leavers.slice(0, 1)) },
  {
    name: 'catch-up',
    alert: { kind: 'catch-up', reports: { from: 38, to: 41 }, breakerIds: [5, 8], releasedIds: [] },
    reader: of([report, dayBefore], leavers.slice(0, 2)),
  },
];

import type {
  AccountCase,
  Candidate,
  Charge,
  CredentialCase,
  IdentityCase,
  IdentityRow,
  Known,
  ManagerRow,
} from '../../src/core/case.ts';
import type { ListingCounts, ListingEnd } from '../../src/core/listing.ts';
import type { Judging, SourceState } from '../../src/core/policy.ts';
import type { RosterRow, RowPolicy } from '../../src/core/row.ts';
import { DEFAULT_OPTIONS } from '../../src/core/rule-options.ts';
import { chargeDigest, fingerprintOf } from '../../src/core/ledger.ts';
import { serviceAccountsOf, type ServiceAccounts, type ServiceEntry } from '../../src/core/service-accounts.ts';
import type { FindingRow } from '../../src/core/views.ts';

// Values with sound defaults; a test names only what matters to it. The people are invented.

/** The application of the builders. */
const NIMBLE_ID = 2;
/** The authoritative source of the builders, first in the config. */
const DIRECTORY_ID = 1;
export const TODAY = '2026-11-21';
export const NOW = '2026-11-21T10:00:00Z';

export const NO_POLICY: RowPolicy = { privilegedRoles: new Set(), serviceAccounts: new Set() };

export function aRow(overrides: Partial<RosterRow> = {}): RosterRow {
  return {
    externalId: 'n-1',
    email: 'jane.doe@example.com',
    aliases: [],
    givenName: 'Jane',
    familyName: 'Doe',
    status: 'active',
    kind: 'human',
    privileged: false,
    flags: [],
    ...overrides,
  };
}

type IdentityOverrides = Partial<Omit<IdentityRow, 'row'>> & { readonly row?: Partial<RosterRow> };

export function anIdentity(overrides: IdentityOverrides = {}): IdentityRow {
  const row = aRow({ externalId: 'p-1', ...overrides.row });
  return {
    ref: { sourceId: DIRECTORY_ID, externalId: row.externalId },
    sourceName: 'directory',
    sourceRank: 0,
    present: true,
    ...overrides,
    row,
  };
}

/** The row of an account's manager in nimble, linked to these rows. */
export function aManager(
  overrides: Partial<Omit<ManagerRow, 'row'>> & { readonly row?: Partial<RosterRow> } = {},
): ManagerRow {
  const row = aRow({
    externalId: 'n-9',
    email: 'max@example.com',
    givenName: 'Max',
    familyName: 'Roe',
    ...overrides.row,
  });
  return {
    ref: { sourceId: NIMBLE_ID, externalId: row.externalId },
    present: true,
    linked: [],
    candidates: [],
    ...overrides,
    row,
  };
}

type AccountCaseOverrides = Partial<Omit<AccountCase, 'row'>> & { readonly row?: Partial<RosterRow> };

/** An account of nimble that nothing is known about: no link, no candidates. */
export function anAccountCase(overrides: AccountCaseOverrides = {}): AccountCase {
  const row = aRow(overrides.row);
  return {
    kind: 'account',
    ref: { sourceId: NIMBLE_ID, externalId: row.externalId },
    sourceName: 'nimble',
    authoritative: false,
    present: true,
    linked: [],
    candidates: [],
    denied: [],
    wasDisputed: false,
    wasUndecided: false,
    findings: [],
    ...overrides,
    row,
  };
}

/** An account that has been linked by e-mail to these rows; the first is the identity of the link. */
export function aLinkedCase(
  identity: IdentityRow | readonly IdentityRow[],
  overrides: AccountCaseOverrides = {},
): AccountCase {
  const linked = [identity].flat();
  const [first] = linked;
  return anAccountCase({
    ...(first === undefined ? {} : { link: { identity: first.ref, rule: 'email' as const } }),
    linked,
    ...overrides,
  });
}

export function aCandidate(identity: IdentityRow = anIdentity(), by: Candidate['by'] = 'email'): Candidate {
  return { identity, by };
}

export function anIdentityCase(overrides: Partial<IdentityCase> = {}): IdentityCase {
  return {
    kind: 'identity',
    sourceId: NIMBLE_ID,
    sourceName: 'nimble',
    identity: [anIdentity()],
    accounts: [aRow({ externalId: 'n-1' }), aRow({ externalId: 'n-2', email: 'jane@example.com' })],
    findings: [],
    ...overrides,
  };
}

/** The token of nimble, made by Jane, who works here. */
export function aCredentialCase(overrides: Partial<CredentialCase> = {}): CredentialCase {
  return {
    kind: 'credential',
    sourceId: NIMBLE_ID,
    sourceName: 'nimble',
    owner: { externalId: 'n-1', email: 'jane.doe@example.com' },
    identity: [anIdentity()],
    findings: [],
    ...overrides,
  };
}

export function aJudging(overrides: Partial<Judging> = {}): Judging {
  return {
    now: NOW,
    today: TODAY,
    timezone: 'UTC',
    leaverGraceDays: 0,
    disabled: new Set(),
    serviceAccounts: new Map(),
    options: DEFAULT_OPTIONS,
    ...overrides,
  };
}

/** The account `xero-sync` of nimble listed under `serviceAccounts`, with what the identity lists know of its owner. */
export function aService(
  overrides: Partial<ServiceEntry> = {},
  ownerRows: readonly IdentityRow[] = [anIdentity()],
): ServiceAccounts {
  const entry = { source: 'nimble', account: 'xero-sync', owner: 'jane.doe@example.com', ...overrides };
  return serviceAccountsOf([entry], new Map([[entry.owner, { rows: ownerRows, unclear: [] }]]));
}

/** The finding as the ledger would know it after this charge. */
export function aKnown(charge: Charge, overrides: Partial<Known> = {}): Known {
  return {
    fingerprint: fingerprintOf(NIMBLE_ID, charge.rule, charge.subject),
    rule: charge.rule,
    status: 'open',
    severity: charge.severity,
    identity: charge.identity,
    chargeDigest: chargeDigest(charge),
    ...overrides,
  };
}

/** A listing that ended well. */
export function aListingEnd(overrides: Partial<ListingEnd> = {}): ListingEnd {
  return {
    endpoint: '/api/v1/team/members',
    parameters: {},
    pages: 1,
    requests: 1,
    rowsSeen: 100,
    rowsWithoutId: 0,
    outcome: { kind: 'ended' },
    warnings: [],
    ...overrides,
  };
}

export function someCounts(overrides: Partial<ListingCounts> = {}): ListingCounts {
  return { distinctIds: 100, knownPresent: 100, baseline: 100, lost: 0, ...overrides };
}

/** A source that was read in full an hour ago, past its baseline. */
export function aSourceState(overrides: Partial<SourceState> = {}): SourceState {
  return {
    id: NIMBLE_ID,
    name: 'nimble',
    authoritative: false,
    audited: false,
    maxAgeMs: 26 * 3_600_000,
    lastFull: { verdict: 'complete', at: '2026-11-21T09:00:00Z' },
    lastCompleteFullAt: '2026-11-21T09:00:00Z',
    breakerOpen: false,
    baselined: new Set([
      'orphaned_account',
      'leaver_account',
      'inactive_account',
      'duplicate_account',
      'disputed_account',
      'lifecycle_conflict',
      'service_account_unowned',
      'service_account_owner_left',
      'credential_owner_at_risk',
      'missing_account',
      'attribute_mismatch',
      'early_account',
      'manager_left',
      'dormant_account',
      'reused_account',
    ] as const),
    ...overrides,
  };
}

export function aFinding(overrides: Partial<FindingRow> = {}): FindingRow {
  return {
    id: 1,
    fingerprint: '2:leaver_account:n-1',
    source: 'nimble',
    rule: 'leaver_account',
    severity: 'high',
    status: 'open',
    account_id: 'n-1',
    account_email: 'jane.doe@example.com',
    account_name: 'Jane Doe',
    identity_id: 'p-1',
    identity_source: 'directory',
    identity_email: 'jane.doe@example.com',
    summary: 'Jane Doe (jane.doe@example.com) left on 2026-11-20 and still has an account in nimble',
    evidence: { left_on: '2026-11-20', left_by: 'end_date' },
    first_detected_at: '2026-11-21T10:00:00Z',
    last_detected_at: '2026-11-21T10:00:00Z',
    resolved_at: null,
    resolution: null,
    waived_until: null,
    report_id: 7,
    ...overrides,
  };
}

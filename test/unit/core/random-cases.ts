import fc from '../../support/property.ts';
import {
  FINDING_STATUSES,
  type Candidate,
  type Case,
  type IdentityRow,
  type Known,
  type Link,
  type ManagerRow,
} from '../../../src/core/case.ts';
import type { Judging } from '../../../src/core/policy.ts';
import { KINDS, STATUSES, type RosterRow } from '../../../src/core/row.ts';
import { DEFAULT_OPTIONS, expectationOf, MISMATCH_FIELDS, type RuleOptions } from '../../../src/core/rule-options.ts';
import { RULES, SEVERITIES } from '../../../src/core/rule.ts';
import { serviceAccountsOf } from '../../../src/core/service-accounts.ts';
import { aCredentialCase, aJudging, aManager, anAccountCase, anIdentityCase } from '../../support/builders.ts';

// Cases of all three kinds that nobody thought of, from few values, so that keys, names and days meet often.

const APPLICATION = 2;
const id = fc.constantFrom('a', 'b', 'c', 'd', '');
const day = fc.constantFrom(
  undefined,
  '0001-01-01',
  '2026-11-19',
  '2026-11-20',
  '2026-11-21',
  '2026-11-22',
  '9999-12-31',
);
const name = fc.constantFrom(undefined, 'Jane', 'JANE', 'John', ' ', '<b>*</b>');
const email = fc.constantFrom(undefined, 'jane@acme.com', 'john@acme.com', 'not an address', '');

const row: fc.Arbitrary<RosterRow> = fc.record({
  externalId: id,
  email,
  aliases: fc.subarray(['j@acme.com', 'jane@acme.com', '@']),
  employeeId: fc.constantFrom(undefined, '7'),
  givenName: name,
  familyName: name,
  displayName: name,
  status: fc.constantFrom(...STATUSES),
  kind: fc.constantFrom(...KINDS),
  role: fc.constantFrom(undefined, 'admin'),
  privileged: fc.boolean(),
  title: name,
  department: name,
  managerId: fc.option(id, { nil: undefined }),
  startDate: day,
  endDate: day,
  lastActiveAt: fc.constantFrom(undefined, '2020-01-01T00:00:00Z', '2026-11-21T10:00:00Z'),
  flags: fc.constant([]),
});

const ref = fc.record({ sourceId: fc.constantFrom(1, 9, APPLICATION), externalId: id });

const identityRow: fc.Arbitrary<IdentityRow> = fc
  .record({
    row,
    sourceId: fc.constantFrom(1, 9, APPLICATION),
    present: fc.boolean(),
    leftOn: fc.constantFrom(undefined, '2026-11-19', '2026-11-21'),
    leftBy: fc.constantFrom(undefined, 'end_date', 'status', 'absence'),
    alone: fc.constantFrom(undefined, true),
  })
  .map(({ sourceId, ...rest }) => ({
    ref: { sourceId, externalId: rest.row.externalId },
    sourceName: `source ${sourceId}`,
    sourceRank: sourceId,
    ...rest,
  }));
/** A row of a list is there once. */
const rowsOf = (rows: fc.Arbitrary<IdentityRow>): fc.Arbitrary<IdentityRow[]> =>
  fc.uniqueArray(rows, {
    maxLength: 4,
    selector: ({ ref: { sourceId, externalId } }) => `${sourceId}/${externalId}`,
  });
const strangers = rowsOf(identityRow);
const identityRows = rowsOf(
  fc
    .tuple(identityRow, fc.option(strangers, { nil: undefined }))
    .map(([identity, manager]): IdentityRow => ({ ...identity, manager })),
);
const manager = fc
  .record({ row, present: fc.boolean(), linked: strangers, candidates: strangers })
  .map((fields) => aManager(fields));

const by = fc.constantFrom('employee_id', 'email', 'alias');
const candidates: fc.Arbitrary<readonly Candidate[]> = identityRows.chain((rows) =>
  fc.tuple(...rows.map((identity) => by.map((key): Candidate => ({ identity, by: key })))),
);
const link: fc.Arbitrary<Link | undefined> = fc.option(
  fc.record({ identity: ref, rule: fc.constantFrom('pinned', 'employee_id', 'email', 'alias', 'relinked') }),
  { nil: undefined },
);
const findings: fc.Arbitrary<readonly Known[]> = fc.uniqueArray(
  fc.record({
    fingerprint: fc.constantFrom('2:leaver_account:a', '2:orphaned_account:a', '2:duplicate_account:1/a', 'x'),
    rule: fc.constantFrom(...RULES),
    status: fc.constantFrom(...FINDING_STATUSES),
    severity: fc.constantFrom(...SEVERITIES),
    identity: fc.option(ref, { nil: undefined }),
    chargeDigest: fc.constant('0'),
  }),
  { selector: ({ fingerprint }) => fingerprint },
);

/** Any case: total means that there is none for which classification has no answer. */
export const anyCase: fc.Arbitrary<Case> = fc.oneof(
  fc
    .record({
      row,
      link,
      linked: identityRows,
      candidates,
      denied: fc.array(ref, { maxLength: 2 }),
      manager: fc.option(manager, { nil: undefined }),
      findings,
      present: fc.boolean(),
      authoritative: fc.boolean(),
      wasDisputed: fc.boolean(),
      wasUndecided: fc.boolean(),
    })
    .map((fields) => anAccountCase(fields)),
  fc
    .record({
      identity: identityRows,
      accounts: fc.uniqueArray(row, { selector: ({ externalId }) => externalId }),
      findings,
      mayOwnAnother: fc.boolean(),
      supplanted: fc.boolean(),
    })
    .map((fields) => anIdentityCase(fields)),
  fc
    .record({
      owner: fc.record({ externalId: fc.option(id, { nil: undefined }), email }),
      account: fc.option(row, { nil: undefined }),
      identity: identityRows,
      findings,
    })
    .map((fields) => aCredentialCase(fields)),
);

const ALL_ON: RuleOptions = {
  missingAccount: new Map([['nimble', expectationOf({})]]),
  mismatchFields: MISMATCH_FIELDS,
  preHireDays: 14,
  dormantDays: 45,
};

export const anyJudging: fc.Arbitrary<Judging> = fc
  .record({
    leaverGraceDays: fc.constantFrom(0, 1, 30),
    timezone: fc.constantFrom('UTC', 'America/New_York'),
    options: fc.constantFrom(DEFAULT_OPTIONS, ALL_ON, { ...ALL_ON, preHireDays: 0, dormantDays: 0 }),
    disabled: fc.subarray([...RULES]).map((rules) => new Set(rules)),
    serviceAccounts: fc
      .tuple(id, identityRows, day)
      .map(([account, ownerRows, review]) =>
        serviceAccountsOf(
          [{ source: 'nimble', account, owner: 'o', review }],
          new Map([['o', { rows: ownerRows, unclear: [] }]]),
        ),
      ),
  })
  .map((fields) => aJudging(fields));

/** The same case with everything that has no order of its own in another one. */
export function reordered(of: Case): fc.Arbitrary<Case> {
  if (of.kind === 'account') {
    return fc
      .record({
        linked: another(of.linked),
        candidates: another(of.candidates),
        findings: another(of.findings),
        manager: reorderedManager(of.manager),
      })
      .map((lists) => ({ ...of, ...lists }));
  }
  const lists = { identity: another(of.identity), findings: another(of.findings) };
  return of.kind === 'credential'
    ? fc.record(lists).map((others) => ({ ...of, ...others }))
    : fc.record({ ...lists, accounts: another(of.accounts) }).map((others) => ({ ...of, ...others }));
}

/** The same judging, with the owners' rows in another order. */
export function reorderedOwners(judging: Judging): fc.Arbitrary<Judging> {
  const services = [...judging.serviceAccounts].map(([key, service]) =>
    another(service.ownerRows).map((ownerRows) => [key, { ...service, ownerRows }] as const),
  );
  return fc.tuple(...services).map((entries) => ({ ...judging, serviceAccounts: new Map(entries) }));
}

function reorderedManager(of: ManagerRow | undefined): fc.Arbitrary<ManagerRow | undefined> {
  if (of === undefined) return fc.constant(of);
  return fc
    .record({ linked: another(of.linked), candidates: another(of.candidates) })
    .map((lists) => ({ ...of, ...lists }));
}

function another<T>(list: readonly T[]): fc.Arbitrary<readonly T[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length });
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { AccountCase, Candidate, Case, IdentityRow } from '../../../src/core/case.ts';
import { classify } from '../../../src/core/classify.ts';
import type { RosterRow } from '../../../src/core/row.ts';
import { serviceAccountsOf, type ServiceAccounts } from '../../../src/core/service-accounts.ts';
import { DEFAULT_OPTIONS } from '../../../src/core/rule-options.ts';
import type { Source } from '../../../src/ports/sources.ts';
import { renderIdentitiesCsv } from '../../../src/sandbox/identities.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { aWorld, SANDBOX_SECRETS, type World } from '../../../src/sandbox/world.ts';
import { createFileSource } from '../../../src/sources/file/client.ts';
import { createNamelySource } from '../../../src/sources/namely/client.ts';
import { createNimbleSource } from '../../../src/sources/nimble/client.ts';
import { findingsAt, peopleAt, SERVICE_ACCOUNTS, tellScenario, toSorted } from '../../e2e/scenario.ts';
import type { Expected, SourceName } from '../../e2e/scenario-types.ts';

const TODAY = '2026-03-10';
const JUDGING = {
  now: `${TODAY}T12:00:00Z`,
  today: TODAY,
  timezone: 'UTC',
  leaverGraceDays: 0,
  options: DEFAULT_OPTIONS,
  disabled: new Set<never>(),
};
const STORIES = tellScenario(TODAY);
const SOURCE_IDS = { directory: 1, nimble: 2, namely: 3 } as const;

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rollcall-scenario-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** Sources and rules alone, on a company that is seen for the first time: correlation is written down here once more. */
describe('the scenario, without a database', () => {
  test.each([
    { name: 'as the guides say', world: {} },
    { name: 'as recorded', world: { namely: { dialect: 'live' } } },
  ] as const satisfies readonly { name: string; world: Partial<World> }[])('$name', async ({ world }) => {
    const rosters = await readRosters(aWorld({ people: peopleAt(STORIES, 'first'), ...world }));
    const identities = toIdentities(rosters.directory);
    const found = [
      ...rosters.directory.map((row) => toCase('directory', row, [])),
      ...rosters.nimble.map((row) => toCase('nimble', row, identities)),
      ...rosters.namely.map((row) => toCase('namely', row, identities)),
    ].flatMap((of) => judge(of, identities));
    const duplicates = identities.flatMap((identity) =>
      judge(toIdentityCase(identity, rosters.nimble, identities), identities),
    );
    expect(toSorted([...found, ...duplicates])).toEqual(findingsAt(STORIES, 'first'));
  });
});

type Rosters = Readonly<Record<SourceName, readonly RosterRow[]>>;

async function readRosters(world: World): Promise<Rosters> {
  await using sandbox = await startSandbox({ world });
  const path = join(directory, 'identities.csv');
  await writeFile(path, renderIdentitiesCsv(world));
  const policy = {
    privilegedRoles: new Set(['admin', 'owner', 'account admin']),
    serviceAccounts: new Set(SERVICE_ACCOUNTS.map(({ account }) => account)),
  };
  const common = { policy, allow: ['127.0.0.1'], requestsPerMinute: 6000 };
  const { nimbleToken, namelyToken } = SANDBOX_SECRETS;
  return {
    directory: await readAll(createFileSource({ ...common, name: 'directory', path })),
    nimble: await readAll(
      createNimbleSource({ ...common, name: 'nimble', token: nimbleToken, baseUrl: sandbox.nimbleUrl }),
    ),
    namely: await readAll(
      createNamelySource({ ...common, name: 'namely', token: namelyToken, baseUrl: sandbox.namelyUrl }),
    ),
  };
}

async function readAll(source: Source): Promise<readonly RosterRow[]> {
  const rows: RosterRow[] = [];
  const request = {
    mode: 'full',
    budgetMs: 1000,
    signal: AbortSignal.timeout(10_000),
    progress: () => undefined,
  } as const;
  const listing = source.list(request);
  for (let step = await listing.next(); ; step = await listing.next()) {
    if (step.done === true) {
      expect(step.value.outcome).toEqual({ kind: 'ended' });
      return rows;
    }
    rows.push(...step.value);
  }
}

function toIdentities(roster: readonly RosterRow[]): readonly IdentityRow[] {
  const rows = roster.map((row) => toIdentityRow(row));
  return rows.map((each) => ({ ...each, manager: rows.filter(({ row }) => row.externalId === each.row.managerId) }));
}

function toIdentityRow(row: RosterRow): IdentityRow {
  const ref = { sourceId: SOURCE_IDS.directory, externalId: row.externalId };
  return { ref, sourceName: 'directory', sourceRank: 0, row, present: true };
}

function toCase(source: SourceName, row: RosterRow, identities: readonly IdentityRow[]): AccountCase {
  return {
    kind: 'account',
    ref: { sourceId: SOURCE_IDS[source], externalId: row.externalId },
    sourceName: source,
    authoritative: source === 'directory',
    row,
    present: true,
    linked: [],
    candidates: toCandidates(row, identities),
    denied: [],
    wasDisputed: false,
    wasUndecided: false,
    findings: [],
  };
}

/** Contract §4, rules 4 and 5. */
function toCandidates(row: RosterRow, identities: readonly IdentityRow[]): readonly Candidate[] {
  const own = new Set(toKeys(row));
  return identities.flatMap((identity): readonly Candidate[] => {
    if (!toKeys(identity.row).some((key) => own.has(key))) return [];
    return [{ identity, by: identity.row.email === row.email ? 'email' : 'alias' }];
  });
}

function toKeys(row: RosterRow): readonly string[] {
  const isReadable = row.email !== undefined && !row.flags.includes('email_unparsable');
  return [...(isReadable ? [row.email] : []), ...row.aliases];
}

function toIdentityCase(
  identity: IdentityRow,
  accounts: readonly RosterRow[],
  identities: readonly IdentityRow[],
): Case {
  const own = accounts.filter((row) => {
    const candidates = toCandidates(row, identities);
    return candidates.length === 1 && candidates[0]?.identity === identity;
  });
  return {
    kind: 'identity',
    sourceId: SOURCE_IDS.nimble,
    sourceName: 'nimble',
    identity: [identity],
    accounts: own,
    findings: [],
  };
}

function judge(of: Case, identities: readonly IdentityRow[]): readonly Expected[] {
  return classify(of, { ...JUDGING, serviceAccounts: toServiceAccounts(identities) }).charges.map((charge) => ({
    source: of.sourceName === 'directory' ? 'directory' : of.sourceName === 'namely' ? 'namely' : 'nimble',
    rule: charge.rule,
    severity: charge.severity,
    status: 'open',
    account_id: charge.account?.externalId ?? null,
    identity_id: charge.identity?.externalId ?? null,
    resolution: null,
  }));
}

/** Owners by id or address, as the test's configuration names them. */
function toServiceAccounts(identities: readonly IdentityRow[]): ServiceAccounts {
  const rowsOf = (owner: string): readonly IdentityRow[] =>
    identities.filter(({ row }) => row.externalId === owner || row.email === owner);
  const owners = SERVICE_ACCOUNTS.map(({ owner }) => [owner, { rows: rowsOf(owner), unclear: [] }] as const);
  return serviceAccountsOf(SERVICE_ACCOUNTS, new Map(owners));
}

import { describe, expect, test } from 'vitest';
import type { Rule } from '../../src/core/rule.ts';
import type { RosterRow } from '../../src/core/row.ts';
import type { Explanation } from '../../src/core/views.ts';
import { createReader } from '../../src/store/reader/reader.ts';
import { aRow } from '../support/builders.ts';
import { openWorkerWorld, type WorkerWorld } from '../support/worker.ts';

// What the real worker has made of two rosters, as `explain` tells it.

const CROWD = Array.from({ length: 12 }, (_, n) => aRow({ externalId: `c-${n}`, email: `c${n}@example.com` }));
const person = (overrides: Partial<RosterRow> = {}): RosterRow => aRow({ externalId: 'p-1', ...overrides });

async function openWorld(identities: readonly RosterRow[], accounts: readonly RosterRow[]): Promise<WorkerWorld> {
  const world = await openWorkerWorld();
  world.identities = [...CROWD, ...identities];
  world.accounts = [...CROWD, ...accounts];
  await world.run('2026-03-02T08:00:00Z');
  return world;
}

async function explain(world: WorkerWorld, rule: Rule): Promise<Explanation> {
  const reader = createReader(world.store);
  const [finding] = await reader.findings({ rules: [rule] });
  const told = finding === undefined ? undefined : await reader.explain(finding.id);
  if (told === undefined) throw new Error(`no ${rule}`);
  return told;
}

const ids = (rows: readonly { readonly [column: string]: unknown }[]) =>
  rows.map((row) => `${String(row['source'])} ${String(row['external_id'])}`);

describe('explain', () => {
  test('a leaver: both records, the listings in full, and the next day of the calendar', async () => {
    await using world = await openWorld(
      [person({ endDate: '2026-03-01', managerId: 'c-1' })],
      [aRow({ endDate: '2026-04-30', managerId: 'c-2' })],
    );
    world.accountsEnd = { declaredTotal: 13 };
    await world.run('2026-03-02T09:00:00Z');

    const told = await explain(world, 'leaver_account');

    expect(told).toMatchObject({
      account: { source: 'crm', external_id: 'n-1' },
      identity: { source: 'directory', external_id: 'p-1' },
      managers: {
        of_account: { source: 'crm', external_id: 'c-2' },
        of_identity: { source: 'directory', external_id: 'c-1' },
      },
      link: { rule: 'email', author: null, reason: null },
      runs: [
        {
          source: 'crm',
          finished_at: '2026-03-02T09:00:00Z',
          verdict: 'complete',
          distinct_ids: 13,
          declared_total: 13,
        },
        {
          source: 'directory',
          finished_at: '2026-03-02T09:00:00Z',
          verdict: 'complete',
          distinct_ids: 13,
          declared_total: null,
        },
      ],
      withheld: null,
      // The account's own last day is over then.
      recheck_on: '2026-05-01',
      waivers: [],
      before: null,
      events: [{ event: 'opened', report_id: 1, at: '2026-03-02T08:00:00Z' }],
    });
  });

  test('a manager who left: beside the account stands whose it is, and the manager is named as such', async () => {
    await using world = await openWorld(
      [person({ managerId: 'boss' }), aRow({ externalId: 'boss', email: 'boss@example.com' })],
      [
        aRow(),
        aRow({ externalId: 'n-2', status: 'inactive' }),
        aRow({ externalId: 'n-boss', email: 'boss@example.com' }),
      ],
    );
    world.identities = world.identities.filter(({ externalId }) => externalId !== 'boss');
    await world.run('2026-03-02T09:00:00Z');

    const told = await explain(world, 'manager_left');

    expect(told).toMatchObject({
      finding: { identity_id: 'boss' },
      account: { external_id: 'n-1' },
      identity: { external_id: 'p-1' },
      managers: { of_account: null, of_identity: { external_id: 'boss' } },
    });
    expect(ids(told.others)).toEqual(['crm n-2']);
  });

  test('several accounts of one person, each with its record', async () => {
    await using world = await openWorld(
      [person({ aliases: ['jane@example.com'] })],
      [aRow(), aRow({ externalId: 'n-2', email: 'jane@example.com' })],
    );

    const told = await explain(world, 'duplicate_account');

    expect(told).toMatchObject({ account: null, identity: { external_id: 'p-1' }, link: null, recheck_on: null });
    expect(ids(told.others)).toEqual(['crm n-1', 'crm n-2']);
  });

  test('a dispute with whoever could own the account', async () => {
    await using world = await openWorld([person(), person({ externalId: 'p-2', givenName: 'June' })], [aRow()]);

    const told = await explain(world, 'disputed_account');

    expect(told).toMatchObject({ account: { external_id: 'n-1' }, identity: null, link: null });
    expect(ids(told.others)).toEqual(['directory p-1', 'directory p-2']);
  });

  test('a token with the account of its owner', async () => {
    await using world = await openWorkerWorld();
    world.specs = world.specs.map((spec) => (spec.name === 'crm' ? { ...spec, type: 'nimble' } : spec));
    world.identities = [...CROWD, person({ endDate: '2026-03-09' })];
    world.accounts = [...CROWD, aRow()];
    world.tokenOwner = { externalId: 'n-1', email: 'jane.doe@example.com', shape: 'test' };
    await world.run('2026-03-02T08:00:00Z');

    const told = await explain(world, 'credential_owner_at_risk');

    expect(told).toMatchObject({
      finding: { account_id: null, evidence: { last_day: '2026-03-09' } },
      account: { source: 'crm', external_id: 'n-1' },
      identity: { source: 'directory', external_id: 'p-1' },
    });
  });

  test('what is not judged says why, and what was read since; what is resolved rests on the listings of then', async () => {
    await using world = await openWorld([person({ status: 'inactive' })], [aRow()]);
    world.accountsEnd = { outcome: { kind: 'broken', code: 'source-unavailable', detail: 'page 3 was cut' } };
    await world.run('2026-03-02T09:00:00Z');

    const withheld = await explain(world, 'leaver_account');
    world.accountsEnd = {};
    world.accounts = CROWD;
    await world.run('2026-03-02T10:00:00Z');
    await world.run('2026-03-02T11:00:00Z');
    const resolved = await explain(world, 'leaver_account');

    expect(withheld.withheld).toContain('page 3 was cut');
    expect(withheld.runs.map(({ finished_at: at, source, verdict }) => [at.slice(11, 13), source, verdict])).toEqual([
      ['08', 'crm', 'complete'],
      ['09', 'crm', 'incomplete'],
      ['09', 'directory', 'complete'],
    ]);
    expect(resolved).toMatchObject({ withheld: null, recheck_on: null, account: { gone_at: '2026-03-02T10:00:00Z' } });
    expect(resolved.runs.map(({ finished_at: at, source }) => [at.slice(11, 13), source])).toEqual([
      ['10', 'crm'],
      ['10', 'directory'],
    ]);
  });

  test('what was there before a reuse, until when it is waived, and who pinned the link', async () => {
    await using world = await openWorld([person({ status: 'inactive' })], [aRow()]);
    world.accounts = [...CROWD, aRow({ givenName: 'June' })];
    await world.run('2026-03-02T09:00:00Z');
    await world.store.pool.query(
      `update rollcall.account set reuse_before_run = (
         select min(from_run) from rollcall.account_version where external_id = 'n-1') where external_id = 'n-1';
       update rollcall.link set rule = 'pinned', author = 'lee', reason = 'maiden name' where external_id = 'n-1';
       insert into rollcall.waiver (fingerprint, reason, author, until, created_at)
       select fingerprint, 'hand-over', 'kim', '2026-12-31', now() from rollcall.finding`,
    );

    expect(await explain(world, 'leaver_account')).toMatchObject({
      before: { given_name: 'Jane', source: 'crm', external_id: 'n-1' },
      account: { given_name: 'June' },
      link: { rule: 'pinned', author: 'lee', reason: 'maiden name' },
      waivers: [{ author: 'kim', reason: 'hand-over', until: '2026-12-31', ended_at: null }],
      finding: { waived_until: '2026-12-31' },
    });
  });
});

import { describe, expect, test } from 'vitest';
import type { RosterRow } from '../../src/core/row.ts';
import { DEFAULT_OPTIONS, type MismatchField, type RuleOptions } from '../../src/core/rule-options.ts';
import { account, person, upTo } from '../support/people.ts';
import { openWorkerWorld, type WorkerOptions, type WorkerWorld } from '../support/worker.ts';

/** Five people with an account each; what differs from that is said of the first. */
async function aCompany(options: WorkerOptions = {}): Promise<WorkerWorld> {
  const world = await openWorkerWorld(options);
  tell(world, {}, {});
  return world;
}

function tell(world: WorkerWorld, identity: Partial<RosterRow>, row: Partial<RosterRow>): void {
  const others = upTo(5).slice(1);
  world.identities = [person(1, identity), ...others.map((number) => person(number))];
  world.accounts = [account(1, row), ...others.map((number) => account(number))];
}

async function written(world: WorkerWorld): Promise<readonly unknown[]> {
  const sql = 'select f.xmin::text, f.id, e.id as event from rollcall.finding f, rollcall.finding_event e';
  return (await world.store.pool.query(sql)).rows;
}

function comparing(...mismatchFields: readonly MismatchField[]): RuleOptions {
  return { ...DEFAULT_OPTIONS, mismatchFields };
}

describe('attribute_mismatch', () => {
  test('opens when the two sides differ, is rewritten when they differ otherwise, ends when they agree', async () => {
    await using world = await aCompany();
    world.ruleOptions = comparing('title', 'department');
    tell(world, { title: 'Lead', department: 'Sales' }, { title: 'LEAD ', department: 'sáles' });
    await world.run('2026-11-10T08:00:00Z');
    expect(await world.findings()).toEqual([]);
    tell(world, { title: 'Lead', department: 'Sales' }, { title: 'Rep', department: 'Finance' });
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual(['attribute_mismatch a1 open']);
    const shown = `select severity, evidence -> 'differences' as differences from rollcall.drift_findings`;
    expect((await world.store.pool.query(shown)).rows).toEqual([
      {
        severity: 'low',
        differences: [
          { field: 'title', account: 'Rep', identity: 'Lead' },
          { field: 'department', account: 'Finance', identity: 'Sales' },
        ],
      },
    ]);
    const before = await written(world);
    await world.run('2026-11-11T09:00:00Z');
    expect(await written(world)).toEqual(before);
    tell(world, { title: 'Lead', department: 'Sales' }, { title: 'Lead', department: 'Finance', status: 'inactive' });
    await world.run('2026-11-11T10:00:00Z');
    expect(await world.findings()).toContain('attribute_mismatch a1 open');
    tell(world, { title: 'Lead', department: 'Sales' }, { title: 'Lead', department: 'Sales', status: 'inactive' });
    await world.run('2026-11-11T11:00:00Z');
    expect(await world.findings()).toContain('attribute_mismatch a1 resolved record changed');
  });

  test('managers are compared by whom the manager’s account is linked to', async () => {
    await using world = await aCompany();
    world.ruleOptions = comparing('manager');
    tell(world, { managerId: 'd2' }, { managerId: 'a2' });
    await world.run('2026-11-10T08:00:00Z');
    expect(await world.findings()).toEqual([]);
    tell(world, { managerId: 'd2' }, { managerId: 'a3' });
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual(['attribute_mismatch a1 open']);
    tell(world, { managerId: 'd2' }, { managerId: 'ghost' });
    await world.run('2026-11-10T10:00:00Z');
    expect(await world.findings()).toEqual(['attribute_mismatch a1 resolved record changed']);
  });

  test('is off by default', async () => {
    await using world = await aCompany();
    tell(world, { title: 'Lead' }, { title: 'Rep' });
    await world.run('2026-11-10T08:00:00Z');
    expect(await world.findings()).toEqual([]);
  });
});

describe('dormant_account', () => {
  const options = { ...DEFAULT_OPTIONS, dormantDays: 45 };

  test('opens on the company’s day after the last that is allowed, and is not written again while nobody uses the account', async () => {
    await using world = await aCompany({ timezone: 'America/New_York' });
    world.ruleOptions = options;
    // The first of October in New York; the 45th day after it is the 15th of November.
    tell(world, {}, { lastActiveAt: '2026-10-02T03:30:00Z' });
    await world.run('2026-11-16T04:30:00Z');
    expect(await world.findings()).toEqual([]);
    await world.run('2026-11-16T05:30:00Z');
    expect(await world.findings()).toEqual(['dormant_account a1 open']);
    const before = await written(world);
    await world.run('2026-11-17T08:00:00Z');
    expect(await written(world)).toEqual(before);
  });

  test('ends when somebody uses the account, which writes no version; without the field it stays', async () => {
    await using world = await aCompany();
    world.ruleOptions = options;
    tell(world, {}, { lastActiveAt: '2026-09-01T08:00:00Z' });
    await world.run('2026-11-10T08:00:00Z');
    expect(await world.findings()).toEqual(['dormant_account a1 open']);
    tell(world, {}, {});
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual(['dormant_account a1 open']);
    tell(world, {}, { lastActiveAt: '2026-11-10T09:30:00Z' });
    await world.run('2026-11-10T10:00:00Z');
    expect(await world.findings()).toEqual(['dormant_account a1 resolved record changed']);
    const { rows } = await world.store.pool.query(`select from rollcall.account_version where external_id = 'a1'`);
    expect(rows).toHaveLength(1);
  });

  test('ends when the account is deactivated', async () => {
    await using world = await aCompany();
    world.ruleOptions = options;
    tell(world, {}, { lastActiveAt: '2026-09-01T08:00:00Z' });
    await world.run('2026-11-10T08:00:00Z');
    tell(world, {}, { lastActiveAt: '2026-09-01T08:00:00Z', status: 'inactive' });
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toContain('dormant_account a1 resolved access removed');
  });

  test('needs no identity list', async () => {
    await using world = await aCompany();
    world.ruleOptions = options;
    tell(world, {}, { lastActiveAt: '2026-09-01T08:00:00Z' });
    world.identitiesEnd = { outcome: { kind: 'broken', code: 'source-auth', detail: 'the token was refused' } };
    await world.run('2026-11-10T08:00:00Z');
    expect(await world.findings()).toEqual(['dormant_account a1 open']);
  });
});

describe('early_account', () => {
  test('opens when somebody who starts later has an account, and ends fourteen days before the start', async () => {
    await using world = await aCompany();
    tell(world, { startDate: '2026-11-30' }, {});
    await world.run('2026-11-15T08:00:00Z');
    expect(await world.findings()).toEqual(['early_account a1 open']);
    const before = await written(world);
    await world.run('2026-11-15T09:00:00Z');
    expect(await written(world)).toEqual(before);
    await world.run('2026-11-16T08:00:00Z');
    expect(await world.findings()).toEqual(['early_account a1 resolved identity current']);
  });

  test('a pending person who does not come is a leaver, no longer early', async () => {
    await using world = await aCompany();
    tell(world, { status: 'pending' }, {});
    await world.run('2026-11-10T08:00:00Z');
    expect(await world.findings()).toEqual(['early_account a1 open']);
    tell(world, { status: 'inactive' }, {});
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual(['early_account a1 resolved record changed', 'leaver_account a1 open']);
  });
});

import { describe, expect, test } from 'vitest';
import { account, person, upTo } from '../support/people.ts';
import { openWorkerWorld, type WorkerWorld } from '../support/worker.ts';

/** Six people with an account each; everybody but the sixth reports to the sixth, in the application and on the list. */
async function aCompany(): Promise<WorkerWorld> {
  const world = await openWorkerWorld();
  world.identities = [
    person(1, { managerId: 'd6' }),
    ...upTo(6)
      .slice(1)
      .map((number) => person(number)),
  ];
  world.accounts = [
    account(1),
    account(2, { managerId: 'a6' }),
    ...upTo(6)
      .slice(2)
      .map((number) => account(number)),
  ];
  return world;
}
const without = <Row extends { readonly externalId: string }>(rows: readonly Row[], id: string): readonly Row[] =>
  rows.filter((row) => row.externalId !== id);
const changed = <Row extends { readonly externalId: string }>(
  rows: readonly Row[],
  id: string,
  change: Partial<Row>,
): readonly Row[] => rows.map((row) => (row.externalId === id ? { ...row, ...change } : row));

describe('manager_left', () => {
  test('the manager leaves the identity list: his reports’ accounts are findings, until he is back', async () => {
    await using world = await aCompany();
    await world.run('2026-11-10T08:00:00Z');
    expect(await world.findings()).toEqual([]);
    const { identities } = world;
    world.identities = without(identities, 'd6');
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual(['leaver_account a6 open', 'manager_left a1 open']);
    const { rows } = await world.store.pool.query(
      `select severity, identity_id, evidence ->> 'reason' as reason, evidence ->> 'left_on' as left_on
         from rollcall.drift_findings where rule = 'manager_left'`,
    );
    expect(rows).toEqual([{ severity: 'low', identity_id: 'd6', reason: 'left', left_on: '2026-11-10' }]);
    world.identities = identities;
    await world.run('2026-11-10T10:00:00Z');
    expect(await world.findings()).toContain('manager_left a1 resolved identity current');
  });

  test('the manager’s account is gone or inactive there: his reports’ accounts are findings, until it is back', async () => {
    await using world = await aCompany();
    await world.run('2026-11-10T08:00:00Z');
    const { accounts } = world;
    world.accounts = without(accounts, 'a6');
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual(['manager_left a2 open']);
    expect(world.messages.at(-1)).toContain('1 account has a manager who left');
    world.accounts = accounts;
    await world.run('2026-11-10T10:00:00Z');
    expect(await world.findings()).toEqual(['manager_left a2 resolved identity current']);
    world.accounts = changed(accounts, 'a6', { status: 'inactive' });
    await world.run('2026-11-10T11:00:00Z');
    expect(await world.findings()).toContain('manager_left a2 open');
    // Of unknown status: nothing opens, and what is open stays.
    world.accounts = changed(accounts, 'a6', { status: 'unknown' });
    await world.run('2026-11-10T12:00:00Z');
    expect(await world.findings()).toContain('manager_left a2 open');
  });

  test('ends when another manager is named, none, or one who was never seen', async () => {
    for (const managerId of ['a3', undefined, 'ghost']) {
      await using world = await aCompany();
      await world.run('2026-11-10T08:00:00Z');
      world.accounts = without(world.accounts, 'a6');
      await world.run('2026-11-10T09:00:00Z');
      world.accounts = changed(world.accounts, 'a2', { managerId });
      await world.run('2026-11-10T10:00:00Z');
      expect(await world.findings()).toEqual(['manager_left a2 resolved record changed']);
    }
  });

  test('ends when the account is deactivated or gone', async () => {
    await using world = await aCompany();
    await world.run('2026-11-10T08:00:00Z');
    world.accounts = without(world.accounts, 'a6');
    await world.run('2026-11-10T09:00:00Z');
    world.accounts = changed(world.accounts, 'a2', { status: 'inactive' });
    await world.run('2026-11-10T10:00:00Z');
    expect(await world.findings()).toContain('manager_left a2 resolved access removed');
  });

  test('a manager of unknown status decides nothing, on the day after his last one he has left', async () => {
    await using world = await aCompany();
    await world.run('2026-11-10T08:00:00Z');
    const { identities } = world;
    world.identities = changed(identities, 'd6', { endDate: '2026-11-10' });
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual([]);
    await world.run('2026-11-11T08:00:00Z');
    expect(await world.findings()).toContain('manager_left a1 open');
    world.identities = changed(identities, 'd6', { status: 'unknown' });
    await world.run('2026-11-11T09:00:00Z');
    expect(await world.findings()).toContain('manager_left a1 open');
  });

  test('who was never seen is no manager who left', async () => {
    await using world = await aCompany();
    world.identities = changed(world.identities, 'd1', { managerId: 'ghost' });
    world.accounts = changed(world.accounts, 'a2', { managerId: 'ghost' });
    await world.run('2026-11-10T08:00:00Z');
    expect(await world.findings()).toEqual([]);
  });

  test('is withheld while the identity list cannot be read', async () => {
    await using world = await aCompany();
    await world.run('2026-11-10T08:00:00Z');
    world.accounts = without(world.accounts, 'a6');
    world.identitiesEnd = { outcome: { kind: 'broken', code: 'source-auth', detail: 'the token was refused' } };
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual([]);
  });

  test('an unchanged company writes no finding again', async () => {
    await using world = await aCompany();
    await world.run('2026-11-10T08:00:00Z');
    world.accounts = without(world.accounts, 'a6');
    await world.run('2026-11-10T09:00:00Z');
    const written = 'select f.xmin::text, f.id, e.id as event from rollcall.finding f, rollcall.finding_event e';
    const before = (await world.store.pool.query(written)).rows;
    expect(before).toHaveLength(1);
    await world.run('2026-11-11T08:00:00Z');
    expect((await world.store.pool.query(written)).rows).toEqual(before);
  });
});

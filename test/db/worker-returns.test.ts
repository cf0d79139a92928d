import { describe, expect, test } from 'vitest';
import { account, person, stranger, upTo } from '../support/people.ts';
import { historyOf, lastMessage, waive, waiversOf } from '../support/waivers.ts';
import { CRM, DIRECTORY, openWorkerWorld, type WorkerWorld } from '../support/worker.ts';

// What flaps, and what comes back when its source or rule is configured again.

const OFF = ['orphaned_account'] as const;
const accounts = () => upTo(10).map((number) => account(number));

/** Ten people with an account each, looked at once, then so many strangers. */
async function aCompany(strangers: number): Promise<WorkerWorld> {
  const world = await openWorkerWorld();
  world.identities = upTo(10).map((number) => person(number));
  world.accounts = accounts();
  await world.run('2026-11-01T08:00:00Z');
  world.accounts = [...accounts(), ...upTo(strangers).map(stranger)];
  await world.run('2026-11-02T08:00:00Z');
  return world;
}

test('case 85: an account that flaps is one finding, told once and not at every turn', async () => {
  await using world = await aCompany(1);
  const before = world.messages.length;
  for (const hour of upTo(12)) {
    world.accounts = hour % 2 === 0 ? [...accounts(), stranger(1)] : accounts();
    await world.run(`2026-11-02T${String(8 + hour).padStart(2, '0')}:00:00Z`);
  }
  expect(await world.findings()).toEqual(['orphaned_account x1 open']);
  expect(await historyOf(world, 'x1')).toEqual([
    'opened',
    ...upTo(6).flatMap(() => ['resolved account gone', 'reopened']),
  ]);
  // That it went is told, the first time; what comes back within a day is not, nor that this went again.
  expect(world.messages.slice(before)).toEqual(['1 finding is resolved, nothing new']);
  // Gone for longer than a day: told again.
  world.accounts = accounts();
  await world.run('2026-11-03T08:00:00Z');
  world.accounts = [...accounts(), stranger(1)];
  await world.run('2026-11-05T08:00:00Z');
  expect(world.messages.at(-1)).toBe('1 account belongs to nobody we know');
});

describe('what comes back with its rule or source', () => {
  const ways: readonly [string, (world: WorkerWorld, on: boolean) => void, string][] = [
    ['rule', (world, on) => void (world.disabledRules = on ? [] : OFF), 'rule disabled'],
    ['source', (world, on) => void (world.specs = on ? [DIRECTORY, CRM] : [DIRECTORY]), 'source removed'],
  ];

  test.each(ways)('is the same finding, and is told as known before: %s', async (_name, turn, resolution) => {
    await using world = await aCompany(3);
    turn(world, false);
    await world.run('2026-11-05T08:00:00Z');
    expect(await world.findings()).toEqual(
      upTo(3).map((number) => `orphaned_account x${number} resolved ${resolution}`),
    );
    turn(world, true);
    world.accounts = [...accounts(), ...upTo(4).map(stranger)];
    await world.run('2026-11-12T08:00:00Z');
    expect(await world.findings()).toEqual(upTo(4).map((number) => `orphaned_account x${number} open`));
    expect(await historyOf(world, 'x1')).toEqual(['opened', `resolved ${resolution}`, 'reopened']);
    // One is new, three are not.
    expect(world.messages.at(-1)).toBe('1 account belongs to nobody we know, 3 known findings are back');
    const message = await lastMessage(world);
    expect(message).toContain('x4@elsewhere.example');
    expect(message).not.toContain('x1@elsewhere.example');
    expect(message).toContain('3 findings from before, back with their source or rule');
  });

  test.each(ways)(
    'was waived, and is waived again while the waiver is in force: %s',
    async (_name, turn, resolution) => {
      await using world = await aCompany(2);
      await waive(world, 'x1', { at: '2026-11-03T08:00:00Z', until: '2026-11-30' });
      await waive(world, 'x2', { at: '2026-11-03T08:00:00Z', until: '2026-11-06' });
      turn(world, false);
      await world.run('2026-11-05T08:00:00Z');
      expect(await world.findings()).toContain(`orphaned_account x1 resolved ${resolution}`);
      turn(world, true);
      await world.run('2026-11-12T08:00:00Z');
      expect(await world.findings()).toEqual(['orphaned_account x1 waived', 'orphaned_account x2 open']);
      expect(await waiversOf(world)).toEqual(['2026-11-30', '2026-11-06 expired']);
      expect(world.messages.at(-1)).toBe('1 account belongs to nobody we know');
    },
  );

  test.each(ways)(
    'was held, and is held again: to take it out and put it back is no release: %s',
    async (_name, turn) => {
      await using world = await aCompany(6);
      const held = upTo(6).map((number) => `orphaned_account x${number} held`);
      expect(await world.findings()).toEqual(held);
      turn(world, false);
      await world.run('2026-11-05T08:00:00Z');
      turn(world, true);
      const { reconciled } = await world.run('2026-11-12T08:00:00Z');
      expect(reconciled).toMatchObject({ opened: 0, held: 6 });
      expect(await world.findings()).toEqual(held);
      expect(world.messages.at(-1)).toContain('6 new findings at once in crm');
      expect((await world.run('2026-11-12T09:00:00Z')).reconciled).toMatchObject({ opened: 0, held: 0 });
    },
  );

  test('under another name, with `formerly`, it stays waived, and nobody is told', async () => {
    await using world = await aCompany(2);
    await waive(world, 'x1', { at: '2026-11-03T08:00:00Z', until: '2026-11-30' });
    const before = world.messages.length;
    world.specs = [DIRECTORY, { ...CRM, name: 'sales', formerly: 'crm' }];
    world.rename('crm', 'sales');
    await world.run('2026-11-05T08:00:00Z');
    expect(await world.findings()).toEqual(['orphaned_account x1 waived', 'orphaned_account x2 open']);
    // What a finding says names its source.
    expect(await historyOf(world, 'x1')).toEqual(['opened', 'waived', 'updated']);
    expect(world.messages.slice(before)).toEqual([]);
  });
});

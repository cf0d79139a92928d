import { describe, expect, test } from 'vitest';
import { account, person, upTo } from '../support/people.ts';
import { wholeDatabase } from '../support/whole-database.ts';
import { openWorkerWorld, type WorkerOptions, type WorkerWorld } from '../support/worker.ts';

// Case 86: threshold, alias, source list or any other setting edited. A dry run shows the effect first; a large one is held, with
// one message; the first look of a rule is a baseline.

const leaving = (count: number, endDate: string) =>
  upTo(20).map((number) => person(number, number <= count ? { endDate } : {}));
const robots = (count: number, kind: 'service' | 'human') =>
  upTo(count).map((number) =>
    account(100 + number, { externalId: `r${number}`, email: `robot${number}@example.com`, kind }),
  );

/** Twenty accounts: ceil(0.2 × 20) = 4 may open at once. */
async function aCompany(options: WorkerOptions = {}): Promise<WorkerWorld> {
  const world = await openWorkerWorld(options);
  world.identities = upTo(20).map((number) => person(number));
  world.accounts = upTo(20).map((number) => account(number));
  return world;
}

type Edit = {
  readonly name: string;
  readonly options?: WorkerOptions;
  /** So many findings come of the edit. */
  readonly before: (world: WorkerWorld, count: number) => void;
  readonly edit: (world: WorkerWorld, count: number) => void;
  readonly rule: 'leaver_account' | 'orphaned_account';
  /** One more than may open at once. */
  readonly tooMany: number;
};

const EDITS: readonly Edit[] = [
  {
    name: 'graceDays from 30 to 0',
    options: { graceDays: 30 },
    before: (world, count) => void (world.identities = leaving(count, '2026-11-05')),
    edit: (world) => void (world.edited = { leaverGraceDays: 0 }),
    rule: 'leaver_account',
    tooMany: 5,
  },
  {
    name: 'timezone, to one where it is tomorrow',
    before: (world, count) => void (world.identities = leaving(count, '2026-11-10')),
    edit: (world) => void (world.edited = { timezone: 'Pacific/Auckland' }),
    rule: 'leaver_account',
    tooMany: 5,
  },
  {
    name: 'serviceAccounts, emptied',
    before: (world, count) => void (world.accounts = [...world.accounts, ...robots(count, 'service')]),
    edit: (world, count) =>
      void (world.accounts = [...upTo(20).map((number) => account(number)), ...robots(count, 'human')]),
    rule: 'orphaned_account',
    // 27 accounts with them: ceil(0.2 × 27) = 6.
    tooMany: 7,
  },
];

describe('case 86', () => {
  test.each(EDITS)(
    '$name: shown by a dry run, held, told once',
    async ({ options, before, edit, rule, tooMany: count }) => {
      await using world = await aCompany(options);
      before(world, count);
      await world.run('2026-11-10T12:00:00Z');
      const known = await world.findings();
      edit(world, count);

      const state = await wholeDatabase(world.store.pool);
      const rehearsed = await world.rehearse('2026-11-10T12:30:00Z');
      const held = rehearsed.changes.filter((each) => each.rule === rule);
      expect(held.map(({ change }) => change)).toEqual(upTo(count).map(() => 'held'));
      expect(rehearsed.breakers).toMatchObject([{ source: 'crm', kind: 'conclusion', evidence: { found: count } }]);
      expect(await wholeDatabase(world.store.pool)).toEqual(state);

      const told = world.told.length;
      expect((await world.run('2026-11-10T12:30:00Z')).reconciled).toMatchObject({ held: count });
      const found = (await world.findings()).filter((each) => !known.includes(each) && each.startsWith(rule));
      expect(found).toHaveLength(count);
      expect(found.every((each) => each.endsWith(' held'))).toBe(true);
      await world.run('2026-11-10T12:45:00Z');
      expect(world.told.slice(told).filter(({ kind }) => kind === 'breaker')).toHaveLength(1);
      expect(world.messages.filter((message) => message.includes('at once in crm'))).toHaveLength(1);
    },
  );

  test.each(EDITS.slice(0, 2))('$name: as many as may open are opened', async ({ options, before, edit, rule }) => {
    await using world = await aCompany(options);
    before(world, 4);
    await world.run('2026-11-10T12:00:00Z');
    edit(world, 4);
    expect((await world.run('2026-11-10T12:30:00Z')).reconciled.held).toBe(0);
    expect((await world.findings()).filter((each) => each.startsWith(rule))).toHaveLength(4);
  });

  test('an alias taken from the identity list: links that were made stay', async () => {
    await using world = await aCompany();
    world.accounts = upTo(20).map((number) => account(number, { email: `login${number}@example.com` }));
    world.identities = upTo(20).map((number) => person(number, { aliases: [`login${number}@example.com`] }));
    await world.run('2026-11-10T12:00:00Z');
    world.identities = upTo(20).map((number) => person(number));
    expect((await world.rehearse('2026-11-10T12:30:00Z')).changes).toEqual([]);
    await world.run('2026-11-10T12:30:00Z');
    expect(await world.findings()).toEqual([]);
  });

  test('a rule that is switched on for the first time: a baseline, open, with one summary', async () => {
    await using world = await aCompany();
    world.disabledRules = ['orphaned_account'];
    world.accounts = [...world.accounts, ...robots(8, 'human')];
    await world.run('2026-11-10T12:00:00Z');
    world.disabledRules = [];
    const rehearsed = await world.rehearse('2026-11-10T12:30:00Z');
    expect(rehearsed.report.baseline).toEqual(['crm/orphaned_account']);
    expect(rehearsed.changes.map(({ change }) => change)).toEqual(upTo(8).map(() => 'opened'));
    const told = world.told.length;
    await world.run('2026-11-10T12:30:00Z');
    expect(world.told.slice(told).map(({ kind }) => kind)).toEqual(['baseline']);
    expect(await world.findings()).toEqual(upTo(8).map((number) => `orphaned_account r${number} open`));
  });

  test('graceDays raised: what was found ends by the rules, and says so, but for who is gone', async () => {
    await using world = await aCompany();
    world.identities = leaving(2, '2026-11-05');
    await world.run('2026-11-10T12:00:00Z');
    const leavers = async () => (await world.findings()).filter((each) => each.startsWith('leaver_account'));
    expect(await leavers()).toEqual(['leaver_account a1 open', 'leaver_account a2 open']);
    world.edited = { leaverGraceDays: 30 };
    world.accounts = world.accounts.filter(({ externalId }) => externalId !== 'a2');
    await world.run('2026-11-10T12:30:00Z');
    expect(await leavers()).toEqual([
      'leaver_account a1 resolved rules changed',
      'leaver_account a2 resolved account gone',
    ]);
  });

  test('an authority taken out of the configuration: nothing is concluded from its absence', async () => {
    await using world = await aCompany();
    await world.run('2026-11-10T12:00:00Z');
    world.specs = world.specs.filter(({ name }) => name !== 'directory');
    const rehearsed = await world.rehearse('2026-11-10T12:30:00Z');
    expect(rehearsed.changes).toEqual([]);
    expect(rehearsed.reconciled.plan.withheld.map(({ source }) => source)).toEqual(['crm']);
  });
});

import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { upTo } from '../support/people.ts';
import { onClient, openWorld, reconcile, rowsOf, TODAY, type World } from '../support/reconcile-store.ts';
import { insertRow, insertRun, type WorldRow } from '../support/reconcile-world.ts';

/** People with their accounts, and a complete listing of as many. */
async function hire(world: World, from: number, to: number): Promise<void> {
  await onClient(world, async (client) => {
    for (const number of upTo(to).slice(from)) {
      const email = `p${number}@example.com`;
      await insertRow(client, world.directory, { externalId: `p-${number}`, email });
      await insertRow(client, world.nimble, { externalId: `n-${number}`, email });
    }
    await insertRun(client, world.nimble);
  });
  await rowsOf(world, 'update rollcall.sync_run set present_usable = $1', [to]);
}
const link = (world: World, byCases = [world.nimble]): Promise<number> =>
  reconcile(world, (step) => step.linkPlain(TODAY, byCases));

test('many accounts without a link are linked at once, a few are left to their cases', async () => {
  await using world = await openWorld();
  await hire(world, 0, 30);
  expect(await link(world)).toBe(30);
  await hire(world, 30, 31);
  expect(await link(world)).toBe(0);
  // Where no case would link them, nobody else does.
  expect(await link(world, [world.directory])).toBe(1);
  await hire(world, 31, 32);
  expect(await link(world)).toBe(0);
  await hire(world, 32, 34);
  expect(await link(world)).toBe(3);
});

test('so are those of a source of which no complete listing says how many there are', async () => {
  await using world = await openWorld();
  await hire(world, 0, 30);
  await link(world);
  await hire(world, 30, 31);
  await rowsOf(world, `update rollcall.sync_run set verdict = 'broken' where source_id = $1`, [world.nimble]);
  expect(await link(world)).toBe(1);
});

/** Autovacuum counts once a minute; -1 is never. */
const counted = (world: World): Promise<readonly unknown[]> =>
  rowsOf(world, `select reltuples::int as links from pg_class where oid = 'rollcall.link'::regclass`);

test('many that were linked are counted for the planner at once, a few are not', async () => {
  await using world = await openWorld();
  await hire(world, 0, 1);
  expect(await link(world, [])).toBe(1);
  expect(await counted(world)).toEqual([{ links: -1 }]);
  await rowsOf(
    world,
    `insert into rollcall.account
     select (jsonb_populate_record(a, jsonb_build_object('external_id', external_id || '-' || n))).*
       from rollcall.account a, generate_series(1, 2000) n`,
  );
  await rowsOf(
    world,
    `insert into rollcall.account_key
     select source_id, external_id || '-' || n, kind, n || key from rollcall.account_key, generate_series(1, 2000) n`,
  );
  expect(await link(world, [])).toBe(2_000);
  expect(await counted(world)).toEqual([{ links: 2_001 }]);
});

const COUNT_THEM = 'select rollcall.analyze_links()';

test('who has the links in hand is not waited for', async () => {
  await using world = await openWorld();
  await onClient(world, async (client) => {
    await client.query('begin; lock table rollcall.link in share update exclusive mode');
    await rowsOf(world, COUNT_THEM);
    expect(await counted(world)).toEqual([{ links: -1 }]);
    await client.query('rollback');
  });
});

test('an index that is made meanwhile, and waits for the links that were just written, is no deadlock', async () => {
  await using world = await openWorld();
  await hire(world, 0, 1);
  await onClient(world, async (client) => {
    await client.query(`begin; insert into rollcall.link
      select source_id, external_id, 1, 'p', 'email', '{}', null, null, now() from rollcall.account limit 1`);
    const made = rowsOf(world, 'create index concurrently on rollcall.link (created_at)');
    // It looks for deadlocks once, after a second; from then on only who waits for it does.
    await setTimeout(1_500);
    await client.query(COUNT_THEM);
    await client.query('commit');
    await made;
  });
  expect(await rowsOf(world, 'select from rollcall.link')).toHaveLength(1);
});

test('a source that goes by employee ids first is none of these: its accounts are linked by their cases', async () => {
  await using world = await openWorld();
  await hire(world, 0, 3);
  await rowsOf(world, 'update rollcall.source set correlate_employee_id = true where id = $1', [world.nimble]);
  expect(await link(world, [])).toBe(0);
});

test.each<[string, WorldRow, number]>([
  ['works here', {}, 1],
  ['is gone', { gone: true }, 0],
  ['is inactive', { status: 'inactive' }, 0],
  ['has ended', { endDate: '2026-11-20' }, 0],
  ['ends today', { endDate: TODAY }, 1],
])('an account of somebody who %s and may be another row by another address', async (_, left, linked) => {
  await using world = await openWorld();
  await onClient(world, async (client) => {
    await insertRow(client, world.directory, { externalId: 'p-1', email: 'jane@example.com', ...left });
    await insertRow(client, world.directory, { externalId: 'p-2', email: 'j.new@example.com' });
    await insertRow(client, world.nimble, {
      externalId: 'n-1',
      email: 'jane@example.com',
      aliases: ['j.new@example.com'],
    });
  });
  expect(await link(world, [])).toBe(linked);
});

test('the index by identity has the account beside its keys, not among them: no planner looks accounts up in it', async () => {
  await using world = await openWorld();
  const [index] = await rowsOf(
    world,
    `select indnkeyatts as keys, indnatts as columns from pg_index where indexrelid = 'rollcall.link_by_identity'::regclass`,
  );
  expect(index).toEqual({ keys: 2, columns: 5 });
});

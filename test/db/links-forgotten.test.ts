import { expect, test, vi } from 'vitest';
import type { Forgotten } from '../../src/ports/erasure.ts';
import type { LinkChange } from '../../src/ports/reading.ts';
import { createEraser } from '../../src/store/forget/forget.ts';
import { createOperator } from '../../src/store/operator.ts';
import { AT, onClient, openWorld, rowsOf, type World } from '../support/reconcile-store.ts';
import { insertRow } from '../support/reconcile-world.ts';

// Somebody links an account to a person in the moment in which the person is forgotten.

async function openPeople(): Promise<World> {
  const world = await openWorld();
  await onClient(world, async (client) => {
    await insertRow(client, world.directory, { externalId: 'p-left', email: 'zoe@example.com', status: 'inactive' });
    await insertRow(client, world.nimble, { externalId: 'n-1', email: 'else@example.com' });
  });
  return world;
}

const link = (world: World): Promise<LinkChange> =>
  createOperator(world).changeLink({
    action: 'add',
    source: 'nimble',
    account: 'n-1',
    identity: 'directory/p-left',
    author: 'kim',
    reason: 'asked her',
    now: AT,
  });
const forget = (world: World): Promise<Forgotten> =>
  createEraser(world, world.sources, 'kim').forget({
    person: 'directory/p-left',
    reason: 'asked for it',
    author: 'kim',
    now: AT,
    dryRun: false,
    serviceAccounts: [],
  });

const waiting = async (world: World): Promise<number> =>
  (await rowsOf(world, `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`))
    .length;

/** The first is held by `gate` in the middle of what it does, until the second waits as well or is done. */
async function holdFirst<A, B>(world: World, gate: string, first: () => Promise<A>, second: () => Promise<B>) {
  return await onClient(world, async (client) => {
    await client.query(`begin; ${gate}`);
    const held = first();
    await vi.waitFor(async () => expect(await waiting(world)).toBe(1), WAIT);
    const later = second();
    await Promise.race([later, vi.waitFor(async () => expect(await waiting(world)).toBe(2), WAIT)]);
    await client.query('rollback');
    return await Promise.allSettled([held, later]);
  });
}
const WAIT = { timeout: 10_000, interval: 20 };

const left = async (world: World): Promise<readonly unknown[]> =>
  rowsOf(
    world,
    `select 'link' as what from rollcall.link where identity_external_id = 'p-left'
     union all select 'audit' from rollcall.audit t where t::text like '%p-left%'
     union all select 'row' from rollcall.account where external_id = 'p-left'`,
  );

test('who was linked a moment before is forgotten with the link', async () => {
  await using world = await openPeople();
  // Where the link is written, and not committed.
  await world.pool.query(`
    create function public.hold() returns trigger language plpgsql as $$
      begin perform pg_advisory_xact_lock(1); return new; end $$;
    create trigger hold after insert on rollcall.link for each row execute function public.hold()`);
  const [linked, forgotten] = await holdFirst(
    world,
    'select pg_advisory_xact_lock(1)',
    () => link(world),
    () => forget(world),
  );
  expect([linked.status, forgotten.status]).toEqual(['fulfilled', 'fulfilled']);
  expect(await left(world)).toEqual([]);
});

test('who is forgotten a moment before is nobody to link to', async () => {
  await using world = await openPeople();
  const [forgotten, linked] = await holdFirst(
    world,
    'lock table rollcall.audit in share mode',
    () => forget(world),
    () => link(world),
  );
  expect(forgotten.status).toBe('fulfilled');
  expect(linked).toMatchObject({ status: 'rejected', reason: { code: 'not-found' } });
  expect(await left(world)).toEqual([]);
});

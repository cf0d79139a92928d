import { setTimeout } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { Forgotten } from '../../src/ports/erasure.ts';
import type { LinkChange, LinkRequest } from '../../src/ports/reading.ts';
import { createEraser } from '../../src/store/forget/forget.ts';
import { createOperator } from '../../src/store/operator.ts';
import { AT, onClient, openWorld, rowsOf, type World } from '../support/reconcile-store.ts';
import { insertRow } from '../support/reconcile-world.ts';

// Somebody links an account to a person in the moment in which the person is forgotten.

async function openPeople(): Promise<World> {
  const world = await openWorld();
  await onClient(world, async (client) => {
    await insertRow(client, world.directory, { externalId: 'p-left', email: 'zoe@example.com', status: 'inactive' });
    await insertRow(client, world.directory, { externalId: 'p-stays', email: 'amy@example.com' });
    await insertRow(client, world.nimble, { externalId: 'n-1', email: 'else@example.com' });
  });
  return world;
}

const link = (world: World, identity = 'p-left', action: LinkRequest['action'] = 'add'): Promise<LinkChange> =>
  createOperator(world).changeLink({
    action,
    source: 'nimble',
    account: 'n-1',
    identity: `directory/${identity}`,
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
async function holdFirst<A, B>(
  world: World,
  { gate, isLooked = false }: { readonly gate: string; readonly isLooked?: boolean },
  first: () => Promise<A>,
  second: () => Promise<B>,
) {
  return await onClient(world, async (client) => {
    await client.query(`begin; ${gate}`);
    const held = first();
    await vi.waitFor(async () => expect(await waiting(world)).toBe(1), WAIT);
    const later = second();
    await Promise.race([later, vi.waitFor(async () => expect(await waiting(world)).toBe(2), WAIT)]);
    // A wait is looked at once, after a second, whether it is a deadlock.
    if (isLooked) await setTimeout(1_500);
    await client.query('rollback');
    return await Promise.allSettled([held, later]);
  });
}
const WAIT = { timeout: 10_000, interval: 20 };

/** What speaks of who was forgotten, and of the account. */
const left = async (world: World): Promise<readonly unknown[]> =>
  (
    await world.pool.query<{ what: string }>(`
      select 'link to ' || identity_external_id as what from rollcall.link
       union all select 'audit' from rollcall.audit t where t::text like '%p-left%'
       union all select 'row ' || external_id from rollcall.account where external_id in ('p-left', 'n-1')
       union all select 'version ' || external_id from rollcall.account_version where external_id in ('p-left', 'n-1')
       order by 1`)
  ).rows.map(({ what }) => what);

/** Held where a link is written, and not committed. */
const LINKED = 'select pg_advisory_xact_lock(1)';
const holdLinks = (world: World): Promise<unknown> =>
  world.pool.query(`
    create function public.hold() returns trigger language plpgsql as $$
      begin perform pg_advisory_xact_lock(1); return new; end $$;
    create trigger hold after insert on rollcall.link for each row execute function public.hold()`);

test('who was linked a moment before is forgotten with the link and the account', async () => {
  await using world = await openPeople();
  await holdLinks(world);
  const [linked, forgotten] = await holdFirst(
    world,
    { gate: LINKED },
    () => link(world),
    () => forget(world),
  );
  expect([linked.status, forgotten.status]).toEqual(['fulfilled', 'fulfilled']);
  expect(await left(world)).toEqual([]);
  // Nor does a listing that is being read bring it back: its source was claimed, as that of each row is.
  expect(await rowsOf(world, 'select epoch > 0 as claimed from rollcall.source')).toEqual([
    { claimed: true },
    { claimed: true },
  ]);
});

test('an account that was given to somebody else a moment before is not forgotten with who had it', async () => {
  await using world = await openPeople();
  await link(world);
  await holdLinks(world);
  const [linked, forgotten] = await holdFirst(
    world,
    { gate: LINKED },
    () => link(world, 'p-stays'),
    () => forget(world),
  );
  expect([linked.status, forgotten.status]).toEqual(['fulfilled', 'fulfilled']);
  expect(await left(world)).toEqual(['link to p-stays', 'row n-1', 'version n-1']);
});

test('who is forgotten a moment before is nobody to link to', async () => {
  await using world = await openPeople();
  const [forgotten, linked] = await holdFirst(
    world,
    { gate: 'lock table rollcall.audit in share mode' },
    () => forget(world),
    () => link(world),
  );
  expect(forgotten.status).toBe('fulfilled');
  expect(linked).toMatchObject({ status: 'rejected', reason: { code: 'not-found' } });
  expect(await left(world)).toEqual(['row n-1', 'version n-1']);
});

test('where each waits for the other, who forgets begins again', async () => {
  await using world = await openPeople();
  await link(world);
  const [forgotten] = await holdFirst(
    world,
    { gate: `select from rollcall.account where external_id = 'p-left' for update`, isLooked: true },
    () => forget(world),
    () => link(world, 'p-left', 'deny'),
  );
  expect(forgotten.status).toBe('fulfilled');
  expect((await left(world)).filter((each) => each !== 'row n-1' && each !== 'version n-1')).toEqual([]);
});

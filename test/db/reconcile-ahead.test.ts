import type pg from 'pg';
import { expect, test } from 'vitest';
import { account, person, stranger, upTo } from '../support/people.ts';
import { openWorkerWorld } from '../support/worker.ts';

// Decision 50: a batch of cases is loaded while the one before it is judged, on one connection.

const BATCHES = 3;
const STRANGERS = 1_200;

/** What is asked on each connection of the pool, in the order in which it is asked, and how many of these were under way at once. */
function watch(pool: pg.Pool) {
  const seen = { asked: new Array<string>(), atOnceMax: 0 };
  const known = new WeakSet<pg.PoolClient>();
  pool.on('acquire', (client) => {
    if (known.has(client)) return;
    known.add(client);
    const plain = client.query.bind(client);
    let atOnce = 0;
    const statement = async (args: readonly unknown[]): Promise<unknown> => {
      atOnce += 1;
      seen.atOnceMax = Math.max(seen.atOnceMax, atOnce);
      seen.asked.push(String(args[0]));
      try {
        return await Reflect.apply(plain, client, args);
      } finally {
        atOnce -= 1;
      }
    };
    // A stream of COPY is no promise.
    const query = (...args: readonly unknown[]): unknown =>
      typeof args[0] === 'string' ? statement(args) : Reflect.apply(plain, client, args);
    Object.assign(client, { query });
  });
  return seen;
}

test('the next batch is asked for before what this one found is written, and a connection has one statement at a time', async () => {
  await using world = await openWorkerWorld();
  world.identities = upTo(5).map((number) => person(number));
  world.accounts = [...upTo(5).map((number) => account(number)), ...upTo(STRANGERS).map(stranger)];
  const seen = watch(world.store.pool);
  await world.run('2026-11-10T08:00:00Z');
  const steps = seen.asked.flatMap((text) => {
    if (text.startsWith('fetch') && text.endsWith('from account_cases')) return ['fetch'];
    return text.includes('insert into rollcall.finding\n') ? ['write'] : [];
  });
  expect(steps).toEqual(['fetch', 'fetch', 'write', 'fetch', 'write', 'write']);
  expect(steps.filter((step) => step === 'write')).toHaveLength(BATCHES);
  expect(seen.atOnceMax).toBe(1);
});

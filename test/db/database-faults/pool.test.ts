import { once } from 'node:events';
import { expect, test } from 'vitest';
import { type Database, inTransaction, openDatabase } from '../../../src/store/database.ts';
import { named } from '../../../src/store/errors.ts';
import { SILENT } from '../../support/database.ts';
import { account, person, stranger, upTo } from '../../support/people.ts';
import { adminUrl } from '../../support/postgres.ts';
import { openTestStore } from '../../support/store.ts';
import { openWorkerWorld } from '../../support/worker.ts';

// Fault case 68: a pool of one, a client that was never given back, a query that waits for ever.

const open = (url: string, poolMax: number, connectTimeoutMs?: number): Database =>
  openDatabase({ url, poolMax, log: SILENT, applicationName: 'rollcall test', connectTimeoutMs });

test('a pool of one is enough for a run: no step waits for a second connection', async () => {
  await using store = await openTestStore((url) => open(url, 1));
  const world = await openWorkerWorld({ store });
  world.identities = upTo(5).map((number) => person(number));
  world.accounts = [...upTo(5).map((number) => account(number)), stranger(1)];
  const { outcomes, undelivered } = await world.run('2026-11-20T08:00:00Z');
  expect(outcomes).toMatchObject([
    { kind: 'judged', verdict: 'complete' },
    { kind: 'judged', verdict: 'complete' },
  ]);
  expect(undelivered.count).toBe(0);
  expect(await world.findings()).toEqual(['orphaned_account x1 open']);
});

test('a client that is never given back: the next asker gets an error with a name, in time', async () => {
  const database = open(adminUrl(), 1, 300);
  try {
    const leaked = await database.pool.connect();
    const startedAt = performance.now();
    const waiting = [
      named('ask', database.pool.query('select 1')),
      inTransaction(database.pool, 'write', (client) => client.query('select 1')),
    ];
    for (const each of waiting) await expect(each).rejects.toMatchObject({ code: 'database-pool-exhausted' });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    leaked.release();
    expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  } finally {
    await database.close();
  }
});

test('a server that takes connections and never greets is another failure than an empty pool', async () => {
  const { createServer } = await import('node:net');
  const deaf = createServer(() => undefined);
  deaf.listen(0, '127.0.0.1');
  await once(deaf, 'listening');
  const address = deaf.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const database = open(`postgresql://me@127.0.0.1:${port}/nowhere`, 1, 300);
  try {
    const asked = named('ask', database.pool.query('select 1'));
    await expect(asked).rejects.toMatchObject({ code: 'database-unavailable' });
  } finally {
    await database.close();
    deaf.close();
  }
});

test('a statement that waits for a lock for ever is ended by the server, and its connection is good again', async () => {
  await using store = await openTestStore((url) => open(url, 2));
  const holder = await store.pool.connect();
  await holder.query('begin');
  await holder.query('lock table rollcall.setting in access exclusive mode');
  const waiting = inTransaction(store.pool, 'wait', async (client) => {
    await client.query(`set local lock_timeout = '200ms'`);
    await client.query('select * from rollcall.setting');
  });
  await expect(waiting).rejects.toMatchObject({ code: 'database-unavailable', sqlState: '55P03' });
  expect((await store.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await holder.query('rollback');
  holder.release();
});

test('a transaction that its owner forgets is ended by the server', async () => {
  const database = open(adminUrl(), 1);
  try {
    const forgotten = inTransaction(database.pool, 'forget', async (client) => {
      await client.query(`set local idle_in_transaction_session_timeout = '200ms'`);
      await once(client, 'end');
      await client.query('select 1');
    });
    await expect(forgotten).rejects.toMatchObject({ code: 'database-unavailable' });
    expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  } finally {
    await database.close();
  }
});

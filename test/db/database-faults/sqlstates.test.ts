import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR_CODES, type ErrorCode } from '../../../src/errors.ts';
import { type Database, inTransaction, openDatabase } from '../../../src/store/database.ts';
import { named, sqlStateOf } from '../../../src/store/errors.ts';
import { checkWritable } from '../../../src/store/check-writable.ts';
import { SILENT } from '../../support/database.ts';
import { createDatabase, type TestDatabase } from '../../support/postgres.ts';

// Fault case 62: each failure of the server has a class, and each of them is a real one here. A disk that is full needs a small disk:
// test/e2e/database-faults/full-disk.test.ts.

let made: TestDatabase;
let database: Database;

const open = (url: string, poolMax = 3): Database =>
  openDatabase({ url, poolMax, log: SILENT, applicationName: 'rollcall test' });

beforeAll(async () => {
  made = await createDatabase();
  database = open(made.url);
  await database.pool.query('create table thing (id int primary key, n int not null)');
  await database.pool.query('insert into thing values (1, 0), (2, 0)');
});
afterAll(async () => {
  await database.close();
  await made[Symbol.asyncDispose]();
});

async function failureOf(
  work: Promise<unknown>,
): Promise<{ code: ErrorCode; state: string | undefined; message: string }> {
  const error: unknown = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof Error) || !('code' in error))
    throw new Error('it did not fail as it should', { cause: error });
  const code = Object.keys(ERROR_CODES).find((each): each is ErrorCode => each === error.code);
  if (code === undefined) throw new Error(`unknown code ${String(error.code)}`);
  return { code, state: sqlStateOf(error), message: error.message };
}

const bump = (client: pg.PoolClient, id: number) => client.query('update thing set n = n + 1 where id = $1', [id]);

/** Two transactions that wait for each other; `hold` of the first is called when both have their first row. */
async function crossing(again: boolean): Promise<readonly PromiseSettledResult<unknown>[]> {
  const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const cross = (mine: 0 | 1, first: number, second: number) => {
    const work = async (client: pg.PoolClient): Promise<void> => {
      // Sooner than the second that the server gives itself.
      await client.query(`set local deadlock_timeout = '50ms'`);
      await bump(client, first);
      both[mine].resolve();
      await both[mine === 0 ? 1 : 0].promise;
      await bump(client, second);
    };
    return inTransaction(database.pool, 'cross', work, { again });
  };
  return await Promise.allSettled([cross(0, 1, 2), cross(1, 2, 1)]);
}

async function numbers(): Promise<readonly number[]> {
  const { rows } = await database.pool.query<{ n: number }>('select n from thing order by id');
  return rows.map(({ n }) => n);
}

describe('40P01: a deadlock', () => {
  test('is worth another try, and what may be done again is', async () => {
    const before = await numbers();
    const once = await crossing(false);
    const failed = once.find((each) => each.status === 'rejected');
    expect(await failureOf(Promise.reject(failed?.reason))).toMatchObject({
      code: 'database-unavailable',
      state: '40P01',
    });
    expect(await crossing(true)).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled' }]);
    // One of the first two, and both of the second.
    expect(await numbers()).toEqual(before.map((n) => n + 3));
  });
});

/** The row is changed by somebody else after this transaction has taken its snapshot, as often as told. */
function overtaken(times: number, again: boolean): Promise<void> {
  let left = times;
  const work = async (client: pg.PoolClient): Promise<void> => {
    await client.query('set transaction isolation level repeatable read');
    await client.query('select from thing');
    if (left > 0) {
      left -= 1;
      await database.pool.query('update thing set n = n + 10 where id = 1');
    }
    await bump(client, 1);
  };
  return inTransaction(database.pool, 'overtake', work, { again });
}

describe('40001: a serialisation failure', () => {
  test('is worth another try; what may be done again is, three times in all', async () => {
    expect(await failureOf(overtaken(1, false))).toMatchObject({ code: 'database-unavailable', state: '40001' });
    await overtaken(2, true);
    expect(await failureOf(overtaken(3, true))).toMatchObject({ code: 'database-unavailable', state: '40001' });
  });
});

test('57014: a statement that was cancelled fails, and is not tried again', async () => {
  const slow = inTransaction(database.pool, 'think', async (client) => {
    await client.query(`set local statement_timeout = '50ms'`);
    await client.query('select pg_sleep(30)');
  });
  const failure = await failureOf(slow);
  expect(failure).toMatchObject({ code: 'database-failed', state: '57014' });
  expect(failure.message).toContain('took too long');
  expect(ERROR_CODES['database-failed'].retry).toBe(false);
});

test('53300: a server without a free connection is busy, and says which setting', async () => {
  await using small = await createDatabase();
  const first = open(small.url, 1);
  // Superusers are above the limit of a database; the limit of the role is meant for them too.
  const role = `${small.name}_role`;
  await first.pool.query(`create role ${role} login password 'test-only' connection limit 1`);
  const url = new URL(small.url);
  url.username = role;
  url.password = 'test-only';
  const [one, two] = [open(url.href, 1), open(url.href, 1)];
  try {
    await one.pool.query('select 1');
    const failure = await failureOf(named('ask', two.pool.query('select 1')));
    expect(failure).toMatchObject({ code: 'database-unavailable', state: '53300' });
    expect(failure.message).toContain('max_connections');
    expect(ERROR_CODES['database-unavailable'].retry).toBe(true);
  } finally {
    await one.close();
    await two.close();
    await first.pool.query(`drop role ${role}`);
    await first.close();
  }
});

test('25006: a read-only database stops the work and is told', async () => {
  await using frozen = await createDatabase();
  const before = open(frozen.url, 1);
  await before.pool.query('create table thing (id int)');
  await checkWritable(before.pool);
  await before.pool.query(`alter database ${frozen.name} set default_transaction_read_only = on`);
  await before.close();
  const after = open(frozen.url, 1);
  try {
    const failure = await failureOf(
      inTransaction(after.pool, 'write', (client) => client.query('insert into thing values (1)')),
    );
    expect(failure).toMatchObject({ code: 'database-read-only', state: '25006' });
    expect(await failureOf(checkWritable(after.pool))).toMatchObject({ code: 'database-read-only' });
    expect(ERROR_CODES['database-read-only']).toMatchObject({ retry: false, alert: true });
  } finally {
    await after.close();
  }
});

// The sentence of each class; what raises them is above, and the full disk in e2e.
test.each([
  ['53100', 'database-full', /disk of the server is full/],
  ['25006', 'database-read-only', /primary/],
  ['53200', 'database-failed', /memory/],
  ['55P03', 'database-unavailable', /busy/],
  ['57P01', 'database-unavailable', /restarting/],
  ['28P01', 'database-auth', /password/],
  ['3D000', 'database-auth', /does not exist/],
] as const)('%s is %s', async (state, code, sentence) => {
  const raising = named('step', database.pool.query(`do $$ begin raise sqlstate '${state}'; end $$`));
  const failure = await failureOf(raising);
  expect(failure).toMatchObject({ code, state });
  expect(failure.message).toMatch(sentence);
});

test('a disk that was full keeps the database from being ready until the same can be written', async () => {
  await using store = await createDatabase();
  const full = open(store.url, 1);
  const write = (statement: string) => inTransaction(full.pool, 'record listing', (client) => client.query(statement));
  try {
    await failureOf(write(`do $$ begin raise sqlstate '53100'; end $$`));
    expect(await failureOf(checkWritable(full.pool))).toMatchObject({ code: 'database-full' });
    await inTransaction(full.pool, 'stage rows', (client) => client.query('select 1'));
    expect(await failureOf(checkWritable(full.pool))).toMatchObject({ code: 'database-full' });
    await write('select 1');
    await checkWritable(full.pool);
  } finally {
    await full.close();
  }
});

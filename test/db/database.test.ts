import { once } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { inTransaction, longStatements, openDatabase } from '../../src/store/database.ts';
import { named } from '../../src/store/errors.ts';
import { SILENT } from '../support/database.ts';
import { adminUrl } from '../support/postgres.ts';
import { startSilentProxy } from '../support/silent-proxy.ts';
import { openTestStore } from '../support/store.ts';

const open = (url: string, poolMax = 2) =>
  openDatabase({ url, poolMax, log: SILENT, applicationName: 'rollcall test' });

const QUICK = { poolMax: 2, log: SILENT, applicationName: 'rollcall test', queryTimeoutMs: 400 };

test('instants are ISO text with microseconds, plain dates text, counts numbers', async () => {
  const database = open(adminUrl());
  try {
    const { rows } = await database.pool.query(
      `select '2026-11-21 01:02:03.123456+05:30'::timestamptz as instant, '2026-11-21'::date as day, count(*) as count,
              9007199254740993::int8 as huge`,
    );
    expect(rows).toEqual([
      { instant: '2026-11-20T19:32:03.123456Z', day: '2026-11-21', count: 1, huge: '9007199254740993' },
    ]);
    await database.pool.query(`set timezone = 'Asia/Kolkata'`);
    const elsewhere = await database.pool.query(`select '2026-11-21 01:02:03.5+00'::timestamptz as instant`);
    expect(elsewhere.rows).toEqual([{ instant: '2026-11-21T01:02:03.5Z' }]);
  } finally {
    await database.close();
  }
});

test('no timeout is left at "none"', async () => {
  const database = open(adminUrl());
  try {
    const { rows } = await database.pool.query<{ setting: string }>(
      `select setting from pg_settings
        where name in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')`,
    );
    expect(rows.map(({ setting }) => Number(setting) > 0)).toEqual([true, true, true]);
    expect(database.pool.options.connectionTimeoutMillis).toBeGreaterThan(0);
    // Just longer than a statement may take: a path that falls silent is noticed within this.
    expect(database.pool.options.query_timeout).toBeGreaterThan(60_000);
    expect(database.pool.options.query_timeout).toBeLessThanOrEqual(75_000);
  } finally {
    await database.close();
  }
});

test('an idle connection that the server ends does not end the process', async () => {
  const database = open(adminUrl(), 2);
  try {
    const victim = await database.pool.connect();
    const { rows } = await victim.query<{ pid: number }>('select pg_backend_pid() as pid');
    victim.release();
    const other = await database.pool.connect();
    const second = await database.pool.connect();
    other.release();
    const lost = once(database.pool, 'error');
    await second.query('select pg_terminate_backend($1)', [rows[0]?.pid ?? 0]).catch(() => undefined);
    second.release();
    await lost;
    expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  } finally {
    await database.close();
  }
});

test('a statement whose process was killed ends with its connection, and gives its locks back', async () => {
  await using left = await openTestStore();
  const watching = open(left.url);
  try {
    const client = await left.pool.connect();
    await client.query('begin');
    await client.query('lock table rollcall.drift_report in share row exclusive mode');
    client.query('select pg_sleep(300)').catch(() => undefined);
    const holders = async () =>
      (
        await watching.pool.query(
          `select 1 from pg_locks where mode = 'ShareRowExclusiveLock' and relation = 'rollcall.drift_report'::regclass
              and database = (select oid from pg_database where datname = current_database())`,
        )
      ).rows;
    expect(await holders()).toHaveLength(1);
    // As the system does it: no goodbye.
    await left.close();
    await vi.waitFor(async () => expect(await holders()).toEqual([]), { timeout: 20_000, interval: 200 });
  } finally {
    await watching.close();
  }
});

const unreachable = (change: (url: URL) => void): string => {
  const url = new URL(adminUrl());
  change(url);
  return url.href;
};
const cases: readonly { name: string; url: () => string; code: string }[] = [
  {
    name: 'nobody listens',
    url: () => unreachable((url) => (url.port = '1')),
    code: 'database-unavailable',
  },
  {
    name: 'the database does not exist',
    url: () => unreachable((url) => (url.pathname = '/no_such_database')),
    code: 'database-auth',
  },
];
test.each(cases)('$name: $code, without the URL', async ({ url, code }) => {
  const database = open(url());
  try {
    const failing = named('say hello', database.pool.query('select 1'));
    await expect(failing).rejects.toMatchObject({ code, message: expect.not.stringContaining('postgres:') });
  } finally {
    await database.close();
  }
});

describe('a path that falls silent', () => {
  test('costs the query that waits on it, and the next one is answered', async () => {
    await using proxy = await startSilentProxy(adminUrl());
    const database = openDatabase({ url: proxy.url, ...QUICK });
    try {
      await database.pool.query('select 1');
      proxy.swallow();
      const hanging = named('ask', database.pool.query('select 1'));
      await expect(hanging).rejects.toMatchObject({ code: 'database-unavailable' });
      expect((await database.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    } finally {
      await database.close();
    }
  });

  test('costs a transaction no second wait for its rollback', async () => {
    await using proxy = await startSilentProxy(adminUrl());
    const database = openDatabase({ url: proxy.url, ...QUICK, queryTimeoutMs: 2_000 });
    try {
      const startedAt = performance.now();
      const work = inTransaction(database.pool, 'work', async (client) => {
        proxy.swallow();
        await client.query('select 1');
      });
      await expect(work).rejects.toMatchObject({ code: 'database-unavailable' });
      expect(performance.now() - startedAt).toBeLessThan(3_500);
    } finally {
      await database.close();
    }
  });

  test('does not keep the pool from closing, nor what waits from its end', async () => {
    await using proxy = await startSilentProxy(adminUrl());
    const database = open(proxy.url, 3);
    const [held] = await Promise.all([database.pool.connect(), database.pool.query('select 1')]);
    proxy.swallow();
    const hanging = named('ask', held.query('select 1')).finally(() => held.release(true));
    const startedAt = performance.now();
    await Promise.all([
      database.close(),
      database.close(),
      expect(hanging).rejects.toMatchObject({ code: 'database-unavailable' }),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

test('long statements are waited for, and those after them no longer than usual', async () => {
  const database = openDatabase({ url: adminUrl(), ...QUICK, poolMax: 1 });
  try {
    await inTransaction(database.pool, 'work', async (client) => {
      await longStatements(client);
      await client.query('select pg_sleep(0.9)');
    });
    await expect(database.pool.query('select pg_sleep(0.9)')).rejects.toThrow('timeout');
  } finally {
    await database.close();
  }
});

test('a connection that ends between two statements of a transaction does not end the process', async () => {
  const database = open(adminUrl());
  try {
    const work = inTransaction(database.pool, 'work', async (client) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      // Not `once` of node:events: that one rejects at the `error` that comes first.
      const ended = new Promise<void>((resolve) => void client.once('end', resolve));
      await database.pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
      await ended;
      await client.query('select 1');
    });
    await expect(work).rejects.toMatchObject({ code: 'database-unavailable' });
  } finally {
    await database.close();
  }
});

import { once } from 'node:events';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { named } from '../../src/store/errors.ts';
import { SILENT } from '../support/database.ts';
import { adminUrl } from '../support/postgres.ts';

const open = (url: string, poolMax = 2) =>
  openDatabase({ url, poolMax, log: SILENT, applicationName: 'rollcall test' });

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
    expect(database.pool.options.query_timeout).toBeGreaterThan(0);
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

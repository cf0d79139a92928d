import pg from 'pg';
import { describe, expect, test } from 'vitest';

import { createDatabase, createMigratedDatabase } from '../support/postgres.ts';

describe('databases for tests', () => {
  test('each test has a database of its own, which is gone afterwards', async () => {
    const first = await createDatabase();
    await using second = await createDatabase();
    await ask(first.url, 'create table mine (id int)');
    expect(await ask(second.url, `select to_regclass('mine') as found`)).toEqual([{ found: null }]);
    await first[Symbol.asyncDispose]();
    await expect(ask(first.url, 'select 1')).rejects.toThrow('does not exist');
  });

  test('a migrated database is a copy: the migration ran once, a change of one is not in the other', async () => {
    let migrations = 0;
    const migrate = async (url: string): Promise<void> => {
      migrations += 1;
      await ask(url, 'create table support_test (id int)');
    };
    await using first = await createMigratedDatabase(migrate, 'support_test');
    await using second = await createMigratedDatabase(migrate, 'support_test');
    await ask(first.url, 'insert into support_test values (1)');
    expect(await ask(second.url, 'select count(*)::int as n from support_test')).toEqual([{ n: 0 }]);
    expect(migrations).toBe(1);
  });

  test('a database with open connections is dropped all the same', async () => {
    const database = await createDatabase();
    const client = new pg.Client({ connectionString: database.url });
    const lost = new Promise((resolve) => {
      client.on('error', resolve);
    });
    await client.connect();
    await database[Symbol.asyncDispose]();
    expect(await lost).toBeInstanceOf(Error);
  });
});

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

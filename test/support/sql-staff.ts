import pg from 'pg';
import type { Source } from '../../src/ports/sources.ts';
import { createSqlSource, type SqlSettings } from '../../src/sources/sql/client.ts';
import { NO_POLICY } from './listing.ts';
import { createDatabase } from './postgres.ts';

/** A database of somebody else's, with a table `staff`, and a connection to look at it and change it. */
export type StaffDatabase = AsyncDisposable & {
  readonly url: string;
  readonly client: pg.Client;
  readonly source: (settings?: Partial<SqlSettings>) => Source;
  /** Connections of Rollcall that are open there. */
  readonly connections: () => Promise<number>;
};

export const STAFF = `
  create table staff (id int primary key, email text, status text);
  insert into staff values (1, 'jane@example.com', 'active'), (2, 'joe@example.com', 'active'), (3, 'kim@example.com', 'disabled');
`;

export async function openStaff(setUp = STAFF): Promise<StaffDatabase> {
  const database = await createDatabase();
  const client = new pg.Client({ connectionString: database.url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(setUp);
  return {
    url: database.url,
    client,
    source: (settings = {}) =>
      createSqlSource({
        name: 'contractors',
        url: database.url,
        query: 'select * from staff order by id',
        policy: NO_POLICY,
        ...settings,
      }),
    connections: async () => {
      const { rows } = await client.query<{ count: number }>(
        `select count(*)::int as count from pg_stat_activity where datname = current_database() and application_name = 'rollcall'`,
      );
      return rows[0]?.count ?? 0;
    },
    [Symbol.asyncDispose]: async () => {
      await client.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

import { randomBytes } from 'node:crypto';

import pg from 'pg';
import type { TestProject } from 'vitest/node';

import { openTestServer, type TestServer } from './postgres-server.ts';

export type TestPostgres = {
  /** May make databases and roles. */
  readonly adminUrl: string;
  readonly origin: string;
  /** Begins the names of this run's databases. */
  readonly prefix: string;
};

declare module 'vitest' {
  interface ProvidedContext {
    postgres: TestPostgres;
  }
}

type SharedServer = { users: number; readonly open: Promise<{ server: TestServer; provided: TestPostgres }> };

declare global {
  // Projects load this file apart, each with its own module state, but in one process: the server is shared through it.
  var rollcallTestServer: SharedServer | undefined;
}

/** One server for all projects of a run; stops it, or drops what the run has made on a server that is not ours. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  globalThis.rollcallTestServer ??= { users: 0, open: open() };
  const shared = globalThis.rollcallTestServer;
  shared.users += 1;
  const { server, provided } = await shared.open;
  project.provide('postgres', provided);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    globalThis.rollcallTestServer = undefined;
    await dropDatabases(provided);
    await server.close();
  };
}

async function open(): Promise<{ server: TestServer; provided: TestPostgres }> {
  const server = await openTestServer(process.env);
  const prefix = `rollcall_test_${randomBytes(4).toString('hex')}`;
  try {
    const version = await withAdmin(server.url, async (client) => {
      const { rows } = await client.query<{ server_version: string }>('show server_version');
      return rows[0]?.server_version ?? 'of unknown version';
    });
    process.stderr.write(`tests use Postgres from: ${server.origin} — PostgreSQL ${version}\n`);
    return { server, provided: { adminUrl: server.url, origin: server.origin, prefix } };
  } catch (error) {
    await server.close();
    throw new Error(`the Postgres of the tests (${server.origin}) takes no connection`, { cause: error });
  }
}

/** Most are gone already; a test that was cut short leaves its own, and the template is nobody's. */
async function dropDatabases({ adminUrl, prefix }: TestPostgres): Promise<void> {
  await withAdmin(adminUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [prefix],
    );
    for (const { datname } of rows) {
      await client.query(`alter database ${datname} is_template false`);
      await client.query(`drop database if exists ${datname} with (force)`);
    }
  });
}

async function withAdmin<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

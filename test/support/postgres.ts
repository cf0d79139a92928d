import { randomBytes } from 'node:crypto';

import pg from 'pg';
import { inject } from 'vitest';

import { migrate } from '../../src/store/migrate.ts';
import type { TestPostgres } from './postgres-setup.ts';

/** A database of one's own on the server of this run; `await using` drops it, with its connections. */
export type TestDatabase = { readonly url: string; readonly name: string; [Symbol.asyncDispose](): Promise<void> };

/** Held while the template is made; the number means nothing. */
const TEMPLATE_LOCK = 8_120_431;

/** The server's own URL, with the right to make databases and roles. */
export function adminUrl(): string {
  return served().adminUrl;
}

/** An empty database. */
export async function createDatabase(): Promise<TestDatabase> {
  return await create(undefined);
}

/** A database that the program's migrations (or `migrateIt`) have been over: copied from a template, which the first call of a run makes for each `kind`. */
export async function createMigratedDatabase(
  migrateIt: (url: string) => Promise<unknown> = migrateUrl,
  kind = 'template',
): Promise<TestDatabase> {
  const template = `${served().prefix}_${kind}`;
  await withAdmin(async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const found = await client.query<{ datistemplate: boolean }>(
      'select datistemplate from pg_database where datname = $1',
      [template],
    );
    if (found.rows[0]?.datistemplate === true) return;
    await client.query(`drop database if exists ${template} with (force)`); // half made, by a test that was cut short
    await client.query(`create database ${template}`);
    await migrateIt(urlOf(template));
    // The mark that it is whole. Nobody connects any more, or it could not be copied.
    await client.query(`alter database ${template} is_template true allow_connections false`);
  });
  return await create(template);
}

/** A database with all that another one holds, to which nobody may be connected meanwhile. */
export async function copyDatabase(of: TestDatabase): Promise<TestDatabase> {
  return await create(of.name);
}

async function migrateUrl(url: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  try {
    await migrate(pool);
  } finally {
    await pool.end();
  }
}

async function create(template: string | undefined): Promise<TestDatabase> {
  const name = `${served().prefix}_${randomBytes(6).toString('hex')}`;
  await withAdmin(async (client) => {
    await client.query(
      template === undefined ? `create database ${name}` : `create database ${name} template ${template}`,
    );
  });
  return {
    name,
    url: urlOf(name),
    [Symbol.asyncDispose]: async () => {
      await withAdmin(async (client) => {
        await client.query(`drop database if exists ${name} with (force)`);
      });
    },
  };
}

function served(): TestPostgres {
  return inject('postgres');
}

function urlOf(database: string): string {
  const url = new URL(adminUrl());
  url.pathname = `/${database}`;
  return url.href;
}

async function withAdmin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: adminUrl(), connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

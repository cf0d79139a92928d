import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { Log } from '../../src/ports/surroundings.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { openEmbeddedPostgres } from '../../src/store/embedded/open.ts';
import { migrate } from '../../src/store/migrate.ts';

/** A database of this run alone, with the product's schema, and a folder for files. Closing removes both. */
export type BenchDatabase = Database & {
  readonly url: string;
  readonly version: string;
  /** Where the server came from. */
  readonly origin: string;
  readonly folder: string;
};

export const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** `TEST_DATABASE_URL` (its role may create databases), else the embedded Postgres, with the settings that users get. */
export async function openBenchDatabase(env: NodeJS.ProcessEnv): Promise<BenchDatabase> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rollcall-bench-'));
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const step of undo.toReversed()) await step();
  };
  try {
    await chmod(folder, 0o755); // as root, Postgres runs as somebody else, who has to get through
    const server = await openServer(env, folder);
    undo.push(server.close);
    const name = `rollcall_bench_${randomBytes(6).toString('hex')}`;
    await withAdmin(server.url, (admin) => admin.query(`create database ${name}`));
    undo.push(() => withAdmin(server.url, (admin) => admin.query(`drop database if exists ${name} with (force)`)));
    const url = new URL(server.url);
    url.pathname = `/${name}`;
    const database = openDatabase({ url: url.href, poolMax: 4, log: SILENT, applicationName: 'rollcall bench' });
    undo.push(() => database.close());
    await migrate(database.pool);
    const { rows } = await database.pool.query<{ server_version: string }>('show server_version');
    const version = rows[0]?.server_version ?? 'of unknown version';
    return { ...database, url: url.href, version, origin: server.origin, folder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Server = { readonly url: string; readonly origin: string; readonly close: () => Promise<void> };

async function openServer(env: NodeJS.ProcessEnv, folder: string): Promise<Server> {
  const url = env['TEST_DATABASE_URL'] ?? '';
  if (url !== '') return { url, origin: 'TEST_DATABASE_URL', close: () => Promise.resolve() };
  const directory = path.join(folder, '.rollcall');
  const embedded = await openEmbeddedPostgres({ directory, say: () => {} });
  return { url: embedded.url, origin: 'embedded-postgres', close: embedded.close };
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

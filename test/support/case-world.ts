import type pg from 'pg';
import { insertLink, insertRow, insertSources, type WorldRow } from './reconcile-world.ts';

// Small worlds around one account, for tests of which cases the statements show.

export const TODAY = '2026-11-21';
export const YESTERDAY = '2026-11-20';
export const TOMORROW = '2026-11-22';
/** `directory` and `people` are authorities, in this order; `nimble` is an application. */
export type Ids = { readonly directory: number; readonly people: number; readonly nimble: number };
export type Build = (client: pg.PoolClient, ids: Ids) => Promise<void>;

export const account: WorldRow = { externalId: 'n-1', email: 'jane@example.com' };
export const person: WorldRow = { externalId: 'p-1', email: 'jane@example.com' };

/** Jane's account, linked to Jane. */
export const linked =
  (of: WorldRow, to: WorldRow, source: 'directory' | 'people' = 'directory'): Build =>
  async (client, ids) => {
    const identity = await insertRow(client, ids[source], { ...person, ...to });
    await insertLink(client, await insertRow(client, ids.nimble, { ...account, ...of }), identity);
  };
export const alone =
  (of: WorldRow): Build =>
  async (client, ids) => {
    await insertRow(client, ids.nimble, { ...account, ...of });
  };
export const with_ =
  (...builds: readonly Build[]): Build =>
  async (client, ids) => {
    for (const build of builds) await build(client, ids);
  };
export const identity =
  (source: 'directory' | 'people', row: WorldRow): Build =>
  async (client, ids) => {
    await insertRow(client, ids[source], { ...person, ...row });
  };

export const owned =
  (externalId: string, row: WorldRow = {}, to: keyof Ids = 'directory'): Build =>
  async (client, ids) => {
    const ref = await insertRow(client, ids.nimble, { externalId, email: `${externalId}@example.com`, ...row });
    await insertLink(client, ref, { sourceId: ids[to], externalId: person.externalId ?? '' });
  };

/** A world in a transaction that is rolled back. */
export async function inWorld(
  pool: pg.Pool,
  build: Build,
  check: (client: pg.PoolClient) => Promise<void>,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const [directory = 0, people = 0, nimble = 0] = await insertSources(client, [
      { name: 'directory', authoritative: true },
      { name: 'people', authoritative: true },
      { name: 'nimble' },
    ]);
    await build(client, { directory, people, nimble });
    await check(client);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

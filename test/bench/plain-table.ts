import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import path from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { RosterRow } from '../../src/core/row.ts';
import { type CopyField, copyLine, copyLines } from '../../src/store/copy-text.ts';
import type { Bench } from './bench.ts';
import { Stopwatch } from './repeat.ts';

// What a program without history, verdicts and keys would do with the same rows: one plain table. Its load is the floor of the
// first load, its refresh the yardstick of every later one.

const FIELDS = [
  ['email', 'text'],
  ['aliases', 'text[]'],
  ['employee_id', 'text'],
  ['given_name', 'text'],
  ['family_name', 'text'],
  ['display_name', 'text'],
  ['status', 'text'],
  ['kind', 'text'],
  ['role', 'text'],
  ['privileged', 'boolean'],
  ['title', 'text'],
  ['department', 'text'],
  ['manager_id', 'text'],
  ['start_date', 'date'],
  ['end_date', 'date'],
  ['flags', 'text[]'],
  ['last_active_at', 'timestamptz'],
  ['source_created_at', 'timestamptz'],
  ['source_updated_at', 'timestamptz'],
] as const;
const NAMES = FIELDS.map(([name]) => name);
export const FILE_COLUMNS: readonly string[] = ['source', 'external_id', ...NAMES];
export const PLAIN_COLUMNS = FILE_COLUMNS.join(', ');

const list = (alias: string): string => NAMES.map((name) => `${alias}.${name}`).join(', ');
const DIFFERENT = `(${list('p')}) is distinct from (${list('s')})`;
const SAME_ROW = 'p.source = s.source and p.external_id = s.external_id';

export type Name = 'directory' | 'application';
export function fileOf({ database }: Bench, name: Name): string {
  return path.join(database.folder, `${name}.tsv`);
}

/** Both rosters as files in COPY's text format: what psql's `\copy` would read, and DuckDB. */
export async function writeFiles(bench: Bench): Promise<void> {
  const rosters = { directory: bench.company.identities(), application: bench.company.accounts(0) };
  for (const name of ['directory', 'application'] as const) {
    const file = createWriteStream(fileOf(bench, name));
    for (const batch of rosters[name]) {
      if (!file.write(batch.map((row) => lineOf(name, row)).join(''))) await once(file, 'drain');
    }
    file.end();
    await finished(file);
  }
}

/** Empty, with its primary key. */
export async function newPlainTable({ database }: Bench): Promise<void> {
  await database.pool.query(`drop table if exists public.plain;
    create table public.plain (source text not null, external_id text not null,
      ${FIELDS.map((field) => field.join(' ')).join(', ')}, primary key (source, external_id))`);
}

/** A new plain table, filled from the files by one COPY each. Returns the time of COPY alone. */
export async function loadPlainTable(bench: Bench): Promise<number> {
  await newPlainTable(bench);
  return withClient(bench, async (client) => {
    const stopwatch = new Stopwatch();
    for (const name of ['directory', 'application'] as const) {
      const into = client.query(copyFrom(`copy public.plain (${PLAIN_COLUMNS}) from stdin`));
      await stopwatch.time(() => pipeline(createReadStream(fileOf(bench, name)), into));
    }
    await client.query('analyze public.plain');
    return stopwatch.ms;
  });
}

/** Reads the application again by staging every full row and comparing. Returns the time and how many rows were written. */
export async function refreshPlainTable(
  bench: Bench,
  change: number,
): Promise<{ readonly ms: number; readonly changed: number }> {
  return withClient(bench, async (client) => {
    const stopwatch = new Stopwatch();
    await stopwatch.time(async () => {
      await client.query('begin');
      await client.query('create temp table staged (like public.plain) on commit drop');
    });
    for (const batch of bench.company.accounts(change)) {
      await stopwatch.time(() => copyLines(client, `staged (${PLAIN_COLUMNS})`, linesOf('application', batch)));
    }
    const changed = await stopwatch.time(async () => {
      await client.query('analyze staged');
      const updated = await client.query(
        `update public.plain p set (${NAMES.join(', ')}) = (${list('s')}) from staged s where ${SAME_ROW} and ${DIFFERENT}`,
      );
      const inserted = await client.query(
        `insert into public.plain select s.* from staged s where not exists (select from public.plain p where ${SAME_ROW})`,
      );
      await client.query(
        `delete from public.plain p
          where p.source = 'application' and not exists (select from staged s where ${SAME_ROW})`,
      );
      await client.query('commit');
      return (updated.rowCount ?? 0) + (inserted.rowCount ?? 0);
    });
    return { ms: stopwatch.ms, changed };
  });
}

async function withClient<T>({ database }: Bench, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await database.pool.connect();
  let isSound = false;
  try {
    const result = await work(client);
    isSound = true;
    return result;
  } finally {
    client.release(!isSound);
  }
}

function* linesOf(source: Name, rows: readonly RosterRow[]): Generator<string> {
  for (const row of rows) yield lineOf(source, row);
}

function lineOf(source: Name, row: RosterRow): string {
  return copyLine([source, ...valuesOf(row)]);
}

/** In the order of `FILE_COLUMNS`, without the source. */
export function valuesOf(row: RosterRow): readonly CopyField[] {
  return [
    row.externalId,
    row.email,
    row.aliases,
    row.employeeId,
    row.givenName,
    row.familyName,
    row.displayName,
    row.status,
    row.kind,
    row.role,
    row.privileged,
    row.title,
    row.department,
    row.managerId,
    row.startDate,
    row.endDate,
    row.flags,
    row.lastActiveAt,
    row.sourceCreatedAt,
    row.sourceUpdatedAt,
  ];
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator';
import type pg from 'pg';
import { OperationalError } from '../errors.ts';
import { inTransaction, LONG_STATEMENT_TIMEOUT_MS, longStatements } from './database.ts';
import { named } from './errors.ts';
import { installJobs, type JobsState, loadJobsState } from './jobs-schema.ts';

/** "rollcall" in bytes: the transaction lock of everything that changes the schema. Released by commit, also behind a pooler. */
export const SCHEMA_LOCK = 0x726f6c6c;
export const MIGRATIONS_SCHEMA = 'rollcall_migrations';
const APPLIED = `${MIGRATIONS_SCHEMA}.applied`;
/** Beside the program, whatever the working directory. */
const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../migrations', import.meta.url));

export type MigrateOptions = { readonly folder?: string | undefined };
export type MigrationPlan = {
  /** Names of the migrations that would be applied, in order. */
  readonly pending: readonly string[];
  readonly jobs: JobsState;
};

type Migration = MigrationMeta & { readonly name: string };
type Applied = { readonly hash: string; readonly created_at: number };

/**
 * Brings the database up to this program's schema and returns the names of what was applied. Safe in any number of processes
 * at once. Refuses a database that a newer program has migrated (`database-newer`). Needs no right to create when nothing is
 * pending.
 */
export async function migrate(pool: pg.Pool, options: MigrateOptions = {}): Promise<readonly string[]> {
  const before = await planMigrations(pool, options);
  let applied: readonly string[] = [];
  if (before.pending.length > 0) applied = await applyUnderLock(pool, options);
  if (before.jobs !== 'current') await installJobs(pool);
  return applied;
}

/** What `migrate` would do; changes nothing. */
export async function planMigrations(pool: pg.Pool, options: MigrateOptions = {}): Promise<MigrationPlan> {
  const migrations = readMigrations(options.folder ?? MIGRATIONS_FOLDER);
  const applied = await named('read applied migrations', loadApplied(pool));
  const jobs = await loadJobsState(pool);
  return { pending: pendingOf(migrations, applied).map(({ name }) => name), jobs };
}

/** For `migrate: never`: `database-behind` when something is pending, `database-newer` when the database is ahead. */
export async function checkMigrated(pool: pg.Pool, options: MigrateOptions = {}): Promise<void> {
  const { pending, jobs } = await planMigrations(pool, options);
  if (pending.length === 0 && jobs === 'current') return;
  const what = [...pending, ...(jobs === 'current' ? [] : ['the job queue'])].join(', ');
  throw new OperationalError(
    'database-behind',
    `the database lacks ${what}; run \`rollcall migrate\` with a role that may change the schema, or set database.migrate to auto`,
  );
}

// Not drizzle's own migrator: it takes no lock, begins a transaction of its own, and silently skips a migration that is older
// than the last one applied. Its files, its journal and its table are kept, so drizzle-kit understands the database.
async function applyUnderLock(pool: pg.Pool, options: MigrateOptions): Promise<readonly string[]> {
  const migrations = readMigrations(options.folder ?? MIGRATIONS_FOLDER);
  return inTransaction(pool, 'migrate', async (client) => {
    await longStatements(client);
    await client.query(`set local lock_timeout = ${LONG_STATEMENT_TIMEOUT_MS}`);
    await client.query('select pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
    // `create … if not exists` trusts this session's cache, which waiting for an advisory lock does not refresh; taking a
    // lock on a catalogue does.
    await client.query('select from pg_catalog.pg_namespace limit 1');
    await client.query(
      `create schema if not exists ${MIGRATIONS_SCHEMA};
       create table if not exists ${APPLIED} (id serial primary key, hash text not null, created_at bigint)`,
    );
    // Asked again: another process may have held the lock before us.
    const pending = pendingOf(migrations, await loadApplied(client));
    for (const migration of pending) {
      for (const statement of migration.sql) await client.query(statement);
      await client.query(`insert into ${APPLIED} (hash, created_at) values ($1, $2)`, [
        migration.hash,
        migration.folderMillis,
      ]);
    }
    return pending.map(({ name }) => name);
  });
}

async function loadApplied(client: pg.Pool | pg.PoolClient): Promise<readonly Applied[]> {
  const { rows: found } = await client.query<{ present: boolean }>('select to_regclass($1) is not null as present', [
    APPLIED,
  ]);
  if (found[0]?.present !== true) return [];
  const { rows } = await client.query<Applied>(`select hash, created_at from ${APPLIED} order by created_at`);
  return rows;
}

function pendingOf(migrations: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  const known = new Map(migrations.map((migration) => [migration.folderMillis, migration.hash]));
  for (const { hash, created_at: when } of applied) {
    const expected = known.get(when);
    if (expected === undefined) {
      throw new OperationalError(
        'database-newer',
        'the database was migrated by a newer Rollcall than this one; run that version or a later one',
      );
    }
    if (expected !== hash) {
      throw new OperationalError(
        'database-newer',
        `migration ${nameOf(migrations, when)} was applied in another wording; use the Rollcall that made this database`,
      );
    }
  }
  const done = new Set(applied.map((row) => row.created_at));
  return migrations.filter((migration) => !done.has(migration.folderMillis));
}

function nameOf(migrations: readonly Migration[], when: number): string {
  return migrations.find((migration) => migration.folderMillis === when)?.name ?? String(when);
}

/** drizzle's reader gives statements and hashes but no names; those are in the journal, in the same order. */
function readMigrations(folder: string): readonly Migration[] {
  const names = journalTags(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8'));
  return readMigrationFiles({ migrationsFolder: folder }).map((meta, at) => {
    const name = names[at];
    if (name === undefined) throw new Error('the migration journal has fewer tags than migrations');
    return { ...meta, name };
  });
}

function journalTags(text: string): readonly string[] {
  return [...text.matchAll(/"tag":\s*"([^"]+)"/g)].map((match) => match[1] ?? '');
}

import { fileURLToPath } from 'node:url';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { checkMigrated, migrate, planMigrations } from '../../../src/store/migrate.ts';
import { migrateUrl, openTestDatabase } from '../../support/database.ts';
import { createDatabase, createMigratedDatabase } from '../../support/postgres.ts';
import { ask } from '../../support/own-postgres.ts';

// Fault case 64. Two that migrate at once, and a database newer than the program: test/db/migrate.test.ts and
// test/e2e/database-faults/start.test.ts.

const CHILD = fileURLToPath(new URL('../../support/migrate-child.ts', import.meta.url));
const WAIT = { timeout: 45_000, interval: 100 };

/** Everything with a name in our schemas. */
const OBJECTS = `
  select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname like 'rollcall%' and c.relkind in ('r', 'v', 'S', 'i', 'p')
  union all select 'queue ' || name from rollcall_jobs.queue order by 1`;

/** Each statement of this kind hangs from now on: there the process is killed. */
const hangAt = (tag: string, schema: string): string => `
  create function public.hang() returns event_trigger language plpgsql as $$
  begin
    if exists (select from pg_event_trigger_ddl_commands() where schema_name = '${schema}') then
      perform pg_sleep(300);
    end if;
  end $$;
  create event trigger hang on ddl_command_end when tag in ('${tag}') execute function public.hang()`;
const HANGS = `select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;

async function killWhereItHangs(url: string): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, [CHILD, url], { stdio: 'ignore' });
  try {
    await vi.waitFor(async () => expect(await ask(url, HANGS)).toHaveLength(1), WAIT);
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  // The server notices by itself that nobody is there any more.
  await vi.waitFor(async () => expect(await ask(url, HANGS)).toEqual([]), WAIT);
  await ask(url, 'drop event trigger hang');
}

test.each([
  ['while the first tables are made', 'CREATE TABLE', 'rollcall'],
  ['while the views are made', 'CREATE VIEW', 'rollcall'],
  ['while the job queue is made', 'CREATE TABLE', 'rollcall_jobs'],
])('killed %s: nothing is half there, and the next one makes it whole', async (_name, tag, schema) => {
  await using whole = await createMigratedDatabase(migrateUrl);
  await using made = await createDatabase();
  await ask(made.url, hangAt(tag, schema));
  await killWhereItHangs(made.url);

  const database = openTestDatabase(made.url);
  try {
    const { pending, jobs } = await planMigrations(database.pool);
    // All migrations are one transaction; the queue is one of its own.
    expect(jobs).toBe('absent');
    expect(pending.length === 0 || pending[0] === '0000_first_tables').toBe(true);
    await expect(checkMigrated(database.pool)).rejects.toMatchObject({ code: 'database-behind' });
    await migrate(database.pool);
    await checkMigrated(database.pool);
  } finally {
    await database.close();
  }
  expect(await ask(made.url, OBJECTS)).toEqual(await ask(whole.url, OBJECTS));
});

test('a job queue of a newer program is refused, not worked with', async () => {
  await using made = await createMigratedDatabase(migrateUrl);
  await ask(made.url, 'update rollcall_jobs.version set version = version + 1');
  const database = openTestDatabase(made.url);
  try {
    await expect(migrate(database.pool)).rejects.toMatchObject({ code: 'database-newer' });
    await expect(checkMigrated(database.pool)).rejects.toMatchObject({ code: 'database-newer' });
  } finally {
    await database.close();
  }
});

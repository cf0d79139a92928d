import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type pg from 'pg';
import { expect, test } from 'vitest';
import { inTransaction } from '../../src/store/database.ts';
import { loadJobsState } from '../../src/store/jobs-schema.ts';
import { checkMigrated, migrate, planMigrations, SCHEMA_LOCK } from '../../src/store/migrate.ts';
import { openTestDatabase } from '../support/database.ts';
import { createDatabase } from '../support/postgres.ts';

const CHILD = fileURLToPath(new URL('../support/migrate-child.ts', import.meta.url));
const JOURNAL = new URL('../../migrations/meta/_journal.json', import.meta.url);
const PROCESSES = 8;

async function withEmpty(work: (database: ReturnType<typeof openTestDatabase>, url: string) => Promise<void>) {
  await using created = await createDatabase();
  const database = openTestDatabase(created.url);
  try {
    await work(database, created.url);
  } finally {
    await database.close();
  }
}

async function countWaiting(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*) as count from pg_locks l join pg_database d on d.oid = l.database
      where l.locktype = 'advisory' and not l.granted and d.datname = current_database()`,
  );
  return rows[0]?.count ?? 0;
}

test('eight processes may migrate an empty database at once, and one does it', async () => {
  await withEmpty(async ({ pool }, url) => {
    // All eight have seen an empty database and stand in line before the first may go on.
    const gate = await pool.connect();
    await gate.query('begin');
    await gate.query('select pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
    const running = Promise.all(
      Array.from({ length: PROCESSES }, async () => {
        const { stdout } = await promisify(execFile)(process.execPath, [CHILD, url]);
        return stdout;
      }),
    );
    await expect.poll(() => countWaiting(pool), { timeout: 45_000, interval: 200 }).toBe(PROCESSES);
    await gate.query('commit');
    gate.release();
    const outputs = await running;

    const { pending, jobs } = await planMigrations(pool);
    expect({ pending, jobs }).toEqual({ pending: [], jobs: 'current' });
    expect(outputs.filter((output) => output !== '')).toHaveLength(1);
    const { rows } = await pool.query<{ hash: string }>('select hash from rollcall_migrations.applied');
    expect(new Set(rows.map(({ hash }) => hash)).size).toBe(rows.length);
  });
});

test('a plan names what is pending and changes nothing', async () => {
  await withEmpty(async ({ pool }) => {
    const plan = await planMigrations(pool);

    expect(plan.pending[0]).toBe('0000_first_tables');
    expect(plan.jobs).toBe('absent');
    const { rows } = await pool.query(`select 1 from pg_namespace where nspname like 'rollcall%'`);
    expect(rows).toEqual([]);
    await expect(checkMigrated(pool)).rejects.toMatchObject({ code: 'database-behind' });
  });
});

test('a migrated database is left alone, with its queues', async () => {
  await withEmpty(async ({ pool }) => {
    expect((await migrate(pool)).length).toBeGreaterThan(0);

    expect(await migrate(pool)).toEqual([]);
    await checkMigrated(pool);
    expect(await loadJobsState(pool)).toBe('current');
    const { rows } = await pool.query<{ name: string }>(
      `select name from rollcall_jobs.queue where name not like '\\_\\_%' order by name`,
    );
    expect(rows.map(({ name }) => name)).toEqual(['alert', 'dead', 'hint', 'reconcile', 'sweep', 'sync']);
  });
});

test('a missing queue is noticed and made again', async () => {
  await withEmpty(async ({ pool }) => {
    await migrate(pool);
    await pool.query(`select rollcall_jobs.delete_queue('sync')`);
    await expect(checkMigrated(pool)).rejects.toMatchObject({ code: 'database-behind' });

    await migrate(pool);

    await checkMigrated(pool);
  });
});

test('a database of a newer Rollcall is refused', async () => {
  await withEmpty(async ({ pool }) => {
    await migrate(pool);
    await pool.query(`insert into rollcall_migrations.applied (hash, created_at) values ('later', 9000000000000)`);

    await expect(migrate(pool)).rejects.toMatchObject({ code: 'database-newer' });
    await expect(checkMigrated(pool)).rejects.toMatchObject({ code: 'database-newer' });
  });
});

test('a migration that was applied in another wording is refused', async () => {
  await withEmpty(async ({ pool }) => {
    await migrate(pool);
    await pool.query(`update rollcall_migrations.applied set hash = 'edited' where id = 1`);

    await expect(migrate(pool)).rejects.toMatchObject({
      code: 'database-newer',
      message: expect.stringContaining('0000_first_tables'),
    });
  });
});

test('a migration that fails half way leaves nothing behind', async () => {
  await withEmpty(async ({ pool }) => {
    await pool.query('create schema rollcall; create table rollcall.waiver (id int)');

    await expect(migrate(pool)).rejects.toMatchObject({ code: 'database-failed' });

    const { rows } = await pool.query(`select 1 from pg_namespace where nspname = 'rollcall_migrations'`);
    expect(rows).toEqual([]);
  });
});

test('the journal rises: a migration older than its predecessor would be skipped by drizzle', async () => {
  const journal = await readFile(JOURNAL, 'utf8');
  const whens = [...journal.matchAll(/"when": (\d+)/g)].map((match) => Number(match[1]));

  expect(whens.length).toBeGreaterThan(3);
  expect(whens.toSorted((a, b) => a - b)).toEqual(whens);
  expect(new Set(whens).size).toBe(whens.length);
});

test('a failure names the step and the SQLSTATE, and neither statement nor parameter', async () => {
  await withEmpty(async ({ pool }) => {
    await migrate(pool);
    const failing = inTransaction(pool, 'save a person', (client) =>
      client.query('insert into rollcall.audit (at, author) values (now(), $1)', ['jane.doe@example.com']),
    );

    const error: unknown = await failing.catch((caught: unknown) => caught);

    expect(error).toMatchObject({ code: 'database-failed' });
    expect(error instanceof Error ? error.message : '').toContain('save a person: SQLSTATE 23502, audit');
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/jane|insert into/);
  });
});

import { describe, expect, test } from 'vitest';
import { migrate } from '../../src/store/migrate.ts';
import { migrateRoles } from '../../src/store/roles.ts';
import { createRetentionStore } from '../../src/store/retention.ts';
import { createSourceStore } from '../../src/store/sources.ts';
import { createDatabase } from '../support/postgres.ts';
import { openTestDatabase } from '../support/database.ts';
import { aRow } from '../support/builders.ts';
import { aSpec, openTestStore, read, type TestStore } from '../support/store.ts';

/** The same database, every connection acting as a role. */
function openAs(url: string, role: string) {
  const acting = new URL(url);
  acting.searchParams.set('options', `-c role=${role}`);
  return openTestDatabase(acting.href);
}

async function withRole(role: string, work: (as: ReturnType<typeof openAs>, store: TestStore) => Promise<void>) {
  await using store = await openTestStore();
  await migrateRoles(store.pool);
  const as = openAs(store.url, role);
  try {
    await work(as, store);
  } finally {
    await as.close();
  }
}

const DENIED = { code: '42501' };
const READABLE = [
  'drift_findings',
  'drift_reports',
  'roster',
  'sync_runs',
  'leaver_clock',
  'source_health',
  'account_version',
];

/** What the worker does not own, and may have counted. */
const COUNTED = ['stage', 'roster', 'links'] as const;

describe('rollcall_reader', () => {
  test('reads the views, roster_at and account_version', async () => {
    await withRole('rollcall_reader', async ({ pool }) => {
      for (const name of READABLE) {
        await expect(pool.query(`select * from rollcall.${name}`)).resolves.toMatchObject({ rows: [] });
      }
      await expect(pool.query(`select * from rollcall.roster_at('nimble', now())`)).resolves.toMatchObject({
        rows: [],
      });
    });
  });

  test('reads and writes nothing else', async () => {
    await withRole('rollcall_reader', async ({ pool }, store) => {
      const { rows } = await store.pool.query<{ name: string }>(
        `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where n.nspname in ('rollcall', 'rollcall_jobs', 'rollcall_migrations') and c.relkind in ('r', 'p', 'v')`,
      );
      const hidden = rows.map(({ name }) => name).filter((name) => !READABLE.includes(name.replace('rollcall.', '')));
      expect(hidden).toContain('rollcall.credential');
      for (const name of hidden) await expect(pool.query(`select * from ${name}`)).rejects.toMatchObject(DENIED);
      await expect(pool.query('delete from rollcall.account_version')).rejects.toMatchObject(DENIED);
      for (const counted of COUNTED) {
        await expect(pool.query(`select rollcall.analyze_${counted}()`)).rejects.toMatchObject(DENIED);
      }
      await expect(pool.query('create table rollcall.mine ()')).rejects.toMatchObject(DENIED);
    });
  });
});

describe('rollcall_worker', () => {
  test('runs an intake, enqueues, and finds nothing to migrate', async () => {
    await withRole('rollcall_worker', async (as, store) => {
      expect(await migrate(as.pool)).toEqual([]);
      const worker: TestStore = { ...store, ...as, sources: createSourceStore(as) };
      const now = new Date('2026-11-20T08:00:00Z');
      const later = new Date('2026-11-20T09:00:00Z');
      const [source] = await worker.sources.syncSources([aSpec()], now);
      if (source === undefined) throw new Error('no source');
      const rows = Array.from({ length: 2_500 }, (_, at) =>
        aRow({ externalId: `n-${at}`, email: `p${at}@example.com` }),
      );

      const first = await read(worker, source, { batches: [rows], at: now });
      const empty = await read(worker, source, { batches: [], at: later });

      expect(first.recorded.changed).toBe(2_500);
      expect(empty.recorded.trippedBreakerId).toBeDefined();
    });
  });

  test('has tables counted that it does not own', async () => {
    await withRole('rollcall_worker', async ({ pool }, store) => {
      for (const each of COUNTED) await pool.query(`select rollcall.analyze_${each}()`);
      const { rows } = await store.pool.query<{ name: string }>(
        `select relname as name from pg_class
          where relnamespace = 'rollcall'::regnamespace and relkind = 'r' and reltuples >= 0 order by 1`,
      );
      const counted = ['account', 'account_key', 'account_version', 'link', 'stage', 'stage_row'];
      expect(rows.map(({ name }) => name)).toEqual(counted);
    });
  });

  test('removes what is older than it is kept, and the reader does not', async () => {
    await withRole('rollcall_worker', async (as, store) => {
      const worker: TestStore = { ...store, ...as, sources: createSourceStore(as) };
      const days = [1, 2, 3, 4].map((day) => new Date(`2025-01-0${day}T08:00:00Z`));
      const [source] = await worker.sources.syncSources([aSpec()], new Date('2025-01-01T07:00:00Z'));
      if (source === undefined) throw new Error('no source');
      for (const [n, at] of days.entries()) await read(worker, source, { batches: [[aRow({ title: `${n}` })]], at });
      const retention = createRetentionStore(as);
      const limits = { versionsDays: 30, runsDays: 30 };
      const signal = new AbortController().signal;

      const retained = await retention.retain(limits, new Date('2026-01-01T00:00:00Z'), signal);

      expect(retained).toMatchObject({ versions: 2, runs: 2, isDone: true });
      const reader = openAs(store.url, 'rollcall_reader');
      await expect(createRetentionStore(reader).retain(limits, new Date(), signal)).rejects.toMatchObject({
        code: 'database-failed',
      });
      await expect(
        reader.pool.query(`select * from rollcall.roster_at('nimble', '2025-01-01T09:00:00Z')`),
      ).rejects.toThrow('is kept since');
      await reader.close();
    });
  });

  test('changes no schema and rewrites no evidence', async () => {
    await withRole('rollcall_worker', async ({ pool }) => {
      for (const forbidden of [
        'create table rollcall.mine ()',
        'drop table rollcall.account',
        'alter table rollcall_jobs.job add column x int',
        'create schema mine',
        `update rollcall.sync_run set verdict = 'complete'`,
        `update rollcall.audit set author = 'nobody'`,
        'delete from rollcall.audit',
        'delete from rollcall_migrations.applied',
      ]) {
        await expect(pool.query(forbidden)).rejects.toMatchObject(DENIED);
      }
    });
  });
});

test('rollcall_owner migrates what it was given, and roles can be made twice', async () => {
  await using created = await createDatabase();
  const admin = openTestDatabase(created.url);
  const owner = openAs(created.url, 'rollcall_owner');
  try {
    await migrate(admin.pool);
    await migrateRoles(admin.pool);
    await migrateRoles(admin.pool);

    await owner.pool.query('alter table rollcall.account add column later text');
    const { rows } = await admin.pool.query<{ owner: string }>(
      `select distinct pg_get_userbyid(c.relowner) as owner from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('rollcall', 'rollcall_jobs', 'rollcall_migrations') and c.relkind in ('r', 'p', 'v', 'S')`,
    );
    expect(rows).toEqual([{ owner: 'rollcall_owner' }]);
  } finally {
    await owner.close();
    await admin.close();
  }
});

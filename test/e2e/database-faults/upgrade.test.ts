import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { migrate } from '../../../src/store/migrate.ts';
import { migrateRoles } from '../../../src/store/roles.ts';
import { openTestDatabase } from '../../support/database.ts';
import { createDatabase } from '../../support/postgres.ts';
import { type Company, startCompany } from '../../support/sandbox-company.ts';
import { upgradeWorld } from './upgrade-world.ts';

// What an older program has written is read by this one: nothing is lost, nothing is found that is not so, and nobody is told again.

const MIGRATIONS = fileURLToPath(new URL('../../../migrations', import.meta.url));
const FIXTURES = fileURLToPath(new URL('upgrade', import.meta.url));
const JOURNAL = path.join('meta', '_journal.json');
const Journal = z.looseObject({ entries: z.array(z.looseObject({ tag: z.string() })) });
const readJournal = async (folder: string) =>
  Journal.parse(JSON.parse(await readFile(path.join(folder, JOURNAL), 'utf8')));

/** The migrations up to this one, as the program of that time had them. */
async function migrateTo(url: string, last: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rollcall-migrations-'));
  const database = openTestDatabase(url);
  try {
    await cp(MIGRATIONS, folder, { recursive: true });
    const journal = await readJournal(folder);
    const entries = journal.entries.filter(({ tag }) => tag.slice(0, last.length) <= last);
    await writeFile(path.join(folder, JOURNAL), JSON.stringify({ ...journal, entries }));
    expect((await migrate(database.pool, { folder })).at(-1)?.slice(0, last.length)).toBe(last);
  } finally {
    await database.close();
    await rm(folder, { recursive: true });
  }
}

const ROSTER = `select source, external_id, email, given_name, family_name, status, role, identity_id, link_rule, first_seen_at, gone_at
                  from rollcall.roster order by 1, 2`;
const FINDINGS = `select fingerprint, source, rule, severity, status, account_id, identity_id, first_detected_at, resolved_at, resolution,
                         waived_until from rollcall.drift_findings order by 1`;
const VERSIONS = `select source_id, external_id, content_hash, valid_from, valid_to from rollcall.account_version order by 1, 2, 4`;
const WAIVERS = `select fingerprint, author, reason, until, ended_at from rollcall.waiver order by id`;
const WORDS = `select source_id, external_id, rule, author, reason from rollcall.link where rule in ('pinned', 'denied') order by 1, 2`;
const EVENTS = `select finding_id, at, event from rollcall.finding_event order by id`;
const RUNS = `select id, digest from rollcall.sync_run order by id`;
const REPORTS = `select id, opened, resolved from rollcall.drift_report order by id`;

/** Of tables and not of views, which are of the newer migrations. */
const KEPT = { VERSIONS, WAIVERS, WORDS, EVENTS };

async function look(company: Company, statements: Readonly<Record<string, string>>) {
  const seen = new Map<string, readonly object[]>();
  for (const [name, sql] of Object.entries(statements)) seen.set(name, await company.rows<object>(sql));
  return { seen, of: (name: string): readonly object[] => seen.get(name) ?? [] };
}

const fixtures = (await readdir(FIXTURES)).map((name) => path.basename(name, '.sql')).toSorted();

test('the last two sets of migrations before this one are among them', async () => {
  const tags = (await readJournal(MIGRATIONS)).entries.map(({ tag }) => tag.slice(0, 4));
  expect(fixtures).toEqual(expect.arrayContaining(tags.slice(-3, -1)));
});

test('the right to count links comes to a worker that had the right to count the roster', async () => {
  const RIGHTS = `select has_function_privilege('rollcall_worker', 'rollcall.analyze_links()', 'execute') as may`;
  for (const hasRoles of [true, false]) {
    await using created = await createDatabase();
    await migrateTo(created.url, '0014');
    const database = openTestDatabase(created.url);
    try {
      // Roles are the server's, rights a database's: the second time the role is there and has none.
      if (hasRoles) await migrateRoles(database.pool);
      await migrate(database.pool);
      expect((await database.pool.query(RIGHTS)).rows).toEqual([{ may: hasRoles }]);
    } finally {
      await database.close();
    }
  }
});

test.each(fixtures)('data of the program of migrations up to %s', async (last) => {
  // Kept for as long as the fixture may lie here.
  const yaml = 'retention: { versionsDays: 36500, runsDays: 36500 }';
  await using company = await startCompany({ world: upgradeWorld('second'), yaml });
  await migrateTo(company.env['DATABASE_URL'] ?? '', last);
  await company.client.query(await readFile(path.join(FIXTURES, `${last}.sql`), 'utf8'));
  await company.client.query(`update rollcall.waiver set until = current_date + 30`);
  const before = await look(company, KEPT);
  expect(before.of('VERSIONS').length).toBeGreaterThan(20);

  expect((await company.rollcall(['migrate'])).code).toBe(0);
  const migrated = await look(company, { ROSTER, FINDINGS, RUNS, REPORTS });
  expect(migrated.of('FINDINGS').length).toBeGreaterThanOrEqual(5);

  // An older database is read in full first; then as any other.
  for (const args of [['run'], ['run', '--full']]) {
    const run = await company.rollcall(args);
    expect({ args, code: run.code }).toEqual({ args, code: 0 });
    expect((await look(company, KEPT)).seen).toEqual(before.seen);
    const now = await look(company, { ROSTER, FINDINGS });
    for (const name of now.seen.keys()) expect(now.of(name)).toEqual(migrated.of(name));
  }
  const after = await look(company, { RUNS, REPORTS });
  expect(after.of('RUNS').slice(0, migrated.of('RUNS').length)).toEqual(migrated.of('RUNS'));
  const news = after.of('REPORTS').slice(migrated.of('REPORTS').length);
  expect(news).toHaveLength(2);
  expect(news).toEqual(news.map((report) => ({ ...report, opened: 0, resolved: 0 })));
  // Rules that are new since then have their first look, each source in one message; nothing is told as news.
  for (const { raw } of company.sandbox.messages) expect(raw).toMatch(/First look at .*nothing to report/);
});

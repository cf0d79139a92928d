import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { aWorld } from '../../../src/sandbox/world.ts';
import { createQueue } from '../../../src/store/queue.ts';
import { type RunningCli, startCli } from '../../support/cli.ts';
import { openTestDatabase, SILENT } from '../../support/database.ts';
import { canOpenEmbedded } from '../../support/embedded.ts';
import { freePort } from '../../support/free-port.ts';
import { ask, type OwnPostgres, startOwnPostgres } from '../../support/own-postgres.ts';
import { adminUrl, createDatabase, type TestDatabase } from '../../support/postgres.ts';
import { somePeople } from '../../support/sandbox.ts';
import { type Company, startCompany } from '../../support/sandbox-company.ts';

// Fault cases 60 and 61: the database is away at the start, or goes away while the worker idles or works. And 62, where it is
// read-only; and 64, where it is newer than the program.

const WAIT = { timeout: 90_000, interval: 200 };
const STRAY = { nimble: [{ id: 'stray', email: 'stray@elsewhere.example' }] };
const WORLD = aWorld({ people: [...somePeople(5), STRAY] });
const isPossible = canOpenEmbedded();

let server: OwnPostgres;
beforeAll(async () => {
  if (isPossible) server = await startOwnPostgres();
});
afterAll(async () => {
  if (isPossible) await server[Symbol.asyncDispose]();
});

/** A database on the server of this file. */
async function ownDatabase(name: string): Promise<TestDatabase> {
  return { name, url: await server.create(name), [Symbol.asyncDispose]: async () => await Promise.resolve() };
}

type Started = { readonly worker: RunningCli; readonly port: number; readonly company: Company };
type Readiness = {
  readonly ready: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly reason?: string }[];
};

async function aCompany(port: number, database?: TestDatabase): Promise<Company> {
  const yaml = `http: { bind: 127.0.0.1, port: ${port} }\nshutdownGrace: 2s`;
  return await startCompany({ world: WORLD, yaml, database });
}

function start({ company, port }: Omit<Started, 'worker'>, env: Readonly<Record<string, string>> = {}): Started {
  const options = { cwd: company.directory, env: { ...company.env, ...env }, timeoutMs: 170_000 };
  return { worker: startCli(['start'], options), port, company };
}

async function readiness({ port }: Pick<Started, 'port'>): Promise<Readiness> {
  return JSON.parse(await (await fetch(`http://127.0.0.1:${port}/readyz`)).text());
}

async function becomes(started: Pick<Started, 'port'>, expected: object): Promise<void> {
  await vi.waitFor(async () => expect(await readiness(started)).toMatchObject(expected), WAIT);
}

const isAlive = async ({ port }: Started): Promise<boolean> =>
  (await fetch(`http://127.0.0.1:${port}/livez`)).status === 200;
const because = (reason: string) => ({
  ready: false,
  checks: expect.arrayContaining([expect.objectContaining({ name: 'database', ok: false, reason })]),
});

describe.skipIf(!isPossible)('61: a database that is absent at the start', () => {
  test('is waited for: alive, not ready, with the reason; then the work begins by itself', async () => {
    const port = await freePort();
    await using company = await aCompany(port, await ownDatabase('absent'));
    await server.stop('fast');
    const started = start({ company, port });
    await using worker = started.worker;
    await becomes(started, because('database-unavailable'));
    // Further and further apart, and never an end.
    await worker.line(/"code":"database-unavailable".*"attempt":3,.*"msg":"database not usable, trying again"/);
    expect(await isAlive(started)).toBe(true);
    expect(company.sandbox.requests).toEqual([]);
    await server.start();
    await becomes(started, { ready: true });
    await worker.line(/"msg":"reconciled"/);
    worker.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({ code: 143 });
  });

  test.each([
    { what: 'another password', change: (url: URL) => (url.password = 'wrong'), says: /refused user or password/ },
    { what: 'a database that is not there', change: (url: URL) => (url.pathname = '/nowhere'), says: /does not exist/ },
  ])('$what is permanent: a clear sentence, and no waiting', async ({ change, says }) => {
    const port = await freePort();
    await using company = await aCompany(port);
    const url = new URL(server.url);
    change(url);
    for (const command of ['start', 'run']) {
      const ended = await company.rollcall([command], { DATABASE_URL: url.href });
      expect(ended).toMatchObject({ code: 1, signal: null });
      expect(ended.stderr).toMatch(says);
      expect(ended.stderr).toContain('[database-auth]');
      expect(ended.stderr).not.toContain('trying again');
    }
    expect(company.sandbox.requests).toEqual([]);
  });
});

/** Asks for a reconciliation, as another process would. */
async function askForWork(url: string): Promise<void> {
  const database = openTestDatabase(url);
  try {
    await createQueue(database, SILENT).askReconcile(0);
  } finally {
    await database.close();
  }
}

async function worksAgain({ worker }: Started, url: string): Promise<void> {
  const reports = async (): Promise<number> =>
    (await ask<{ count: number }>(url, 'select count(*)::int as count from rollcall.drift_reports'))[0]?.count ?? 0;
  const before = await reports();
  await askForWork(url);
  await vi.waitFor(async () => expect(await reports()).toBeGreaterThan(before), WAIT);
  worker.kill('SIGTERM');
  expect(await worker.ended).toMatchObject({ code: 143, signal: null });
}

/** All backends of this database but our own, as an administrator or a fail-over ends them (57P01). */
const TERMINATE = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;

describe('60: a database that goes away', () => {
  test.skipIf(!isPossible).each(['fast', 'immediate'] as const)(
    'while the worker idles (stopped %s): it lives on, says so, and works again',
    async (mode) => {
      const port = await freePort();
      const database = await ownDatabase(`idle_${mode}`);
      await using company = await aCompany(port, database);
      const started = start({ company, port });
      await using worker = started.worker;
      await worker.line(/"msg":"reconciled"/);
      await becomes(started, { ready: true });
      await server.stop(mode);
      await becomes(started, because('database-unavailable'));
      expect(await isAlive(started)).toBe(true);
      await server.start();
      await becomes(started, { ready: true });
      await worksAgain(started, database.url);
    },
  );

  test('its idle backends are ended: nothing is lost but they', async () => {
    const port = await freePort();
    await using company = await aCompany(port);
    const url = company.env['DATABASE_URL'] ?? '';
    const started = start({ company, port });
    await using worker = started.worker;
    await worker.line(/"msg":"reconciled"/);
    await becomes(started, { ready: true });
    expect((await ask(url, TERMINATE)).length).toBeGreaterThan(1);
    await worker.line(/"msg":"database connection lost"/);
    await becomes(started, { ready: true });
    await worksAgain(started, url);
  });

  test.skipIf(!isPossible).each(['fast', 'immediate'] as const)(
    'in the middle of a run (%s): the run fails with its reason or is whole, and the next one is as if nothing had been',
    async (mode) => {
      const database = await ownDatabase(`run_${mode}`);
      const slow = {
        id: 'slow',
        match: { vendor: 'namely' as const },
        effect: { kind: 'slow' as const, delayMs: 700 },
      };
      await using company = await startCompany({ world: { ...WORLD, faults: [slow] }, database });
      await using running = startCli(['run'], { cwd: company.directory, env: company.env, timeoutMs: 100_000 });
      await vi.waitFor(() => expect(company.sandbox.firedCounts()).toMatchObject({ slow: 1 }), WAIT);
      await server.restart(mode);
      const { code, stderr } = await running.ended;
      expect([0, 1, 3]).toContain(code);
      expect(code === 0 || stderr.includes('database-unavailable')).toBe(true);
      const claims = `update rollcall.source set claimed_by = null`;
      await ask(database.url, claims);
      await company.tell(WORLD);
      expect((await company.rollcall(['run'])).code).toBe(0);
      const findings = `select source, rule, account_id, status from rollcall.drift_findings`;
      expect(await ask(database.url, findings)).toEqual([
        { source: 'nimble', rule: 'orphaned_account', account_id: 'stray', status: 'open' },
      ]);
      const versions = `select count(*)::int as count from rollcall.account_version group by source_id, external_id`;
      expect((await ask<{ count: number }>(database.url, versions)).every(({ count }) => count === 1)).toBe(true);
    },
  );
});

test('62: a database that is read-only: alive, not ready, told to Slack once, and well again by itself', async () => {
  const port = await freePort();
  await using made = await createDatabase();
  await using company = await aCompany(port, { ...made, [Symbol.asyncDispose]: async () => await Promise.resolve() });
  const started = start({ company, port });
  await using worker = started.worker;
  await becomes(started, { ready: true });
  await worker.line(/"msg":"alert delivered"/);
  company.sandbox.forget();
  const set = async (value: string): Promise<void> => {
    // Not in this database, which may not be written to.
    await ask(adminUrl(), `alter database ${made.name} set default_transaction_read_only = ${value}`);
    await ask(made.url, TERMINATE);
  };
  await set('on');
  await becomes(started, because('database-read-only'));
  await vi.waitFor(() => expect(company.sandbox.messages).toHaveLength(1), WAIT);
  expect(company.sandbox.messages[0]?.raw).toContain('cannot write to its database: it is read-only');
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(metrics).toMatch(/rollcall_check_ok\{check="database"\} 0/);
  await worker.line(/"level":(50|"error").*"code":"database-read-only".*"msg":"the database cannot be written to"/);
  expect(await isAlive(started)).toBe(true);
  await set('off');
  await becomes(started, { ready: true });
  await vi.waitFor(() => expect(company.sandbox.messages).toHaveLength(2), WAIT);
  expect(company.sandbox.messages[1]?.raw).toContain('can write to its database again');
  await worksAgain(started, made.url);
});

test('64: a database newer than the program is refused by each command, at once, with what to do', async () => {
  const port = await freePort();
  await using company = await aCompany(port);
  expect((await company.rollcall(['migrate'])).code).toBe(0);
  await company.rows(`insert into rollcall_migrations.applied (hash, created_at) values ('later', 9000000000000)`);
  for (const args of [['start'], ['run'], ['migrate'], ['report'], ['doctor']]) {
    const ended = await company.rollcall(args);
    expect({ args, code: ended.code }).toEqual({ args, code: 1 });
    expect(`${ended.stdout}${ended.stderr}`).toMatch(/newer Rollcall than this one; run that\s+version or a later one/);
    expect(ended.stderr).not.toContain('trying again');
  }
  expect(company.sandbox.requests.filter(({ vendor }) => vendor === 'slack')).toEqual([]);
});

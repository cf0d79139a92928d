import { describe, expect, test, vi } from 'vitest';

import { aWorld } from '../../src/sandbox/world.ts';
import { startCli } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';
import { somePeople } from '../support/sandbox.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';
import { startSilentProxy } from '../support/silent-proxy.ts';

const STRAY = { nimble: [{ id: 'stray', email: 'stray@elsewhere.example' }] };
const WAIT = { timeout: 60_000, interval: 100 };

test('the worker reads every source at once, reconciles, tells Slack, answers health and ends on SIGTERM', async () => {
  const port = await freePort();
  await using company = await startCompany({
    world: aWorld({ people: [...somePeople(5), STRAY] }),
    yaml: `http: { bind: 127.0.0.1, port: ${port} }`,
  });
  await using worker = startCli(['start'], { cwd: company.directory, env: company.env, timeoutMs: 110_000 });
  const ask = async (path: string): Promise<Response> => await fetch(`http://127.0.0.1:${port}${path}`);

  await vi.waitFor(async () => expect((await ask('/livez')).status).toBe(200), WAIT);
  await vi.waitFor(async () => expect((await ask('/readyz')).status).toBe(200), WAIT);
  await vi.waitFor(() => expect(company.sandbox.messages).toMatchObject([{ accepted: true }]), WAIT);
  expect(await company.rows(`select rule, account_id, status from rollcall.drift_findings`)).toEqual([
    { rule: 'orphaned_account', account_id: 'stray', status: 'open' },
  ]);
  const metrics = await (await ask('/metrics')).text();
  expect(metrics).toMatch(/^rollcall_/m);
  expect(metrics).not.toMatch(/canary|stray@/i);

  worker.kill('SIGTERM');
  const ended = await worker.ended;
  expect(ended).toMatchObject({ code: 143, signal: null });
  expect(`${ended.stdout}${ended.stderr}`).not.toMatch(/canary/i);
});

type Readiness = { readonly ready: boolean; readonly checks: readonly { readonly name: string }[] };

async function readiness(port: number): Promise<Readiness> {
  return JSON.parse(await (await fetch(`http://127.0.0.1:${port}/readyz`)).text());
}

async function becomesReady(port: number): Promise<void> {
  await vi.waitFor(async () => expect(await readiness(port)).toMatchObject({ ready: true }), WAIT);
}

function startWorker(company: Company, env: Readonly<Record<string, string>> = {}) {
  return startCli(['start'], { cwd: company.directory, env: { ...company.env, ...env }, timeoutMs: 110_000 });
}

const MIGRATION_LOCK = 0x726f6c6c;

describe('the way to the database', () => {
  test('falls silent: not ready, with the reason, and a SIGTERM ends it all the same', async () => {
    const port = await freePort();
    await using company = await startCompany({
      world: aWorld({ people: somePeople(3) }),
      yaml: `http: { bind: 127.0.0.1, port: ${port} }\nshutdownGrace: 5s`,
    });
    await using proxy = await startSilentProxy(company.env['DATABASE_URL'] ?? '');
    await using worker = startWorker(company, { DATABASE_URL: proxy.url });
    await becomesReady(port);
    await worker.line(/"msg":"reconciled"/);
    proxy.swallow();
    const hangs = { name: 'job queue', ok: false, reason: expect.stringMatching(/has not answered the job queue/) };
    await vi.waitFor(
      async () => expect((await readiness(port)).checks).toContainEqual(expect.objectContaining(hangs)),
      WAIT,
    );
    expect(await readiness(port)).toMatchObject({ ready: false });
    const askedAt = performance.now();
    worker.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({ code: 143, signal: null });
    expect(performance.now() - askedAt).toBeLessThan(15_000);
  });

  test('is away: told by its code, in the log too', async () => {
    const port = await freePort();
    await using company = await startCompany({
      world: aWorld({ people: somePeople(3) }),
      yaml: `http: { bind: 127.0.0.1, port: ${port} }\nshutdownGrace: 2s`,
    });
    await using proxy = await startSilentProxy(company.env['DATABASE_URL'] ?? '');
    await using worker = startWorker(company, { DATABASE_URL: proxy.url });
    await becomesReady(port);
    // Ready is a moment earlier; a database that is away then ends the start.
    await worker.line(/"msg":"worker started"/);
    await proxy.refuse();
    const away = { name: 'database', ok: false, reason: 'database-unavailable' };
    await vi.waitFor(
      async () => expect((await readiness(port)).checks).toContainEqual(expect.objectContaining(away)),
      WAIT,
    );
    await worker.line(/"code":"database-unavailable".*"msg":"job queue failed"/);
    worker.kill('SIGTERM');
    const { code, stderr } = await worker.ended;
    expect(code).toBe(143);
    expect(stderr).not.toMatch(/no error|"type":"Object"/);
  });
});

describe('SIGTERM', () => {
  test('before the worker is up, while another process migrates, ends it', async () => {
    await using company = await startCompany({ world: aWorld({ people: somePeople(1) }) });
    await company.rows('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await using worker = startWorker(company);
    const waiting = `select from pg_locks where locktype = 'advisory' and objid = $1 and not granted`;
    await vi.waitFor(async () => expect(await company.rows(waiting, [MIGRATION_LOCK])).toHaveLength(1), WAIT);
    const askedAt = performance.now();
    worker.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({ code: 143, signal: null });
    expect(performance.now() - askedAt).toBeLessThan(10_000);
  });

  test('with a job in hand: cut after the grace, the claim free, and nothing of the error in the job', async () => {
    const slow = {
      id: 'slow',
      match: { vendor: 'nimble' as const },
      effect: { kind: 'slow' as const, delayMs: 60_000 },
    };
    await using company = await startCompany({
      world: aWorld({ people: somePeople(2), faults: [slow] }),
      yaml: `http: { bind: 127.0.0.1, port: ${await freePort()} }\nshutdownGrace: 1s`,
    });
    await using worker = startWorker(company);
    await vi.waitFor(() => expect(company.sandbox.firedCounts()).toMatchObject({ slow: 1 }), WAIT);
    const claims = `select from rollcall.source where claimed_by is not null and name = 'nimble'`;
    expect(await company.rows(claims)).toHaveLength(1);
    worker.kill('SIGTERM');
    const { code, stderr } = await worker.ended;
    expect(code).toBe(143);
    expect(stderr).toMatch(/"ended":"cut"/);
    expect(stderr).not.toMatch(/cannot use a pool|claim not released|"msg":"source not read"/i);
    expect(await company.rows(claims)).toEqual([]);
    const jobs = `select state::text, output from rollcall_jobs.job where name = 'sync' and data ->> 'source' = 'nimble'`;
    expect(await company.rows(jobs)).toMatchObject([{ state: 'retry', output: { code: 'stopped' } }]);
    expect(JSON.stringify(await company.rows(jobs))).not.toMatch(/stack|\.ts|\.js/);
  });
});

test('a source that could not be read at all is in a report, with what that withholds', async () => {
  await using company = await startCompany({
    world: aWorld({ people: somePeople(2) }),
    yaml: `http: { bind: 127.0.0.1, port: ${await freePort()} }`,
  });
  await company.rollcall(['migrate']);
  await company.rows(`create function fail() returns trigger language plpgsql as $$ begin raise 'broken'; end $$`);
  await company.rows('create trigger fail before insert on rollcall.sync_run for each row execute function fail()');
  await using worker = startWorker(company);
  await worker.line(/"msg":"source not read"/);
  const withheld = `select from rollcall.drift_reports where withheld::text like '%nimble%'`;
  await vi.waitFor(async () => expect(await company.rows(withheld)).not.toEqual([]), WAIT);
});

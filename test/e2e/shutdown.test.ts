import { describe, expect, test, vi } from 'vitest';
import type { Fault } from '../../src/sandbox/fault.ts';
import { aWorld } from '../../src/sandbox/world.ts';
import { startCli } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';
import { somePeople } from '../support/sandbox.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';

// Case 59: a worker that is asked to end, in the middle of each thing that it does. As PID 1: test/container.

const STRAY = { nimble: [{ id: 'stray', email: 'stray@elsewhere.example' }] };
const WAIT = { timeout: 30_000, interval: 50 };

function slow(vendor: 'nimble' | 'slack', delayMs: number): Fault {
  return { id: 'slow', match: { vendor, attempts: { from: 1, to: 1 } }, effect: { kind: 'slow', delayMs } };
}

type Given = { readonly grace: string; readonly fault?: Fault };

async function open({ grace, fault }: Given): Promise<Company> {
  const faults = fault === undefined ? [] : [fault];
  return await startCompany({
    world: aWorld({ people: [...somePeople(3), STRAY], faults }),
    yaml: `http: { bind: 127.0.0.1, port: ${await freePort()} }\nshutdownGrace: ${grace}`,
  });
}

function start(company: Company) {
  return startCli(['start'], { cwd: company.directory, env: company.env, timeoutMs: 110_000 });
}

async function fired(company: Company): Promise<void> {
  await vi.waitFor(() => expect(company.sandbox.firedCounts()).toMatchObject({ slow: 1 }), WAIT);
}

const CLAIMS = 'select name from rollcall.source where claimed_by is not null';
const NIMBLE = `select verdict from rollcall.sync_runs where source = 'nimble'`;

async function jobs(company: Company, name: string): Promise<readonly unknown[]> {
  return await company.rows(
    `select state::text from rollcall_jobs.job where name = $1 and coalesce(data ->> 'source', 'nimble') = 'nimble'`,
    [name],
  );
}

/** Each insert of a run takes so long: the transaction that records a listing is open meanwhile. */
async function slowRecording(company: Company, seconds: number): Promise<void> {
  expect((await company.rollcall(['migrate'])).code).toBe(0);
  await company.rows(`create function slow() returns trigger language plpgsql as
    $$ begin if (select name = 'nimble' from rollcall.source where id = new.source_id) then perform pg_sleep(${seconds}); end if; return new; end $$`);
  await company.rows('create trigger slow before insert on rollcall.sync_run for each row execute function slow()');
}

async function recording(company: Company): Promise<void> {
  const sleeping = `select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`;
  await vi.waitFor(async () => expect(await company.rows(sleeping)).toHaveLength(1), WAIT);
}

describe('case 59: SIGTERM within the grace lets end what runs', () => {
  test('mid-page: the listing is read, judged and recorded', async () => {
    await using company = await open({ grace: '30s', fault: slow('nimble', 3_000) });
    await using worker = start(company);
    await fired(company);
    worker.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({
      code: 143,
      signal: null,
      stderr: expect.stringMatching(/"ended":"drained"/),
    });
    expect(await company.rows(NIMBLE)).toEqual([{ verdict: 'complete' }]);
    expect(await company.rows(CLAIMS)).toEqual([]);
    expect(await jobs(company, 'sync')).toEqual([{ state: 'completed' }]);
  });

  test('mid-transaction: it commits', async () => {
    await using company = await open({ grace: '30s' });
    await slowRecording(company, 3);
    await using worker = start(company);
    await recording(company);
    worker.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({
      code: 143,
      signal: null,
      stderr: expect.stringMatching(/"ended":"drained"/),
    });
    expect(await company.rows(NIMBLE)).toEqual([{ verdict: 'complete' }]);
    expect(await company.rows(CLAIMS)).toEqual([]);
  });

  test('mid-Slack: the message is sent once, and its job is done', async () => {
    await using company = await open({ grace: '30s', fault: slow('slack', 2_000) });
    await using worker = start(company);
    await fired(company);
    worker.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({
      code: 143,
      signal: null,
      stderr: expect.stringMatching(/"ended":"drained"/),
    });
    expect(company.sandbox.messages).toMatchObject([{ accepted: true }]);
    expect(await jobs(company, 'alert')).toEqual([{ state: 'completed' }]);
  });
});

describe('case 59: SIGTERM beyond the grace', () => {
  test('mid-transaction: it is rolled back, nothing is half recorded, and the job is put back', async () => {
    await using company = await open({ grace: '1s' });
    await slowRecording(company, 60);
    await using worker = start(company);
    await recording(company);
    const askedAt = performance.now();
    worker.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({
      code: 143,
      signal: null,
      stderr: expect.stringMatching(/"ended":"cut"/),
    });
    expect(performance.now() - askedAt).toBeLessThan(15_000);
    expect(await company.rows(NIMBLE)).toEqual([]);
    const rows = `select from rollcall.account a join rollcall.source s on s.id = a.source_id where s.name = 'nimble'`;
    expect(await company.rows(rows)).toEqual([]);
  });

  test('mid-Slack: the alert is kept, and the next worker sends it', async () => {
    await using company = await open({ grace: '1s', fault: slow('slack', 60_000) });
    await using worker = start(company);
    await fired(company);
    worker.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({ code: 143, signal: null });
    expect(await jobs(company, 'alert')).toEqual([{ state: 'retry' }]);
    expect((await company.rollcall(['run'])).stderr).not.toContain('could not be told');
    expect(company.sandbox.messages.filter(({ accepted }) => accepted)).toHaveLength(1);
  });

  test('a second SIGTERM does not wait for the grace: the claim is free, and the job put back', async () => {
    await using company = await open({ grace: '5m', fault: slow('nimble', 60_000) });
    await using worker = start(company);
    await fired(company);
    worker.kill('SIGTERM');
    await worker.line(/"msg":"draining"/);
    const askedAt = performance.now();
    worker.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({
      code: 143,
      signal: null,
      stderr: expect.stringMatching(/"ended":"cut"/),
    });
    expect(performance.now() - askedAt).toBeLessThan(10_000);
    expect(await company.rows(CLAIMS)).toEqual([]);
    expect(await company.rows(NIMBLE)).toEqual([]);
    expect(await jobs(company, 'sync')).toEqual([{ state: 'retry' }]);
  });
});

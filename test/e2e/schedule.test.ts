import { describe, expect, test, vi } from 'vitest';
import type { Fault } from '../../src/sandbox/fault.ts';
import { aWorld } from '../../src/sandbox/world.ts';
import { startCli } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';
import { somePeople } from '../support/sandbox.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';

const STRAY = { nimble: [{ id: 'stray', email: 'stray@elsewhere.example' }] };
const WAIT = { timeout: 50_000, interval: 100 };
const QUARTER_MS = 15 * 60_000;
const PEOPLE = [...somePeople(3), STRAY];
/** Longer than a request is waited for, and again when it is repeated. */
const HANGS: Fault = { id: 'hangs', match: { vendor: 'nimble' }, effect: { kind: 'slow', delayMs: 120_000 } };

/** A worker beside others: each has a port of its own. */
async function startBeside(company: Company, name: string) {
  const port = await freePort();
  const yaml = (await company.read('rollcall.yaml')).replace(/^http:.*$/mu, '');
  await company.write(`${name}.yaml`, `${yaml}\nhttp: { bind: 127.0.0.1, port: ${port} }\nshutdownGrace: 5s\n`);
  const args = ['start', '--config', `${name}.yaml`];
  const worker = startCli(args, { cwd: company.directory, env: company.env, timeoutMs: 110_000 });
  return { worker, metrics: async () => await (await fetch(`http://127.0.0.1:${port}/metrics`)).text() };
}

/** Everything was read, and then nimble, which hangs now, was due for an hour. */
async function openBehind(): Promise<Company> {
  const company = await startCompany({ world: aWorld({ people: PEOPLE }) });
  expect((await company.rollcall(['run'])).code).toBe(0);
  await company.tell(aWorld({ people: PEOPLE, faults: [HANGS] }));
  await company.rows(
    `insert into rollcall.tick (source_id, schedule, last_fire)
     select id, 'schedule', now() - interval '1 hour' from rollcall.source where name = 'nimble'`,
  );
  return company;
}

async function syncJobs(company: Company, source: string): Promise<readonly unknown[]> {
  return await company.rows(
    `select data ->> 'mode' as mode, state::text from rollcall_jobs.job where name = 'sync' and data ->> 'source' = $1`,
    [source],
  );
}

test('cases 69 and 73: three workers that come back after fifty fires read a source once, and say how many were missed', async () => {
  await using company = await startCompany({ world: aWorld({ people: somePeople(3) }) });
  expect((await company.rollcall(['run'])).code).toBe(0);
  // Its schedule is every quarter of an hour; the last fire that anybody took is the 50th before the present quarter.
  const quarter = Math.floor(Date.now() / QUARTER_MS);
  await company.rows(
    `insert into rollcall.tick (source_id, schedule, last_fire) select id, 'schedule', $1::timestamptz from rollcall.source`,
    [new Date((quarter - 50) * QUARTER_MS)],
  );
  const first = await startBeside(company, 'first');
  const second = await startBeside(company, 'second');
  const third = await startBeside(company, 'third');
  await using _first = first.worker;
  await using _second = second.worker;
  await using _third = third.worker;
  for (const { worker } of [first, second, third]) await worker.line(/"msg":"worker started"/u);
  await vi.waitFor(async () => {
    expect(await syncJobs(company, 'nimble')).toContainEqual({ mode: 'delta', state: 'completed' });
  }, WAIT);
  // A quarter that has ended meanwhile is a fire of its own.
  const more = Math.floor(Date.now() / QUARTER_MS) - quarter;
  expect((await syncJobs(company, 'nimble')).length).toBeLessThanOrEqual(1 + more);
  for (const { metrics } of [first, second, third]) {
    const [, missed] = /missed_fires_total\{source="nimble",schedule="schedule"\} (\d+)/u.exec(await metrics()) ?? [];
    expect(Number(missed)).toBeGreaterThanOrEqual(49);
    expect(Number(missed)).toBeLessThanOrEqual(51);
  }
});

test('a job of a killed process is taken by another worker when its heartbeat is over', async () => {
  await using company = await openBehind();
  const killed = await startBeside(company, 'killed');
  await vi.waitFor(() => expect(company.sandbox.firedCounts()['hangs']).toBeGreaterThan(0), WAIT);
  killed.worker.kill('SIGKILL');
  await killed.worker.ended;
  expect(await syncJobs(company, 'nimble')).toEqual([{ mode: 'delta', state: 'active' }]);
  await company.tell(aWorld({ people: PEOPLE }));
  // A minute passes: heartbeat and claim are as old as that.
  await company.rows(
    `update rollcall_jobs.job set heartbeat_on = heartbeat_on - interval '61 s' where state = 'active'`,
  );
  await company.rows(`update rollcall.source set claim_expires_at = claim_expires_at - interval '61 s'`);
  const next = await startBeside(company, 'next');
  await using _next = next.worker;
  const waiting = `select 1 from rollcall_jobs.job where name = 'sync' and state = 'retry' and start_after < now() + interval '61 s'`;
  await vi.waitFor(async () => expect(await company.rows(waiting)).toHaveLength(1), WAIT);
  await company.rows(`update rollcall_jobs.job set start_after = now() where name = 'sync' and state = 'retry'`);
  const done = [{ mode: 'delta', state: 'completed' }];
  await vi.waitFor(async () => expect(await syncJobs(company, 'nimble')).toEqual(done), WAIT);
  const verdicts = await company.rows(`select verdict from rollcall.sync_runs where source = 'nimble'`);
  expect(verdicts).toEqual([{ verdict: 'complete' }, { verdict: 'complete' }]);
});

test('case 77: a run while the worker reads is told that it is busy after half a minute, and changes nothing', async () => {
  await using company = await openBehind();
  const daemon = await startBeside(company, 'daemon');
  await using _daemon = daemon.worker;
  await vi.waitFor(() => expect(company.sandbox.firedCounts()['hangs']).toBeGreaterThan(0), WAIT);
  const before = await company.state();
  const claim = `select claimed_by, epoch from rollcall.source where name = 'nimble'`;
  const held = await company.rows(claim);
  const { code, stderr } = await company.rollcall(['run', '--source', 'nimble']);
  expect(code).toBe(75);
  expect(stderr).toContain('another process');
  expect(await company.state()).toEqual(before);
  expect(await company.rows(claim)).toEqual(held);
});

describe('case 78: `run` from a cron of its own', () => {
  test('twice at once: each source is read by one at a time, and one message is sent', async () => {
    await using company = await startCompany({ world: aWorld({ people: PEOPLE }) });
    expect((await company.rollcall(['migrate'])).code).toBe(0);
    const both = await Promise.all([company.rollcall(['run']), company.rollcall(['run'])]);
    for (const { code } of both) expect([0, 75]).toContain(code);
    expect(await company.rows('select rule, account_id, status from rollcall.drift_findings')).toEqual([
      { rule: 'orphaned_account', account_id: 'stray', status: 'open' },
    ]);
    expect(company.sandbox.messages).toMatchObject([{ accepted: true }]);
    expect(await company.rows('select from rollcall.source where claimed_by is not null')).toEqual([]);
  });

  test('evicted while it reads: the next start is told to wait for the claim to lapse, and then reads', async () => {
    await using company = await startCompany({ world: aWorld({ people: PEOPLE, faults: [HANGS] }) });
    await using evicted = startCli(['run'], { cwd: company.directory, env: company.env });
    await vi.waitFor(() => expect(company.sandbox.firedCounts()['hangs']).toBeGreaterThan(0), WAIT);
    evicted.kill('SIGKILL');
    await evicted.ended;
    await company.tell(aWorld({ people: PEOPLE }));
    await using next = startCli(['run'], { cwd: company.directory, env: company.env });
    await next.line(/nimble: waiting \d+ s: another process is reading this source/u);
    await company.rows(`update rollcall.source set claim_expires_at = now() - interval '1 s'`);
    expect(await next.ended).toMatchObject({ code: 0 });
    expect(await company.rows('select account_id from rollcall.drift_findings')).toEqual([{ account_id: 'stray' }]);
  });

  test('a day late: it reads in full what has grown too old, and says nothing was missed for long', async () => {
    await using company = await startCompany({ world: aWorld({ people: somePeople(3) }) });
    expect((await company.rollcall(['run'])).code).toBe(0);
    await company.rows(
      `update rollcall.sync_run set as_of = as_of - interval '27 hours', finished_at = finished_at - interval '27 hours'`,
    );
    expect((await company.rollcall(['run'])).code).toBe(0);
    const modes = await company.rows(`select source, mode, verdict from rollcall.sync_runs order by id desc limit 3`);
    expect(modes).toHaveLength(3);
    for (const mode of modes) expect(mode).toMatchObject({ mode: 'full', verdict: 'complete' });
    expect(await company.rows('select stale from rollcall.source_health where stale')).toEqual([]);
  });
});

import { describe, expect, test, vi } from 'vitest';
import { aWorld, type Person } from '../../src/sandbox/world.ts';
import { inTransaction } from '../../src/store/database.ts';
import { enqueueAlerts } from '../../src/store/enqueue-alerts.ts';
import { startCli } from '../support/cli.ts';
import { openTestDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { somePeople } from '../support/sandbox.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';
import { answering, gapsOf, serveSlack, takeAll } from '../support/slack-server.ts';

const WAIT = { timeout: 60_000, interval: 50 };
const SECOND_MS = 1_000;

function stray(number: number): Person {
  return { nimble: [{ id: `stray-${number}`, email: `stray.${number}@elsewhere.example` }] };
}

/** A company that has had its first look, with nobody to tell. */
async function aCompany(people: readonly Person[] = [...somePeople(3), stray(1)]): Promise<Company> {
  const company = await startCompany({ world: aWorld({ people }) });
  expect((await company.rollcall(['run', '--no-notify'])).code).toBe(0);
  return company;
}

/** So many messages that wait to be told: each tells of the first look once more. */
async function wait(company: Company, count: number): Promise<void> {
  const database = openTestDatabase(company.env['DATABASE_URL'] ?? '');
  const alerts = Array.from({ length: count }, () => ({ kind: 'baseline', reportId: 1 }) as const);
  await inTransaction(database.pool, 'test', (client) => enqueueAlerts(client, alerts));
  await database.close();
}

async function waiting(company: Company): Promise<number> {
  const rows = await company.rows<{ count: number }>(
    `select count(*)::int as count from rollcall_jobs.job where name = 'alert' and state in ('created', 'retry', 'active')`,
  );
  return rows[0]?.count ?? 0;
}

/** As if so much time had gone by for the channel and for what waits. */
async function later(company: Company, seconds: number): Promise<void> {
  await company.rows(
    `update rollcall.alert_channel set not_before = not_before - $1 * interval '1 second',
        retry_at = retry_at - $1 * interval '1 second', failing_since = failing_since - $1 * interval '1 second'`,
    [seconds],
  );
  await company.rows(
    `update rollcall_jobs.job set start_after = start_after - $1 * interval '1 second' where name = 'alert'`,
    [seconds],
  );
}

async function startWorker(company: Company, url: string) {
  const port = await freePort();
  await company.write(
    'worker.yaml',
    `${await company.read('rollcall.yaml')}http: { port: ${port} }\nshutdownGrace: 2s\n`,
  );
  const worker = startCli(['start', '--config', 'worker.yaml'], {
    cwd: company.directory,
    env: { ...company.env, SLACK_WEBHOOK_URL: url },
    timeoutMs: 110_000,
  });
  await worker.line(/"msg":"worker started"/);
  const ask = async (path: string): Promise<string> => await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  return Object.assign(worker, { ask });
}

test('case 92: two workers and a run share one message a second, measured where it arrives', async () => {
  await using company = await aCompany();
  await using slack = await serveSlack();
  await using one = await startWorker(company, slack.url);
  await using two = await startWorker(company, slack.url);
  await wait(company, 8);
  const run = await company.rollcall(['run'], { SLACK_WEBHOOK_URL: slack.url });
  expect(run.code).toBe(0);
  await vi.waitFor(async () => expect(await waiting(company)).toBe(0), WAIT);
  expect(slack.texts).toHaveLength(8);
  expect(Math.min(...gapsOf(slack.requests))).toBeGreaterThanOrEqual(SECOND_MS);
  one.kill('SIGTERM');
  two.kill('SIGTERM');
});

test('case 92: to wait as told holds for other workers and across a restart', async () => {
  await using company = await aCompany();
  await using slack = await serveSlack(answering(429, 'rate_limited', { 'retry-after': '300' }));
  await wait(company, 3);
  const first = await startWorker(company, slack.url);
  await vi.waitFor(() => expect(slack.requests).toHaveLength(1), WAIT);
  await vi.waitFor(async () => expect(first.output.stderr).toContain('alert waits'), WAIT);
  await using second = await startWorker(company, slack.url);
  first.kill('SIGKILL');
  await first.ended;
  const run = await company.rollcall(['run'], { SLACK_WEBHOOK_URL: slack.url });
  expect(run.stderr).toMatch(/3 alerts wait for a later run: Slack asks to wait until \d{4}-/);
  const doctor = await company.rollcall(['doctor'], { SLACK_WEBHOOK_URL: slack.url });
  expect(doctor.stdout.replaceAll(/\s+/gu, ' ')).toContain('Slack asks to wait until');
  // Three processes, and nobody has asked again.
  expect(slack.requests).toHaveLength(1);
  slack.answer(takeAll);
  await later(company, 600);
  await vi.waitFor(async () => expect(await waiting(company)).toBe(0), WAIT);
  expect(slack.texts).toHaveLength(4);
  second.kill('SIGTERM');
});

describe('case 94: a webhook that is gone', () => {
  test('is asked once a process, shown everywhere, and what waits goes to the new one as one message', async () => {
    await using company = await aCompany();
    await using gone = await serveSlack(answering(404, 'no_service'));
    await wait(company, 9);
    const worker = await startWorker(company, gone.url);
    await worker.line(/"code":"slack-gone"/);
    await vi.waitFor(async () => expect(await worker.ask('/metrics')).toMatch(/^rollcall_slack_dead 1$/m), WAIT);
    const reason = 'Slack refuses this webhook (404 no_service): make a new one in Slack and set slack.webhookUrl';
    const ready: unknown = JSON.parse(await worker.ask('/readyz'));
    expect(ready).toMatchObject({
      ready: true,
      checks: expect.arrayContaining([{ name: 'slack', required: false, ok: false, reason }]),
    });
    expect(await worker.ask('/metrics')).toMatch(/^rollcall_jobs_failed 0$/m);
    await later(company, 3_600);
    await wait(company, 3);
    // What comes later does not ask again, and does not make the queue longer.
    await vi.waitFor(async () => expect(await waiting(company)).toBeLessThanOrEqual(2), WAIT);
    expect(gone.requests).toHaveLength(1);
    worker.kill('SIGTERM');
    await worker.ended;

    const doctor = await company.rollcall(['doctor'], { SLACK_WEBHOOK_URL: gone.url });
    expect(doctor.stdout.replaceAll(/\s+/g, ' ')).toContain(`Slack: dead since`);
    expect(doctor.stdout.replaceAll(/\s+/g, ' ')).toContain('404 no_service');
    expect(doctor.code).toBe(1);

    // A restart asks once more, in vain.
    const run = await company.rollcall(['run'], { SLACK_WEBHOOK_URL: gone.url });
    expect(run.code).toBe(0);
    expect(run.stderr).toMatch(/alerts? waits? for a later run: Slack refuses this webhook \(404 no_service\)/);
    expect(gone.requests).toHaveLength(2);

    await using fresh = await serveSlack();
    await using next = await startWorker(company, fresh.url);
    await vi.waitFor(async () => expect(await waiting(company)).toBe(0), WAIT);
    expect(fresh.texts.length).toBeGreaterThan(0);
    expect(fresh.texts.length).toBeLessThanOrEqual(2);
    expect(fresh.texts[0]).toMatch(/^Catching up since/);
    expect(await next.ask('/metrics')).toMatch(/^rollcall_slack_dead 0$/m);
    expect(gone.requests).toHaveLength(2);
    next.kill('SIGTERM');
  });

  test('that was brought back at the same address works with the next start', async () => {
    await using company = await aCompany();
    await using slack = await serveSlack(answering(410, 'channel_is_archived'));
    await wait(company, 1);
    await company.rollcall(['run'], { SLACK_WEBHOOK_URL: slack.url });
    slack.answer(takeAll);
    const run = await company.rollcall(['run'], { SLACK_WEBHOOK_URL: slack.url });
    expect(run.stderr).not.toContain('waits');
    expect(slack.texts).toHaveLength(2);
    const doctor = await company.rollcall(['doctor'], { SLACK_WEBHOOK_URL: slack.url });
    expect(doctor.stdout.replaceAll(/\s+/g, ' ')).toContain('Slack: a webhook is configured');
  });
});

test('case 90: five hundred findings are one message, with the first of them and how many more', async () => {
  const strays = Array.from({ length: 250 }, (_, at) => stray(at));
  const leavers = somePeople(250).map((person) => ({
    ...person,
    identity: { ...person.identity, id: `L-${person.identity?.id ?? ''}`, status: 'inactive' },
    namely: [],
  }));
  await using company = await startCompany({ world: aWorld({ people: [...strays, ...leavers] }) });
  await using slack = await serveSlack();
  expect((await company.rollcall(['run'], { SLACK_WEBHOOK_URL: slack.url })).code).toBe(0);
  const counts = await company.rows(`select status, count(*)::int as count from rollcall.drift_findings group by 1`);
  expect(counts).toEqual([{ status: 'open', count: 500 }]);
  expect(slack.texts).toHaveLength(1);
  const [text = ''] = slack.texts;
  expect(text).toContain('250 people who left still have accounts, 250 accounts belong to nobody we know');
  const lines = text.split('\n');
  expect(lines.filter((line) => line.startsWith('• '))).toHaveLength(10);
  expect(lines.filter((line) => line.startsWith('and 245 more: rollcall findings --rule '))).toHaveLength(2);
});

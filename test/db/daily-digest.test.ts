import { expect, test } from 'vitest';
import { composeAlert } from '../../src/alerts/compose.ts';
import type { ChannelMessage } from '../../src/ports/alerts.ts';
import { createQueue } from '../../src/store/queue.ts';
import { createReader } from '../../src/store/reader/reader.ts';
import type { WorkerDeps } from '../../src/worker/deps.ts';
import { runOnce, type RunProgress } from '../../src/worker/run.ts';
import { SILENT } from '../support/database.ts';
import { account, person, stranger, upTo } from '../support/people.ts';
import { openWorkerWorld, type WorkerWorld } from '../support/worker.ts';

const staff = () => upTo(20).map((number) => account(number));
const HOUR_MS = 3_600_000;

/** A worker that tells its digest once a day, and what it told. `silentMs`: for how long Slack is away. */
class Daily {
  readonly messages: ChannelMessage[] = [];
  silentMs = 0;
  readonly #world: WorkerWorld;

  constructor(world: WorkerWorld) {
    this.#world = world;
  }

  deps(at: string): WorkerDeps {
    const reader = createReader(this.#world.store);
    return {
      ...this.#world.deps(at),
      // By the database's clock: an hour from now is never due in a test.
      digestDue: () => new Date(Date.now() + HOUR_MS),
      silentMs: async () => this.silentMs,
      deliver: async (alert) => {
        const message = await composeAlert(alert, reader);
        if (message !== undefined) this.messages.push(message);
      },
    };
  }

  async run(at: string, { delivers = true } = {}): Promise<number> {
    const ended = new AbortController();
    const progress = ({ kind }: RunProgress): void => {
      if (kind === 'delivering' && !delivers) ended.abort();
    };
    const request = { only: [], full: false, notify: true, budgetMs: 0, progress };
    const { undelivered } = await runOnce(this.deps(at), { ...request, signal: ended.signal });
    return undelivered.count;
  }

  /** The time of the day comes, a minute ago. */
  async becomeDue(): Promise<number> {
    const past = new Date(Date.now() - 60_000);
    const { rowCount } = await this.#world.store.pool.query(
      `update rollcall_jobs.job set start_after = $1, data = jsonb_set(data, '{due}', to_jsonb($2::text))
        where name = 'alert' and state = 'created' and data ->> 'kind' = 'daily'`,
      [past, past.toISOString()],
    );
    return rowCount ?? 0;
  }

  firstLines(): readonly string[] {
    return this.messages.map(({ text }) => text.split('\n')[0] ?? '');
  }
}

/** Twenty people with an account each, after their first look. */
async function aCompany(): Promise<{ readonly world: WorkerWorld; readonly daily: Daily } & AsyncDisposable> {
  const world = await openWorkerWorld();
  world.identities = upTo(20).map((number) => person(number));
  world.accounts = staff();
  const daily = new Daily(world);
  expect(await daily.run('2026-11-01T08:00:00Z')).toBe(0);
  expect(daily.firstLines()).toEqual([expect.stringMatching(/^First look at /)]);
  daily.messages.length = 0;
  return { world, daily, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

test('the reports of a day are told together at its time, and no run waits for it', async () => {
  await using company = await aCompany();
  const { world, daily } = company;
  world.accounts = [...staff(), stranger(1), stranger(2)];
  expect(await daily.run('2026-11-02T08:00:00Z')).toBe(0);
  // One of them is gone again before anybody was told.
  world.accounts = [...staff(), stranger(2), stranger(3)];
  expect(await daily.run('2026-11-02T09:00:00Z')).toBe(0);
  expect(daily.messages).toEqual([]);

  expect(await daily.becomeDue()).toBe(1);
  await daily.run('2026-11-03T08:00:00Z');

  expect(daily.messages).toHaveLength(1);
  const lines = daily.messages[0]?.text.split('\n') ?? [];
  expect(lines[0]).toBe('2 accounts belong to nobody we know');
  expect(lines).toContain('1 finding opened and resolved in between, not shown');
  expect(lines.at(-1)).toMatch(/^Reports \d+ to \d+, since 2026-11-02 08:00 UTC$/);
});

test('what is not a digest is told at once, and not again with the day', async () => {
  await using company = await aCompany();
  const { world, daily } = company;
  world.accounts = [...staff(), stranger(1)];
  await daily.run('2026-11-02T08:00:00Z');
  world.accounts = [];
  await daily.run('2026-11-02T09:00:00Z');
  world.accounts = [...staff(), stranger(1)];
  await daily.run('2026-11-02T10:00:00Z');
  world.accountsEnd = { outcome: { kind: 'broken', code: 'source-auth', detail: 'the token was refused' } };
  await daily.run('2026-11-02T11:00:00Z');

  expect(daily.firstLines()).toEqual([
    expect.stringMatching(/^The list of crm is not believed/),
    'crm is read normally again',
    `crm refuses Rollcall's credential`,
  ]);
  daily.messages.length = 0;
  await daily.becomeDue();
  await daily.run('2026-11-03T08:00:00Z');
  expect(daily.firstLines()).toEqual(['1 account belongs to nobody we know']);
});

test('a first look within the day is told at once, and its findings are not in the digest', async () => {
  await using company = await aCompany();
  const { world, daily } = company;
  world.accounts = [...staff(), stranger(1)];
  await daily.run('2026-11-02T08:00:00Z');
  world.ruleOptions = { ...world.ruleOptions, dormantDays: 45 };
  const [, ...others] = staff();
  world.accounts = [{ ...account(1), lastActiveAt: '2026-01-01T00:00:00Z' }, ...others, stranger(1)];
  await daily.run('2026-11-02T09:00:00Z');
  world.accounts = [...world.accounts, stranger(2)];
  await daily.run('2026-11-02T10:00:00Z');
  expect(daily.firstLines()).toEqual([
    expect.stringMatching(/^First look at crm: 1 account has not been used for long/),
  ]);
  daily.messages.length = 0;

  await daily.becomeDue();
  await daily.run('2026-11-03T08:00:00Z');

  expect(daily.firstLines()).toEqual(['2 accounts belong to nobody we know']);
});

test('once, however many workers there are; what comes later is another day', async () => {
  await using company = await aCompany();
  const { world, daily } = company;
  world.accounts = [...staff(), stranger(1)];
  await daily.run('2026-11-02T08:00:00Z');
  await daily.becomeDue();
  const workers = upTo(4).map(() => createQueue(world.store, SILENT));
  const taken = (await Promise.all(workers.map((queue) => queue.takeAlerts(10)))).flat();
  expect(taken.map(({ alert }) => alert.kind)).toEqual(['daily']);

  // While it is being told another report comes: nobody can know whether it would still be in it.
  world.accounts = [...world.accounts, stranger(2)];
  expect(await daily.run('2026-11-02T09:00:00Z', { delivers: false })).toBe(1);
  await taken[0]?.done();
  expect(await world.queue.waitingAlerts()).toBe(0);
  expect(await daily.becomeDue()).toBe(1);
});

test('a worker that was away for days makes up for it with one message', async () => {
  await using company = await aCompany();
  const { world, daily } = company;
  world.accounts = [...staff(), stranger(1)];
  await daily.run('2026-11-02T08:00:00Z');
  await daily.becomeDue();
  const messagesBefore = daily.messages.length;
  // The report of the run that comes first after it joins what is overdue.
  world.accounts = [...world.accounts, stranger(2)];
  await daily.run('2026-11-05T08:00:00Z');
  expect(daily.firstLines().slice(messagesBefore)).toEqual(['2 accounts belong to nobody we know']);
});

test('after an outage of Slack the one catch-up has it too, before its time, and it is not told twice', async () => {
  await using company = await aCompany();
  const { world, daily } = company;
  world.accounts = [...staff(), stranger(1)];
  await daily.run('2026-11-02T08:00:00Z');
  daily.silentMs = 24 * HOUR_MS;
  world.accounts = [];
  const deps = daily.deps('2026-11-02T09:00:00Z');
  const broken: WorkerDeps = { ...deps, deliver: async () => Promise.reject(new TypeError('Slack is away')) };
  const request = { only: [], full: false, notify: true, budgetMs: 0, progress: () => undefined };
  const { signal } = new AbortController();
  await expect(runOnce(broken, { ...request, signal })).rejects.toThrow('Slack is away');
  world.identitiesEnd = { outcome: { kind: 'broken', code: 'source-unavailable', detail: 'it did not answer' } };
  await daily.run('2026-11-02T10:00:00Z');

  expect(daily.messages).toHaveLength(1);
  expect(daily.messages[0]?.text).toContain('The list of crm is not believed');
  expect(daily.messages[0]?.text).toContain('1 account belongs to nobody we know');
  expect(await daily.becomeDue()).toBe(0);
});

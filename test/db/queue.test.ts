import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { OperationalError } from '../../src/errors.ts';
import type { JobHandlers, Queue } from '../../src/ports/alerts.ts';
import type { Alert } from '../../src/ports/store.ts';
import type { Log } from '../../src/ports/surroundings.ts';
import { inTransaction } from '../../src/store/database.ts';
import { enqueueAlerts } from '../../src/store/enqueue-alerts.ts';
import { createQueue } from '../../src/store/queue.ts';
import { openTestDatabase, SILENT } from '../support/database.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const DIGEST: Alert = { kind: 'digest', reportId: 1 };
const SECRET = 'https://hooks.example.com/services/T0/B0/canary-4711';
/** Longer than pg-boss takes to see a job; a test that waits as long has failed. */
const SEEN_MS = 15_000;

async function enqueue(store: TestStore, ...alerts: readonly Alert[]): Promise<void> {
  await inTransaction(store.pool, 'test', (client) => enqueueAlerts(client, alerts));
}

async function jobs(store: TestStore, name: string): Promise<readonly unknown[]> {
  const { rows } = await store.pool.query(
    'select data, state::text from rollcall_jobs.job where name = $1 order by created_on, id',
    [name],
  );
  return rows;
}

/** Resolves when the predicate holds; the polling is the queue's, not ours. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + SEEN_MS;
  while (performance.now() < end) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error('it did not come about');
}

function fails(error: Error): () => Promise<void> {
  return async () => {
    throw error;
  };
}

const IDLE: JobHandlers = {
  sync: async () => {},
  hint: async () => {},
  reconcile: async () => {},
  alert: async () => {},
  sweep: async () => {},
};
async function working(queue: Queue, handlers: Partial<JobHandlers>, check: () => Promise<void>): Promise<void> {
  await queue.work({ ...IDLE, ...handlers });
  try {
    await check();
  } finally {
    await queue.stop(1_000);
  }
}

describe('alerts of a transaction', () => {
  test('are there when it commits, and not when it is rolled back', async () => {
    await using store = await openTestStore();
    const failure = new Error('rolled back');
    const end = inTransaction(store.pool, 'test', async (client) => {
      await enqueueAlerts(client, [DIGEST]);
      throw failure;
    });
    await expect(end).rejects.toBe(failure);
    expect(await jobs(store, 'alert')).toEqual([]);
    await enqueue(store, DIGEST);
    expect(await jobs(store, 'alert')).toEqual([{ data: DIGEST, state: 'created' }]);
  });

  test('need no second connection', async () => {
    await using store = await openTestStore();
    const only = openTestDatabase(store.url);
    only.pool.options.max = 1;
    await inTransaction(only.pool, 'test', (client) => enqueueAlerts(client, [DIGEST]));
    await only.close();
    expect(await jobs(store, 'alert')).toHaveLength(1);
  });
});

describe('taking alerts without a worker', () => {
  test('oldest first, each once, done when done', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    await enqueue(store, DIGEST);
    await enqueue(store, { kind: 'breaker', breakerId: 7 });
    expect(await queue.waitingAlerts()).toBe(2);
    const [first] = await queue.takeAlerts(1);
    const others = await queue.takeAlerts(5);
    expect(first?.alert).toEqual(DIGEST);
    expect(others.map((job) => job.alert)).toEqual([{ kind: 'breaker', breakerId: 7 }]);
    await first?.done();
    // The other is in somebody's hands, not delivered.
    expect(await queue.waitingAlerts()).toBe(1);
    await others[0]?.done();
    expect(await queue.waitingAlerts()).toBe(0);
    expect(await queue.takeAlerts(5)).toEqual([]);
  });

  test('what failed waits, and is due at once for the next who takes, whatever it was told to wait', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    await enqueue(store, DIGEST);
    const [job] = await queue.takeAlerts(1);
    const notBefore = new Date(Date.now() + 3_600_000);
    await job?.failed(new OperationalError('slack-unavailable', 'Slack asks to wait', { notBefore }));
    const { rows } = await store.pool.query<{ due: string }>(
      `select start_after as due from rollcall_jobs.job where name = 'alert' and state = 'retry'`,
    );
    expect(rows.map((row) => new Date(row.due).getTime())).toEqual([notBefore.getTime()]);
    expect(await queue.waitingAlerts()).toBe(1);
    expect((await createQueue(store, SILENT).takeAlerts(1)).map((again) => again.alert)).toEqual([DIGEST]);
  });

  test('a failure leaves code and sentence in the job, never its cause', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    await enqueue(store, DIGEST, DIGEST);
    const [one, two] = await queue.takeAlerts(2);
    const cause = new Error(`POST ${SECRET}`);
    await one?.failed(new OperationalError('slack-unavailable', 'Slack does not answer', { cause }));
    await two?.failed(cause);
    const { rows } = await store.pool.query<{ output: unknown }>(
      'select output from rollcall_jobs.job order by output',
    );
    expect(rows.map((row) => row.output)).toEqual([
      { code: 'bug', message: 'Error: see the log' },
      { code: 'slack-unavailable', message: 'Slack does not answer' },
    ]);
  });

  test('what a dead process had taken becomes free again', async () => {
    await using store = await openTestStore();
    await enqueue(store, DIGEST);
    await createQueue(store, SILENT).takeAlerts(1);
    await store.pool.query(`update rollcall_jobs.job set started_on = now() - interval '1 hour'`);
    await store.pool.query('update rollcall_jobs.queue set monitor_on = null');
    expect(await createQueue(store, SILENT).takeAlerts(1)).toHaveLength(1);
  });

  test('a process that has given no sign of life for 12 s is dead; one that sends for longer is not', async () => {
    await using store = await openTestStore();
    await enqueue(store, DIGEST, { kind: 'breaker', breakerId: 7 });
    const [alive] = await createQueue(store, SILENT).takeAlerts(1);
    const [dead] = await createQueue(store, SILENT).takeAlerts(1);
    // As a process that was killed: its beats end.
    const beat = setInterval(
      () => void store.pool.query(`update rollcall_jobs.job set heartbeat_on = $2 where id = $1`, [dead?.id, tookAt]),
      100,
    );
    const tookAt = new Date();
    const next = createQueue(store, SILENT);
    expect(await next.takeAlerts(5)).toEqual([]);
    await sleep(14_000);
    clearInterval(beat);
    expect((await next.takeAlerts(5)).map((job) => job.alert)).toEqual([dead?.alert]);
    await alive?.done();
  });

  test('a job of another version is put aside, not delivered', async () => {
    await using store = await openTestStore();
    await enqueue(store, DIGEST);
    await store.pool.query(`update rollcall_jobs.job set data = '{"kind":"poem"}'`);
    expect(await createQueue(store, SILENT).takeAlerts(1)).toEqual([]);
  });
});

describe('asking', () => {
  test('one waiting sync a source; a full one asked for meanwhile makes it full', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    await queue.askSync('nimble', 'delta');
    await queue.askSync('nimble', 'delta');
    await queue.askSync('namely', 'full');
    await queue.askSync('namely', 'delta');
    expect(await jobs(store, 'sync')).toEqual([
      { data: { source: 'nimble', mode: 'delta' }, state: 'created' },
      { data: { source: 'namely', mode: 'full' }, state: 'created' },
    ]);
    await queue.askSync('nimble', 'full');
    expect(await jobs(store, 'sync')).toContainEqual({ data: { source: 'nimble', mode: 'full' }, state: 'created' });
    expect(await jobs(store, 'sync')).toHaveLength(2);
  });

  test('reconciliations asked for within the delay are one', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    await Promise.all([queue.askReconcile(5), queue.askReconcile(5), queue.askReconcile(5)]);
    expect(await jobs(store, 'reconcile')).toHaveLength(1);
  });
});

describe('working', () => {
  test('a source never runs twice at once, and keeps no other source waiting', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    const running: string[] = [];
    const release = Promise.withResolvers<void>();
    await queue.askSync('slow', 'full');
    const sync: JobHandlers['sync'] = async ({ source, mode }) => {
      running.push(`${source} ${mode}`);
      if (source === 'slow' && mode === 'full') await release.promise;
    };
    await working(queue, { sync }, async () => {
      await until(() => running.includes('slow full'));
      await queue.askSync('slow', 'delta');
      await queue.askSync('quick', 'full');
      await until(() => running.includes('quick full'));
      expect(running).not.toContain('slow delta');
      release.resolve();
      await until(() => running.includes('slow delta'));
    });
  });

  test('reconcile and alert jobs reach their handlers', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    const seen: unknown[] = [];
    await enqueue(store, { kind: 'released', breakerId: 3 });
    await queue.askReconcile(0);
    const handlers: Partial<JobHandlers> = {
      reconcile: async (signal) => void seen.push(signal.aborted),
      alert: async (alert) => void seen.push(alert),
    };
    await working(queue, handlers, () => until(() => seen.length === 2));
    expect(seen).toContainEqual({ kind: 'released', breakerId: 3 });
    expect(seen).toContainEqual(false);
    expect(await queue.deadLetters()).toEqual([]);
  });

  test('an alert that Slack rejects is given up at once; the next process tries it again', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    await enqueue(store, DIGEST);
    const cause = new Error(SECRET);
    const rejected = new OperationalError('slack-rejected', 'the webhook is gone: make a new one', { cause });
    await working(queue, { alert: fails(rejected) }, () => until(async () => (await queue.deadLetters()).length === 1));
    expect(await queue.waitingAlerts()).toBe(0);
    const { rows } = await store.pool.query('select * from rollcall_jobs.job');
    expect(JSON.stringify(rows)).not.toContain('canary');
    expect((await createQueue(store, SILENT).takeAlerts(5)).map((job) => job.alert)).toEqual([DIGEST]);
  });

  test('an alert waits as long as it is told to', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    await enqueue(store, DIGEST);
    const notBefore = new Date(Date.now() + 600_000);
    let tries = 0;
    const alert: JobHandlers['alert'] = async () => {
      tries += 1;
      throw new OperationalError('slack-unavailable', 'Slack asks to wait', { notBefore });
    };
    const waiting = `select from rollcall_jobs.job where name = 'alert' and state = 'retry' and start_after = $1`;
    await working(queue, { alert }, () =>
      until(async () => (await store.pool.query(waiting, [notBefore])).rowCount === 1),
    );
    expect(tries).toBe(1);
  });

  test('a job that fails is said in the log, without its parameters in the row', async () => {
    await using store = await openTestStore();
    const errors: string[] = [];
    const log: Log = { ...SILENT, error: (_data, message) => void errors.push(message) };
    const queue = createQueue(store, log);
    await queue.askReconcile(0);
    const reconcile = fails(new OperationalError('busy', 'another reconciliation is running'));
    const output = `select output from rollcall_jobs.job where name = 'reconcile' and state = 'retry'`;
    await working(queue, { reconcile }, () => until(async () => (await store.pool.query(output)).rowCount === 1));
    expect(errors).toEqual(['job failed']);
    expect((await store.pool.query(output)).rows).toEqual([
      { output: { code: 'busy', message: 'another reconciliation is running' } },
    ]);
  });

  test('a database without the job schema is said so', async () => {
    await using store = await openTestStore();
    await store.pool.query('drop schema rollcall_jobs cascade');
    await expect(createQueue(store, SILENT).work(IDLE)).rejects.toMatchObject({ code: 'database-behind' });
  });
});

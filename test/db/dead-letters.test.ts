import { describe, expect, test } from 'vitest';
import { adviseDeadLetter, describeDeadLetters } from '../../src/dead-letters.ts';
import { ERROR_CODES } from '../../src/errors.ts';
import { inTransaction } from '../../src/store/database.ts';
import { enqueueAlerts } from '../../src/store/enqueue-alerts.ts';
import { createQueue } from '../../src/store/queue.ts';
import { SILENT } from '../support/database.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const BUSY = { code: 'busy', message: 'another process' };

async function end(store: TestStore, where: string, state: 'failed' | 'completed', output: object = {}): Promise<void> {
  // Each end is later than the one before.
  await store.pool.query(
    `update rollcall_jobs.job set state = $1, output = $2, completed_on = clock_timestamp() where state = 'created' and ${where}`,
    [state, JSON.stringify(output)],
  );
}

describe('dead letters', () => {
  test('are counted by queue and code, each thing once however often it failed', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    for (let time = 0; time < 3; time += 1) {
      await queue.askSync('nimble', 'delta');
      await end(store, 'true', 'failed', BUSY);
    }
    await queue.askSync('namely', 'full');
    await end(store, 'true', 'failed', BUSY);
    await queue.askReconcile(0);
    await end(store, 'true', 'failed', { value: { message: 'job heartbeat timeout' } });
    expect(await queue.deadLetters()).toEqual([
      { queue: 'sync', code: 'busy', count: 2 },
      { queue: 'reconcile', code: 'lost', count: 1 },
    ]);
  });

  test('are none any more when the same was done since', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    await queue.askSync('nimble', 'delta');
    await queue.askSync('namely', 'delta');
    await queue.askHints(['p-1'], ['namely']);
    await end(store, 'true', 'failed', BUSY);
    expect(await queue.deadLetters()).toHaveLength(2);
    await queue.askSync('nimble', 'delta');
    expect(await queue.deadLetters()).toContainEqual({ queue: 'sync', code: 'busy', count: 2 });
    await end(store, `singleton_key = 'nimble'`, 'completed');
    // The hint's row is in what was read since.
    expect(await queue.deadLetters()).toEqual([{ queue: 'sync', code: 'busy', count: 1 }]);
  });

  test('alerts: one that a later start has put back is being tried, another alert makes up for none', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    const enqueue = async (reportId: number) =>
      await inTransaction(store.pool, 'test', (client) => enqueueAlerts(client, [{ kind: 'digest', reportId }]));
    const rejected = { code: 'slack-rejected', message: 'gone' };
    await enqueue(1);
    await end(store, 'true', 'failed', rejected);
    await enqueue(2);
    await end(store, 'true', 'completed');
    expect(await queue.deadLetters()).toEqual([{ queue: 'alert', code: 'slack-rejected', count: 1 }]);
    await enqueue(1);
    expect(await queue.deadLetters()).toEqual([]);
  });

  test('every code says what to do, and the sentence for probes names no more than queues and codes', () => {
    for (const code of [...Object.keys(ERROR_CODES), 'bug', 'lost', 'unreadable', 'from another version']) {
      expect(adviseDeadLetter(code)).toMatch(/\w{3}/u);
    }
    expect(describeDeadLetters([])).toBeUndefined();
    expect(describeDeadLetters([{ queue: 'alert', code: 'slack-rejected', count: 3 }])).toBe(
      '3 jobs were given up: 3 alert (slack-rejected); `rollcall doctor` says what to do',
    );
  });
});

test('queues tell how many wait, and how long the oldest that is due', async () => {
  await using store = await openTestStore();
  const queue = createQueue(store, SILENT);
  await queue.askSync('nimble', 'delta');
  await queue.askSync('namely', 'delta', new Date(Date.now() + 3_600_000));
  await store.pool.query(
    `update rollcall_jobs.job set created_on = now() - interval '90 s', start_after = now() - interval '80 s' where singleton_key = 'nimble'`,
  );
  const depths = await queue.depths();
  expect(depths.map(({ queue: name, waiting }) => `${name} ${waiting}`)).toEqual([
    'sync 2',
    'hint 0',
    'reconcile 0',
    'alert 0',
    'sweep 0',
  ]);
  expect(depths[0]?.oldestSeconds).toBeCloseTo(80, -1);
  expect(depths[1]?.oldestSeconds).toBe(0);
});

describe('queues', () => {
  test('state retries, backoff, heartbeat and how long their jobs are kept, each for itself', async () => {
    await using store = await openTestStore();
    const { rows } = await store.pool.query<{ name: string; text: string }>(
      `select name, concat_ws(' ', policy, retry_limit, retry_delay, retry_backoff, retry_delay_max, expire_seconds, heartbeat_seconds,
                             retention_seconds, deletion_seconds, dead_letter) as text
         from rollcall_jobs.queue where name in ('sync', 'hint', 'reconcile', 'alert', 'sweep') order by name`,
    );
    expect(rows.map(({ name, text }) => `${name}: ${text}`)).toEqual([
      'alert: standard 60 30 t 1800 120 12 1209600 604800 dead',
      'hint: short 2 30 t 300 600 60 1209600 604800',
      'reconcile: short 3 15 t 300 3600 60 1209600 604800',
      'sweep: short 3 900 t 3600 21600 60 1209600 604800',
      'sync: short 2 30 t 300 21600 60 1209600 604800',
    ]);
  });

  test('a sweep is asked for once an hour, however many workers ask', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    await Promise.all([queue.askSweep(), createQueue(store, SILENT).askSweep(), queue.askSweep()]);
    await end(store, 'true', 'completed');
    await queue.askSweep();
    const { rows } = await store.pool.query(
      `select date_part('minute', now()) as minute, count(*)::integer as jobs from rollcall_jobs.job`,
    );
    // Two where the hour has just ended.
    expect(rows[0]?.jobs).toBeLessThanOrEqual(rows[0]?.minute === 0 ? 2 : 1);
  });
});

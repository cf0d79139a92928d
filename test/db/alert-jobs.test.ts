import { describe, expect, test } from 'vitest';
import { OperationalError } from '../../src/errors.ts';
import type { JobHandlers } from '../../src/ports/alerts.ts';
import type { Alert } from '../../src/ports/store.ts';
import { inTransaction } from '../../src/store/database.ts';
import { enqueueAlerts } from '../../src/store/enqueue-alerts.ts';
import { createQueue } from '../../src/store/queue.ts';
import { SILENT } from '../support/database.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const DIGEST: Alert = { kind: 'digest', reportId: 3 };
const REJECTED = new OperationalError('slack-rejected', 'refused');
const UNANSWERED = new OperationalError('slack-unanswered', 'no answer', { notBefore: new Date(0) });
const IDLE: Omit<JobHandlers, 'alert'> = {
  sync: async () => {},
  hint: async () => {},
  reconcile: async () => {},
  sweep: async () => {},
};

async function enqueue(store: TestStore, ...alerts: readonly Alert[]): Promise<void> {
  await inTransaction(store.pool, 'test', (client) => enqueueAlerts(client, alerts));
}

async function alertJobs(store: TestStore): Promise<readonly { readonly state: string; readonly data: object }[]> {
  const { rows } = await store.pool.query<{ state: string; data: object }>(
    `select state::text, data from rollcall_jobs.job where name in ('alert', 'dead') order by created_on, id`,
  );
  return rows;
}

/** A worker that hands its alerts to this handler until one was handled. */
async function workOnce(store: TestStore, handle: JobHandlers['alert']): Promise<void> {
  const queue = createQueue(store, SILENT);
  const { promise, resolve } = Promise.withResolvers<void>();
  const alert: JobHandlers['alert'] = async (...given) => {
    try {
      await handle(...given);
    } finally {
      resolve();
    }
  };
  await queue.work({ ...IDLE, alert });
  await promise;
  await queue.stop(5_000);
}

describe('alerts put together', () => {
  const WAITING: readonly Alert[] = [
    { kind: 'baseline', reportId: 4 },
    { kind: 'withheld', reportId: 9 },
    { kind: 'breaker', breakerId: 5 },
    { kind: 'recovery', breakerId: 5 },
    { kind: 'released', breakerId: 2 },
    { kind: 'catch-up', reports: { from: 1, to: 2 }, breakerIds: [1], releasedIds: [] },
  ];
  const TOGETHER: Alert = {
    kind: 'catch-up',
    reports: { from: 1, to: 9 },
    breakerIds: [1, 5],
    releasedIds: [2],
  };

  test('case 96: become one, whatever they wait for; the others are done', async () => {
    await using store = await openTestStore();
    await enqueue(store, DIGEST, ...WAITING);
    await store.pool.query(
      `update rollcall_jobs.job set start_after = now() + interval '1 day' where data ->> 'reportId' = '9'`,
    );
    const [job] = await createQueue(store, SILENT).takeAlerts(1);
    expect(await job?.fold()).toBe(true);
    const jobs = await alertJobs(store);
    expect(jobs.filter(({ state }) => state !== 'completed')).toEqual([{ state: 'created', data: TOGETHER }]);
    expect(jobs).toHaveLength(8);
    expect((await createQueue(store, SILENT).takeAlerts(5)).map(({ alert }) => alert)).toEqual([TOGETHER]);
  });

  test('do so in a worker too', async () => {
    await using store = await openTestStore();
    await enqueue(store, DIGEST, ...WAITING);
    await workOnce(store, async (_alert, _signal, fold) => void (await fold()));
    const jobs = await alertJobs(store);
    expect(jobs.filter(({ state }) => state !== 'completed')).toEqual([{ state: 'created', data: TOGETHER }]);
  });

  test.each([
    { name: 'one of them was sent before: the others were not, so neither was the whole', sent: 1, whole: undefined },
    { name: 'all of them were sent before: so was the whole', sent: 2, whole: true },
  ])('$name', async ({ sent, whole }) => {
    await using store = await openTestStore();
    await enqueue(store, { kind: 'withheld', reportId: 8 }, { kind: 'withheld', reportId: 9 });
    await store.pool.query(
      `update rollcall_jobs.job set data = data || '{"sentBefore": true}'
        where id in (select id from rollcall_jobs.job order by data ->> 'reportId' limit $1)`,
      [sent],
    );
    const [job] = await createQueue(store, SILENT).takeAlerts(1);
    expect(await job?.fold()).toBe(true);
    const [left] = (await alertJobs(store)).filter(({ state }) => state === 'created');
    expect(left?.data).toMatchObject({ kind: 'catch-up' });
    expect(Object(left?.data)['sentBefore']).toBe(whole);
  });

  test('leave one alone that waits for nobody', async () => {
    await using store = await openTestStore();
    await enqueue(store, DIGEST);
    const [job] = await createQueue(store, SILENT).takeAlerts(1);
    expect(await job?.fold()).toBe(false);
    expect(await alertJobs(store)).toEqual([{ state: 'active', data: DIGEST }]);
  });

  test('by a process that was stopped for so long that others took them change nothing', async () => {
    await using store = await openTestStore();
    await enqueue(store, DIGEST, { kind: 'baseline', reportId: 4 });
    const [job] = await createQueue(store, SILENT).takeAlerts(1);
    await store.pool.query(`update rollcall_jobs.job set state = 'completed', completed_on = now() where id = $1`, [
      job?.id,
    ]);
    await expect(job?.fold()).rejects.toMatchObject({ code: 'busy' });
    expect(await alertJobs(store)).not.toContainEqual(expect.objectContaining({ data: { kind: 'catch-up' } }));
  });
});

describe('an alert', () => {
  test('case 92: that was sent twice without an answer is over, also for the next start', async () => {
    await using store = await openTestStore();
    await enqueue(store, DIGEST);
    const queue = createQueue(store, SILENT);
    const [first] = await queue.takeAlerts(1);
    await first?.failed(UNANSWERED);
    expect(await alertJobs(store)).toEqual([{ state: 'retry', data: { ...DIGEST, sentBefore: true } }]);
    await workOnce(store, async () => {
      throw UNANSWERED;
    });
    expect(await alertJobs(store)).toEqual([{ state: 'failed', data: { ...DIGEST, sentBefore: true } }]);
    // A person sees it (`/readyz`, metrics), and nothing sends it a third time.
    expect(await queue.deadLetters()).toEqual([{ queue: 'alert', code: 'slack-unanswered', count: 1 }]);
    expect(await createQueue(store, SILENT).takeAlerts(5)).toEqual([]);
  });

  test('that waits for its channel has no tries to lose, and is kept for more than a year', async () => {
    await using store = await openTestStore();
    await enqueue(store, DIGEST);
    const gone = new OperationalError('slack-gone', 'dead', { notBefore: new Date(Date.now() + 86_400_000) });
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const [job] = await createQueue(store, SILENT).takeAlerts(1);
      await job?.failed(gone);
    }
    const { rows } = await store.pool.query<{ tries: number; long: boolean }>(
      `select retry_count as tries, keep_until > now() + interval '1 year' as long from rollcall_jobs.job where name = 'alert'`,
    );
    expect(rows).toEqual([{ tries: 0, long: true }]);
  });

  test('that is refused at each start is never forgotten', async () => {
    await using store = await openTestStore();
    await enqueue(store, DIGEST);
    for (let start = 1; start <= 3; start += 1) {
      const [job] = await createQueue(store, SILENT).takeAlerts(1);
      expect({ start, alert: job?.alert }).toEqual({ start, alert: DIGEST });
      await job?.failed(REJECTED);
      // One alert, however often it was tried.
      const dead = await createQueue(store, SILENT).deadLetters();
      expect(dead).toEqual([{ queue: 'alert', code: 'slack-rejected', count: 1 }]);
    }
  });

  test('that waits for a better time is due when a worker starts', async () => {
    await using store = await openTestStore();
    await enqueue(store, DIGEST);
    await store.pool.query(`update rollcall_jobs.job set start_after = now() + interval '1 day'`);
    const seen: Alert[] = [];
    await workOnce(store, async (alert) => void seen.push(alert));
    expect(seen).toEqual([DIGEST]);
  });
});

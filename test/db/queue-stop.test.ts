import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { JobHandlers } from '../../src/ports/alerts.ts';
import { openDatabase } from '../../src/store/database.ts';
import { createQueue } from '../../src/store/queue.ts';
import { SILENT } from '../support/database.ts';
import { startSilentProxy } from '../support/silent-proxy.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const IDLE: JobHandlers = {
  sync: async () => {},
  hint: async () => {},
  reconcile: async () => {},
  alert: async () => {},
  sweep: async () => {},
};
const STOPPED = { code: 'stopped', message: 'the worker was ended meanwhile; the job is tried again' };

async function syncJobs(store: TestStore): Promise<readonly object[]> {
  const { rows } = await store.pool.query<{ state: string; output: unknown }>(
    `select state::text, output from rollcall_jobs.job where name = 'sync'`,
  );
  return rows;
}

/** A worker with one sync job in hand; `handle` is called with the job's signal. */
async function inHand(store: TestStore, handle: (signal: AbortSignal) => Promise<unknown>) {
  const queue = createQueue(store, SILENT);
  const begun = Promise.withResolvers<undefined>();
  const sync: JobHandlers['sync'] = async (_job, signal) => {
    begun.resolve(undefined);
    await handle(signal);
  };
  await queue.askSync('nimble', 'full');
  await queue.work({ ...IDLE, sync });
  await begun.promise;
  return queue;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve);
  });
}

describe('stopping', () => {
  test('lets a job end within the grace: drained, and completed', async () => {
    await using store = await openTestStore();
    const queue = await inHand(store, async () => sleep(300));
    expect(await queue.stop(10_000)).toBe('drained');
    expect(await syncJobs(store)).toMatchObject([{ state: 'completed' }]);
  });

  test('aborts a job after the grace, waits for its handler, and says so; the job is put back without a stack', async () => {
    await using store = await openTestStore();
    let released = false;
    const queue = await inHand(store, async (signal) => {
      await aborted(signal);
      await sleep(500);
      await store.pool.query('select 1');
      released = true;
      signal.throwIfAborted();
    });
    expect(await queue.stop(200)).toBe('cut');
    expect(released).toBe(true);
    expect(await syncJobs(store)).toEqual([{ state: 'retry', output: STOPPED }]);
  });

  test('asked to hurry aborts at once', async () => {
    await using store = await openTestStore();
    const queue = await inHand(store, aborted);
    const startedAt = performance.now();
    expect(await queue.stop(60_000, AbortSignal.timeout(100))).toBe('cut');
    expect(performance.now() - startedAt).toBeLessThan(8_000);
  });

  test('leaves a handler that hears no abort after some seconds, and puts its job back', async () => {
    await using store = await openTestStore();
    const deaf = Promise.withResolvers<undefined>();
    const queue = await inHand(store, async () => deaf.promise);
    const startedAt = performance.now();
    expect(await queue.stop(100)).toBe('cut');
    expect(performance.now() - startedAt).toBeLessThan(9_000);
    expect(await syncJobs(store)).toEqual([{ state: 'retry', output: STOPPED }]);
    deaf.resolve(undefined);
  });

  test('does not wait for polls that hang on a silent path', async () => {
    await using store = await openTestStore();
    await using proxy = await startSilentProxy(store.url);
    const database = openDatabase({ url: proxy.url, poolMax: 10, log: SILENT, applicationName: 'rollcall test' });
    const queue = createQueue(database, SILENT);
    await queue.work(IDLE);
    proxy.swallow();
    await sleep(2_500);
    const startedAt = performance.now();
    await queue.stop(20_000);
    await database.close();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

describe('a path that falls silent', () => {
  test('is given up by the polls: jobs are taken again, and the log says what it was', async () => {
    await using store = await openTestStore();
    await using proxy = await startSilentProxy(store.url);
    const options = { url: proxy.url, poolMax: 10, log: SILENT, applicationName: 'rollcall test' };
    const database = openDatabase({ ...options, queryTimeoutMs: 3_000 });
    const logged: unknown[] = [];
    const failed = Promise.withResolvers<undefined>();
    const error = (data: object): void => {
      logged.push(data);
      failed.resolve(undefined);
    };
    const queue = createQueue(database, { ...SILENT, error });
    const taken = Promise.withResolvers<string>();
    await queue.work({ ...IDLE, sync: async ({ source }) => taken.resolve(source) });
    proxy.swallow();
    await failed.promise;
    await createQueue(store, SILENT).askSync('nimble', 'full');
    expect(await taken.promise).toBe('nimble');
    for (const line of logged) expect(line).toMatchObject({ err: { code: 'database-unavailable' } });
    await queue.stop(1_000);
    await database.close();
  });

  test('what the worker says of itself: not started, working, stopping', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    expect(queue.trouble()).toBe('the job queue is not started');
    await queue.work(IDLE);
    expect(queue.trouble()).toBeUndefined();
    await queue.stop(1_000);
    expect(queue.trouble()).toBe('the job queue is stopping');
  });
});

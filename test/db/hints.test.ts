import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { OperationalError } from '../../src/errors.ts';
import type { JobHandlers, Queue } from '../../src/ports/alerts.ts';
import type { Log } from '../../src/ports/surroundings.ts';
import { createQueue } from '../../src/store/queue.ts';
import { SILENT } from '../support/database.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const SEEN_MS = 20_000;
const IDLE: JobHandlers = {
  sync: async () => {},
  hint: async () => {},
  reconcile: async () => {},
  alert: async () => {},
  sweep: async () => {},
};

async function jobs(store: TestStore, name: string): Promise<readonly unknown[]> {
  const { rows } = await store.pool.query<{ data: unknown }>(
    `select data from rollcall_jobs.job where name = $1 and state = 'created' order by created_on, data::text`,
    [name],
  );
  return rows.map(({ data }) => data);
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + SEEN_MS;
  while (performance.now() < end) {
    if (await holds()) return;
    await sleep(20);
  }
  throw new Error('it did not come about');
}

async function working(queue: Queue, handlers: Partial<JobHandlers>, check: () => Promise<void>): Promise<void> {
  await queue.work({ ...IDLE, ...handlers });
  try {
    await check();
  } finally {
    await queue.stop(1_000);
  }
}

const someIds = (count: number) => Array.from({ length: count }, (_unused, at) => `p-${at + 1}`);

describe('case 98: hints', () => {
  test('wait once each, however often they come, and hold an id alone', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    await Promise.all(Array.from({ length: 500 }, async () => await queue.askHints(['p-1', 'p-2'], ['namely'])));
    await queue.askHints(['p-2'], ['namely']);
    expect(await jobs(store, 'hint')).toEqual([{ id: 'p-1' }, { id: 'p-2' }]);
    expect(await jobs(store, 'sync')).toEqual([]);
  });

  test('are bounded: beyond 200 one reading of changes a source is asked for, and none of them is lost without a word', async () => {
    await using store = await openTestStore();
    const told: string[] = [];
    const log: Log = { ...SILENT, warn: (_data, message) => void told.push(message) };
    const queue = createQueue(store, log);
    await queue.askHints(someIds(200), ['namely']);
    expect(await jobs(store, 'hint')).toHaveLength(200);
    // These wait already.
    await queue.askHints(someIds(200), ['namely']);
    expect(await jobs(store, 'sync')).toEqual([]);

    await Promise.all(someIds(1_000).map(async (id) => await queue.askHints([`x-${id}`], ['namely', 'other'])));

    expect(await jobs(store, 'hint')).toHaveLength(200);
    expect(await jobs(store, 'sync')).toEqual([
      { source: 'namely', mode: 'delta' },
      { source: 'other', mode: 'delta' },
    ]);
    for (let batch = 0; batch < 3; batch += 1) await queue.askHints([`y-${batch}`], ['namely']);
    // Told at once; how many there were is told when the minute is over.
    expect(told).toEqual(['too many hints wait: reading changes instead']);
  });

  test('that cannot be stored are refused, and the next ones are taken', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    await store.pool.query('alter table rollcall_jobs.job rename to hidden');
    await expect(queue.askHints(['p-1'], ['namely'])).rejects.toBeInstanceOf(OperationalError);
    await store.pool.query('alter table rollcall_jobs.hidden rename to job');
    await queue.askHints(['p-1'], ['namely']);
    expect(await jobs(store, 'hint')).toEqual([{ id: 'p-1' }]);
  });

  test('reach the worker together, at once, and one that comes while it is read is read again', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    const seen: (readonly string[])[] = [];
    const release = Promise.withResolvers<void>();
    const hint: JobHandlers['hint'] = async (ids) => {
      seen.push(ids.toSorted());
      if (seen.length === 1) await release.promise;
    };
    await queue.askHints(['p-1', 'p-2'], ['namely']);
    await working(queue, { hint }, async () => {
      await until(() => seen.length === 1);
      await queue.askHints(['p-1'], ['namely']);
      release.resolve();
      await until(() => seen.length === 2);
    });
    expect(seen).toEqual([['p-1', 'p-2'], ['p-1']]);
  });

  test('that fail are tried again; a job of another version is put aside and keeps no other', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    await queue.askHints(['p-1', 'p-2'], ['namely']);
    await store.pool.query(`update rollcall_jobs.job set data = '{"profile":1}' where singleton_key = 'p-1'`);
    const seen: (readonly string[])[] = [];
    const hint: JobHandlers['hint'] = async (ids) => {
      seen.push(ids);
      throw new OperationalError('database-unavailable', 'away');
    };
    const states = async () => {
      const { rows } = await store.pool.query(
        `select singleton_key as id, state::text from rollcall_jobs.job where name = 'hint' order by 1`,
      );
      return rows;
    };
    await working(queue, { hint }, () => until(async () => JSON.stringify(await states()).includes('retry')));
    expect(await states()).toEqual([
      { id: 'p-1', state: 'failed' },
      { id: 'p-2', state: 'retry' },
    ]);
    expect(seen).toEqual([['p-2']]);
    expect(await queue.deadLetters()).toEqual([{ queue: 'hint', code: 'unreadable', count: 1 }]);
  });

  test('a reconciliation asked for now does not wait for one asked for later', async () => {
    await using store = await openTestStore();
    const queue = createQueue(store, SILENT);
    let reconciled = 0;
    const reconcile: JobHandlers['reconcile'] = async () => void (reconciled += 1);
    await queue.askReconcile(3_600);
    await working(queue, { reconcile }, async () => {
      await queue.askReconcile(0);
      await until(() => reconciled === 1);
    });
    expect(await jobs(store, 'reconcile')).toEqual([]);
  });
});

import { expect, test, vi } from 'vitest';
import type { ReconcileSettings } from '../../src/ports/store.ts';
import { createReconcileStore } from '../../src/store/reconcile/store.ts';
import { openWorld, rowsOf, type World } from '../support/reconcile-store.ts';

const STOPPED = new Error('stopped by a signal');
const HELD = `
  select granted from pg_locks
   where relation = 'rollcall.drift_report'::regclass and mode = 'ShareRowExclusiveLock' and database = (select oid from pg_database where datname = current_database())`;
const WAITING = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;

function reconciling(store: World, signal: AbortSignal, work = async () => {}): Promise<void> {
  const settings: ReconcileSettings = { timezone: 'Europe/Rome', leaverSlaHours: 24, signal };
  return createReconcileStore(store).reconcile(settings, work);
}

test.each([
  ['cancels the statement that runs', 'select * from rollcall.setting for update'],
  ['ends the wait for another reconciliation', 'lock table rollcall.drift_report in share row exclusive mode'],
])('an abort %s: nothing is written, and no lock is left', async (_name, lock) => {
  await using store = await openWorld();
  const other = await store.pool.connect();
  try {
    await other.query('begin');
    await other.query(lock);
    const ending = new AbortController();
    const ended = Promise.allSettled([reconciling(store, ending.signal)]);
    await vi.waitFor(async () => expect(await rowsOf(store, WAITING)).toHaveLength(1), { timeout: 20_000 });
    const askedAt = performance.now();
    ending.abort(STOPPED);
    expect(await ended).toEqual([{ status: 'rejected', reason: STOPPED }]);
    expect(performance.now() - askedAt).toBeLessThan(10_000);
    await other.query('rollback');
    expect(await rowsOf(store, HELD)).toEqual([]);
    expect(await rowsOf(store, 'select id from rollcall.drift_report')).toEqual([]);
  } finally {
    other.release();
  }
});

test('who is aborted between two statements is cancelled in the next one', async () => {
  await using store = await openWorld();
  const ending = new AbortController();
  const settings = { timezone: 'Europe/Rome', leaverSlaHours: 24, signal: ending.signal };
  const lock = await store.pool.connect();
  try {
    await lock.query('begin');
    await lock.query('lock table rollcall.account in access exclusive mode');
    const ended = createReconcileStore(store).reconcile(settings, async (step) => {
      ending.abort(STOPPED);
      await step.countAccounts(store.nimble);
    });
    await expect(ended).rejects.toBe(STOPPED);
  } finally {
    await lock.query('rollback');
    lock.release();
  }
});

test('a signal that is never aborted changes nothing', async () => {
  await using store = await openWorld();
  await reconciling(store, new AbortController().signal);
  expect(await rowsOf(store, 'select count(*) as count from rollcall.drift_report')).toEqual([{ count: 1 }]);
});

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
  const settings: ReconcileSettings = { timezone: 'Europe/Rome', leaverSlaHours: 24, dryRun: false, signal };
  return createReconcileStore(store).reconcile(settings, work);
}

/** Begins one that waits in this statement's lock, aborts it, and expects it to end at once and without a trace. */
async function abortWaitingFor(lock: string): Promise<void> {
  await using store = await openWorld();
  const other = await store.pool.connect();
  try {
    await other.query('begin');
    await other.query(lock);
    const ending = new AbortController();
    const ended = expect(reconciling(store, ending.signal)).rejects.toBe(STOPPED);
    await vi.waitFor(async () => expect(await rowsOf(store, WAITING)).toHaveLength(1), { timeout: 20_000 });
    const askedAt = performance.now();
    ending.abort(STOPPED);
    await ended;
    expect(performance.now() - askedAt).toBeLessThan(10_000);
    await other.query('rollback');
    expect(await rowsOf(store, HELD)).toEqual([]);
    expect(await rowsOf(store, 'select id from rollcall.drift_report')).toEqual([]);
  } finally {
    other.release();
  }
}

test('an abort cancels the statement that runs: nothing is written, and no lock is left', async () => {
  await abortWaitingFor('select * from rollcall.setting for update');
});

test('an abort ends the wait for another reconciliation', async () => {
  await abortWaitingFor('lock table rollcall.drift_report in share row exclusive mode');
});

test('who is aborted between two statements is cancelled in the next one', async () => {
  await using store = await openWorld();
  const ending = new AbortController();
  const settings = { timezone: 'Europe/Rome', leaverSlaHours: 24, dryRun: false, signal: ending.signal };
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

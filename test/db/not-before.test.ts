import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { OperationalError } from '../../src/errors.ts';
import type { ListProgress } from '../../src/ports/sources.ts';
import { REAL_TIMING } from '../../src/sources/timing.ts';
import type { ScheduledDeps } from '../../src/worker/deps.ts';
import { readHints } from '../../src/worker/hint.ts';
import { startWorker } from '../../src/worker/start.ts';
import { syncSource, type SyncRequest } from '../../src/worker/sync.ts';
import { serveScript } from '../support/http-server.ts';
import { aTenant, namelyAt, profiles } from '../support/namely-tenant.ts';
import { person } from '../support/people.ts';
import { CRM, DIRECTORY, openWorkerWorld } from '../support/worker.ts';

// A vendor that says how long to wait is not asked earlier, and what was to be read then is read after it.

const SEEN = { timeout: 30_000, interval: 50 };
const SPEC = { ...CRM, maxAgeMs: 26 * 3_600_000, schedule: '0 5 1 1 *', fullSchedule: '0 5 1 1 *' };

/** The real worker, store and client by the real clock, after one listing; the next answer of the vendor is the script's. */
async function open() {
  const tenant = aTenant({ profiles: profiles(40) });
  const server = await serveScript((request) => tenant.answer(request));
  const world = await openWorkerWorld({ crm: namelyAt(server.origin, { concurrency: 1, timing: REAL_TIMING }) });
  world.identities = [person(1)];
  world.specs = [{ ...DIRECTORY, schedule: SPEC.schedule }, SPEC];
  await world.run(new Date(Date.now() - 60_000).toISOString());
  const deps: ScheduledDeps = { ...world.deps(new Date().toISOString()), clock: () => new Date() };
  const atMs: number[] = [];
  const { answer } = tenant;
  tenant.answer = (request) => {
    atMs.push(Date.now());
    return answer(request);
  };
  return {
    world,
    deps,
    tenant,
    /** When the vendor was asked, since `open`. */
    atMs,
    runs: async () => {
      const sql = `select mode, verdict from rollcall.sync_runs where source = 'crm' order by id offset 1`;
      const { rows } = await world.store.pool.query<{ mode: string; verdict: string }>(sql);
      return rows.map(({ mode, verdict }) => `${mode} ${verdict}`);
    },
    notBefore: async (inMs: number): Promise<number> => {
      const untilMs = Date.now() + inMs;
      const sql = `update rollcall.source set not_before = $1 where name = 'crm'`;
      await world.store.pool.query(sql, [new Date(untilMs).toISOString()]);
      return untilMs;
    },
    /** The next answer, whatever is asked for, is a throttling one. */
    throttleOnce: (seconds: number) => {
      const { answer: after } = tenant;
      tenant.answer = (request) => {
        tenant.answer = after;
        after(request);
        return { status: 429, headers: { 'retry-after': String(seconds) }, json: {} };
      };
    },
    sync: async (request: Partial<SyncRequest>) => {
      const stored = await deps.sourceStore.findSource(SPEC);
      if (stored === undefined) throw new Error('no source');
      const rest = { budgetMs: 60_000, signal: new AbortController().signal, progress: () => undefined };
      return await syncSource(deps, { stored, ...rest, ...request });
    },
    jobs: async (sql = 'select name, data, state::text') => {
      const from = `${sql} from rollcall_jobs.job where name in ('sync', 'hint') order by created_on`;
      return (await world.store.pool.query(from)).rows;
    },
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('a source that is not to be asked yet', () => {
  test('is waited for where the budget allows, with the reason, and then read', async () => {
    await using given = await open();
    const untilMs = await given.notBefore(700);
    const told: ListProgress[] = [];
    const outcome = await given.sync({ full: true, progress: (step) => void told.push(step) });
    expect(outcome).toMatchObject({ kind: 'judged', mode: 'full', verdict: 'complete', rows: 40 });
    expect(Math.min(...given.atMs)).toBeGreaterThanOrEqual(untilMs);
    expect(told[0]).toMatchObject({ kind: 'wait', reason: expect.stringMatching(/crm.*asked to wait/) });
  });

  test('is not asked where the wait is longer than the budget', async () => {
    await using given = await open();
    await given.notBefore(60_000);
    expect(await given.sync({ budgetMs: 59_000 })).toMatchObject({ kind: 'waiting' });
    expect(given.atMs).toEqual([]);
  });

  test('takes from the budget what was waited', async () => {
    await using given = await open();
    await given.notBefore(900);
    given.throttleOnce(2);
    // Alone either wait would fit.
    expect(await given.sync({ budgetMs: 2_500 })).toMatchObject({ kind: 'judged', verdict: 'deferred' });
  });

  test('is not asked after a wait that was stopped', async () => {
    await using given = await open();
    await given.notBefore(30_000);
    const stop = new AbortController();
    const reading = given.sync({ signal: stop.signal });
    await sleep(100);
    stop.abort(new OperationalError('busy', 'stopped'));
    expect(await reading).toMatchObject({ kind: 'failed', code: 'source-unavailable' });
    expect(given.atMs).toEqual([]);
  });

  test('is not asked by who has waited for another that learned it only then', async () => {
    await using given = await open();
    const stored = await given.deps.sourceStore.findSource(SPEC);
    const claim = await given.deps.sourceStore.claim(stored?.id ?? 0, 'another', given.deps.clock, { ms: 0 });
    const reading = given.sync({ budgetMs: 10_000 });
    await sleep(100);
    await given.notBefore(60_000);
    await given.deps.sourceStore.releaseClaim(claim);
    expect(await reading).toMatchObject({ kind: 'waiting' });
    expect(given.atMs).toEqual([]);
  });

  test('leaves a hint to the changes at once: others stand behind it', async () => {
    await using given = await open();
    await given.notBefore(20_000);
    const startedMs = performance.now();
    await readHints(given.deps, { ids: ['p-3'], budgetMs: 600_000, signal: new AbortController().signal });
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(await given.jobs('select data')).toEqual([{ data: { source: 'crm', mode: 'delta' } }]);
    expect(given.atMs).toEqual([]);
  });
});

describe('case 98: a hint that meets `Retry-After` longer than its own patience', () => {
  // In the worker's budget, and longer than that.
  test.each([600_000, 1])(
    'loses neither the changes nor the full reading that come meanwhile; budget %d ms',
    async (budgetMs) => {
      await using given = await open();
      given.throttleOnce(3);
      const signal = new AbortController().signal;
      await readHints(given.deps, { ids: ['p-3'], budgetMs: 1_000, signal });
      const askedMs = given.atMs.at(-1) ?? 0;
      expect(await given.runs()).toEqual(['hint deferred']);

      const worker = await startWorker(given.deps, budgetMs, signal);
      try {
        // The delta in the hint's place is taken; the tick of `fullSchedule` comes while it waits.
        await vi.waitFor(async () => expect(await given.jobs()).toContainEqual(taken('delta')), SEEN);
        await given.deps.queue.askSync('crm', 'full');
        await vi.waitFor(async () => expect(await given.runs()).toContain('full complete'), SEEN);
      } finally {
        await worker.stop(1_000);
      }
      const later = given.atMs.filter((at) => at > askedMs);
      expect(Math.min(...later) - askedMs).toBeGreaterThanOrEqual(3_000);
    },
  );
});

function taken(mode: string): object {
  const state: unknown = expect.stringMatching(/active|completed/);
  return { name: 'sync', data: { source: 'crm', mode }, state };
}

test('a tick that the vendor puts off is asked for again by the database: a restart does not forget it', async () => {
  await using given = await open();
  const untilMs = await given.notBefore(3_600_000);
  await given.deps.queue.askSync('crm', 'full');
  const worker = await startWorker(given.deps, 600_000, new AbortController().signal);
  await vi.waitFor(async () => expect(await given.jobs('select state::text')).toHaveLength(2), SEEN);
  await worker.stop(1_000);
  const jobs = await given.jobs('select data, state::text, start_after');
  expect(jobs).toEqual([
    expect.objectContaining({ state: 'completed' }),
    { data: { source: 'crm', mode: 'full' }, state: 'created', start_after: expect.anything() },
  ]);
  const [, waiting] = await given.jobs('select extract(epoch from start_after) * 1000 as due');
  expect(Number(waiting.due)).toBeGreaterThanOrEqual(untilMs);
  expect(given.atMs).toEqual([]);
});

test('a reading that is deferred is made again after the time that the vendor named', async () => {
  await using given = await open();
  given.throttleOnce(3_600);
  const worker = await startWorker(given.deps, 600_000, new AbortController().signal);
  await given.deps.queue.askSync('crm', 'full');
  await vi.waitFor(async () => expect(await given.jobs('select state::text')).toHaveLength(2), SEEN);
  await worker.stop(1_000);
  expect(await given.runs()).toEqual(['full deferred']);
  const jobs = await given.jobs(`select data, start_after > now() + interval '3590 s' as later`);
  expect(jobs[1]).toEqual({ data: { source: 'crm', mode: 'full' }, later: true });
});

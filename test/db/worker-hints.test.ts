import { describe, expect, test } from 'vitest';
import type { Claim } from '../../src/ports/store.ts';
import { reconcile } from '../../src/worker/reconcile.ts';
import { askHints, readHints } from '../../src/worker/hint.ts';
import { serveScript } from '../support/http-server.ts';
import { aTenant, namelyAt, NINE, profile, profiles, type Tenant } from '../support/namely-tenant.ts';
import { person } from '../support/people.ts';
import { CRM, DIRECTORY, openWorkerWorld } from '../support/worker.ts';

// The real worker, store and Namely client; what a webhook's call leads to.

async function open(tenant: Tenant = aTenant({ profiles: profiles(40) })) {
  const server = await serveScript((request) => tenant.answer(request));
  const world = await openWorkerWorld({ crm: namelyAt(server.origin, { concurrency: 1 }) });
  world.identities = [person(1)];
  world.specs = [DIRECTORY, { ...CRM, maxAgeMs: 26 * 3_600_000 }];
  let looked = 0;
  const rows = async (sql: string): Promise<readonly unknown[]> => (await world.store.pool.query(sql)).rows;
  return {
    world,
    tenant,
    rows,
    hint: async (at: string, ...ids: readonly string[]) =>
      await readHints(world.deps(at), { ids, budgetMs: 10_000, signal: new AbortController().signal }),
    asked: () => {
      const paths = server.seen.slice(looked).map(({ path }) => path.slice('/api/v1/'.length));
      looked = server.seen.length;
      return paths;
    },
    jobs: async () =>
      await rows(
        `select name, data from rollcall_jobs.job where name in ('sync', 'reconcile') order by name, data::text`,
      ),
    statuses: async (...ids: readonly string[]) => {
      const { rows: found } = await world.store.pool.query<{ id: string; status: string }>(
        `select external_id as id, status from rollcall.account where external_id = any ($1) and gone_at is null order by 1`,
        [ids],
      );
      return found.map(({ id, status }) => `${id} ${status}`);
    },
    lastRun: async () =>
      await rows(
        `select r.mode, r.verdict, r.rows_changed, r.rows_gone from rollcall.sync_runs r where r.source = 'crm' order by r.id desc limit 1`,
      ),
    watermark: async () => await rows(`select watermark from rollcall.source where name = 'crm'`),
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const TEN = '2026-11-21T10:00:00Z';
const LATER = '2026-11-21T10:01:00Z';

describe('case 98: a hint', () => {
  test('is one direct read; what has changed is written, judged at once, and moves no watermark', async () => {
    await using given = await open();
    await given.world.run(TEN);
    const before = await given.watermark();
    given.asked();
    given.tenant.profiles = given.tenant.profiles.map((each) =>
      each.id === 'p-3' ? { ...each, user_status: 'inactive', updated_at: NINE + 60 } : each,
    );

    await given.hint(LATER, 'p-3');

    expect(given.asked()).toEqual(['profiles/p-3']);
    expect(await given.statuses('p-2', 'p-3')).toEqual(['p-2 active', 'p-3 inactive']);
    expect(await given.lastRun()).toEqual([{ mode: 'hint', verdict: 'complete', rows_changed: 1, rows_gone: 0 }]);
    expect(await given.jobs()).toEqual([{ name: 'reconcile', data: {} }]);
    expect(await given.watermark()).toEqual(before);
  });

  test('that is forged costs one direct read, and changes nothing', async () => {
    await using given = await open();
    await given.world.run(TEN);
    given.asked();
    const versions = await given.rows('select count(*) as count from rollcall.account_version');

    await given.hint(LATER, 'p-3');

    expect(given.asked()).toEqual(['profiles/p-3']);
    expect(await given.rows('select count(*) as count from rollcall.account_version')).toEqual(versions);
    expect(await given.lastRun()).toEqual([{ mode: 'hint', verdict: 'complete', rows_changed: 0, rows_gone: 0 }]);
    expect(await given.jobs()).toEqual([]);
  });

  test('brings in a new profile, and the reconciliation after it judges it', async () => {
    await using given = await open(aTenant({ profiles: [profile(1)] }));
    await given.world.run(TEN);
    given.tenant.profiles = [profile(2, { email: 'stray@elsewhere.example' }), profile(1)];
    await given.hint(LATER, 'p-2');
    await reconcile(given.world.deps(LATER), { notify: false });
    expect(await given.world.findings()).toContain('orphaned_account p-2 open');
  });

  test('to a profile that is not there proves nothing: the changes are asked for', async () => {
    await using given = await open();
    await given.world.run(TEN);
    given.tenant.profiles = profiles(39);

    await given.hint(LATER, 'p-40', 'p-1');

    expect(await given.statuses('p-1', 'p-40')).toEqual(['p-1 active', 'p-40 active']);
    expect(await given.lastRun()).toEqual([{ mode: 'hint', verdict: 'complete', rows_changed: 0, rows_gone: 0 }]);
    expect(await given.jobs()).toEqual([{ name: 'sync', data: { source: 'crm', mode: 'delta' } }]);
  });

  test('to an address that answers with another profile writes nothing of it', async () => {
    await using given = await open();
    await given.world.run(TEN);
    const { answer } = given.tenant;
    given.tenant.answer = (request) =>
      request.path.endsWith('/me')
        ? { json: { profiles: [profile(3, { user_status: 'inactive' })] } }
        : answer(request);
    await given.hint(LATER, 'me');
    expect(await given.statuses('p-3')).toEqual(['p-3 active']);
    expect(await given.lastRun()).toMatchObject([{ rows_changed: 0 }]);
  });

  test('that the vendor does not answer leaves all as it was, fresh too, and asks for the changes', async () => {
    await using given = await open();
    await given.world.run(TEN);
    given.tenant.answer = () => ({ status: 401, json: {} });
    await given.hint(LATER, 'p-3');
    expect(await given.lastRun()).toMatchObject([{ mode: 'hint', verdict: 'incomplete' }]);
    expect(await given.jobs()).toEqual([{ name: 'sync', data: { source: 'crm', mode: 'delta' } }]);
    const { plan } = await reconcile(given.world.deps(LATER), { notify: false });
    expect(plan.withheld).toEqual([]);
  });

  test('is not followed before the first listing: that is asked for', async () => {
    await using given = await open();
    await given.world.deps(TEN).sourceStore.syncSources(given.world.specs, new Date(TEN));
    await given.hint(TEN, 'p-3');
    expect(given.asked()).toEqual([]);
    expect(await given.jobs()).toEqual([{ name: 'sync', data: { source: 'crm', mode: 'full', first: true } }]);
  });

  test('while another process reads leaves it to the changes after that', async () => {
    await using given = await open();
    await given.world.run(TEN);
    given.asked();
    const deps = given.world.deps(LATER);
    const [source] = await given.world.store.pool
      .query<{ id: number }>(`select id from rollcall.source where name = 'crm'`)
      .then(({ rows }) => rows);
    const clock = (): Date => new Date(LATER);
    await deps.sourceStore.claim(source?.id ?? 0, 'another', clock, { ms: 0 });
    const told: string[] = [];
    const tell = (level: string) => (_data: object, message: string) => void told.push(`${level}: ${message}`);
    const log = { debug: tell('debug'), info: tell('info'), warn: tell('warn'), error: tell('error') };
    const judged: unknown[] = [];
    const signal = new AbortController().signal;
    const watched = { ...deps, log, judged: (...verdict: readonly unknown[]) => void judged.push(verdict) };
    await readHints(watched, { ids: ['p-3'], budgetMs: 10_000, signal });
    expect(given.asked()).toEqual([]);
    expect(await given.jobs()).toEqual([{ name: 'sync', data: { source: 'crm', mode: 'delta' } }]);
    // Nobody has to act, and no reading has failed.
    expect(told).toEqual(['info: another process reads this source: its changes are read instead']);
    expect(judged).toEqual([]);
  });
});

test.each([10, 1])(
  'case 98: after %d hints the source is free for longer than who waits for it takes to look',
  async (size) => {
    await using given = await open();
    await given.world.run(TEN);
    const deps = { ...given.world.deps(LATER), clock: () => new Date() };
    const { sourceStore } = deps;
    const freeAtMs: number[] = [];
    const watched = {
      ...sourceStore,
      releaseClaim: async (claim: Claim) => {
        await sourceStore.releaseClaim(claim);
        freeAtMs.push(performance.now());
      },
    };
    const ids = Array.from({ length: size }, (_unused, at) => `p-${at + 1}`);
    const signal = new AbortController().signal;
    await readHints({ ...deps, sourceStore: watched }, { ids, budgetMs: 10_000, signal });
    // The next batch begins when this one has ended. A claim is looked for each 500 ms.
    expect(freeAtMs).toHaveLength(1);
    expect(performance.now() - (freeAtMs[0] ?? 0)).toBeGreaterThan(600);
  },
);

test('case 98: too many at once trip the breaker as in a reading of changes, are not applied, and the next reading is a full one', async () => {
  await using given = await open();
  await given.world.run(TEN);
  const turned = new Set(Array.from({ length: 12 }, (_unused, at) => `p-${at + 1}`));
  const { profiles: before } = given.tenant;
  given.tenant.profiles = before.map((each) => (turned.has(each.id) ? { ...each, user_status: 'inactive' } : each));
  await given.hint(LATER, ...turned);
  expect(await given.lastRun()).toMatchObject([{ mode: 'hint', verdict: 'suspicious', rows_changed: 0 }]);
  expect(await given.statuses('p-1')).toEqual(['p-1 active']);
  expect(await given.rows(`select kind from rollcall.breaker where closed_at is null`)).toEqual([{ kind: 'source' }]);
  expect(await given.jobs()).toContainEqual({ name: 'reconcile', data: {} });

  // A hint that is in order takes the doubt not away.
  given.tenant.profiles = before;
  await given.hint('2026-11-21T10:02:00Z', 'p-30');
  const again = await given.world.run('2026-11-21T10:05:00Z');
  expect(again.outcomes.find(({ source }) => source === 'crm')).toMatchObject({ mode: 'full', verdict: 'complete' });
});

describe('asking for hints', () => {
  test('stores the ids for the sources that can read single rows', async () => {
    await using given = await open();
    expect(await askHints(given.world.deps(TEN), ['p-1'])).toBe(true);
    expect(await given.rows(`select data from rollcall_jobs.job where name = 'hint'`)).toEqual([
      { data: { id: 'p-1' } },
    ]);
  });

  test('stores nothing where there is none', async () => {
    await using world = await openWorkerWorld();
    expect(await askHints(world.deps(TEN), ['p-1'])).toBe(false);
    const { rows } = await world.store.pool.query(`select from rollcall_jobs.job where name = 'hint'`);
    expect(rows).toEqual([]);
  });
});

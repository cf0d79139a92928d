import { describe, expect, test } from 'vitest';
import type { Fire, LastFire, TickStore } from '../../src/ports/ticks.ts';
import { createQueue } from '../../src/store/queue.ts';
import { createTickStore } from '../../src/store/ticks.ts';
import { openTestDatabase, SILENT } from '../support/database.ts';
import { aSpec, openTestStore, type TestStore } from '../support/store.ts';

const NOW = new Date('2027-06-01T10:00:00Z');

/** A source, its schedules as they are remembered, and three workers' stores with connections of their own. */
async function open() {
  const store = await openTestStore();
  const [source] = await store.sources.syncSources([aSpec()], NOW);
  const sourceId = source?.id ?? 0;
  const ticks = createTickStore(store);
  const keys = [
    { sourceId, key: 'schedule' },
    { sourceId, key: 'fullSchedule' },
  ] as const;
  return {
    store,
    ticks,
    sourceId,
    load: async () => await ticks.load(keys),
    due: async (key: LastFire['key'], missed = 0): Promise<Fire> => {
      const { now, fires } = await ticks.load(keys);
      const last = fires.find((fire) => fire.key === key);
      if (last === undefined) throw new Error('not remembered');
      return { ...last, source: 'nimble', at: new Date(now), missed };
    },
    jobs: async () =>
      await rowsOf(store, `select data, state::text from rollcall_jobs.job where name = 'sync' order by created_on`),
    counts: async () =>
      (await ticks.counts()).map(({ schedule, missed, coalesced }) => ({ schedule, missed, coalesced })),
    [Symbol.asyncDispose]: async () => await store[Symbol.asyncDispose](),
  };
}

async function rowsOf(store: TestStore, sql: string): Promise<readonly unknown[]> {
  return (await store.pool.query(sql)).rows;
}

const delta = { source: 'nimble', mode: 'delta' };
const full = { source: 'nimble', mode: 'full' };

describe('case 69: the same fire in three workers', () => {
  test('is one job; the others were not elected', async () => {
    await using given = await open();
    const fire = await given.due('schedule');
    const others = [openTestDatabase(given.store.url), openTestDatabase(given.store.url)];
    const workers: TickStore[] = [given.ticks, ...others.map(createTickStore)];
    const taken = await Promise.all(workers.map(async (ticks) => await ticks.take(fire)));
    expect(taken.toSorted()).toEqual(['asked', 'not_elected', 'not_elected']);
    expect(await given.jobs()).toEqual([{ data: delta, state: 'created' }]);
    for (const other of others) await other.close();
  });

  test('also when the job of the first has ended meanwhile', async () => {
    await using given = await open();
    const fire = await given.due('schedule');
    expect(await given.ticks.take(fire)).toBe('asked');
    await given.store.pool.query(`update rollcall_jobs.job set state = 'completed', completed_on = now()`);
    expect(await given.ticks.take(fire)).toBe('not_elected');
    expect(await given.jobs()).toEqual([{ data: delta, state: 'completed' }]);
  });
});

test('a fire and its job are one: where the job cannot be stored, the fire is due still', async () => {
  await using given = await open();
  const before = await given.load();
  await given.store.pool.query(
    `create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$`,
  );
  await given.store.pool.query(
    `create trigger refuse before insert on rollcall_jobs.job_common for each row execute function refuse()`,
  );
  await expect(given.ticks.take(await given.due('schedule', 3))).rejects.toMatchObject({ code: 'database-failed' });
  expect((await given.load()).fires).toEqual(before.fires);
  expect(await given.counts()).toEqual([
    { schedule: 'schedule', missed: 0, coalesced: 0 },
    { schedule: 'fullSchedule', missed: 0, coalesced: 0 },
  ]);
});

test('needs one connection', async () => {
  await using given = await open();
  const fire = await given.due('fullSchedule');
  const only = openTestDatabase(given.store.url);
  only.pool.options.max = 1;
  expect(await createTickStore(only).take(fire)).toBe('asked');
  await only.close();
});

async function reading(mode: 'full' | 'delta', state: 'active' | 'retry') {
  const given = await open();
  await createQueue(given.store, SILENT).askSync('nimble', mode);
  await given.store.pool.query('update rollcall_jobs.job set state = $1', [state]);
  return given;
}

describe('case 71: a fire while its source is being read', () => {
  test.each(['active', 'retry'] as const)('(%s) is skipped and counted: no job piles up', async (state) => {
    await using given = await reading('delta', state);
    for (let fire = 0; fire < 5; fire += 1)
      expect(await given.ticks.take(await given.due('schedule'))).toBe('coalesced');
    expect(await given.jobs()).toEqual([{ data: delta, state }]);
    expect(await given.counts()).toContainEqual({ schedule: 'schedule', missed: 0, coalesced: 5 });
  });

  test('but a full listing is not made up for by changes', async () => {
    await using given = await reading('delta', 'active');
    expect(await given.ticks.take(await given.due('fullSchedule'))).toBe('asked');
    expect(await given.ticks.take(await given.due('fullSchedule'))).toBe('coalesced');
    expect(await given.jobs()).toEqual([
      { data: delta, state: 'active' },
      { data: full, state: 'created' },
    ]);
  });

  test('and it makes a waiting reading of changes a full one', async () => {
    await using given = await open();
    expect(await given.ticks.take(await given.due('schedule'))).toBe('asked');
    expect(await given.ticks.take(await given.due('fullSchedule'))).toBe('coalesced');
    expect(await given.jobs()).toEqual([{ data: full, state: 'created' }]);
  });
});

describe('what is remembered', () => {
  test('begins when a schedule is first seen: nothing before it was missed', async () => {
    await using given = await open();
    const { now, fires } = await given.load();
    expect(fires).toHaveLength(2);
    for (const { lastFire } of fires) expect(Math.abs(Date.parse(now) - Date.parse(lastFire))).toBeLessThan(5_000);
  });

  test('is counted over all workers and restarts', async () => {
    await using given = await open();
    await given.ticks.take(await given.due('schedule', 50));
    await given.store.pool.query(`update rollcall_jobs.job set state = 'completed', completed_on = now()`);
    await given.ticks.take(await given.due('schedule', 1));
    expect(await given.counts()).toContainEqual({ schedule: 'schedule', missed: 51, coalesced: 0 });
  });

  test('ends with the source: what came back has missed nothing', async () => {
    await using given = await open();
    await given.ticks.take(await given.due('schedule', 7));
    await given.store.sources.syncSources([], NOW);
    expect(await given.counts()).toEqual([]);
    const [other] = await given.store.sources.syncSources([aSpec({ name: 'other' })], NOW);
    await given.ticks.load([{ sourceId: other?.id ?? 0, key: 'schedule' }]);
    await given.store.sources.syncSources([aSpec()], NOW);
    expect((await given.due('schedule')).lastFire > '2026').toBe(true);
    expect(await given.counts()).toContainEqual({ schedule: 'schedule', missed: 0, coalesced: 0 });
  });

  test('is forgotten where a wrong clock has written it, and only that', async () => {
    await using given = await open();
    await given.load();
    await given.store.pool.query(`update rollcall.tick set last_fire = now() + interval '5 days'`);
    const { fires } = await given.load();
    const ahead = fires.find(({ key }) => key === 'schedule');
    if (ahead === undefined) throw new Error('not remembered');
    await given.ticks.forget(ahead);
    await given.ticks.forget({ ...ahead, key: 'fullSchedule', lastFire: '2027-01-01T00:00:00Z' });
    const after = await rowsOf(
      given.store,
      `select schedule, last_fire > now() + interval '1 day' as ahead from rollcall.tick order by 1`,
    );
    expect(after).toEqual([
      { schedule: 'fullSchedule', ahead: true },
      { schedule: 'schedule', ahead: false },
    ]);
  });
});

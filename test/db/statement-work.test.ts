import { expect, test } from 'vitest';
import { aRow } from '../support/builders.ts';
import { account, person, stranger, upTo } from '../support/people.ts';
import { measureStatements, type Worked } from '../support/plan-work.ts';
import { AT, change, LATER, openWorld, reconcile, resolve, type World } from '../support/reconcile-store.ts';
import { aSpec, openTestStore, read } from '../support/store.ts';
import { openWorkerWorld } from '../support/worker.ts';

// What was written in this very transaction is in no statistics. A plan that is right for a table of a few rows, and compares each with
// each when there are thousands, once took 52 s for 16,000 new orphans. A statement may look at everything a few dozen times, not a thousand times.

const LISTED = 200;
const COUNT = 2_000;
const TOUCHED_MAX = 20 * COUNT;
const BATCH = 500;
const TIMEOUT_MS = 240_000;

function tooMuch(worked: readonly Worked[]): readonly Worked[] {
  return worked.filter(({ rows }) => rows > TOUCHED_MAX);
}

test(
  'a flood of new orphans is opened and held by statements that look at each once',
  async () => {
    await using world = await openWorkerWorld();
    world.identities = upTo(5).map((number) => person(number));
    // One finding, about a person: of accounts no statistics know any.
    world.accounts = [...upTo(5).map((number) => account(number)), account(1, { externalId: 'a1-again' })];
    await world.run('2026-11-10T08:00:00Z');
    await world.store.pool.query('analyze');
    world.accounts = [...world.accounts, ...upTo(COUNT).map(stranger)];
    const worked = measureStatements(world.store.pool);
    const { reconciled } = await world.run('2026-11-10T09:00:00Z');
    expect(reconciled.held).toBe(COUNT);
    expect(worked.some(({ text }) => text.includes("'held'"))).toBe(true);
    expect(tooMuch(worked)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'so are findings that come back, change, are held and end, whatever the statistics say',
  async () => {
    await using store = await openWorld();
    const subjects = upTo(COUNT).map((number) => `n-${number}`);
    await reconcile(store, async (step) => {
      for (const batch of batches(subjects))
        await step.saveTransitions(
          batch.map((each) => change(store, 'open', each)),
          AT,
        );
      for (const batch of batches(subjects))
        await step.saveTransitions(
          batch.map((each) => resolve(store, each)),
          AT,
        );
    });
    // By these nothing lives.
    await store.pool.query('analyze');
    const worked = measureStatements(store.pool);
    await reconcile(store, async (step) => {
      const save = async (make: (subject: string) => ReturnType<typeof resolve>): Promise<void> => {
        for (const batch of batches(subjects)) await step.saveTransitions(batch.map(make), LATER);
      };
      await save((each) => change(store, 'reopen', each));
      await save((each) => change(store, 'update', each, { summary: 'another' }));
      await step.hold(store.nimble, ['orphaned_account'], { found: COUNT }, LATER);
      await save((each) => resolve(store, each));
      await save((each) => change(store, 'reopen', each));
      await step.retireFindings(new Set(['orphaned_account']), LATER);
    });
    expect(await liveCount(store)).toEqual({ count: 0 });
    expect(tooMuch(worked)).toEqual([]);
  },
  TIMEOUT_MS,
);

const listed = (from: string) => [upTo(LISTED).map((number) => aRow({ externalId: `${from}-${number}` }))];

test('a listing that is not believed is taken apart by statements that look at each row a few times', async () => {
  await using store = await openTestStore();
  const [source] = await store.sources.syncSources([aSpec()], AT);
  if (source === undefined) throw new Error('no source');
  await read(store, source, { batches: listed('a'), at: AT });
  const worked = measureStatements(store.pool);
  const { verdict } = await read(store, source, { batches: listed('b'), at: LATER });
  expect(verdict.kind).toBe('suspicious');
  // Too few for statistics, which cost more than comparing these each with each. Never three times.
  expect(worked.filter(({ rows }) => rows > 10 * LISTED * LISTED)).toEqual([]);
});

function batches(subjects: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(subjects.length / BATCH) }, (_, at) =>
    subjects.slice(at * BATCH, (at + 1) * BATCH),
  );
}

async function liveCount(store: World): Promise<unknown> {
  const { rows } = await store.pool.query(`select count(*) as count from rollcall.finding where status <> 'resolved'`);
  return rows[0];
}

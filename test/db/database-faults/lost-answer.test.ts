import { expect, test } from 'vitest';
import { type Database, inTransaction } from '../../../src/store/database.ts';
import { type LostAnswerProxy, startLostAnswerProxy } from '../../support/lost-answer-proxy.ts';
import { openTestDatabase } from '../../support/database.ts';
import { account, person, stranger, upTo } from '../../support/people.ts';
import { adminUrl, createDatabase } from '../../support/postgres.ts';
import { openTestStore } from '../../support/store.ts';
import { openWorkerWorld, type WorkerWorld } from '../../support/worker.ts';

// Fault case 63: the connection dies after COMMIT was sent. It is done, and nobody was told so.

const PEOPLE = 60;
const DAY_MS = 86_400_000;
/** Hour 8 of the n-th day; long ago, because the first run of a day that is not in the server's future removes old history too. */
const day = (n: number, hours = 8): string =>
  new Date(Date.parse('2025-01-06T00:00:00Z') + n * DAY_MS + hours * 3_600_000).toISOString();

/** What there is once and must not be there twice. */
const STATE = `
  select 'version ' || external_id as what, count(*) as times from rollcall.account_version group by 1
  union all select e.event || ' ' || f.rule || ' ' || f.subject, count(*)
              from rollcall.finding_event e join rollcall.finding f on f.id = e.finding_id group by 1`;

async function withProxy(work: (world: WorkerWorld, proxy: LostAnswerProxy) => Promise<void>): Promise<void> {
  await using proxy = await startLostAnswerProxy(adminUrl());
  const byProxy = (url: string): Database => {
    const through = new URL(url);
    through.host = new URL(proxy.url).host;
    return openTestDatabase(through.href);
  };
  await using store = await openTestStore(byProxy);
  await work(await openWorkerWorld({ store }), proxy);
}

/** On each day one person leaves and one stranger appears. */
function tell(world: WorkerWorld, n: number): void {
  world.identities = upTo(PEOPLE)
    .slice(n)
    .map((number) => person(number));
  world.accounts = [...upTo(PEOPLE).map((number) => account(number)), ...upTo(n + 1).map(stranger)];
}

/** All of it once, by the scenario alone. */
function expectedAfter(days: number): readonly string[] {
  const known = upTo(PEOPLE).flatMap((number) => [`version d${number}`, `version a${number}`]);
  const strangers = upTo(days + 1).flatMap((number) => [`version x${number}`, `opened orphaned_account x${number}`]);
  return [...known, ...strangers, ...upTo(days).map((number) => `opened leaver_account a${number}`)].toSorted();
}

test('at whichever commit of a run: nothing is there twice, nothing is missing, and nobody is told twice', async () => {
  await withProxy(async (world, proxy) => {
    tell(world, 0);
    await world.run(day(0));
    tell(world, 1);
    proxy.cutAt(0);
    await world.run(day(1));
    const { commits } = proxy;
    expect(commits).toBeGreaterThan(5);
    const done: number[] = [];
    for (const commit of upTo(commits)) {
      tell(world, commit + 1);
      proxy.cutAt(commit);
      const run = await world.run(day(commit + 1)).catch((error: unknown) => error);
      expect(proxy.hasCut, `commit ${commit} was not met`).toBe(true);
      if (isDone(run)) done.push(commit);
      proxy.cutAt(0);
      await world.run(day(commit + 1, 9));
      const { rows } = await world.store.pool.query<{ what: string; times: number }>(STATE);
      expect(rows.filter(({ times }) => times !== 1)).toEqual([]);
      expect(rows.map(({ what }) => what).toSorted()).toEqual(expectedAfter(commit + 1));
    }
    // Those of both listings and of the reconciliation are found by their number, and the run goes on as if it had been answered.
    expect(done.length).toBeGreaterThanOrEqual(3);
    const told = world.told.map((alert) => JSON.stringify(alert));
    expect(told.toSorted()).toEqual([...new Set(told)].toSorted());
  });
}, 120_000);

function isDone(run: unknown): boolean {
  if (typeof run !== 'object' || run === null || !('outcomes' in run) || !Array.isArray(run.outcomes)) return false;
  return run.outcomes.every(({ kind }) => kind === 'judged');
}

test('what cannot be found is a failure', async () => {
  await using made = await createDatabase();
  await using proxy = await startLostAnswerProxy(made.url);
  const database = openTestDatabase(proxy.url);
  try {
    await database.pool.query('create table thing (id int)');
    const write = (isThere: (pool: Database['pool']) => Promise<boolean>) => {
      proxy.cutAt(1);
      return inTransaction(database.pool, 'write', (client) => client.query('insert into thing values (1)'), {
        isThere: (_result, pool) => isThere(pool),
      });
    };
    await expect(write(async () => false)).rejects.toMatchObject({ code: 'database-unavailable' });
    const found = await write(async (pool) => ((await pool.query('select from thing')).rowCount ?? 0) === 2);
    expect(found.rowCount).toBe(1);
  } finally {
    await database.close();
  }
});

import { describe, expect, test } from 'vitest';
import type { RosterRow } from '../../src/core/row.ts';
import type { WorkerDeps } from '../../src/worker/deps.ts';
import { reconcile } from '../../src/worker/reconcile.ts';
import { aRow } from '../support/builders.ts';
import { openRosterWorld, type RosterWorld, type Rosters } from '../support/roster-world.ts';
import { aSpec } from '../support/store.ts';

const SPECS = [aSpec({ name: 'directory', type: 'file', authoritative: true }), aSpec({ name: 'crm' })];
const person = (id: string, overrides: Partial<RosterRow> = {}): RosterRow =>
  aRow({ externalId: id, email: `${id}@example.com`, ...overrides });
const DIRECTORY = [person('jane'), person('joan'), person('joe')];
const ROSTERS: Rosters = { directory: DIRECTORY, crm: DIRECTORY };
const EVERYTHING = 'at everything';
const NOTHING = 'at 0 accounts';

async function looked(world: RosterWorld): Promise<string | undefined> {
  return world.looked.filter((text) => text.startsWith('at ')).at(-1);
}

async function openQuiet(): Promise<RosterWorld> {
  const world = await openRosterWorld(SPECS);
  await world.run(ROSTERS, '2026-11-21T09:00:00Z', false);
  expect(await looked(world)).toBe(EVERYTHING);
  await world.run(ROSTERS, '2026-11-21T10:00:00Z', false);
  expect(await looked(world)).toBe(NOTHING);
  return world;
}

async function marks(world: RosterWorld): Promise<readonly string[]> {
  const { rows } = await world.store.pool.query<{ mark: string }>(
    `select s.name || '/' || d.external_id as mark from rollcall.dirty d
       join rollcall.source s on s.id = d.source_id order by 1`,
  );
  return rows.map((row) => row.mark);
}

/** Reconciles once more, an hour later, as a worker that is configured otherwise. */
async function again(world: RosterWorld, overrides: Partial<WorkerDeps>, at = '2026-11-21T11:00:00Z'): Promise<void> {
  await reconcile({ ...world.deps, clock: () => new Date(at), ...overrides }, { notify: false });
}

describe('what a reconciliation looks at', () => {
  test.each<[string, (deps: WorkerDeps) => Partial<WorkerDeps>]>([
    ['another version of the program', () => ({ version: '9.9.9' })],
    ['another grace period', ({ policy }) => ({ policy: { ...policy, leaverGraceDays: 3 } })],
    ['a rule switched off', ({ policy }) => ({ policy: { ...policy, disabledRules: new Set(['inactive_account']) } })],
    [
      'another service account',
      ({ policy }) => ({
        policy: { ...policy, serviceAccounts: [{ source: 'crm', account: 'nobody', owner: 'jane' }] },
      }),
    ],
    [
      'another day in the company, the same in UTC',
      ({ policy }) => ({ policy: { ...policy, timezone: 'Asia/Tokyo' } }),
    ],
  ])('everything, after %s; then only what changes', async (_name, change) => {
    await using world = await openQuiet();
    const at = '2026-11-21T16:00:00Z';
    await again(world, change(world.deps), at);
    expect(await looked(world)).toBe(EVERYTHING);
    await again(world, change(world.deps), at);
    expect(await looked(world)).toBe(NOTHING);
  });

  test('everything, on a new day', async () => {
    await using world = await openQuiet();
    await world.run(ROSTERS, '2026-11-22T00:00:01Z', false);
    expect(await looked(world)).toBe(EVERYTHING);
  });

  test('everything, when a rule that was withheld runs again, for it has not seen what changed meanwhile', async () => {
    await using world = await openQuiet();
    const { pool } = world.store;
    await pool.query(
      `insert into rollcall.breaker (source_id, kind, tripped_at, evidence)
       select id, 'source', now(), '{}' from rollcall.source where name = 'crm'`,
    );
    await world.run({ ...ROSTERS, directory: [person('jane'), person('joan')] }, '2026-11-21T11:00:00Z', false);
    expect((await pool.query('select from rollcall.finding')).rowCount).toBe(0);
    await pool.query(`update rollcall.breaker set closed_at = now(), closed_by = 'recovered'`);
    await again(world, {});
    expect(await looked(world)).toBe(EVERYTHING);
    const { rows } = await pool.query('select rule, subject from rollcall.finding');
    expect(rows).toEqual([{ rule: 'leaver_account', subject: 'joe' }]);
  });

  test('everything, when more has changed than is worth looking up', async () => {
    await using world = await openQuiet();
    await world.store.pool.query(
      `insert into rollcall.dirty select s.id, 'x' || n from rollcall.source s, generate_series(1, 1001) n where name = 'crm'`,
    );
    await again(world, {});
    expect(await looked(world)).toBe(EVERYTHING);
    expect(await marks(world)).toEqual([]);
  });

  test('rows that came, changed or went are marked by the listing that showed it; a first reading marks none', async () => {
    await using world = await openRosterWorld(SPECS);
    const sync = async (rosters: Rosters): Promise<void> => {
      const { reconcileStore } = world.deps;
      // The reading without its reconciliation.
      const store = { ...reconcileStore, reconcile: async () => Promise.reject(new Error('not now')) };
      const stuck = Object.assign(world.deps, { reconcileStore: store });
      await expect(world.run(rosters, '2026-11-21T11:00:00Z', false)).rejects.toThrow('not now');
      Object.assign(stuck, { reconcileStore });
    };
    await sync(ROSTERS);
    expect(await marks(world)).toEqual([]);
    const crm = [
      // When she was last there is refreshed in place: no version, no mark.
      person('jane', { lastActiveAt: '2026-11-21T10:00:00Z' }),
      person('joan', { title: 'Head' }),
      person('new'),
    ];
    await sync({ ...ROSTERS, crm });
    expect(await marks(world)).toEqual(['crm/joan', 'crm/joe', 'crm/new']);
    await world.run(ROSTERS, '2026-11-21T12:00:00Z', false);
    expect(await marks(world)).toEqual([]);
  });

  test('what commits while a reconciliation works is left for the next one', async () => {
    await using world = await openQuiet();
    const { pool } = world.store;
    const mark = `insert into rollcall.dirty select id, 'joe' from rollcall.source where name = 'crm'`;
    await pool.query(mark);
    const deps = { ...world.deps };
    const { reconcileStore } = world.deps;
    deps.reconcileStore = {
      reconcile: (options, work) =>
        reconcileStore.reconcile(options, async (step) => {
          // Its snapshot is taken; the same row changes once more.
          await pool.query(mark);
          return work(step);
        }),
    };
    await reconcile(deps, { notify: false });
    expect(await marks(world)).toEqual(['crm/joe']);
  });

  test('with nothing changed nothing is written but the report', async () => {
    await using world = await openQuiet();
    const rows = async () =>
      (
        await world.store.pool.query(
          `select 'finding' as at, xmin::text, ctid::text from rollcall.finding
            union all select 'event', xmin::text, ctid::text from rollcall.finding_event
            union all select 'link', xmin::text, ctid::text from rollcall.link
            union all select 'account', xmin::text, ctid::text from rollcall.account
            union all select 'setting', xmin::text, ctid::text from rollcall.setting order by 1, 2, 3`,
        )
      ).rows;
    const before = await rows();
    await again(world, {});
    expect(await rows()).toEqual(before);
  });
});

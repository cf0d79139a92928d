import { describe, expect, test } from 'vitest';
import type { RosterRow } from '../../src/core/row.ts';
import type { Source } from '../../src/ports/sources.ts';
import { runOnce } from '../../src/worker/run.ts';
import { aListingEnd, aRow } from '../support/builders.ts';
import { DAY_ENDS, shift } from '../support/day-ends.ts';
import { openWorkerWorld, type WorkerWorld } from '../support/worker.ts';

// Contract §7, column by column, by the real worker on the real database: what each reading shows, and what the clock says after it.

const jane = (overrides: Partial<RosterRow> = {}): RosterRow => aRow({ externalId: 'p-1', ...overrides });
const account = (overrides: Partial<RosterRow> = {}): RosterRow => aRow({ externalId: 'n-1', ...overrides });
const OTHERS = Array.from({ length: 6 }, (_, n) => `o${n}@example.com`);
const people = (row?: RosterRow): readonly RosterRow[] => [
  ...(row === undefined ? [] : [row]),
  ...OTHERS.map((email) => aRow({ externalId: email, email })),
];

type Reading = {
  readonly at: string;
  readonly identity?: RosterRow | undefined;
  readonly account?: RosterRow | undefined;
};
type Clock = {
  readonly left_on: string;
  readonly access_removed_at: string | null;
  readonly hours_exposed: number;
  readonly breach: boolean;
};
type Scenario = {
  readonly name: string;
  readonly graceDays?: number;
  readonly readings: readonly Reading[];
  readonly first_detected_at: string;
  readonly clock: Clock;
};

const here = (at: string): Reading => ({ at, identity: jane(), account: account() });
const ENDED = jane({ endDate: '2026-03-10' });
const INACTIVE = jane({ status: 'inactive' });

const scenarios: readonly Scenario[] = [
  {
    name: 'by end date: from the end of that day, to the run that saw the account gone',
    readings: [
      here('2026-03-09T00:00:00Z'),
      { at: '2026-03-11T06:00:00Z', identity: ENDED, account: account() },
      { at: '2026-03-11T09:30:00Z', identity: ENDED },
    ],
    first_detected_at: '2026-03-11T06:00:00Z',
    clock: { left_on: '2026-03-10', access_removed_at: '2026-03-11T09:30:00Z', hours_exposed: 9.5, breach: false },
  },
  {
    name: 'by end date: the run that saw the account inactive ends it, not the one that later saw it gone',
    readings: [
      here('2026-03-09T00:00:00Z'),
      { at: '2026-03-11T06:00:00Z', identity: ENDED, account: account() },
      { at: '2026-03-13T00:00:00Z', identity: ENDED, account: account({ status: 'inactive' }) },
      { at: '2026-03-15T00:00:00Z', identity: ENDED },
    ],
    first_detected_at: '2026-03-11T06:00:00Z',
    clock: { left_on: '2026-03-10', access_removed_at: '2026-03-13T00:00:00Z', hours_exposed: 48, breach: true },
  },
  {
    name: 'exactly slaHours is no breach',
    readings: [
      here('2026-03-09T00:00:00Z'),
      { at: '2026-03-11T00:00:00Z', identity: ENDED, account: account() },
      { at: '2026-03-12T00:00:00Z', identity: ENDED },
    ],
    first_detected_at: '2026-03-11T00:00:00Z',
    clock: { left_on: '2026-03-10', access_removed_at: '2026-03-12T00:00:00Z', hours_exposed: 24, breach: false },
  },
  {
    name: 'a second more is one',
    readings: [
      here('2026-03-09T00:00:00Z'),
      { at: '2026-03-11T00:00:00Z', identity: ENDED, account: account() },
      { at: '2026-03-12T00:00:01Z', identity: ENDED },
    ],
    first_detected_at: '2026-03-11T00:00:00Z',
    clock: { left_on: '2026-03-10', access_removed_at: '2026-03-12T00:00:01Z', hours_exposed: 24, breach: true },
  },
  {
    name: 'an account of somebody who left long before the first reading was open all that time',
    readings: [
      { at: '2026-03-21T00:00:00Z', identity: ENDED, account: account() },
      { at: '2026-03-21T12:00:00Z', identity: ENDED },
    ],
    first_detected_at: '2026-03-21T00:00:00Z',
    clock: { left_on: '2026-03-10', access_removed_at: '2026-03-21T12:00:00Z', hours_exposed: 252, breach: true },
  },
  {
    name: 'grace days put the finding off, not the clock',
    graceDays: 2,
    readings: [
      here('2026-03-09T00:00:00Z'),
      { at: '2026-03-12T23:00:00Z', identity: ENDED, account: account() },
      { at: '2026-03-13T06:00:00Z', identity: ENDED, account: account() },
      { at: '2026-03-13T12:00:00Z', identity: ENDED },
    ],
    first_detected_at: '2026-03-13T06:00:00Z',
    clock: { left_on: '2026-03-10', access_removed_at: '2026-03-13T12:00:00Z', hours_exposed: 60, breach: true },
  },
  {
    name: 'by status: from the run that saw it, not from the end of a day',
    readings: [
      here('2026-03-09T00:00:00Z'),
      { at: '2026-03-10T10:00:00Z', identity: INACTIVE, account: account() },
      { at: '2026-03-10T14:00:00Z', identity: jane({ status: 'inactive', title: 'Former' }), account: account() },
      { at: '2026-03-10T15:00:00Z', identity: INACTIVE },
    ],
    first_detected_at: '2026-03-10T10:00:00Z',
    clock: { left_on: '2026-03-10', access_removed_at: '2026-03-10T15:00:00Z', hours_exposed: 5, breach: false },
  },
  {
    name: 'by status with grace days: still from the run that saw it',
    graceDays: 1,
    readings: [
      here('2026-03-09T00:00:00Z'),
      { at: '2026-03-10T10:00:00Z', identity: INACTIVE, account: account() },
      { at: '2026-03-11T10:00:00Z', identity: INACTIVE, account: account() },
      { at: '2026-03-11T11:00:00Z', identity: INACTIVE },
    ],
    first_detected_at: '2026-03-11T10:00:00Z',
    clock: { left_on: '2026-03-10', access_removed_at: '2026-03-11T11:00:00Z', hours_exposed: 25, breach: true },
  },
  {
    name: 'by absence: from the run that saw it',
    readings: [
      here('2026-03-09T00:00:00Z'),
      { at: '2026-03-10T10:00:00Z', account: account() },
      { at: '2026-03-10T12:15:00Z' },
    ],
    first_detected_at: '2026-03-10T10:00:00Z',
    clock: { left_on: '2026-03-10', access_removed_at: '2026-03-10T12:15:00Z', hours_exposed: 2.25, breach: false },
  },
  {
    name: 'by status although an end date lies ahead',
    readings: [
      here('2026-03-09T00:00:00Z'),
      { at: '2026-03-10T10:00:00Z', identity: jane({ status: 'inactive', endDate: '2026-04-30' }), account: account() },
      { at: '2026-03-10T11:00:00Z', identity: jane({ status: 'inactive', endDate: '2026-04-30' }) },
    ],
    first_detected_at: '2026-03-10T10:00:00Z',
    clock: { left_on: '2026-03-10', access_removed_at: '2026-03-10T11:00:00Z', hours_exposed: 1, breach: false },
  },
  {
    name: 'a person who comes back ends the clock without a removal',
    readings: [
      here('2026-03-09T00:00:00Z'),
      { at: '2026-03-10T10:00:00Z', identity: INACTIVE, account: account() },
      { at: '2026-03-10T18:00:00Z', identity: jane(), account: account() },
    ],
    first_detected_at: '2026-03-10T10:00:00Z',
    clock: { left_on: '2026-03-10', access_removed_at: null, hours_exposed: 8, breach: false },
  },
  {
    name: 'a person who comes back after the grace days was away by status since the run that saw it',
    graceDays: 1,
    readings: [
      here('2026-03-09T00:00:00Z'),
      { at: '2026-03-10T10:00:00Z', identity: INACTIVE, account: account() },
      { at: '2026-03-11T10:00:00Z', identity: INACTIVE, account: account() },
      { at: '2026-03-12T10:00:00Z', identity: jane(), account: account() },
    ],
    first_detected_at: '2026-03-11T10:00:00Z',
    clock: { left_on: '2026-03-10', access_removed_at: null, hours_exposed: 48, breach: true },
  },
  {
    name: 'a person who comes back after the grace days was away by absence since the run that saw it',
    graceDays: 1,
    readings: [
      here('2026-03-09T00:00:00Z'),
      { at: '2026-03-10T10:00:00Z', account: account() },
      { at: '2026-03-11T10:00:00Z', account: account() },
      { at: '2026-03-12T10:00:00Z', identity: jane(), account: account() },
    ],
    first_detected_at: '2026-03-11T10:00:00Z',
    clock: { left_on: '2026-03-10', access_removed_at: null, hours_exposed: 48, breach: true },
  },
  {
    name: 'and an account that is removed long after that was not removed from a leaver',
    readings: [
      here('2026-03-09T00:00:00Z'),
      { at: '2026-03-10T10:00:00Z', account: account() },
      { at: '2026-03-10T18:00:00Z', identity: jane(), account: account() },
      { at: '2026-05-10T18:00:00Z', identity: jane() },
    ],
    first_detected_at: '2026-03-10T10:00:00Z',
    clock: { left_on: '2026-03-10', access_removed_at: null, hours_exposed: 8, breach: false },
  },
  {
    name: 'an account that is back is exposed again; the hours without it are left out',
    readings: [
      here('2026-03-09T00:00:00Z'),
      { at: '2026-03-10T10:00:00Z', identity: INACTIVE, account: account() },
      { at: '2026-03-10T12:00:00Z', identity: INACTIVE },
      { at: '2026-03-20T12:00:00Z', identity: INACTIVE, account: account() },
      { at: '2026-03-20T13:30:00Z', identity: INACTIVE, account: account({ status: 'inactive' }) },
    ],
    first_detected_at: '2026-03-10T10:00:00Z',
    clock: { left_on: '2026-03-10', access_removed_at: '2026-03-20T13:30:00Z', hours_exposed: 3.5, breach: false },
  },
  {
    name: 'switched off and on again counts like gone and back',
    readings: [
      here('2026-03-09T00:00:00Z'),
      { at: '2026-03-10T10:00:00Z', identity: INACTIVE, account: account() },
      { at: '2026-03-10T12:00:00Z', identity: INACTIVE, account: account({ status: 'inactive' }) },
      { at: '2026-03-11T12:00:00Z', identity: INACTIVE, account: account({ role: 'viewer' }) },
      { at: '2026-03-12T12:00:00Z', identity: INACTIVE },
    ],
    first_detected_at: '2026-03-10T10:00:00Z',
    clock: { left_on: '2026-03-10', access_removed_at: '2026-03-12T12:00:00Z', hours_exposed: 26, breach: true },
  },
  {
    name: 'who left, came back and left again: the clock runs from the second time',
    readings: [
      here('2026-03-01T00:00:00Z'),
      { at: '2026-03-02T00:00:00Z', identity: INACTIVE, account: account() },
      { at: '2026-03-05T00:00:00Z', identity: jane(), account: account() },
      { at: '2026-04-05T06:00:00Z', identity: INACTIVE, account: account() },
      { at: '2026-04-05T08:00:00Z', identity: INACTIVE },
    ],
    first_detected_at: '2026-03-02T00:00:00Z',
    clock: { left_on: '2026-04-05', access_removed_at: '2026-04-05T08:00:00Z', hours_exposed: 2, breach: false },
  },
  {
    name: 'the same by absence',
    readings: [
      here('2026-03-01T00:00:00Z'),
      { at: '2026-03-02T00:00:00Z', account: account() },
      { at: '2026-03-05T00:00:00Z', identity: jane(), account: account() },
      { at: '2026-04-05T06:00:00Z', account: account() },
      { at: '2026-04-05T08:00:00Z' },
    ],
    first_detected_at: '2026-03-02T00:00:00Z',
    clock: { left_on: '2026-04-05', access_removed_at: '2026-04-05T08:00:00Z', hours_exposed: 2, breach: false },
  },
];

const HOUR_MS = 3_600_000;

async function readAll(world: WorkerWorld, readings: readonly Reading[]): Promise<void> {
  for (const reading of readings) {
    world.identities = people(reading.identity);
    world.accounts = people(reading.account);
    await world.run(reading.at);
  }
}

async function clockOf(world: WorkerWorld): Promise<readonly unknown[]> {
  const { rows } = await world.store.pool.query(
    `select source, account_id, identity_id, left_on, first_detected_at, access_removed_at, hours_exposed, breach
       from rollcall.leaver_clock`,
  );
  return rows;
}

function aSource(name: string, rows: readonly RosterRow[]): Source {
  return {
    name,
    list: async function* list() {
      yield rows;
      return aListingEnd({ rowsSeen: rows.length });
    },
  };
}

describe('leaver_clock', () => {
  test.each(scenarios.map((each) => [each.name, each] as const))('%s', async (_name, scenario) => {
    const { graceDays, readings, first_detected_at, clock } = scenario;
    await using world = await openWorkerWorld({ graceDays: graceDays ?? 0 });

    await readAll(world, readings);

    const who = { source: 'crm', account_id: 'n-1', identity_id: 'p-1' };
    expect(await clockOf(world)).toEqual([{ ...who, first_detected_at, ...clock }]);
  });

  test.each(DAY_ENDS)('fault case 82: $day in $timezone lasts until $end', async ({ timezone, day, end }) => {
    await using world = await openWorkerWorld({ timezone });
    const ended = jane({ endDate: day });

    await readAll(world, [{ at: shift(end, -1000), identity: ended, account: account() }]);
    expect(await clockOf(world)).toEqual([]);
    const removedAt = shift(end, 25 * HOUR_MS);
    await readAll(world, [
      { at: end, identity: ended, account: account() },
      { at: removedAt, identity: ended },
    ]);

    expect(await clockOf(world)).toMatchObject([
      { left_on: day, first_detected_at: end, access_removed_at: removedAt, hours_exposed: 25, breach: true },
    ]);
  });

  test.each(['open', 'held', 'waived'])('a finding that is %s counts on', async (status) => {
    await using world = await openWorkerWorld();
    await readAll(world, [here('2026-03-09T00:00:00Z'), { at: '2026-03-10T10:00:00Z', account: account() }]);
    await world.store.pool.query('update rollcall.finding set status = $1', [status]);

    const { rows } = await world.store.pool.query<{ access_removed_at: string | null; off: number; breach: boolean }>(
      `select access_removed_at, breach,
              hours_exposed - extract(epoch from now() - '2026-03-10T10:00:00Z') / 3600 as off from rollcall.leaver_clock`,
    );

    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ access_removed_at: null, breach: true });
    expect(Math.abs(rows[0]?.off ?? 1)).toBeLessThan(0.02);
  });

  test('a person on two lists: the clock starts with the last list that showed the leaving', async () => {
    await using world = await openWorkerWorld();
    const [directory, crm] = world.specs;
    if (directory === undefined || crm === undefined) throw new Error('no specs');
    world.specs = [{ ...directory, name: 'hr' }, directory, crm];
    const read = async (at: string, ...rows: readonly (RosterRow | undefined)[]): Promise<void> => {
      const sources = new Map(world.specs.map(({ name }, n) => [name, aSource(name, people(rows[n]))]));
      const signal = new AbortController().signal;
      const request = { only: [], full: true, notify: false, budgetMs: 0, signal, progress: () => undefined };
      await runOnce({ ...world.deps(at), sources }, request);
    };
    const hr = (status: 'active' | 'inactive') => jane({ externalId: 'h-1', status });

    await read('2026-03-09T00:00:00Z', hr('active'), jane(), account());
    await read('2026-03-10T00:00:00Z', hr('inactive'), jane(), account());
    await read('2026-03-12T00:00:00Z', hr('inactive'), jane({ status: 'inactive' }), account());
    await read('2026-03-12T06:00:00Z', hr('inactive'), jane({ status: 'inactive' }));

    expect(await clockOf(world)).toMatchObject([
      { identity_id: 'h-1', left_on: '2026-03-12', hours_exposed: 6, breach: false },
    ]);
  });
});

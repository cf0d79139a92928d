import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startTicker } from '../../../src/worker/ticker.ts';
import { createMemoryTicks, type MemoryTicks } from '../../support/memory-ticks.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const QUIET = () => undefined;
const LOG = { debug: QUIET, info: QUIET, warn: QUIET, error: QUIET };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

type Given = {
  readonly at: string;
  readonly schedule: string;
  readonly timezone?: string;
  readonly ticks?: MemoryTicks;
};

/** A ticker with one source, from a moment on. */
async function open({ at, schedule, timezone = 'UTC', ticks = createMemoryTicks() }: Given) {
  vi.setSystemTime(new Date(at));
  let failures = 0;
  const deps = { log: LOG, ticks, policy: { timezone }, tickFailed: () => (failures += 1) };
  const ticker = startTicker(deps, [{ id: 1, name: 'crm', schedule }]);
  await vi.advanceTimersByTimeAsync(1);
  return {
    ticks,
    failures: () => failures,
    pass: async (ms: number) => void (await vi.advanceTimersByTimeAsync(ms)),
    fires: () => ticks.taken.map((fire) => fire.at.toISOString().slice(0, 'YYYY-MM-DDTHH:MM'.length)),
    [Symbol.asyncDispose]: () => ticker.stop(),
  };
}

test('a fire is taken at its second, once', async () => {
  await using given = await open({ at: '2027-06-01T10:01:00Z', schedule: '*/5 * * * *' });
  await given.pass(4 * MINUTE_MS - 2);
  expect(given.fires()).toEqual([]);
  await given.pass(1_000);
  expect(given.fires()).toEqual(['2027-06-01T10:05']);
  await given.pass(10 * MINUTE_MS);
  expect(given.fires()).toEqual(['2027-06-01T10:05', '2027-06-01T10:10', '2027-06-01T10:15']);
  expect(given.ticks.taken.map(({ missed }) => missed)).toEqual([0, 0, 0]);
});

test('case 69: of two workers each fire has one', async () => {
  await using one = await open({ at: '2027-06-01T10:01:00Z', schedule: '*/5 * * * *' });
  await using other = await open({ at: '2027-06-01T10:01:00Z', schedule: '*/5 * * * *', ticks: one.ticks });
  await other.pass(15 * MINUTE_MS);
  expect(one.fires()).toEqual(['2027-06-01T10:05', '2027-06-01T10:10', '2027-06-01T10:15']);
});

test('case 70: a database that is away at the fire: nothing is asked for, it is counted, and made up for once', async () => {
  await using given = await open({ at: '2027-06-01T10:04:00Z', schedule: '*/5 * * * *' });
  given.ticks.isAway = true;
  await given.pass(17 * MINUTE_MS);
  expect(given.fires()).toEqual([]);
  expect(given.failures()).toBeGreaterThan(3);
  given.ticks.isAway = false;
  await given.pass(MINUTE_MS);
  expect(given.fires()).toEqual(['2027-06-01T10:20']);
  expect(given.ticks.taken.map(({ missed }) => missed)).toEqual([4]);
});

describe('case 73: a process that was down', () => {
  test.each([
    { name: 'across one fire', last: '2027-06-01T09:55:00.000Z', missed: 1 },
    { name: 'across fifty', last: '2027-06-01T05:50:00.000Z', missed: 50 },
  ])('$name makes up for it by one, at its start', async ({ last, missed }) => {
    const ticks = createMemoryTicks();
    ticks.last = last;
    await using given = await open({ at: '2027-06-01T10:03:00Z', schedule: '*/5 * * * *', ticks });
    expect(ticks.taken).toMatchObject([{ at: new Date('2027-06-01T10:00:00Z'), missed }]);
    await given.pass(MINUTE_MS);
    expect(ticks.taken).toHaveLength(1);
  });
});

describe('case 74: clocks that change', () => {
  test.each([
    // The gap: its end is the fire. node-cron alone would leave the day out.
    ['America/New_York', '45 2 * * *', '2027-03-13T12:00:00Z', ['2027-03-14T07:00', '2027-03-15T06:45']],
    ['Australia/Lord_Howe', '15 2 * * *', '2027-10-02T00:00:00Z', ['2027-10-02T15:30', '2027-10-03T15:15']],
    ['America/Havana', '30 0 * * *', '2027-03-13T12:00:00Z', ['2027-03-14T05:00', '2027-03-15T04:30']],
    // The hour that comes twice: the first time alone.
    ['America/New_York', '30 1 * * *', '2027-11-06T12:00:00Z', ['2027-11-07T05:30', '2027-11-08T06:30']],
    ['Australia/Lord_Howe', '45 1 * * *', '2027-04-03T00:00:00Z', ['2027-04-03T14:45', '2027-04-04T15:15']],
    ['America/Havana', '30 0 * * *', '2027-11-06T12:00:00Z', ['2027-11-07T04:30', '2027-11-08T05:30']],
  ])('%s, %s', async (timezone, schedule, at, expected) => {
    await using given = await open({ at, schedule, timezone });
    await given.pass(48 * HOUR_MS);
    expect(given.fires()).toEqual(expected);
    expect(given.ticks.taken.map(({ missed }) => missed)).toEqual([0, 0]);
  });
});

describe('case 76: a clock that is not steady', () => {
  test('set back two hours: what fired in them does not fire again, and then it goes on', async () => {
    await using given = await open({ at: '2027-06-01T10:01:00Z', schedule: '0 * * * *' });
    await given.pass(2 * HOUR_MS);
    expect(given.fires()).toEqual(['2027-06-01T11:00', '2027-06-01T12:00']);
    vi.setSystemTime(new Date('2027-06-01T10:01:00Z'));
    await given.pass(2 * HOUR_MS - 2 * MINUTE_MS);
    expect(given.fires()).toHaveLength(2);
    await given.pass(HOUR_MS + 2 * MINUTE_MS);
    expect(given.fires()).toEqual(['2027-06-01T11:00', '2027-06-01T12:00', '2027-06-01T13:00']);
  });

  test('that was days ahead: what it fired is forgotten, not waited for', async () => {
    const ticks = createMemoryTicks();
    ticks.last = '2027-06-09T10:00:00.000Z';
    await using given = await open({ at: '2027-06-01T10:01:00Z', schedule: '0 * * * *', ticks });
    await given.pass(2 * HOUR_MS);
    expect(given.fires()).toEqual(['2027-06-01T11:00', '2027-06-01T12:00']);
  });

  test('of this process alone: the database says what time it is', async () => {
    const ticks = createMemoryTicks();
    ticks.offsetMs = -24 * HOUR_MS;
    await using given = await open({ at: '2027-06-02T10:01:00Z', schedule: '0 * * * *', ticks });
    await given.pass(2 * HOUR_MS);
    expect(given.fires()).toEqual(['2027-06-01T11:00', '2027-06-01T12:00']);
  });

  test('a loop that was blocked, or a machine that slept: one for all that was missed', async () => {
    await using given = await open({ at: '2027-06-01T10:00:30Z', schedule: '* * * * *' });
    // Time passes, and no timer runs.
    vi.setSystemTime(new Date('2027-06-01T10:05:45Z'));
    await given.pass(30_000);
    expect(given.ticks.taken).toMatchObject([{ at: new Date('2027-06-01T10:06:00Z'), missed: 5 }]);
  });
});

test('a stopped ticker takes nothing any more', async () => {
  const given = await open({ at: '2027-06-01T10:01:00Z', schedule: '*/5 * * * *' });
  await given[Symbol.asyncDispose]();
  await given.pass(HOUR_MS);
  expect(given.fires()).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ChannelStore, Turn } from '../../src/ports/alerts.ts';
import { createChannelStore } from '../../src/store/alert-channel.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const ADDRESS = 'https://hooks.slack.com/services/T0/B0/canary-4711';
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

// One for all: each test begins with channels that nobody knows yet.
let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
beforeEach(async () => {
  await store.pool.query('delete from rollcall.alert_channel');
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
});

/** What another process has: nothing but the database. */
function open(address = ADDRESS): ChannelStore {
  return createChannelStore(store, address);
}

async function take(channel: ChannelStore, evenIfFailing = false): Promise<number> {
  const turn = await channel.takeTurn(evenIfFailing);
  if (turn.kind !== 'yours') throw new Error(`no turn: ${turn.kind}`);
  return turn.number;
}

async function msOf(turn: Promise<Turn>): Promise<{ readonly kind: string; readonly ms: number }> {
  const { kind, ...rest } = await turn;
  return { kind, ms: 'ms' in rest ? rest.ms : 0 };
}

/** As if so much time had gone by. */
async function later(ms: number): Promise<void> {
  await store.pool.query(
    `update rollcall.alert_channel set not_before = not_before - $1 * interval '1 millisecond',
        retry_at = retry_at - $1 * interval '1 millisecond', failing_since = failing_since - $1 * interval '1 millisecond'`,
    [ms],
  );
}

describe('turns', () => {
  test('of ten processes that ask at once one gets it', async () => {
    const turns = await Promise.all(Array.from({ length: 10 }, () => open().takeTurn(false)));
    expect(turns.filter(({ kind }) => kind === 'yours')).toHaveLength(1);
    expect(turns.filter(({ kind }) => kind === 'wait')).toHaveLength(9);
  });

  test('one at a time, and the next a second after the answer', async () => {
    const turn = await take(open());
    await sleep(50);
    expect(await open().takeTurn(true)).toMatchObject({ kind: 'wait' });
    await open().settle(turn, { kind: 'answered' });
    const waits = await msOf(open().takeTurn(true));
    expect(waits.kind).toBe('wait');
    expect(waits.ms).toBeGreaterThan(SECOND_MS / 2);
    expect(waits.ms).toBeLessThanOrEqual(SECOND_MS);
    await later(SECOND_MS);
    expect(await open().takeTurn(false)).toMatchObject({ kind: 'yours' });
  });

  test('of a process that died are over some seconds later, and what it says afterwards takes nobody else’s', async () => {
    const dead = await take(open());
    await later(12_000);
    const mine = await take(open());
    await open().settle(dead, { kind: 'answered' });
    const waits = await msOf(open().takeTurn(false));
    expect(waits.ms).toBeGreaterThan(10_000);
    await open().settle(mine, { kind: 'answered' });
    expect((await msOf(open().takeTurn(false))).ms).toBeLessThanOrEqual(SECOND_MS);
  });

  test('case 92: to wait as told is for every process, a new one too', async () => {
    await open().settle(await take(open()), { kind: 'told', reason: 'asked to wait', waitMs: 30_000 });
    expect(await open().takeTurn(true)).toMatchObject({ kind: 'wait', reason: 'asked to wait' });
    expect((await msOf(open().takeTurn(true))).ms).toBeGreaterThan(29_000);
  });

  test('to be told to wait again and again is an outage, shown with its reason until a message is taken', async () => {
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await open().settle(await take(open()), { kind: 'told', reason: 'asked to wait', waitMs: 600_000 });
      await later(600_000);
    }
    const { failingMs, failingSince, reason } = await open().standing();
    expect(failingMs).toBeGreaterThanOrEqual(1_800 * SECOND_MS);
    expect(failingSince).toBeDefined();
    expect(reason).toBe('asked to wait');
    await open().settle(await take(open()), { kind: 'answered' });
    expect(await open().standing()).toEqual({ failingMs: 0 });
  });
});

describe('a channel that fails', () => {
  test('is tried again after 30 s, then twice as long, at most ten minutes', async () => {
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 7; attempt += 1) {
      const ms = await open().settle(await take(open()), { kind: 'failing', reason: 'down', unanswered: false });
      waits.push(Math.round(ms / SECOND_MS));
      expect(await msOf(open().takeTurn(false))).toMatchObject({ kind: 'failing' });
      await later(ms);
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 600, 600]);
    const { failingMs, reason } = await open().standing();
    expect(failingMs).toBeGreaterThan(2_000 * SECOND_MS);
    expect(reason).toBe('down');
    await open().settle(await take(open()), { kind: 'answered' });
    expect(await open().standing()).toEqual({ failingMs: 0 });
  });

  test('may be tried at once by a process that has just begun', async () => {
    await open().settle(await take(open()), { kind: 'failing', reason: 'down', unanswered: true });
    await later(SECOND_MS);
    expect(await open().takeTurn(false)).toMatchObject({ kind: 'failing', isDead: false, reason: 'down' });
    expect(await open().takeTurn(true)).toMatchObject({ kind: 'yours', unanswered: true });
  });

  test('case 94: that is dead is tried once a day, and says since when and why', async () => {
    const ms = await open().settle(await take(open()), { kind: 'dead', reason: '404 no_service' });
    expect(ms).toBeGreaterThan(DAY_MS - 2_000);
    expect(await open().takeTurn(false)).toMatchObject({ kind: 'failing', isDead: true, reason: '404 no_service' });
    expect(await open().standing()).toMatchObject({ reason: '404 no_service', deadSince: expect.any(String) });
    await later(DAY_MS);
    // Down meanwhile is no news of what is dead.
    await open().settle(await take(open()), { kind: 'failing', reason: '503', unanswered: false });
    expect(await open().standing()).toMatchObject({ reason: '404 no_service', deadSince: expect.any(String) });
  });

  test('case 94: with another address is another channel, and works', async () => {
    await open().settle(await take(open()), { kind: 'dead', reason: '404 no_service' });
    const other = open(`${ADDRESS}-new`);
    expect(await other.standing()).toEqual({ failingMs: 0 });
    expect(await other.takeTurn(false)).toMatchObject({ kind: 'yours' });
  });

  test('case 97: has a row without its address', async () => {
    await take(open());
    const { rows } = await store.pool.query<{ row: string }>('select c::text as row from rollcall.alert_channel c');
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toMatch(/canary|hooks|services/);
  });
});

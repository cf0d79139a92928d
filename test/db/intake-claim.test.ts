import { expect, test } from 'vitest';
import type { RosterRow } from '../../src/core/row.ts';
import type { StoredSource } from '../../src/ports/store.ts';
import { aListingEnd, aRow } from '../support/builders.ts';
import { aSpec, openTestStore, type TestStore } from '../support/store.ts';

const HOUR_MS = 3_600_000;
const T0 = Date.parse('2026-11-20T08:00:00Z');
const hour = (n: number): Date => new Date(T0 + n * HOUR_MS);

const people = (count: number): readonly RosterRow[] =>
  Array.from({ length: count }, (_, at) => aRow({ externalId: `n-${at}`, email: `p${at}@example.com` }));

async function aSource(store: TestStore): Promise<StoredSource> {
  const [source] = await store.sources.syncSources([aSpec()], hour(0));
  if (source === undefined) throw new Error('no source');
  return source;
}

async function countOf(store: TestStore, table: string): Promise<unknown> {
  const { rows } = await store.pool.query<{ count: number }>(`select count(*) from rollcall.${table}`);
  return rows[0]?.count;
}

test('a writer that lost its claim cannot write, even if it was only paused', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  const paused = await store.sources.claim(source.id, 'paused', () => hour(0), { ms: 0 });
  const intake = await store.sources.openIntake(paused, 'full');
  await intake.stage(people(3));
  await intake.count(true, hour(0));
  const taken = await store.sources.claim(source.id, 'other', () => hour(1), { ms: 0 });

  const late = intake.record({
    mode: 'full',
    end: aListingEnd(),
    verdict: { kind: 'complete' },
    startedAt: hour(0),
    finishedAt: hour(1),
  });

  await expect(late).rejects.toMatchObject({ code: 'claim-lost' });
  await expect(store.sources.extendClaim(paused, hour(1))).rejects.toMatchObject({ code: 'claim-lost' });
  await store.sources.extendClaim(taken, hour(1));
  expect(await countOf(store, 'sync_run')).toBe(0);
  expect(await countOf(store, 'account')).toBe(0);
});

test('what was staged is removed by who has the source now: the writer that was paused has lost its claim, and nothing crashed', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  const open = async (holder: string, at: number) =>
    store.sources.openIntake(await store.sources.claim(source.id, holder, () => hour(at), { ms: 0 }), 'full');
  const [staged, counted] = [await open('paused while it staged', 0), await open('paused after it counted', 1)];
  await counted.stage(people(3));
  await counted.count(true, hour(1));
  await open('now', 2);

  await staged.stage(people(3));
  await expect(staged.count(true, hour(2))).rejects.toMatchObject({ code: 'claim-lost' });
  const late = { mode: 'full', end: aListingEnd(), startedAt: hour(0), finishedAt: hour(2) } as const;
  await expect(counted.record({ ...late, verdict: { kind: 'complete' } })).rejects.toMatchObject({
    code: 'claim-lost',
  });
});

test('a first reading of which a staged row is gone writes nothing', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  const claim = await store.sources.claim(source.id, 'reader', () => hour(0), { ms: 0 });
  const intake = await store.sources.openIntake(claim, 'full');
  await intake.stage(people(3));
  await intake.count(true, hour(0));
  await store.pool.query(`delete from rollcall.stage_row where external_id = 'n-1'`);

  const short = intake.record({
    mode: 'full',
    end: aListingEnd(),
    verdict: { kind: 'complete' },
    startedAt: hour(0),
    finishedAt: hour(1),
  });

  await expect(short).rejects.toMatchObject({
    code: 'database-unavailable',
    message: expect.stringContaining('2 of 3'),
  });
  expect(await countOf(store, 'sync_run')).toBe(0);
  expect(await countOf(store, 'account')).toBe(0);
});

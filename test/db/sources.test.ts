import { OperationalError } from '../../src/errors.ts';
import { describe, expect, test } from 'vitest';
import type { SourceSpec } from '../../src/ports/sources.ts';
import type { StoredSource } from '../../src/ports/store.ts';
import { aRow } from '../support/builders.ts';
import { aSpec, openTestStore, read, type TestStore } from '../support/store.ts';

const T0 = new Date('2026-11-20T08:00:00Z');
const seconds = (n: number): Date => new Date(T0.getTime() + n * 1_000);

async function sync(store: TestStore, ...specs: readonly SourceSpec[]): Promise<readonly StoredSource[]> {
  return store.sources.syncSources(specs, T0);
}
async function one(store: TestStore, spec: SourceSpec): Promise<StoredSource> {
  const [source] = await sync(store, spec);
  if (source === undefined) throw new Error('no source');
  return source;
}
async function stored(store: TestStore): Promise<readonly unknown[]> {
  const { rows } = await store.pool.query(
    'select id, name, rank, retired_at is not null as retired from rollcall.source order by id',
  );
  return rows;
}

test('sources are known by the order of the configuration', async () => {
  await using store = await openTestStore();

  const sources = await sync(store, aSpec({ name: 'directory', authoritative: true, maxAgeMs: 60_000 }), aSpec());

  expect(sources.map(({ name, maxAgeMs, watermark }) => [name, maxAgeMs, watermark])).toEqual([
    ['directory', 60_000, undefined],
    ['nimble', undefined, undefined],
  ]);
  expect(await stored(store)).toMatchObject([
    { name: 'directory', rank: 0, retired: false },
    { name: 'nimble', rank: 1, retired: false },
  ]);
});

test('a renamed source keeps its id and so its history', async () => {
  await using store = await openTestStore();
  const { id } = await one(store, aSpec({ name: 'crm' }));

  const renamed = await one(store, aSpec({ name: 'nimble', formerly: 'crm' }));
  const again = await one(store, aSpec({ name: 'nimble', formerly: 'crm' }));

  expect([renamed.id, again.id]).toEqual([id, id]);
  expect(await stored(store)).toMatchObject([{ name: 'nimble', retired: false }]);
});

test('a former name that another source bears now is not taken from it', async () => {
  await using store = await openTestStore();
  const { id } = await one(store, aSpec({ name: 'crm' }));

  const [nimble, crm] = await sync(store, aSpec({ name: 'nimble', formerly: 'crm' }), aSpec({ name: 'crm' }));

  expect(crm?.id).toBe(id);
  expect(nimble?.id).not.toBe(id);
});

test('a source taken out of the configuration is retired, and returns with its id', async () => {
  await using store = await openTestStore();
  const [directory, nimble] = await sync(store, aSpec({ name: 'directory' }), aSpec());

  await sync(store, aSpec({ name: 'directory' }));
  expect(await stored(store)).toMatchObject([{ retired: false }, { retired: true }]);
  const returned = await sync(store, aSpec({ name: 'directory' }), aSpec());

  expect(returned.map(({ id }) => id)).toEqual([directory?.id, nimble?.id]);
  expect(await stored(store)).toMatchObject([{ retired: false }, { retired: false }]);
});

test('a configuration that did not change writes nothing', async () => {
  await using store = await openTestStore();
  const places = async () => (await store.pool.query('select ctid, xmin from rollcall.source order by id')).rows;
  await sync(store, aSpec({ name: 'directory', maxAgeMs: 1_000 }), aSpec());
  const before = await places();

  await sync(store, aSpec({ name: 'directory', maxAgeMs: 1_000 }), aSpec());

  expect(await places()).toEqual(before);
});

test('processes that start together make each source known once', async () => {
  await using store = await openTestStore();
  const specs = Array.from({ length: 20 }, (_, at) => aSpec({ name: `source-${at}` }));
  await Promise.all([1, 2, 3, 4].map(() => store.pool.query('select 1'))); // connected, so that all start at once

  const all = await Promise.all([1, 2, 3, 4].map(() => sync(store, ...specs)));

  expect(new Set(all.map((sources) => sources.map(({ id }) => id).join())).size).toBe(1);
  expect(await stored(store)).toHaveLength(20);
});

test('changed key settings open a baseline breaker once there is a complete listing, and forget the watermark', async () => {
  await using store = await openTestStore();
  const fresh = await one(store, aSpec({ keyDigest: 'a' }));
  await one(store, aSpec({ keyDigest: 'b' }));
  expect((await store.pool.query('select 1 from rollcall.breaker')).rows).toEqual([]);
  await read(store, fresh, { batches: [[aRow()]], at: T0, watermark: 'w-1' });
  expect(await one(store, aSpec({ keyDigest: 'b' }))).toMatchObject({
    watermark: 'w-1',
    lastCompleteAt: '2026-11-20T08:00:00Z',
  });

  const changed = await one(store, aSpec({ keyDigest: 'c' }));
  await one(store, aSpec({ keyDigest: 'd' }));

  expect(changed.watermark).toBeUndefined();
  expect((await store.pool.query('select kind, closed_at from rollcall.breaker')).rows).toEqual([
    { kind: 'baseline', closed_at: null },
  ]);
});

test('after the release of a baseline breaker, what was read before is no measure any more', async () => {
  await using store = await openTestStore();
  const people = Array.from({ length: 9 }, (_, at) => aRow({ externalId: `old-${at}` }));
  const source = await one(store, aSpec({ keyDigest: 'a' }));
  await read(store, source, { batches: [people], at: T0 });
  await one(store, aSpec({ keyDigest: 'b' }));
  const others = people.map((row) => ({ ...row, externalId: row.externalId.replace('old', 'new') }));
  const held = await read(store, source, { batches: [others], at: seconds(60) });
  await store.pool.query(
    `update rollcall.breaker set closed_at = $1, closed_by = 'kim', released = true where kind = 'baseline'`,
    [seconds(120)],
  );

  const anew = await read(store, source, { batches: [others], at: seconds(180) });

  expect(held.verdict.kind).toBe('suspicious');
  expect(anew.counts).toEqual({ distinctIds: 9, knownPresent: 18, baseline: 0, lost: 0 });
  expect(anew.recorded).toMatchObject({ gone: 9, recoveredBreakerId: held.recorded.trippedBreakerId });
});

test('a source is claimed by one holder at a time, until the claim is released', async () => {
  await using store = await openTestStore();
  const { id } = await one(store, aSpec());
  const first = await store.sources.claim(id, 'first', () => T0, { ms: 0 });

  await expect(store.sources.claim(id, 'second', () => seconds(59), { ms: 0 })).rejects.toMatchObject({ code: 'busy' });
  await store.sources.releaseClaim(first);
  const second = await store.sources.claim(id, 'first', () => seconds(1), { ms: 0 });

  expect(second.epoch).toBeGreaterThan(first.epoch);
  await store.sources.releaseClaim(first);
  await expect(store.sources.claim(id, 'third', () => seconds(2), { ms: 0 })).rejects.toMatchObject({ code: 'busy' });
});

test('a claim lapses 60 s after it was last extended', async () => {
  await using store = await openTestStore();
  const { id } = await one(store, aSpec());
  const dead = await store.sources.claim(id, 'dead', () => T0, { ms: 0 });
  await store.sources.extendClaim(dead, seconds(30));

  await expect(store.sources.claim(id, 'next', () => seconds(89), { ms: 0 })).rejects.toMatchObject({ code: 'busy' });
  const next = await store.sources.claim(id, 'next', () => seconds(90), { ms: 0 });

  expect(next.epoch).toBeGreaterThan(dead.epoch);
  await expect(store.sources.extendClaim(dead, seconds(91))).rejects.toMatchObject({ code: 'claim-lost' });
});

test('a source whose listing is being recorded is busy, not a failure of the database, and is taken when that has ended', async () => {
  await using store = await openTestStore();
  const { id } = await one(store, aSpec());
  const recording = await store.pool.connect();
  await recording.query('begin');
  await recording.query('select from rollcall.source where id = $1 for no key update', [id]);

  const beganAt = performance.now();
  const refused = store.sources.claim(id, 'next', () => seconds(90), { ms: 600 });
  await expect(refused).rejects.toMatchObject({ code: 'busy' });
  expect(performance.now() - beganAt).toBeLessThan(10_000);
  await recording.query('commit');
  recording.release();

  expect(await store.sources.claim(id, 'next', () => seconds(90), { ms: 0 })).toMatchObject({ holder: 'next' });
});

test('a claim that is waited for is taken when it becomes free', async () => {
  await using store = await openTestStore();
  const { id } = await one(store, aSpec());
  const first = await store.sources.claim(id, 'first', () => T0, { ms: 0 });
  const waiting = store.sources.claim(id, 'second', () => seconds(1), { ms: 10_000 });

  await store.sources.releaseClaim(first);

  await expect(waiting).resolves.toMatchObject({ sourceId: id, holder: 'second' });
});

test('a wait for a claim tells what is left of it, and ends with the reason of its signal', async () => {
  await using store = await openTestStore();
  const { id } = await one(store, aSpec());
  await store.sources.claim(id, 'first', () => T0, { ms: 0 });
  const left: number[] = [];
  const stop = new AbortController();
  const waiting = (ms: number): void => {
    left.push(ms);
    if (left.length === 2) stop.abort(new OperationalError('usage', 'stopped by a signal'));
  };

  const claim = store.sources.claim(id, 'second', () => T0, { ms: 10_000, signal: stop.signal, waiting });

  await expect(claim).rejects.toMatchObject({ message: 'stopped by a signal' });
  expect(left).toEqual([10_000, 9_500]);
});

test('a wait that the vendor asked for is kept', async () => {
  await using store = await openTestStore();
  const { id } = await one(store, aSpec());

  await store.sources.saveNotBefore(id, seconds(3_600));

  expect((await one(store, aSpec())).notBefore).toBe('2026-11-20T09:00:00Z');
});

describe('a source that is only signed in to', () => {
  test('is left as it is where it is known, and so are all others', async () => {
    await using store = await openTestStore();
    await sync(store, aSpec({ name: 'directory', authoritative: true }), aSpec());
    const before = await everything(store);
    const other = aSpec({ keyDigest: 'key-2', authoritative: true, maxAgeMs: 1 });
    expect(await store.sources.introduce(other, [other], seconds(9))).toBe('nimble');
    expect(await everything(store)).toEqual(before);
  });

  test('is known by the name that it had: the worker gives it its new one', async () => {
    await using store = await openTestStore();
    await sync(store, aSpec({ name: 'crm' }));
    const before = await everything(store);
    const renamed = aSpec({ formerly: 'crm' });
    expect(await store.sources.introduce(renamed, [renamed], seconds(9))).toBe('crm');
    expect(await everything(store)).toEqual(before);
    expect(await store.sources.introduce(renamed, [renamed, aSpec({ name: 'crm' })], seconds(9))).toBe('nimble');
  });

  test('is added where it is unknown, for a worker to begin with: until then no rule waits for it', async () => {
    await using store = await openTestStore();
    const directory = await one(store, aSpec({ name: 'directory', authoritative: true }));
    const spec = aSpec({ authoritative: true });
    const both = await Promise.all([1, 2].map(async () => await store.sources.introduce(spec, [spec], T0)));
    expect(both).toEqual(['nimble', 'nimble']);
    expect(await stored(store)).toMatchObject([
      { id: directory.id, retired: false },
      { name: 'nimble', retired: true },
    ]);
    const taken = await sync(store, aSpec({ name: 'directory', authoritative: true }), spec);
    expect(taken).toHaveLength(2);
    expect(await stored(store)).toMatchObject([{ retired: false }, { name: 'nimble', retired: false }]);
  });
});

async function everything(store: TestStore): Promise<readonly unknown[]> {
  return (await store.pool.query('select * from rollcall.source order by id')).rows;
}

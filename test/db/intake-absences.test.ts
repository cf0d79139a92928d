import { expect, test } from 'vitest';
import type { RosterRow } from '../../src/core/row.ts';
import type { StoredSource } from '../../src/ports/store.ts';
import { createOperator } from '../../src/store/operator.ts';
import { aRow } from '../support/builders.ts';
import { aSpec, openTestStore, read, release, type TestStore } from '../support/store.ts';

const T0 = Date.parse('2026-11-20T08:00:00Z');
const at = (n: number): Date => new Date(T0 + n * 3_600_000);
const CUT = { outcome: { kind: 'broken', code: 'source-unavailable', detail: 'page 2 is missing' } } as const;

const person = (n: number, overrides: Partial<RosterRow> = {}): RosterRow =>
  aRow({ externalId: `n-${String(n).padStart(3, '0')}`, email: `p${n}@example.com`, ...overrides });
const people = (from: number, to: number, overrides: Partial<RosterRow> = {}): readonly RosterRow[] =>
  Array.from({ length: to - from + 1 }, (_, index) => person(from + index, overrides));
const idOf = (n: number): string => person(n).externalId;

async function aSource(store: TestStore): Promise<StoredSource> {
  const [source] = await store.sources.syncSources([aSpec()], at(0));
  if (source === undefined) throw new Error('no source');
  return source;
}

/** What a source that reads single rows would ask for after these. */
async function askedFor(store: TestStore, source: StoredSource, rows: readonly RosterRow[], hour: number) {
  const claim = await store.sources.claim(source.id, 'test', () => at(hour), { ms: 0 });
  const intake = await store.sources.openIntake(claim, 'full');
  await intake.stage(rows);
  const ids = await intake.missing(0.2, at(hour));
  await intake.discard();
  await store.sources.releaseClaim(claim);
  return ids;
}

async function present(store: TestStore): Promise<number> {
  const sql = 'select count(*) as count from rollcall.account where gone_at is null';
  return (await store.pool.query<{ count: number }>(sql)).rows[0]?.count ?? -1;
}

test('rows that changes have added since the baseline are lost too when a full listing leaves them out', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(1, 10)], at: at(0) });
  await read(store, source, { batches: [people(11, 15)], mode: 'delta', at: at(1) });

  const late = await read(store, source, { batches: [people(1, 10)], at: at(2) });

  expect([late.verdict.kind, late.counts.lost, late.recorded.gone]).toEqual(['suspicious', 5, 0]);
  expect(await present(store)).toBe(15);
});

test('rows that only a listing cut short has shown are what the next one is measured by', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(1, 100)], end: CUT, at: at(0) });

  const few = await read(store, source, { batches: [people(1, 3)], at: at(1) });
  expect([few.verdict.kind, few.counts.baseline, few.counts.lost, few.recorded.gone]).toEqual([
    'suspicious',
    100,
    97,
    0,
  ]);

  await release(store, few.recorded.trippedBreakerId ?? 0, at(2));
  const believed = await read(store, source, { batches: [people(1, 3)], at: at(3) });
  expect([believed.verdict.kind, believed.recorded.gone]).toEqual(['complete', 97]);
});

test('a first complete listing after one cut short may lack a few, as any other', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(1, 100)], end: CUT, at: at(0) });
  const next = await read(store, source, { batches: [people(1, 95)], at: at(1) });
  expect([next.verdict.kind, next.recorded.gone]).toEqual(['complete', 5]);
});

test('rows that came after the baseline and are switched off a few at a time trip as those of the baseline do', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(1, 10)], at: at(0) });
  await read(store, source, { batches: [people(11, 20)], mode: 'delta', at: at(1) });
  const off = { status: 'inactive' } as const;
  const steps = [];
  for (const n of [11, 13, 15]) {
    steps.push(await read(store, source, { batches: [people(n, n + 1, off)], mode: 'delta', at: at(n) }));
  }
  expect(steps.map(({ verdict, counts }) => [verdict.kind, counts.lost])).toEqual([
    ['complete', 2],
    ['suspicious', 4],
    ['suspicious', 4],
  ]);
});

test.each(['full', 'delta'] as const)('addresses that vanish a few at a time add up (%s)', async (mode) => {
  await using store = await openTestStore();
  const source = await aSource(store);
  const nameless = { email: undefined };
  await read(store, source, { batches: [people(1, 20)], at: at(0) });
  const verdicts = [];
  for (const [hour, lost] of [
    [1, 2],
    [2, 4],
    [3, 6],
  ] as const) {
    const shown =
      mode === 'full' ? [...people(1, lost, nameless), ...people(lost + 1, 20)] : people(lost - 1, lost, nameless);
    const { verdict, counts } = await read(store, source, { batches: [shown], mode, at: at(hour) });
    verdicts.push([verdict.kind, counts.lost]);
  }
  expect(verdicts).toEqual([
    ['complete', 2],
    ['complete', 4],
    ['suspicious', 6],
  ]);
});

test('an address that never parsed is not one that vanished', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  const odd = { email: 'none@', flags: ['email_unparsable'] } as const;
  await read(store, source, { batches: [people(1, 10, odd)], at: at(0) });
  const next = await read(store, source, { batches: [people(1, 10, { ...odd, email: 'n/a@' })], at: at(1) });
  expect([next.verdict.kind, next.counts.lost]).toEqual(['complete', 0]);
});

test('where single rows can be read, only those are gone of which the vendor said so', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(1, 20)], at: at(0) });
  const end = { confirmedGone: [idOf(19)] };
  const next = await read(store, source, { batches: [people(1, 17)], end, at: at(1) });
  expect([next.verdict.kind, next.recorded.gone]).toEqual(['complete', 1]);
  expect(await present(store)).toBe(19);
});

test('of inactive rows as many are asked for as the breaker allows, and the others wait for the next listing', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [[...people(1, 10), ...people(11, 20, { status: 'inactive' })]], at: at(0) });
  const asked: (readonly string[])[] = [];
  for (const hour of [1, 2, 3, 4, 5, 6]) {
    const confirmedGone = await askedFor(store, source, people(1, 10), hour);
    asked.push(confirmedGone);
    await read(store, source, { batches: [people(1, 10)], end: { confirmedGone }, at: at(hour) });
  }
  expect(asked.map((ids) => ids.length)).toEqual([2, 2, 2, 2, 2, 0]);
  expect(new Set(asked.flat())).toEqual(new Set(people(11, 20).map(({ externalId }) => externalId)));
  expect(await present(store)).toBe(10);
});

test('inactive rows of which the vendor says that they are there are asked for by turns, so that none is left out', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [[...people(1, 10), ...people(11, 20, { status: 'inactive' })]], at: at(0) });
  const asked: string[][] = [];
  for (let hour = 1; hour <= 30; hour += 1) {
    const ids = await askedFor(store, source, people(1, 10), hour);
    asked.push([...ids]);
  }
  expect(asked.every((ids) => ids.length === 2)).toBe(true);
  expect(new Set(asked.flat())).toEqual(new Set(people(11, 20).map(({ externalId }) => externalId)));
  // Usable rows are asked for in any case, before all others.
  const usable = await askedFor(store, source, people(1, 9), 31);
  expect(usable[0]).toBe(idOf(10));
});

test('what a release covers is not asked for and leaves room for the others', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(1, 20)], at: at(0) });
  expect(await askedFor(store, source, people(1, 10), 1)).toEqual([]);
  const tripped = await read(store, source, { batches: [people(1, 10)], end: { confirmedGone: [] }, at: at(1) });
  expect([tripped.verdict.kind, tripped.counts.lost]).toEqual(['suspicious', 10]);
  await release(store, tripped.recorded.trippedBreakerId ?? 0, at(2));

  // 10 has slipped from page to page: it is not among those that a person has seen.
  expect(await askedFor(store, source, people(1, 9), 3)).toEqual([idOf(10)]);
  const end = { confirmedGone: [], rowsSeen: 10 };
  const next = await read(store, source, { batches: [people(1, 9), [person(10)]], end, at: at(3) });
  expect([next.verdict.kind, next.recorded.gone]).toEqual(['complete', 10]);
  expect(await present(store)).toBe(10);
});

test('a loss that was not believed does not become believable by waiting', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(1, 20)], at: at(0) });
  await read(store, source, { batches: [people(1, 17)], at: at(8) });
  const tripped = await read(store, source, { batches: [people(1, 15)], at: at(16) });

  for (const later of [33, 41, 200]) {
    const still = await read(store, source, { batches: [people(1, 15)], at: at(later) });
    expect([still.counts.baseline, still.counts.lost, still.verdict.kind]).toEqual([20, 5, 'suspicious']);
    expect(still.recorded).toMatchObject({ gone: 0 });
  }
  await release(store, tripped.recorded.trippedBreakerId ?? 0, at(201));
  const believed = await read(store, source, { batches: [people(1, 15)], at: at(202) });
  expect([believed.verdict.kind, believed.recorded.gone]).toEqual(['complete', 2]);
});

test('a slow bleed within 24 hours trips, and over more than a day it does not', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(1, 20)], at: at(0) });

  const quick = [await read(store, source, { batches: [people(1, 17)], at: at(8) })];
  quick.push(await read(store, source, { batches: [people(1, 15)], at: at(16) }));

  await using slow = await openTestStore();
  const other = await aSource(slow);
  await read(slow, other, { batches: [people(1, 20)], at: at(0) });
  await read(slow, other, { batches: [people(1, 17)], at: at(8) });
  const late = await read(slow, other, { batches: [people(1, 15)], at: at(33) });

  expect(quick.map(({ counts, verdict }) => [counts.baseline, counts.lost, verdict.kind])).toEqual([
    [20, 3, 'complete'],
    [20, 5, 'suspicious'],
  ]);
  expect([late.counts.baseline, late.counts.lost, late.verdict.kind]).toEqual([17, 2, 'complete']);
});

test('in the first listing under new key settings the old ids go without anybody asking for them', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(1, 20)], at: at(0) });
  const [changed] = await store.sources.syncSources([aSpec({ keyDigest: 'another' })], at(1));
  await store.pool.query(
    `update rollcall.breaker set closed_at = $1, closed_by = 'kim', released = true where kind = 'baseline'`,
    [at(2)],
  );
  const end = { confirmedGone: [] };
  const next = await read(store, changed ?? source, { batches: [people(101, 120)], end, at: at(3) });
  expect([next.verdict.kind, next.recorded.gone]).toEqual(['complete', 20]);
  expect(await present(store)).toBe(20);
});

test('a release holds although a listing before it was dated by a clock that was ahead', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(1, 20)], at: at(0) });
  await read(store, source, { batches: [people(1, 20)], at: at(24 * 30) });
  const tripped = await read(store, source, { batches: [people(1, 10)], at: at(2) });
  expect(tripped.verdict.kind).toBe('suspicious');
  await createOperator(store).releaseBreaker(tripped.recorded.trippedBreakerId ?? 0, 'kim', 'seen', at(3));
  const believed = await read(store, source, { batches: [people(1, 10)], at: at(4) });
  expect([believed.verdict.kind, believed.recorded.gone]).toEqual(['complete', 10]);
});

const shown = (from: number, to: number) => ({ batches: [people(from, to)] });
const judged = async (store: TestStore, source: StoredSource, listings: readonly Parameters<typeof read>[2][]) => {
  const verdicts = [];
  for (const listing of listings) verdicts.push((await read(store, source, listing)).verdict.kind);
  return verdicts;
};

test('what a listing that was not believed brought is not lost when the right one is back', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  const verdicts = await judged(store, source, [
    { ...shown(1, 10), at: at(0) },
    { ...shown(101, 110), at: at(1) },
    { ...shown(1, 10), at: at(2) },
    { ...shown(1, 10), at: at(3) },
  ]);
  expect(verdicts).toEqual(['complete', 'suspicious', 'complete', 'complete']);
  expect(await present(store)).toBe(10);
  const breakers = await store.pool.query('select closed_by from rollcall.breaker');
  expect(breakers.rows).toEqual([{ closed_by: 'recovered' }]);
});

test('the same where a person has released a loss before, and the wrong listing shows the lost rows again', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { ...shown(1, 10), at: at(0) });
  const lost = await read(store, source, { ...shown(1, 5), at: at(1) });
  await release(store, lost.recorded.trippedBreakerId ?? 0, at(2));
  const verdicts = await judged(store, source, [
    { ...shown(1, 5), at: at(3) },
    { ...shown(6, 10), at: at(4) },
    { ...shown(1, 5), at: at(5) },
  ]);
  expect(verdicts).toEqual(['complete', 'suspicious', 'complete']);
  expect(await present(store)).toBe(5);
});

test('but what a believed listing, or a reading of changes, has shown since is lost as anything else', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  const verdicts = await judged(store, source, [
    { ...shown(1, 100), at: at(0) },
    { ...shown(31, 130), at: at(1) },
    // Smaller than the first, which stays the measure of the day: 81 to 100 are lost, and 111 to 130 were never believed.
    { batches: [people(1, 80), people(101, 110)], at: at(2) },
    { ...shown(1, 80), at: at(3) },
    { batches: [people(1, 80), people(101, 110)], at: at(4) },
    // Not in the measure of the day either, and changed since.
    { batches: [people(1, 50), people(111, 130)], at: at(5) },
    { batches: [people(111, 120, { title: 'Clerk' })], mode: 'delta', at: at(6) },
    { batches: [people(1, 80), people(101, 110)], at: at(7) },
  ]);
  expect(verdicts).toEqual([
    'complete',
    'suspicious',
    'complete',
    'suspicious',
    'complete',
    'suspicious',
    'complete',
    'suspicious',
  ]);
  expect(await present(store)).toBe(110);
});

test('before any complete listing, what a listing that was not believed brought is no measure of the next', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  const verdicts = await judged(store, source, [
    { ...shown(1, 100), end: CUT, at: at(0) },
    { ...shown(201, 600), at: at(1) },
    { ...shown(201, 600), at: at(2) },
    { ...shown(1, 100), at: at(3) },
  ]);
  expect(verdicts).toEqual(['incomplete', 'suspicious', 'suspicious', 'complete']);
  expect(await present(store)).toBe(100);
});

test('where single rows can be read, rows never believed are asked for a few at a time, and keep nobody else from it', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { ...shown(1, 20), at: at(0) });
  await read(store, source, { ...shown(101, 120), end: { confirmedGone: [] }, at: at(1) });
  const asked = await askedFor(store, source, people(1, 19), 2);
  expect(asked).toHaveLength(4);
  expect(asked).toContain(idOf(20));
});

import { expect, test } from 'vitest';
import type { RosterRow } from '../../src/core/row.ts';
import type { StoredSource } from '../../src/ports/store.ts';
import { aRow } from '../support/builders.ts';
import { aSpec, openTestStore, read, release, type Listed, type Read, type TestStore } from '../support/store.ts';

const T0 = Date.parse('2026-11-20T08:00:00Z');
const hour = (n: number): Date => new Date(T0 + n * 3_600_000);

const person = (n: number, overrides: Partial<RosterRow> = {}): RosterRow =>
  aRow({ externalId: `n-${n}`, email: `p${n}@example.com`, ...overrides });
const people = (count: number, overrides: Partial<RosterRow> = {}): readonly RosterRow[] =>
  Array.from({ length: count }, (_, at) => person(at + 1, overrides));

async function aSource(store: TestStore): Promise<StoredSource> {
  const [source] = await store.sources.syncSources([aSpec()], hour(0));
  if (source === undefined) throw new Error('no source');
  return source;
}

type Step = (at: number, rows: readonly RosterRow[], more?: Partial<Listed>) => Promise<Read>;

/** Reads one batch at an hour. */
function reader(store: TestStore, source: StoredSource): Step {
  return async (at, rows, more) => await read(store, source, { batches: [rows], at: hour(at), ...more });
}

/** The id of the breaker that a listing must have tripped. */
function tripped({ verdict, recorded }: Read): number {
  expect(verdict.kind).toBe('suspicious');
  expect(recorded.trippedBreakerId).toBeDefined();
  return recorded.trippedBreakerId ?? 0;
}

async function count(store: TestStore, what: string): Promise<unknown> {
  const { rows } = await store.pool.query<{ count: number }>(`select count(*) as count from ${what}`);
  return rows[0]?.count;
}
const PRESENT = 'rollcall.account where gone_at is null';
const OFF = `rollcall.account where status in ('inactive', 'unknown')`;

const CUT = { outcome: { kind: 'broken', code: 'source-unavailable', detail: 'page 2 is missing' } } as const;
const DEFERRED = { outcome: { kind: 'deferred', until: '2026-11-20T09:30:00Z', detail: 'asked to wait' } } as const;

test('an empty listing after rows that only an incomplete one has shown is not believed, trips and is told', async () => {
  await using store = await openTestStore();
  const step = reader(store, await aSource(store));
  await step(0, people(5), { end: CUT });

  const empty = await step(1, []);

  const breakerId = tripped(empty);
  expect(empty.recorded.gone).toBe(0);
  expect(await count(store, PRESENT)).toBe(5);
  const { rows } = await store.pool.query('select evidence from rollcall.breaker where id = $1', [breakerId]);
  expect(rows).toMatchObject([{ evidence: { lost: 5, baseline: 5 } }]);
  expect(await count(store, 'rollcall.breaker_loss')).toBe(5);
  expect(await count(store, `rollcall_jobs.job where name = 'alert' and data->>'kind' = 'breaker'`)).toBe(1);

  await release(store, breakerId, hour(2));
  const believed = await step(3, []);

  expect(believed.verdict.kind).toBe('complete');
  expect(believed.recorded.gone).toBe(5);
});

test('a new baseline does not make an empty listing believable', async () => {
  await using store = await openTestStore();
  const step = reader(store, await aSource(store));
  await step(0, people(5));
  await store.sources.syncSources([aSpec({ keyDigest: 'other' })], hour(1));
  const { rows } = await store.pool.query<{ id: number }>(`select id from rollcall.breaker where kind = 'baseline'`);
  await release(store, rows[0]?.id ?? 0, hour(2));

  const empty = await step(3, []);

  tripped(empty);
  expect(await count(store, PRESENT)).toBe(5);
});

test('the release of some losses does not make an empty listing believable', async () => {
  await using store = await openTestStore();
  const step = reader(store, await aSource(store));
  await step(0, people(5));
  await release(store, tripped(await step(1, people(1))), hour(2));

  const empty = await step(3, []);

  expect(empty.counts).toMatchObject({ knownPresent: 1, lost: 1 });
  const breakerId = tripped(empty);
  expect(await count(store, PRESENT)).toBe(5);
  await release(store, breakerId, hour(4));
  expect((await step(5, [])).recorded.gone).toBe(5);
});

test('a row that came after the release of an empty listing is not covered by it', async () => {
  await using store = await openTestStore();
  const step = reader(store, await aSource(store));
  await step(0, people(5));
  await release(store, tripped(await step(1, [])), hour(2));
  await step(3, [person(6)], { end: CUT });

  const empty = await step(4, []);

  expect(empty.counts.knownPresent).toBe(1);
  tripped(empty);
});

test('an id that was gone and came back after the release is no longer covered by it', async () => {
  await using store = await openTestStore();
  const step = reader(store, await aSource(store));
  await step(0, people(20));
  await release(store, tripped(await step(1, people(10))), hour(2));
  expect((await step(3, people(10))).verdict.kind).toBe('complete');
  expect((await step(4, people(19))).verdict.kind).toBe('complete');

  const again = await step(5, people(10));

  expect(again.counts).toMatchObject({ baseline: 20, lost: 9 });
  tripped(again);
});

test('an id that a complete listing showed after the release, before it ever was gone, is no longer covered', async () => {
  await using store = await openTestStore();
  const step = reader(store, await aSource(store));
  await step(0, people(20));
  await release(store, tripped(await step(1, people(10))), hour(2));
  expect((await step(3, people(19))).verdict.kind).toBe('complete');

  tripped(await step(4, people(10)));
});

test('an id that was switched off, released and switched on again is no longer covered', async () => {
  await using store = await openTestStore();
  const step = reader(store, await aSource(store));
  await step(0, people(10));
  await release(store, tripped(await step(1, people(10, { status: 'inactive' }))), hour(2));
  expect((await step(3, people(10, { status: 'inactive' }))).recorded.changed).toBe(10);
  await step(4, people(9), { mode: 'delta' });

  const again = await step(5, people(10, { status: 'inactive' }));

  expect(again.counts.lost).toBe(9);
  tripped(again);
});

test('what was released stays believed while it stays lost, whatever else its rows change', async () => {
  await using store = await openTestStore();
  const step = reader(store, await aSource(store));
  await step(0, people(10));
  await release(store, tripped(await step(1, people(10, { status: 'inactive' }))), hour(2));

  const applied = await step(3, people(10, { status: 'inactive' }));
  const later = await step(4, people(10, { status: 'inactive', title: 'Alumna' }));
  const last = await step(5, people(10, { status: 'inactive', title: 'Alumnus' }));

  expect([applied, later, last].map(({ verdict, counts }) => [verdict.kind, counts.lost])).toEqual([
    ['complete', 0],
    ['complete', 0],
    ['complete', 0],
  ]);
});

test.each([
  { name: 'an incomplete', end: CUT, kind: 'incomplete' },
  { name: 'a deferred', end: DEFERRED, kind: 'deferred' },
  { name: 'an ended, yet incomplete', end: { declaredTotal: 30 }, kind: 'incomplete' },
])('$name listing that switches too many rows off applies none of it, and trips nothing', async ({ end, kind }) => {
  await using store = await openTestStore();
  const step = reader(store, await aSource(store));
  await step(0, people(20));
  const off = people(12, { status: 'inactive' });

  const { verdict, recorded } = await step(1, [...off, person(13, { title: 'Lead' }), person(21)], { end });

  expect(verdict.kind).toBe(kind);
  expect(recorded).toMatchObject({ changed: 2, gone: 0 });
  expect(recorded.trippedBreakerId).toBeUndefined();
  expect(await count(store, OFF)).toBe(0);
  expect(await count(store, 'rollcall.breaker')).toBe(0);
  const { rows } = await store.pool.query('select warnings from rollcall.sync_run order by id desc limit 1');
  expect(rows).toEqual([{ warnings: [expect.stringContaining('12 rows')] }]);
});

test('an incomplete listing that switches few rows off applies that, however many it does not show', async () => {
  await using store = await openTestStore();
  const step = reader(store, await aSource(store));
  await step(0, people(20));

  const { recorded } = await step(1, people(4, { status: 'inactive' }), { end: { declaredTotal: 20 } });

  expect(recorded).toMatchObject({ changed: 4, gone: 0 });
  expect(await count(store, OFF)).toBe(4);
});

test('a listing that takes the address from too many rows is not believed; once released it is', async () => {
  await using store = await openTestStore();
  const step = reader(store, await aSource(store));
  await step(0, people(20));
  const nameless = people(20, { email: undefined });

  const listed = await step(1, nameless);

  expect(listed.counts.lost).toBe(20);
  const breakerId = tripped(listed);
  expect(await count(store, 'rollcall.account_key')).toBe(20);
  // It stays so, until a person says that it is right.
  expect((await step(2, nameless)).verdict.kind).toBe('suspicious');
  await release(store, breakerId, hour(3));
  expect(await step(4, nameless)).toMatchObject({ verdict: { kind: 'complete' }, recorded: { changed: 20 } });
  expect((await step(5, nameless)).verdict.kind).toBe('complete');
});

test('few rows without their address, or a column that is spelled anew, trip nothing', async () => {
  await using store = await openTestStore();
  const step = reader(store, await aSource(store));
  await step(0, people(20));

  const few = [
    ...people(20).slice(0, 16),
    ...people(20)
      .slice(16)
      .map((row) => ({ ...row, email: undefined })),
  ];
  expect(await step(1, few)).toMatchObject({ verdict: { kind: 'complete' }, counts: { lost: 4 } });
  const unparsable = people(20).map((row) => ({ ...row, email: 'unreadable' }));
  expect((await step(2, unparsable)).verdict.kind).toBe('suspicious');
  const moved = people(20).map(({ email, ...row }) => ({ ...row, email: undefined, aliases: [email ?? ''] }));
  expect((await step(3, moved)).verdict.kind).toBe('complete');
});

// No two alike, so that nothing can be compressed away.
const odd = (from: number): string =>
  Array.from({ length: 400 }, (_, at) => String.fromCodePoint(0x4e00 + ((from + at * 7919) % 20_000))).join('');

test('ids and addresses of the greatest length fit, whatever their characters', async () => {
  await using store = await openTestStore();
  const step = reader(store, await aSource(store));
  const row = aRow({
    externalId: odd(1),
    email: `${odd(2).slice(0, 388)}@example.com`,
    employeeId: odd(3),
    managerId: odd(4),
  });

  expect((await step(0, [row])).recorded.changed).toBe(1);
});

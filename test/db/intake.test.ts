import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RosterRow } from '../../src/core/row.ts';
import type { StoredSource } from '../../src/ports/store.ts';
import { aRow } from '../support/builders.ts';
import { aSpec, openTestStore, read, release, type TestStore } from '../support/store.ts';

const HOUR_MS = 3_600_000;
const T0 = Date.parse('2026-11-20T08:00:00Z');
const hour = (n: number): Date => new Date(T0 + n * HOUR_MS);

const person = (n: number, overrides: Partial<RosterRow> = {}): RosterRow =>
  aRow({ externalId: `n-${n}`, email: `p${n}@example.com`, givenName: `Given ${n}`, ...overrides });
const people = (count: number, from = 1): readonly RosterRow[] =>
  Array.from({ length: count }, (_, at) => person(from + at));

async function aSource(store: TestStore): Promise<StoredSource> {
  const [source] = await store.sources.syncSources([aSpec()], hour(0));
  if (source === undefined) throw new Error('no source');
  return source;
}

async function column(store: TestStore, query: string): Promise<readonly unknown[]> {
  const { rows } = await store.pool.query<unknown[]>({ text: query, rowMode: 'array' });
  return rows.map((row) => (row.length === 1 ? row[0] : row));
}

const PRESENT = 'select external_id from rollcall.account where gone_at is null order by 1';
const VERSIONS =
  'select external_id, status, to_run is null from rollcall.account_version order by external_id, from_run';
/** Physical place and writing transaction of every row: any write shows. */
const PLACES = `select ctid, xmin, external_id from rollcall.account
  union all select ctid, xmin, external_id from rollcall.account_version
  union all select ctid, xmin, key from rollcall.account_key order by 3, 1`;

test('an unchanged listing writes one run row and no other', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(50)], at: hour(0) });
  const before = await column(store, PLACES);

  const again = await read(store, source, { batches: [people(20, 31), people(30)], at: hour(1) });

  expect(again.recorded).toMatchObject({ changed: 0, gone: 0 });
  expect(await column(store, PLACES)).toEqual(before);
  expect(await column(store, 'select distinct listing_digest from rollcall.sync_run')).toHaveLength(1);
  expect(await column(store, 'select rows_changed from rollcall.sync_run order by id')).toEqual([50, 0]);
});

test('each run carries the digest of the one before', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  for (const at of [0, 1, 2]) await read(store, source, { batches: [people(3)], at: hour(at) });

  const runs = await column(store, 'select previous_digest, digest from rollcall.sync_run order by id');

  const [first, second, third] = runs.map((run) => (Array.isArray(run) ? run : []));
  expect(first?.[0]).toBeNull();
  expect(second?.[0]).toBe(first?.[1]);
  expect(third?.[0]).toBe(second?.[1]);
  expect(new Set([first?.[1], second?.[1], third?.[1]]).size).toBe(3);
});

test('as many versions are written as rows changed, and keys follow', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(4)], at: hour(0) });

  const rows = [person(1), person(2, { email: 'new@example.com', aliases: ['old@example.com'] }), ...people(2, 3)];
  const { recorded } = await read(store, source, { batches: [[...rows, person(5)]], at: hour(1) });

  expect(recorded).toMatchObject({ changed: 2, gone: 0 });
  expect(await column(store, 'select count(*) from rollcall.account_version')).toEqual([6]);
  expect(
    await column(store, `select kind, key from rollcall.account_key where external_id = 'n-2' order by 1, 2`),
  ).toEqual([
    ['alias', 'old@example.com'],
    ['email', 'new@example.com'],
  ]);
});

test('volatile instants are refreshed in place, without a version', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  const seen = (lastActiveAt: string) => person(1, { lastActiveAt });
  await read(store, source, { batches: [[seen('2026-11-19T10:00:00Z'), person(2)]], at: hour(0) });

  const { recorded } = await read(store, source, {
    batches: [[seen('2026-11-20T10:00:00.123456Z'), person(2)]],
    at: hour(1),
  });

  expect(recorded.changed).toBe(0);
  expect(await column(store, 'select last_active_at from rollcall.account order by external_id')).toEqual([
    '2026-11-20T10:00:00.123456Z',
    null,
  ]);
});

test('a row missing from a complete listing is gone, and comes back with its first_seen_at', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(10)], at: hour(0) });

  const gone = await read(store, source, { batches: [people(9)], at: hour(1) });
  const back = await read(store, source, { batches: [people(10)], at: hour(2) });

  expect(gone.recorded).toMatchObject({ changed: 0, gone: 1 });
  expect(back.recorded).toMatchObject({ changed: 1, gone: 0 });
  expect(await column(store, `select first_seen_at, gone_at from rollcall.account where external_id = 'n-10'`)).toEqual(
    [['2026-11-20T08:00:00Z', null]],
  );
  expect(
    await column(
      store,
      `select valid_from, valid_to from rollcall.account_version where external_id = 'n-10' order by from_run`,
    ),
  ).toEqual([
    ['2026-11-20T08:00:00Z', '2026-11-20T09:00:00Z'],
    ['2026-11-20T10:00:00Z', null],
  ]);
});

test('an incomplete listing concludes no absence, but what it shows is present', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(10)], at: hour(0) });
  await read(store, source, { batches: [people(9)], at: hour(1) });

  const verdict = { kind: 'incomplete', reason: 'page 2 is missing', code: 'source-unavailable' } as const;
  const { recorded } = await read(store, source, { batches: [[person(10), person(11)]], at: hour(2), verdict });

  expect(recorded).toMatchObject({ changed: 2, gone: 0 });
  expect(await column(store, PRESENT)).toHaveLength(11);
  expect(
    await column(store, 'select verdict, code, reason, present_usable from rollcall.sync_run order by id desc limit 1'),
  ).toEqual([['incomplete', 'source-unavailable', 'page 2 is missing', 11]]);
});

test('a delta concludes no absence', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(10)], at: hour(0) });

  const delta = await read(store, source, {
    mode: 'delta',
    batches: [[person(1, { title: 'Lead' })]],
    at: hour(1),
    watermark: 'w-2',
  });

  expect(delta.verdict.kind).toBe('complete');
  expect(delta.recorded).toMatchObject({ changed: 1, gone: 0 });
  expect(await column(store, PRESENT)).toHaveLength(10);
  expect(await column(store, 'select watermark from rollcall.source')).toEqual(['w-2']);
});

const titled = (title: string): RosterRow => person(1, { title });

test('of a repeated id the last row counts, within a batch and between batches', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);

  const first = await read(store, source, {
    batches: [[titled('a'), titled('b')], people(3, 2), [titled('c'), titled('d')]],
    at: hour(0),
  });
  const back = await read(store, source, { batches: [[titled('e')], [titled('d'), ...people(3, 2)]], at: hour(1) });

  expect(first.counts.distinctIds).toBe(4);
  expect(first.recorded.changed).toBe(4);
  expect(back.recorded.changed).toBe(0);
  expect(await column(store, `select title from rollcall.account_version where external_id = 'n-1'`)).toEqual(['d']);
  expect(await column(store, 'select distinct listing_digest from rollcall.sync_run')).toHaveLength(1);
});

test('a suspicious listing trips once; its losses are recorded and not applied, everything else is', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(10)], at: hour(0) });
  const shrunk = [person(1, { title: 'Lead' }), ...people(4, 2), person(6, { status: 'inactive' }), person(11)];

  const tripped = await read(store, source, { batches: [shrunk], at: hour(1) });
  const again = await read(store, source, { batches: [shrunk], at: hour(2) });

  expect(tripped.counts).toEqual({ distinctIds: 7, knownPresent: 10, baseline: 10, lost: 5 });
  expect(tripped.verdict).toMatchObject({ kind: 'suspicious', lost: 5, baseline: 10, limit: 2 });
  expect(tripped.recorded).toMatchObject({ changed: 2, gone: 0 });
  expect(tripped.recorded.trippedBreakerId).toBeDefined();
  expect(again.verdict.kind).toBe('suspicious');
  expect(again.recorded.trippedBreakerId).toBeUndefined();
  expect(await column(store, PRESENT)).toHaveLength(11);
  expect(await column(store, `select status from rollcall.account where external_id = 'n-6'`)).toEqual(['active']);
  expect(await column(store, 'select external_id from rollcall.breaker_loss order by 1')).toEqual([
    'n-10',
    'n-6',
    'n-7',
    'n-8',
    'n-9',
  ]);
  expect(await column(store, `select data->>'kind' from rollcall_jobs.job where name = 'alert'`)).toEqual(['breaker']);
});

test('a release covers the ids that were shown, and no others', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(10)], at: hour(0) });
  const { recorded } = await read(store, source, { batches: [people(5)], at: hour(1) });
  await release(store, recorded.trippedBreakerId ?? 0, hour(2));

  const covered = await read(store, source, { batches: [people(4)], at: hour(3) });
  const others = await read(store, source, { batches: [people(1)], at: hour(4) });

  expect(covered.counts).toMatchObject({ baseline: 10, lost: 1 });
  expect(covered.verdict.kind).toBe('complete');
  expect(covered.recorded.gone).toBe(6);
  expect(others.counts).toMatchObject({ baseline: 10, lost: 4 });
  expect(others.verdict.kind).toBe('suspicious');
  expect(others.recorded.trippedBreakerId).toBeDefined();
});

test('an empty listing is suspicious until a person releases it, and then it is believed', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [[person(1), person(2, { status: 'inactive' })]], at: hour(0) });

  const empty = await read(store, source, { batches: [], at: hour(1) });
  await release(store, empty.recorded.trippedBreakerId ?? 0, hour(2));
  const believed = await read(store, source, { batches: [], at: hour(3) });

  expect(empty.verdict.kind).toBe('suspicious');
  expect(believed.counts.knownPresent).toBe(0);
  expect(believed.verdict.kind).toBe('complete');
  expect(believed.recorded.gone).toBe(2);
});

test('a later complete listing in order closes the breaker by itself', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(10)], at: hour(0) });
  const { recorded } = await read(store, source, { batches: [people(2)], at: hour(1) });

  const good = await read(store, source, { batches: [people(10)], at: hour(2) });

  expect(good.recorded.recoveredBreakerId).toBe(recorded.trippedBreakerId);
  expect(await column(store, 'select closed_by, released from rollcall.breaker')).toEqual([['recovered', false]]);
  expect(
    await column(store, `select data->>'kind' from rollcall_jobs.job where name = 'alert' order by created_on`),
  ).toEqual(['breaker', 'recovery']);
});

test('a delta that switches too many rows off is suspicious too', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(10)], at: hour(0) });
  const off = people(3).map((row) => ({ ...row, status: 'unknown' as const }));

  const delta = await read(store, source, { mode: 'delta', batches: [off], at: hour(1) });

  expect(delta.counts).toMatchObject({ baseline: 10, lost: 3 });
  expect(delta.verdict.kind).toBe('suspicious');
  expect(delta.recorded.changed).toBe(0);
  expect(await column(store, VERSIONS)).toHaveLength(10);
});

test('what a dead intake left staged is removed by the next one of the source', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  const dead = await store.sources.claim(source.id, 'dead', () => hour(0), { ms: 0 });
  await (await store.sources.openIntake(dead, 'full')).stage(people(3));

  const next = await store.sources.claim(source.id, 'next', () => hour(1), { ms: 0 });
  const intake = await store.sources.openIntake(next, 'full');

  const staged = `select difference from rollcall.stage union all select 'row' from rollcall.stage_row`;
  expect(await column(store, staged)).toEqual(['open']);
  await intake.stage(people(1));
  await intake.discard();
  await intake.discard();
  expect(await column(store, staged)).toEqual([]);
});

test('hostile text arrives as it is', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  const texts = [
    String.raw`\N`,
    String.raw`\.`,
    'tab\tnewline\ncarriage\rback\\slash',
    String.raw`{"a","b"}`,
    "'; drop table rollcall.account; --",
    '👩‍👩‍👧 Zoë 日本 ‮abc',
    '',
    'NULL',
    '"quoted", {braces}',
  ];
  const rows = texts.map((text, at) =>
    person(at, { externalId: `id ${text}`, displayName: text, title: text, aliases: [text, 'x'], managerId: text }),
  );

  await read(store, source, { batches: [rows], at: hour(0) });
  const again = await read(store, source, { batches: [rows], at: hour(1) });

  expect(again.recorded.changed).toBe(0);
  const { rows: stored } = await store.pool.query<Record<string, unknown>>(
    'select external_id, display_name, aliases, manager_id from rollcall.account_version',
  );
  expect(new Set(stored.map((row) => JSON.stringify(row)))).toEqual(
    new Set(
      texts.map((text) =>
        JSON.stringify({ external_id: `id ${text}`, display_name: text, aliases: [text, 'x'], manager_id: text }),
      ),
    ),
  );
});

test('a clock that goes back does not turn a validity range around', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  await read(store, source, { batches: [people(2)], at: hour(5) });

  await read(store, source, { batches: [[person(1, { title: 'Lead' }), person(2)]], at: hour(2) });

  expect(await column(store, 'select count(*) from rollcall.account_version where valid_to < valid_from')).toEqual([0]);
  expect(await column(store, 'select finished_at from rollcall.sync_run order by id')).toEqual([
    '2026-11-20T13:00:00Z',
    '2026-11-20T13:00:00Z',
  ]);
});

test('a deferred listing keeps the wait across restarts, and the next one clears it', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  const verdict = { kind: 'deferred', until: '2026-11-20T12:00:00Z', reason: 'asked to wait an hour' } as const;
  await read(store, source, { batches: [people(2)], at: hour(0), verdict });
  expect((await aSource(store)).notBefore).toBe('2026-11-20T12:00:00Z');

  await read(store, source, { batches: [people(2)], at: hour(5) });

  expect((await aSource(store)).notBefore).toBeUndefined();
});

test('two sources are read at the same time without touching one another', async () => {
  await using store = await openTestStore();
  const specs = [aSpec(), aSpec({ name: 'directory', authoritative: true })];
  const stored = await store.sources.syncSources(specs, hour(0));

  const results = await Promise.all(
    stored.map(async (source, at) => {
      await sleep(at);
      return read(store, source, { batches: [people(30), people(30, 31)], at: hour(0) });
    }),
  );

  expect(results.map(({ recorded }) => recorded.changed)).toEqual([60, 60]);
  expect(await column(store, 'select source_id, count(*) from rollcall.account group by 1 order by 1')).toEqual(
    stored.map(({ id }) => [id, 60]),
  );
});

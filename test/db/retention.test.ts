import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/core/listing.ts';
import type { RosterRow, Status } from '../../src/core/row.ts';
import type { RetentionDays, StoredSource } from '../../src/ports/store.ts';
import { createReader } from '../../src/store/reader/reader.ts';
import { createRetentionStore } from '../../src/store/retention.ts';
import { aRow } from '../support/builders.ts';
import { collect } from '../support/reconcile-world.ts';
import { aSpec, openTestStore, read, type TestStore } from '../support/store.ts';
import { openWorkerWorld } from '../support/worker.ts';

const DAY_MS = 86_400_000;
const T0 = Date.parse('2025-01-01T06:00:00Z');
const day = (n: number): Date => new Date(T0 + n * DAY_MS);
const NEVER = new AbortController().signal;
const BOTH: RetentionDays = { versionsDays: 30, runsDays: 30 };

const retain = (store: TestStore, now: Date, days = BOTH, batchRows = 3) =>
  createRetentionStore(store, batchRows).retain(days, now, NEVER);

async function aSource(store: TestStore, name = 'nimble'): Promise<StoredSource> {
  const [source] = await store.sources.syncSources([aSpec({ name })], day(0));
  if (source === undefined) throw new Error('no source');
  return source;
}

const row = (id: string, title: string, status: Status = 'active'): RosterRow =>
  aRow({ externalId: id, email: `${id}@example.com`, title, status });

async function select(store: TestStore, query: string, values: readonly unknown[] = []): Promise<readonly object[]> {
  return (await store.pool.query<object>(query, [...values])).rows;
}

const ROSTER_AT = 'select * from rollcall.roster_at($1, $2) order by external_id';

test('the next day removes what has grown old since, and no more', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  for (let n = 0; n < 60; n += 5) await read(store, source, { batches: [[row('a', String(n))]], at: day(n) });

  expect(await retain(store, day(60))).toEqual({
    versions: 5,
    runs: 5,
    versionsBefore: day(30).toISOString().replace('.000', ''),
    runsBefore: day(30).toISOString().replace('.000', ''),
    isDone: true,
  });
  expect(await retain(store, day(61))).toMatchObject({ versions: 1, runs: 1 });
  expect(await retain(store, day(64))).toMatchObject({ versions: 0, runs: 0 });
});

const ids = async (store: TestStore): Promise<readonly number[]> =>
  (await store.pool.query<{ id: number }>('select id from rollcall.sync_run order by id')).rows.map(({ id }) => id);

async function versions(store: TestStore): Promise<readonly string[]> {
  const rows = await select(
    store,
    'select external_id, title from rollcall.account_version order by from_run, external_id',
  );
  return rows.map((each) => Object.values(each).join(' '));
}

const others = Array.from({ length: 8 }, (_, n) => row(`o${n}`, 'o'));
const named = (texts: readonly string[]): readonly string[] => texts.filter((text) => !text.startsWith('o'));

/** Twenty days, a version on each. */
async function someDays(store: TestStore): Promise<StoredSource> {
  const source = await aSource(store);
  for (let n = 0; n < 20; n += 1) await read(store, source, { batches: [[row('a', String(n))]], at: day(n) });
  return source;
}

describe('what stays, however old', () => {
  test('the last version of a gone row, the runs between which it held, and the listing that saw it last', async () => {
    await using store = await openTestStore();
    const source = await aSource(store);
    const listings = [[row('a', '1')], [row('a', '2')], [row('a', '2')], [row('a', '2')], [], [], []];
    for (const [n, rows] of listings.entries())
      await read(store, source, { batches: [[...rows, ...others]], at: day(n) });

    await retain(store, day(200));

    // Of its seven runs: the first is named by rows that never changed, the second began and the fifth ended the version, the fourth saw it last.
    expect(await ids(store)).toEqual([1, 2, 4, 5, 7]);
    expect(named(await versions(store))).toEqual(['a 2']);
    expect(await select(store, `select last_seen_at, gone_at from rollcall.roster where external_id = 'a'`)).toEqual([
      { last_seen_at: '2025-01-04T06:00:00Z', gone_at: '2025-01-05T06:00:00Z' },
    ]);
  });

  test('everything since the last complete full listing, of a source that has failed ever since', async () => {
    await using store = await openTestStore();
    const source = await aSource(store);
    await read(store, source, { batches: [[row('a', '1'), ...others]], at: day(0) });
    await read(store, source, { batches: [[row('a', '2'), ...others]], at: day(1) });
    const cut: Verdict = { kind: 'incomplete', reason: 'cut', code: 'source-unavailable' };
    for (const n of [2, 3, 4])
      await read(store, source, { batches: [[row('a', `cut ${n}`)]], at: day(n), verdict: cut });

    await retain(store, day(300));

    // The first ended with that listing; only what ended before it goes.
    expect(named(await versions(store))).toEqual(['a 1', 'a 2', 'a cut 2', 'a cut 3', 'a cut 4']);
    expect(await ids(store)).toEqual([1, 2, 3, 4, 5]);
  });

  test('everything of a source that was never read in full', async () => {
    await using store = await openTestStore();
    const source = await aSource(store);
    for (const n of [0, 1, 2]) await read(store, source, { mode: 'delta', batches: [[row('a', `${n}`)]], at: day(n) });

    await retain(store, day(300));

    expect(await versions(store)).toEqual(['a 0', 'a 1', 'a 2']);
  });

  test('the listing that an open breaker counts losses against, and the one that tripped it', async () => {
    await using store = await openTestStore();
    const source = await aSource(store);
    await read(store, source, { batches: [[row('a', '1'), row('b', '1'), ...others]], at: day(0) });
    await read(store, source, { batches: [[row('a', '2'), row('b', '1'), ...others]], at: day(1) });
    const lost = await read(store, source, { batches: [[]], at: day(2) });
    expect(lost.recorded.trippedBreakerId).toBeDefined();
    await read(store, source, { batches: [[]], at: day(3) });
    await read(store, source, { batches: [[]], at: day(4) });

    await retain(store, day(300));

    // The fourth tripped nothing and is not the last.
    expect(await ids(store)).toEqual([1, 2, 3, 5]);
    expect(await select(store, 'select run_id from rollcall.breaker')).toEqual([{ run_id: 3 }]);
  });

  test('the version before a reuse that a person has not decided', async () => {
    await using store = await openTestStore();
    const source = await aSource(store);
    for (const n of [0, 1, 2, 3, 4])
      await read(store, source, { batches: [[row('a', `${n}`), ...others]], at: day(n) });
    await store.pool.query(`update rollcall.account set reuse_before_run = 2 where external_id = 'a'`);

    await retain(store, day(300));

    expect(named(await versions(store))).toEqual(['a 0', 'a 1', 'a 3', 'a 4']);
  });

  test('what a living finding rests on, and what the clock of a leaver reads, living or not', async () => {
    await using store = await openTestStore();
    const source = await aSource(store);
    for (const n of [0, 1, 2, 3, 4]) {
      const rows = [row('a', `${n}`), row('b', `${n}`), row('c', `${n}`), ...others];
      await read(store, source, { batches: [rows], at: day(n) });
      await read(store, source, { batches: [rows], at: new Date(day(n).getTime() + 1000) });
    }
    await store.pool.query(
      `insert into rollcall.drift_report (started_at, finished_at, verdicts, withheld, opened, reopened, resolved, undecided, open, held, waived, baseline)
       values ($1, $1, '{"nimble": {"run": 4, "delta": {"run": 6}}}', '[]', 0, 0, 0, 0, 0, 0, 0, '{}'),
              ($1, $1, '{"nimble": {"run": 8, "delta": null}}', '[]', 0, 0, 0, 0, 0, 0, 0, '{}')`,
      [day(4)],
    );
    await store.pool.query(
      `insert into rollcall.finding (fingerprint, source_id, rule, subject, severity, status, account_id, identity_source_id, identity_id,
              summary, evidence, charge_digest, first_detected_at, opened_at, resolved_at, resolution, report_id)
       values ('1', $1, 'orphaned_account', 'o1', 'high', 'open', 'o1', null, null, 's', '{}', 'd', $2, $2, null, null, 1),
              ('2', $1, 'leaver_account', 'a', 'high', 'resolved', 'a', $1, 'b', 's', '{}', 'd', $2, $2, $2, 'linked', 2)`,
      [source.id, day(4)],
    );
    await store.pool.query(
      `insert into rollcall.finding_event (finding_id, at, event, report_id, detail)
       values (1, $1, 'opened', 1, '{}'), (2, $1, 'opened', 2, '{}')`,
      [day(4)],
    );

    await retain(store, day(300));

    expect(named(await versions(store))).toEqual(
      [0, 1, 2, 3, 4].flatMap((n) => [`a ${n}`, `b ${n}`, ...(n === 4 ? ['c 4'] : [])]),
    );
    // The odd ones by the versions, four and six by the open finding, ten as the last; eight was of a resolved one.
    expect(await ids(store)).toEqual([1, 3, 4, 5, 6, 7, 9, 10]);
  });
});

// ---------------------------------------------------------------- when, and beside whom

describe('a day', () => {
  test('has one process that does it, whoever asks, and a row that says what was done', async () => {
    await using store = await openTestStore();
    await someDays(store);

    const done = await Promise.all(Array.from({ length: 6 }, () => retain(store, day(100))));

    expect(done.filter((each) => each !== undefined)).toEqual([expect.objectContaining({ versions: 18, runs: 18 })]);
    expect(
      await select(store, 'select day, versions, runs, finished_at is not null as ended from rollcall.retention'),
    ).toEqual([{ day: '2025-04-11', versions: 18, runs: 18, ended: true }]);
    expect(await retain(store, day(100))).toBeUndefined();
    expect(await retain(store, day(101))).toBeDefined();
  });

  test('that a process began and did not end is begun again, but not while it may be at it', async () => {
    await using store = await openTestStore();
    const source = await aSource(store);
    for (let n = 0; n < 60; n += 5) await read(store, source, { batches: [[row('a', String(n))]], at: day(n) });
    await select(
      store,
      `insert into rollcall.retention (day, started_at, versions_before, runs_before) values ($1::date, $2, $3, $3)`,
      ['2025-03-02', day(60), day(30)],
    );
    const minutes = (n: number): Date => new Date(day(60).getTime() + n * 60_000);
    expect(await retain(store, minutes(9))).toBeUndefined();
    expect(await retain(store, minutes(11))).toMatchObject({ versions: 5, runs: 5 });
    expect(await retain(store, minutes(30))).toBeUndefined();
  });

  test('that a clock is ahead of the database makes nothing old', async () => {
    await using store = await openTestStore();
    const source = await aSource(store);
    const now = Date.now();
    for (let n = 5; n >= 0; n -= 1) {
      await read(store, source, { batches: [[row('a', String(n))]], at: new Date(now - n * DAY_MS) });
    }

    expect(await retain(store, new Date(now + 3_000 * DAY_MS))).toMatchObject({ versions: 0, runs: 0 });
  });

  test('ends between two batches when it is told to, and what is there is whole', async () => {
    await using store = await openTestStore();
    await someDays(store);
    const ending = new AbortController();
    ending.abort();

    expect(await createRetentionStore(store, 3).retain(BOTH, day(100), ending.signal)).toMatchObject({
      versions: 0,
      runs: 0,
      isDone: false,
    });
    expect(await select(store, ROSTER_AT, ['nimble', day(3)])).toMatchObject([{ title: '3' }]);
  });

  test('holds nobody up: a listing is recorded while a batch is not committed yet', async () => {
    await using store = await openTestStore();
    const source = await someDays(store);
    const slow = await store.pool.connect();
    await slow.query('begin');
    await slow.query('delete from rollcall.account_version where source_id = $1 and valid_to < $2', [
      source.id,
      day(10),
    ]);
    await slow.query('delete from rollcall.sync_run where id < 10');
    await slow.query('insert into rollcall.kept_history (source_id, versions_since, runs_after) values ($1, $2, 9)', [
      source.id,
      day(10),
    ]);

    const recorded = await read(store, source, { batches: [[row('a', 'new')]], at: day(20) });

    expect(recorded.verdict.kind).toBe('complete');
    await slow.query('commit');
    slow.release();
    expect(await select(store, ROSTER_AT, ['nimble', day(20)])).toMatchObject([{ title: 'new' }]);
  });
});

test('a roster of a time that is not kept is refused in words, of one that is it is read', async () => {
  await using store = await openTestStore();
  const source = await aSource(store);
  for (let n = 0; n < 20; n += 1) await read(store, source, { batches: [[row('a', String(n))]], at: day(n) });
  await retain(store, day(40));
  const reader = createReader(store);

  await expect(collect(reader.roster('nimble', day(8).toISOString()))).rejects.toMatchObject({
    code: 'not-found',
    message:
      'the roster of nimble is kept since 2025-01-10 06:00:00 UTC: older versions were removed after retention.versionsDays',
  });
  expect(await collect(reader.roster('nimble', day(9).toISOString()))).toMatchObject([{ title: '9' }]);
  expect(await collect(reader.roster('nimble'))).toMatchObject([{ title: '19' }]);
  await expect(store.pool.query(ROSTER_AT, ['nimble', day(8)])).rejects.toThrow(
    'the roster of this source is kept since',
  );
});

test('a run that is due removes it at its end, once a day, and a failure of it fails no run', async () => {
  await using world = await openWorkerWorld();
  world.identities = [row('p', '1')];
  world.accounts = [row('p', '1')];
  await world.run('2025-01-01T08:00:00Z');
  await world.run('2025-01-01T20:00:00Z');
  await world.run('2025-01-02T08:00:00Z');
  expect(await select(world.store, 'select day from rollcall.retention order by day')).toEqual([
    { day: '2025-01-01' },
    { day: '2025-01-02' },
  ]);

  await world.store.pool.query('drop table rollcall.retention');
  const result = await world.run('2025-01-03T08:00:00Z');
  expect(result.reconciled.reportId).toBe(4);
});

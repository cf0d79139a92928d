import fc from '../support/property.ts';
import { expect, test } from 'vitest';
import type { Mode, Verdict } from '../../src/core/listing.ts';
import type { RosterRow, Status } from '../../src/core/row.ts';
import type { StoredSource } from '../../src/ports/store.ts';
import { createRetentionStore } from '../../src/store/retention.ts';
import { aRow } from '../support/builders.ts';
import { findBreaks } from '../support/digest-chain.ts';
import { aSpec, openTestStore, read, type TestStore } from '../support/store.ts';

const DAY_MS = 86_400_000;
const T0 = Date.parse('2025-01-01T06:00:00Z');
const day = (n: number): Date => new Date(T0 + n * DAY_MS);
const DAYS_KEPT = 30;
const SIGNAL = new AbortController().signal;

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

type Step = {
  readonly days: number;
  readonly mode: Mode;
  readonly isCut: boolean;
  readonly rows: readonly RosterRow[];
};
const someStep: fc.Arbitrary<Step> = fc.record({
  days: fc.integer({ min: 1, max: 9 }),
  mode: fc.constantFrom<Mode>('full', 'full', 'full', 'delta', 'hint'),
  isCut: fc.constantFrom(false, false, false, true),
  rows: fc.array(
    fc
      .record({
        id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        title: fc.constantFrom('x', 'y'),
        status: fc.constantFrom<Status>('active', 'active', 'inactive'),
      })
      .map(({ id, title, status }) => row(id, title, status)),
    { maxLength: 7 },
  ),
});

/** What there is, whatever it says of the past. */
const PRESENT = [
  'select * from rollcall.roster order by source, external_id',
  'select * from rollcall.source_health order by source',
  'select * from rollcall.account order by source_id, external_id',
  'select * from rollcall.breaker order by id',
];

async function applyStep(store: TestStore, source: StoredSource, step: Step, at: Date): Promise<unknown> {
  const cut: Verdict = { kind: 'incomplete', reason: 'cut', code: 'source-unavailable' };
  const { counts, verdict, recorded } = await read(store, source, {
    mode: step.mode,
    batches: [step.rows],
    at,
    ...(step.isCut ? { verdict: cut } : {}),
  });
  return { counts, verdict, recorded };
}

async function expectSame(store: TestStore, twin: TestStore): Promise<void> {
  for (const query of PRESENT) expect(await select(store, query)).toEqual(await select(twin, query));
}

async function keptSince(store: TestStore, sourceId: number): Promise<Date> {
  const { rows } = await store.pool.query<{ since: string }>(
    'select versions_since as since from rollcall.kept_history where source_id = $1 and versions_since is not null',
    [sourceId],
  );
  return new Date(rows[0]?.since ?? 0);
}

const seen = { versions: 0, runs: 0 };

/** A history with retention, and the same without. */
type Twins = { readonly store: TestStore; readonly twin: TestStore; readonly name: string };

async function holds({ store, twin, name }: Twins, steps: readonly Step[], next: Step): Promise<void> {
  const [source, twinSource] = [await aSource(store, name), await aSource(twin, name)];
  let n = 0;
  for (const step of steps) {
    n += step.days;
    await applyStep(store, source, step, day(n));
    await applyStep(twin, twinSource, step, day(n));
  }
  await store.pool.query('delete from rollcall.retention');
  const limits = { versionsDays: DAYS_KEPT, runsDays: DAYS_KEPT };
  const retained = await createRetentionStore(store, 3).retain(limits, day(n + 1), SIGNAL);
  seen.versions += retained?.versions ?? 0;
  seen.runs += retained?.runs ?? 0;

  await expectSame(store, twin);
  const since = await keptSince(store, source.id);
  expect(since.getTime()).toBeLessThanOrEqual(day(n + 1 - DAYS_KEPT).getTime());
  for (let at = 0; at <= n + 1; at += 1) {
    const expected = day(at) < since ? 'refused' : await select(twin, ROSTER_AT, [name, day(at)]);
    expect(await select(store, ROSTER_AT, [name, day(at)]).catch(refused)).toEqual(expected);
  }
  expect(await findBreaks(store, source.id)).toEqual([]);
  // What comes next is judged by the same measure, and leaves the same.
  const later = day(n + 2);
  expect(await applyStep(store, source, next, later)).toEqual(await applyStep(twin, twinSource, next, later));
  await expectSame(store, twin);
  expect(await findBreaks(store, source.id)).toEqual([]);
}

function refused(error: unknown): string {
  expect(error).toMatchObject({ code: '22023' });
  return 'refused';
}

test('nothing that is now, or was within the time, is another after retention', { timeout: 300_000 }, async () => {
  await using store = await openTestStore();
  await using twin = await openTestStore();
  let histories = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(someStep, { minLength: 8, maxLength: 16 }), someStep, (steps, next) =>
      holds({ store, twin, name: `source-${(histories += 1)}` }, steps, next),
    ),
    { numRuns: 8, endOnFailure: true },
  );
  // Of use only if there was something to remove. (What is refused has a case of its own, in retention.test.ts.)
  expect(Object.entries(seen).filter(([, times]) => times === 0)).toEqual([]);
});

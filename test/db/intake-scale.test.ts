import { expect, test } from 'vitest';
import type { RosterRow } from '../../src/core/row.ts';
import { aListingEnd, aRow } from '../support/builders.ts';
import { aSpec, openTestStore, type TestStore } from '../support/store.ts';

const ROWS = 50_000;
const BATCH = 5_000;
/** Room for the garbage of a few batches; the whole roster as objects would take several times as much. */
const GROWTH_MAX_BYTES = 48 * 1024 * 1024;
const T0 = new Date('2026-11-20T08:00:00Z');

function batchFrom(start: number, title: string): readonly RosterRow[] {
  return Array.from({ length: BATCH }, (_, at) => {
    const n = start + at;
    return aRow({
      externalId: `n-${n}`,
      email: `p${n}@example.com`,
      displayName: `Person ${n}`,
      title: n === 7 ? title : 'x',
    });
  });
}

async function readAll(store: TestStore, sourceId: number, title: string) {
  const claim = await store.sources.claim(sourceId, 'test', () => T0, { ms: 0 });
  const intake = await store.sources.openIntake(claim, 'full');
  const heap: number[] = [];
  for (let start = 0; start < ROWS; start += BATCH) {
    await intake.stage(batchFrom(start, title));
    globalThis.gc?.();
    heap.push(process.memoryUsage().heapUsed);
  }
  const counts = await intake.count(true, T0);
  const end = aListingEnd({ rowsSeen: ROWS });
  const outcome = { mode: 'full', end, verdict: { kind: 'complete' }, startedAt: T0, finishedAt: T0 } as const;
  const recorded = await intake.record(outcome);
  await store.sources.releaseClaim(claim);
  return { counts, recorded, heap };
}

test('50,000 rows pass through without piling up, and the second time only the change is written', async () => {
  await using store = await openTestStore();
  const [source] = await store.sources.syncSources([aSpec()], T0);

  const first = await readAll(store, source?.id ?? 0, 'x');
  const second = await readAll(store, source?.id ?? 0, 'y');

  expect(first.recorded).toMatchObject({ changed: ROWS, gone: 0 });
  expect(second.counts).toEqual({ distinctIds: ROWS, knownPresent: ROWS, baseline: ROWS, lost: 0 });
  expect(second.recorded).toMatchObject({ changed: 1, gone: 0 });
  for (const { heap } of [first, second]) {
    const early = Math.max(...heap.slice(0, 3));
    expect(Math.max(...heap.slice(3)) - early).toBeLessThan(GROWTH_MAX_BYTES);
  }
  const staged = await store.pool.query(
    'select (select count(*) from rollcall.stage) + (select count(*) from rollcall.stage_row) as left',
  );
  expect(staged.rows).toEqual([{ left: 0 }]);
});

import fc from '../support/property.ts';
import { expect, test } from 'vitest';
import type { RosterRow, Status } from '../../src/core/row.ts';
import type { Mode, Verdict } from '../../src/core/listing.ts';
import type { StoredSource } from '../../src/ports/store.ts';
import { aRow } from '../support/builders.ts';
import { aSpec, openTestStore, read, type TestStore } from '../support/store.ts';

const T0 = Date.parse('2026-11-20T08:00:00Z');
const minute = (n: number): Date => new Date(T0 + n * 60_000);
const row = (id: string, title: string, status: Status = 'active'): RosterRow =>
  aRow({ externalId: id, email: `${id}@example.com`, title, status });

async function rosterAt(store: TestStore, at: Date, source = 'nimble'): Promise<readonly unknown[]> {
  const { rows } = await store.pool.query(
    `select external_id, title || ' ' || status from rollcall.roster_at($2, $1) order by external_id`,
    [at, source],
  );
  return rows.map(Object.values);
}

test('roster_at gives the rows present at a moment: ranges include their start and exclude their end', async () => {
  await using store = await openTestStore();
  const [source] = await store.sources.syncSources([aSpec()], minute(0));
  if (source === undefined) throw new Error('no source');
  await read(store, source, { batches: [[row('a', '1'), row('b', '1')]], at: minute(10) });
  await read(store, source, { batches: [[row('a', '2')]], at: minute(20) });
  await read(store, source, { batches: [[row('a', '2'), row('b', '1')]], at: minute(30) });

  expect(await rosterAt(store, minute(9))).toEqual([]);
  expect(await rosterAt(store, minute(10))).toEqual([
    ['a', '1 active'],
    ['b', '1 active'],
  ]);
  expect(await rosterAt(store, new Date(minute(20).getTime() - 1))).toEqual([
    ['a', '1 active'],
    ['b', '1 active'],
  ]);
  expect(await rosterAt(store, minute(20))).toEqual([['a', '2 active']]);
  expect(await rosterAt(store, minute(40))).toEqual([
    ['a', '2 active'],
    ['b', '1 active'],
  ]);
  const elsewhere = await store.pool.query(`select * from rollcall.roster_at('directory', now())`);
  expect(elsewhere.rows).toEqual([]);
});

// ---------------------------------------------------------------- the store against a naive model

const IDS = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
type Step = {
  readonly mode: Mode;
  readonly incomplete: boolean;
  readonly rows: readonly RosterRow[];
  readonly cut: number;
};

const someRow = fc
  .record({
    id: fc.constantFrom(...IDS),
    title: fc.constantFrom('x', 'y'),
    status: fc.constantFrom<Status>('active', 'active', 'active', 'inactive', 'unknown'),
  })
  .map(({ id, title, status }) => row(id, title, status));
const someStep: fc.Arbitrary<Step> = fc.record({
  mode: fc.constantFrom<Mode>('full', 'full', 'full', 'delta', 'hint'),
  incomplete: fc.boolean(),
  rows: fc.array(someRow, { maxLength: 9 }),
  cut: fc.nat(9),
});

type Known = { readonly title: string | undefined; readonly status: Status };
type Model = {
  present: Map<string, Known>;
  /** Roster after each run, by its minute. */
  history: Map<number, ReadonlyMap<string, Known>>;
  versions: number;
};

/** Contract §5 in the plainest words: what is shown is applied, absence only from complete full listings. */
function applyStep(model: Model, step: Step, verdict: Verdict, at: number): void {
  const listed = new Map(step.rows.map((each) => [each.externalId, { title: each.title, status: each.status }]));
  const baseline = model.present;
  const next = new Map(baseline);
  for (const [id, known] of listed) {
    const before = baseline.get(id);
    if (before !== undefined && before.title === known.title && before.status === known.status) continue;
    next.set(id, known);
    model.versions += 1;
  }
  if (verdict.kind === 'complete' && step.mode === 'full') {
    for (const id of baseline.keys()) if (!listed.has(id)) next.delete(id);
  }
  model.present = next;
  model.history.set(at, next);
}

test('any sequence of listings leaves the roster and the history that a naive model has', async () => {
  await using store = await openTestStore();
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(someStep, { minLength: 1, maxLength: 7 }), async (steps) => {
      runs += 1;
      const [source] = await store.sources.syncSources([aSpec({ name: `source-${runs}` })], minute(0));
      if (source === undefined) throw new Error('no source');
      const model: Model = { present: new Map(), history: new Map(), versions: 0 };
      for (const [at, step] of steps.entries()) {
        const verdict: Verdict = step.incomplete
          ? { kind: 'incomplete', reason: 'cut', code: 'source-unavailable' }
          : { kind: 'complete' };
        const batches = [step.rows.slice(0, step.cut), step.rows.slice(step.cut)];
        await read(store, source, { mode: step.mode, batches, at: minute(at), verdict });
        applyStep(model, step, verdict, at);
      }
      expect(await loadState(store, source, model.history.keys())).toEqual(stateOf(model));
    }),
    { numRuns: 25 },
  );
});

const text = (known: Known): string => `${known.title} ${known.status}`;

function stateOf({ history, present, versions }: Model) {
  return {
    history: [...history.values()].map((roster) => [...roster].map(([id, known]) => [id, text(known)]).toSorted(byId)),
    present: [...present.keys()].toSorted(),
    versions,
    overlaps: 0,
    wrongKeys: 0,
  };
}

async function loadState(store: TestStore, { id, name }: StoredSource, minutes: Iterable<number>) {
  const history = [];
  for (const at of minutes) history.push(await rosterAt(store, minute(at), name));
  const { rows } = await store.pool.query<object>(
    `select (select coalesce(array_agg(external_id order by external_id), '{}') from rollcall.roster
              where source = $2 and gone_at is null) as present,
            (select count(*) from rollcall.account_version where source_id = $1) as versions,
            (select count(*) from rollcall.account_version v join rollcall.account_version o
                on o.source_id = v.source_id and o.external_id = v.external_id and o.from_run > v.from_run
               and (v.to_run is null or v.to_run > o.from_run)
              where v.source_id = $1) as overlaps,
            (select count(*) from rollcall.account_key k full join rollcall.account a using (source_id, external_id)
              where source_id = $1 and k.key is distinct from a.external_id || '@example.com') as "wrongKeys"`,
    [id, name],
  );
  return { history, ...rows[0] };
}

const byId = (a: readonly unknown[], b: readonly unknown[]): number => (String(a[0]) < String(b[0]) ? -1 : 1);

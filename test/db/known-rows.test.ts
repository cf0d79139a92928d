import { expect, test } from 'vitest';
import type { RosterRow } from '../../src/core/row.ts';
import { writeMoment } from '../../src/store/moment.ts';
import { aRow } from '../support/builders.ts';
import fc from '../support/property.ts';
import { aSpec, openTestStore, read, type TestStore } from '../support/store.ts';

// What a full reading remembers by itself must come out as if every row had been staged and compared by the database.

const COMPLETE = { kind: 'complete' } as const;
const IDS = ['a', 'b', 'c', 'd', 'e', 'f'];
const MOMENTS = [undefined, '2026-01-11T08:30:00.123456Z', '2026-01-11T08:30:00Z', '1999-12-31T23:59:59.5Z'];
const at = (hour: number): Date => new Date(Date.UTC(2026, 10, 20, hour));

const someRow = fc
  .record({ id: fc.constantFrom(...IDS), title: fc.constantFrom('one', 'two'), active: fc.constantFrom(...MOMENTS) })
  .map(({ id, title, active }) =>
    aRow({ externalId: id, email: `${id}@example.com`, title, lastActiveAt: active, sourceCreatedAt: MOMENTS[2] }),
  );
const someBatches = fc.array(fc.array(someRow, { maxLength: 4 }), { minLength: 1, maxLength: 4 });

test('a listing that repeats, changes and omits rows leaves what its last copies say, whatever came before', async () => {
  await using store = await openTestStore();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(someBatches, someBatches, someBatches, async (first, second, third) => {
      run += 1;
      const names = [`messy-${run}`, `plain-${run}`];
      const sources = await store.sources.syncSources(
        names.map((name) => aSpec({ name })),
        at(0),
      );
      const [messy, plain] = sources.filter(({ name }) => names.includes(name));
      if (messy === undefined || plain === undefined) throw new Error('no sources');
      for (const [index, batches] of [first, second, third].entries()) {
        const { counts } = await read(store, messy, { batches, at: at(index), verdict: COMPLETE });
        expect(counts.distinctIds).toBe(lastCopies(batches).length);
      }
      await read(store, plain, { batches: [lastCopies(third)], at: at(4), verdict: COMPLETE });
      expect(await presentRows(store, messy.id)).toEqual(await presentRows(store, plain.id));
      expect(await lastDigest(store, messy.id)).toEqual(await lastDigest(store, plain.id));
    }),
    { numRuns: 60 },
  );
});

test('what is the same writes nothing at all, and what has another instant only that', async () => {
  await using store = await openTestStore();
  const [source] = await store.sources.syncSources([aSpec()], at(0));
  if (source === undefined) throw new Error('no source');
  const rows = IDS.map((id, index) => aRow({ externalId: id, lastActiveAt: MOMENTS[index % MOMENTS.length] }));
  await read(store, source, { batches: [rows], at: at(1) });
  const written = async () =>
    (await store.pool.query('select xmin::text, ctid::text from rollcall.account order by 2')).rows;
  const before = await written();
  const again = await read(store, source, { batches: [rows.slice(0, 3), rows.slice(3)], at: at(2) });
  expect([again.recorded.changed, again.recorded.gone, await written()]).toEqual([0, 0, before]);
  const moved = rows.map((row) => (row.externalId === 'b' ? { ...row, lastActiveAt: '2026-02-01T00:00:00Z' } : row));
  const refreshed = await read(store, source, { batches: [moved], at: at(3) });
  expect(refreshed.recorded.changed).toBe(0);
  const { rows: found } = await store.pool.query(
    `select last_active_at as at from rollcall.account where external_id = 'b'`,
  );
  expect(found).toEqual([{ at: '2026-02-01T00:00:00Z' }]);
  expect(
    (await written()).filter((row) => !before.some((old) => JSON.stringify(old) === JSON.stringify(row))),
  ).toHaveLength(1);
});

test('moments are written as Postgres sends them', async () => {
  await using store = await openTestStore();
  const texts = [
    ...MOMENTS,
    '1970-01-01T00:00:00Z',
    '2000-02-29T12:00:00.000001Z',
    '2284-12-31T23:59:59.999999Z',
    '1715-01-01T00:00:00Z',
  ];
  for (const text of texts.filter((each) => each !== undefined)) {
    const { rows } = await store.pool.query<{ sent: Buffer }>('select timestamptz_send($1::timestamptz) as sent', [
      text,
    ]);
    const words = new Int32Array(2);
    expect([text, writeMoment(words, 0, text)]).toEqual([text, true]);
    expect([text, ...words]).toEqual([text, rows[0]?.sent.readInt32BE(0), rows[0]?.sent.readInt32BE(4)]);
  }
  for (const text of [
    '9999-12-31T00:00:00Z',
    '2026-01-11',
    '2026-01-11T08:30:00+01:00',
    '2026-01-11T08:30:00.1234567Z',
    'infinity',
  ]) {
    expect([text, writeMoment(new Int32Array(2), 0, text)]).toEqual([text, false]);
  }
});

/** Of a repeated id the copy that came last. */
function lastCopies(batches: readonly (readonly RosterRow[])[]): readonly RosterRow[] {
  return [...new Map(batches.flat().map((row) => [row.externalId, row])).values()];
}

async function presentRows(store: TestStore, sourceId: number): Promise<unknown> {
  const { rows } = await store.pool.query(
    `select a.external_id, v.title, a.last_active_at, a.source_created_at,
            array(select kind || k.key from rollcall.account_key k
                   where k.source_id = a.source_id and k.external_id = a.external_id order by 1) as keys
       from rollcall.account a
       join rollcall.account_version v
         on v.source_id = a.source_id and v.external_id = a.external_id and v.from_run = a.version_run and v.valid_to is null
      where a.source_id = $1 and a.gone_at is null order by 1`,
    [sourceId],
  );
  return rows;
}

async function lastDigest(store: TestStore, sourceId: number): Promise<unknown> {
  const { rows } = await store.pool.query(
    `select listing_digest, distinct_ids, present_usable from rollcall.sync_run where source_id = $1 order by id desc limit 1`,
    [sourceId],
  );
  return rows;
}

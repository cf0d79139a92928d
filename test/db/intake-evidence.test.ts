import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { aRow } from '../support/builders.ts';
import { aSpec, openTestStore, read, type TestStore } from '../support/store.ts';

const at = (time: string): Date => new Date(`2026-11-20T${time}Z`);

const written = (modifiedAt: string) => ({ atOnce: true, parameters: { format: 'csv' }, modifiedAt });

/** What the digest covers, in this order: the columns of `sync_run` up to the listing's digest. */
const COVERED = [
  'id',
  'source_id',
  'mode',
  'endpoint',
  'parameters',
  'pages',
  'requests',
  'rows_seen',
  'rows_without_id',
  'distinct_ids',
  'declared_total',
  'present_usable',
  'verdict',
  'code',
  'reason',
  'warnings',
  'started_at',
  'finished_at',
  'as_of',
  'rows_changed',
  'rows_gone',
  'listing_digest',
];

/** An auditor's own recomputation: from the stored columns alone, each with the digest that is stored for it. */
async function auditChain(store: TestStore, sourceId: number): Promise<readonly { stored: unknown; own: string }[]> {
  const { rows } = await store.pool.query<Record<string, unknown>>(
    'select * from rollcall.sync_run where source_id = $1 order by id',
    [sourceId],
  );
  let previous = '';
  return rows.map((row) => {
    const parameters = Object.entries(Object(row['parameters'])).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const columns = { ...row, parameters: JSON.stringify(Object.fromEntries(parameters)) };
    const values = COVERED.map((name) => Object.entries(columns).find(([key]) => key === name)?.[1]);
    previous = createHash('sha256')
      .update(`${previous}\n${JSON.stringify(values)}`)
      .digest('hex');
    return { stored: row['digest'], own: previous };
  });
}

test('the chain of digests can be recomputed from the stored columns, of a file and of an interface', async () => {
  await using store = await openTestStore();
  const specs = [aSpec(), aSpec({ name: 'directory', type: 'file', authoritative: true })];
  const [http, file] = await store.sources.syncSources(specs, at('08:00:00'));
  if (http === undefined || file === undefined) throw new Error('no source');
  const batches = [[aRow(), aRow({ externalId: 'n-2' })]];
  const pages = { parameters: { per_page: 100, page: 1, order: 'id' }, declaredTotal: 2 };

  await read(store, http, { batches, at: at('08:00:01.250'), startedAt: at('08:00:00.100'), end: pages });
  // A clock that was put back between the runs, and within one.
  await read(store, http, {
    batches,
    at: at('07:00:00'),
    startedAt: at('09:00:00.5'),
    end: { warnings: ['odd "word"'] },
  });
  await read(store, http, { batches: [], at: at('10:00:00') });
  await read(store, file, { batches, at: at('08:00:00'), end: written('2026-11-20T07:30:00.120Z') });
  // From the future.
  await read(store, file, { batches, at: at('09:00:00'), end: written('2026-11-21T00:00:00.000Z') });

  const chains = [await auditChain(store, http.id), await auditChain(store, file.id)];

  expect(chains.map((chain) => chain.length)).toEqual([3, 2]);
  for (const { stored, own } of chains.flat()) expect(own).toBe(stored);
  const { rows } = await store.pool.query(
    'select started_at, finished_at, as_of from rollcall.sync_run where source_id = $1 order by id',
    [file.id],
  );
  expect(rows).toEqual([
    { started_at: '2026-11-20T08:00:00Z', finished_at: '2026-11-20T08:00:00Z', as_of: '2026-11-20T07:30:00.12Z' },
    { started_at: '2026-11-20T09:00:00Z', finished_at: '2026-11-20T09:00:00Z', as_of: '2026-11-20T09:00:00Z' },
  ]);
});

import type { Bench } from './bench.ts';
import { type Figure, type Spread, spreadOf, timesFloor } from './figure.ts';
import { sizedWork } from './growth.ts';
import { interleave, mustEqual } from './repeat.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

const SHARE = { rows: 1_000_000, limit: 1 / 15, is: 'at most' } as const;
/** So many that looking at everything may be the shorter way; once, and only where that is a small part of the roster. */
const VERY_MANY = 100_000;

/** What is marked as changed: rows of the directory, of the application, or half of each. */
type Side = 'identities' | 'accounts' | 'both';

/** A reconciliation of what has changed, beside one that looks at everything; both find every finding as it was. */
export async function measureChangedReconcile(bench: Bench): Promise<readonly Figure[]> {
  const worker = await startWorkerProcess(bench.database);
  try {
    return await measure(bench, worker);
  } finally {
    await worker.close();
  }
}

export function changedWork(rows: number, changes: number): string {
  return sizedWork(rows, `reconcile after ${changes} changes`);
}

async function measure(bench: Bench, worker: WorkerProcess): Promise<readonly Figure[]> {
  const { rows } = bench.company;
  const reconcile = async (full: boolean): Promise<number> => {
    const done = await worker.reconcile(full);
    mustEqual('findings opened and resolved', [done.opened, done.resolved], [0, 0]);
    return done.ms;
  };
  const after =
    (changes: number, side: Side = 'both') =>
    async (): Promise<number> => {
      await markChanged(bench, changes, side);
      const ms = await reconcile(false);
      mustEqual('marks that are left', await countMarks(bench), 0);
      return ms;
    };
  await worker.reconcile(true); // as found: its findings may be there or not
  const spread = await interleave(
    bench.rounds,
    {
      full: () => reconcile(true),
      none: after(0),
      few: after(10),
      many: after(1_000),
      identities: after(1_000, 'identities'),
      accounts: after(1_000, 'accounts'),
    },
    { signal: bench.signal, isWarm: true },
  );
  const full = spread('full');
  const line = (work: string, figure: Spread): Figure => {
    return {
      work,
      unit: 'ms',
      figure,
      floor: { name: 'looking at everything', figure: full },
      ratio: timesFloor(figure, full),
    };
  };
  return [
    line(changedWork(rows, 0), spread('none')),
    line(changedWork(rows, 10), spread('few')),
    // Of a small roster a thousand rows are no small part.
    { ...line(changedWork(rows, 1_000), spread('many')), target: SHARE },
    line(sizedWork(rows, 'reconcile after 1000 changed identities'), spread('identities')),
    line(sizedWork(rows, 'reconcile after 1000 changed accounts'), spread('accounts')),
    ...(rows < SHARE.rows ? [] : [line(changedWork(rows, VERY_MANY), spreadOf([await after(VERY_MANY)()]))]),
  ];
}

async function markChanged({ database }: Bench, changes: number, side: Side): Promise<void> {
  await database.pool.query(
    `insert into rollcall.dirty (source_id, external_id)
     select r.source_id, r.external_id
       from rollcall.source s,
            lateral (select source_id, external_id from rollcall.account a where a.source_id = s.id
                      order by md5(external_id) limit $1) r
      where s.retired_at is null and ($2 = 'both' or s.authoritative = ($2 = 'identities'))`,
    [side === 'both' ? changes / 2 : changes, side],
  );
}

async function countMarks({ database }: Bench): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>('select count(*)::int as count from rollcall.dirty');
  return rows[0]?.count ?? -1;
}

import type { Bench } from './bench.ts';
import { type Figure, timesFloor } from './figure.ts';
import { interleave, mustEqual } from './repeat.ts';
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts';

const SHARE = { rows: 1_000_000, limit: 1 / 15, is: 'at most' } as const;
/** Marked as changed: half of them accounts, half of them identities. */
const CHANGES = [0, 10, 1_000] as const;

/** A reconciliation of what has changed, beside one that looks at everything; both find every finding as it was. */
export async function measureChangedReconcile(bench: Bench): Promise<readonly Figure[]> {
  const worker = await startWorkerProcess(bench.database.url);
  try {
    return await measure(bench, worker);
  } finally {
    await worker.close();
  }
}

export function changedWork(rows: number, changes: number): string {
  return `${rows} rows, reconcile after ${changes} changes`;
}

async function measure(bench: Bench, worker: WorkerProcess): Promise<readonly Figure[]> {
  const reconcile = async (full: boolean): Promise<number> => {
    const done = await worker.reconcile(full);
    mustEqual('findings opened and resolved', [done.opened, done.resolved], [0, 0]);
    return done.ms;
  };
  const after = (changes: number) => async (): Promise<number> => {
    await markChanged(bench, changes);
    const ms = await reconcile(false);
    mustEqual('marks that are left', await countMarks(bench), 0);
    return ms;
  };
  await worker.reconcile(true); // as found: its findings may be there or not
  const spread = await interleave(
    bench.rounds,
    { full: () => reconcile(true), none: after(CHANGES[0]), few: after(CHANGES[1]), many: after(CHANGES[2]) },
    bench,
  );
  const full = spread('full');
  const floor = { name: 'looking at everything', figure: full };
  const line = (name: 'none' | 'few' | 'many', changes: number): Figure => {
    const figure = spread(name);
    return {
      work: changedWork(bench.company.rows, changes),
      unit: 'ms',
      figure,
      floor,
      ratio: timesFloor(figure, full),
    };
  };
  return [
    line('none', CHANGES[0]),
    line('few', CHANGES[1]),
    // Of a small roster a thousand rows are no small part.
    { ...line('many', CHANGES[2]), target: SHARE },
  ];
}

async function markChanged({ database }: Bench, changes: number): Promise<void> {
  await database.pool.query(
    `insert into rollcall.dirty (source_id, external_id)
     select r.source_id, r.external_id
       from rollcall.source s,
            lateral (select source_id, external_id from rollcall.account a where a.source_id = s.id
                      order by md5(external_id) limit $1) r`,
    [changes / 2],
  );
}

async function countMarks({ database }: Bench): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>('select count(*)::int as count from rollcall.dirty');
  return rows[0]?.count ?? -1;
}

import { createHash } from 'node:crypto';
import type { TestStore } from './store.ts';

/** What a run's digest covers, in this order. */
const COVERED =
  'id, source_id, mode, endpoint, parameters, pages, requests, rows_seen, rows_without_id, distinct_ids, declared_total, present_usable, verdict, code, reason, warnings, started_at, finished_at, as_of, rows_changed, rows_gone, listing_digest'.split(
    ', ',
  );

type Run = Readonly<Record<string, unknown>> & {
  readonly id: number;
  readonly digest: string;
  readonly previous_digest: string | null;
  readonly runs_after: number;
};

/** As an auditor does it: ids of kept runs whose digest is not their own, or that do not follow the run before them where nothing was removed. */
export async function findBreaks(store: TestStore, sourceId: number): Promise<readonly number[]> {
  const { rows } = await store.pool.query<Run>(
    `select r.*, coalesce(k.runs_after, 0) as runs_after from rollcall.sync_run r
       left join rollcall.kept_history k on k.source_id = r.source_id where r.source_id = $1 order by r.id`,
    [sourceId],
  );
  return rows.filter((run, at) => run.digest !== digestOf(run) || !follows(run, rows[at - 1])).map((run) => run.id);
}

function digestOf(run: Run): string {
  const parameters = Object.entries(Object(run['parameters'])).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const columns = new Map(Object.entries({ ...run, parameters: JSON.stringify(Object.fromEntries(parameters)) }));
  const facts = JSON.stringify(COVERED.map((name) => columns.get(name)));
  return createHash('sha256')
    .update(`${run.previous_digest ?? ''}\n${facts}`)
    .digest('hex');
}

/** The run before the first one after a gap has been removed, or there was none. */
function follows(run: Run, before: Run | undefined): boolean {
  if (before === undefined || before.id <= run.runs_after) return true;
  return run.previous_digest === before.digest;
}

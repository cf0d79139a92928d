import type { RosterRow } from '../../src/core/row.ts';
import { judgeListing } from '../../src/core/verdict.ts';
import type { SourceSpec } from '../../src/ports/sources.ts';
import type { StoredSource } from '../../src/ports/store.ts';
import { createSourceStore } from '../../src/store/sources.ts';
import type { Bench, Sources } from './bench.ts';
import { mustEqual, Stopwatch } from './repeat.ts';

export type Read = { readonly ms: number; readonly changed: number; readonly walBytes: number };

const DROP_RATIO = 0.2;

/** Makes the directory and the application known; the same two again after `emptyStore`. */
export async function knowSources({ database }: Bench): Promise<Sources> {
  const specs = [specOf('directory', true), specOf('application', false)];
  const stored = await createSourceStore(database).syncSources(specs, new Date());
  const [directory, application] = stored;
  if (directory === undefined || application === undefined) throw new Error('the sources are not known');
  return { directory, application };
}

/** The application's roster as `change` left it. */
export function readAccounts(bench: Bench, source: StoredSource, change: number): Promise<Read> {
  return readRoster(bench, source, bench.company.accounts(change));
}

/**
 * One full listing the way of the worker (src/worker/sync.ts): claim, stage batch by batch, count, judge, record. The rows of a batch
 * are made while the clock stands still.
 */
export async function readRoster(
  { database }: Bench,
  source: StoredSource,
  batches: Iterable<readonly RosterRow[]>,
): Promise<Read> {
  const store = createSourceStore(database);
  const stopwatch = new Stopwatch();
  const walBefore = await walPosition(database);
  const startedAt = clock();
  const claim = await stopwatch.time(() => store.claim(source.id, 'bench', clock, { ms: 0 }));
  const intake = await stopwatch.time(() => store.openIntake(claim, 'full'));
  let rowsSeen = 0;
  for (const batch of batches) {
    rowsSeen += batch.length;
    await stopwatch.time(() => intake.stage(batch));
  }
  const recorded = await stopwatch.time(async () => {
    const end = { ...END, pages: Math.ceil(rowsSeen / PAGE_ROWS), requests: Math.ceil(rowsSeen / PAGE_ROWS), rowsSeen };
    const counts = await intake.count(true, clock());
    const verdict = judgeListing(end, counts, { mode: 'full', minRows: 0, ratio: DROP_RATIO });
    mustEqual(`verdict of ${source.name}`, verdict.kind, 'complete');
    const result = await intake.record({ mode: 'full', end, verdict, startedAt, finishedAt: clock() });
    await intake.discard();
    await store.releaseClaim(claim);
    return result;
  });
  mustEqual(`rows gone from ${source.name}`, recorded.gone, 0);
  return { ms: stopwatch.ms, changed: recorded.changed, walBytes: (await walPosition(database)) - walBefore };
}

/** As after `migrate`. */
export async function emptyStore({ database }: Bench): Promise<void> {
  await database.pool.query(
    `truncate rollcall.source, rollcall.account, rollcall.account_key, rollcall.account_version, rollcall.link, rollcall.stage, rollcall.stage_row,
              rollcall.drift_report restart identity cascade`,
  );
}

export async function countVersions({ database }: Bench): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>('select count(*) from rollcall.account_version');
  return rows[0]?.count ?? -1;
}

const clock = (): Date => new Date();

const PAGE_ROWS = 50;
const END = {
  endpoint: '/',
  parameters: {},
  rowsWithoutId: 0,
  outcome: { kind: 'ended' as const },
  warnings: [],
};

/** Of the whole server: only on a server of its own is it the WAL of this work. */
async function walPosition({ pool }: Bench['database']): Promise<number> {
  const { rows } = await pool.query<{ bytes: number }>(
    `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::int8 as bytes`,
  );
  return rows[0]?.bytes ?? 0;
}

function specOf(name: string, authoritative: boolean): SourceSpec {
  return {
    name,
    type: 'file',
    authoritative,
    audited: false,
    minRows: 0,
    schedule: '*/15 * * * *',
    correlateEmployeeId: false,
    keyDigest: 'bench',
    credential: false,
  };
}

import { todayIn } from '../../src/core/dates.ts';
import type { Bench } from './bench.ts';
import { type Duck, openDuck } from './duckdb.ts';
import { type Figure, spreadOf, timesFloor } from './figure.ts';
import { interleave, mustEqual } from './repeat.ts';
import { knowSources, readAccounts } from './roster.ts';
import { type Reconciled, startWorkerProcess, type WorkerProcess } from './worker-process.ts';

const STORED_LINKS = { rows: 1_000_000, limit: 5, is: 'at most' } as const;
const NEW_LINKS = { rows: 1_000_000, limit: 9, is: 'at most' } as const;
const WORKER_RSS = { rows: 1_000_000, limit: 250 * 1024 * 1024, is: 'at most' } as const;

/**
 * A full reconciliation of both rosters by a worker process, beside DuckDB's join and classification of the same rows: the first of
 * all, one that finds its links and findings stored, and one that makes every link anew.
 */
export async function measureFullReconcile(bench: Bench): Promise<readonly Figure[]> {
  await readAccounts(bench, (await knowSources(bench)).application, 0); // whatever was changed before
  const duck = await openDuck(bench);
  try {
    const worker = await startWorkerProcess(bench.database.url);
    try {
      return await measure(bench, duck, worker);
    } finally {
      await worker.close();
    }
  } finally {
    duck.close();
  }
}

async function measure(bench: Bench, duck: Duck, worker: WorkerProcess): Promise<readonly Figure[]> {
  const peaks: number[] = [];
  const findings = [...bench.company.expected.values()].reduce((sum, count) => sum + count, 0);
  const today = todayIn('UTC', new Date().toISOString());
  const reconcile = async (opened: number): Promise<number> => {
    const done: Reconciled = await worker.reconcile(true);
    mustEqual('findings opened and resolved', [done.opened, done.resolved], [opened, 0]);
    await checkFindings(bench, duck);
    peaks.push(done.peakRssBytes);
    return done.ms;
  };
  const classify = async (threads: number): Promise<number> => {
    const ms = await duck.classify(threads, today);
    mustEqual(`findings of DuckDB`, countByRule(await duck.findings()), expectedCounts(bench));
    return ms;
  };
  await classify(2);
  await forgetReports(bench);
  const first = spreadOf([await reconcile(findings)]);
  const spread = await interleave(
    bench.rounds,
    {
      stored: () => reconcile(0),
      anew: async () => {
        await bench.database.pool.query('truncate rollcall.link');
        return reconcile(0);
      },
      duck1: () => classify(1),
      duck2: () => classify(2),
    },
    bench,
  );
  const [two, one] = [spread('duck2'), spread('duck1')];
  const floor = { name: 'DuckDB on Parquet, 2 threads', figure: two };
  const line = (work: string, name: 'stored' | 'anew'): Figure => {
    const figure = spread(name);
    return { work, unit: 'ms', figure, floor, ratio: timesFloor(figure, two) };
  };
  return [
    { ...line('full reconcile, links and findings stored', 'stored'), target: STORED_LINKS },
    { ...line('full reconcile, every link made anew', 'anew'), target: NEW_LINKS },
    {
      work: `first reconcile: every link and ${findings} findings made`,
      unit: 'ms',
      figure: first,
      floor,
      ratio: timesFloor(first, two),
    },
    {
      work: 'DuckDB on Parquet, 1 thread',
      unit: 'ms',
      figure: one,
      floor,
      ratio: timesFloor(one, two),
    },
    { work: 'peak RSS of the worker before it reconciles', unit: 'bytes', figure: spreadOf([worker.idleRssBytes]) },
    { work: 'peak RSS of the worker', unit: 'bytes', figure: spreadOf(peaks.slice(-1)), target: WORKER_RSS },
  ];
}

/** No report, finding or link was ever made; the rosters stay. */
async function forgetReports({ database }: Bench): Promise<void> {
  await database.pool.query(
    'truncate rollcall.link, rollcall.finding, rollcall.rule_state, rollcall.drift_report cascade',
  );
  await database.pool.query(
    `update rollcall.account set left_on = null, left_by = null, disputed = false, recheck_on = null
      where left_on is not null or disputed or recheck_on is not null`,
  );
}

/** The same findings, one by one, as DuckDB; so many of each rule as the data were made with. */
async function checkFindings(bench: Bench, duck: Duck): Promise<void> {
  const { rows } = await bench.database.pool.query<{ finding: string }>(
    `select rule || ' ' || case rule when 'duplicate_account' then split_part(subject, '/', 2) else subject end as finding
       from rollcall.finding where status = 'open'`,
  );
  const findings = rows.map((row) => row.finding).toSorted();
  mustEqual('findings by rule', countByRule(findings), expectedCounts(bench));
  const others = await duck.findings();
  mustEqual('first finding that DuckDB does not have', findings.find((each, at) => each !== others[at]) ?? '', '');
}

function expectedCounts({ company }: Bench): readonly (readonly [string, number])[] {
  return [...company.expected].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function countByRule(findings: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const finding of findings) {
    const rule = finding.slice(0, finding.indexOf(' '));
    counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

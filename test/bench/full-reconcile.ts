import { todayIn } from '../../src/core/dates.ts';
import { backendPeak, tempBytes } from './backend.ts';
import type { Bench } from './bench.ts';
import { type Duck, openDuck } from './duckdb.ts';
import { type Figure, type Spread, spreadOf, timesFloor } from './figure.ts';
import { sizedWork } from './growth.ts';
import { joinByMap } from './map-join.ts';
import { interleave, mustEqual } from './repeat.ts';
import { knowSources, readAccounts } from './roster.ts';
import { startWorkerProcess, WORKER_NAME, type WorkerProcess } from './worker-process.ts';

const STORED_LINKS = { rows: 1_000_000, limit: 5, is: 'at most' } as const;
const NEW_LINKS = { rows: 1_000_000, limit: 9, is: 'at most' } as const;
const MIB = 1024 * 1024;
const WORKER_RSS = { rows: 1_000_000, limit: 250 * MIB, is: 'at most' } as const;
const BACKEND_RSS = { rows: 1_000_000, limit: 300 * MIB, is: 'at most' } as const;
/** Beside the default of 4 MB. */
const MORE_MEMORY = '64MB';

/**
 * A full reconciliation of both rosters by a worker process, beside DuckDB's join and classification of the same rows and one with objects in a Map: the
 * first of all, one that finds its links and findings stored, one that makes every link anew, and one with more `work_mem`.
 */
export async function measureFullReconcile(bench: Bench): Promise<readonly Figure[]> {
  await readAccounts(bench, (await knowSources(bench)).application, 0); // whatever was changed before
  const duck = await openDuck(bench);
  try {
    const today = todayIn('UTC', new Date().toISOString());
    await (await startWorkerProcess(bench.database)).close(); // fills the compile cache, as the image's is filled
    await classify({ bench, duck, today }, 2);
    await forgetReports(bench);
    const taken = await withWorker(bench, (worker) => measure({ bench, duck, today, worker }));
    const stored = await withCost({ bench, duck });
    const more = await withMoreMemory(bench, () => withCost({ bench, duck }));
    const map = await joinByMap(bench, today);
    return toFigures(bench, { ...taken, stored, more, map });
  } finally {
    duck.close();
  }
}

type Compared = { readonly bench: Bench; readonly duck: Duck };
type Dated = Compared & { readonly today: string };
type Working = Compared & { readonly worker: WorkerProcess };
type Cost = { readonly ms: number; readonly backend: number | undefined; readonly temporary: number };
type Taken = {
  readonly first: number;
  readonly spread: (name: 'stored' | 'anew' | 'duck1' | 'duck2') => Spread;
  readonly idle: number;
  readonly peak: number;
  readonly stored: Cost;
  readonly more: Cost;
  readonly map: { readonly ms: number; readonly peakRssBytes: number };
};

async function measure(working: Working & Dated): Promise<Omit<Taken, 'stored' | 'more' | 'map'>> {
  const { bench, worker } = working;
  const findings = [...bench.company.expected.values()].reduce((sum, count) => sum + count, 0);
  const first = await reconcile(working, findings);
  const spread = await interleave(
    bench.rounds,
    {
      stored: () => reconcile(working, 0),
      anew: async () => {
        await bench.database.pool.query('truncate rollcall.link');
        return reconcile(working, 0);
      },
      duck1: () => classify(working, 1),
      duck2: () => classify(working, 2),
    },
    { signal: bench.signal, isWarm: true },
  );
  return { first, spread, idle: worker.idleRssBytes, peak: worker.peakRssBytes };
}

async function reconcile({ bench, duck, worker }: Working, opened: number): Promise<number> {
  const done = await worker.reconcile(true);
  mustEqual('findings opened and resolved', [done.opened, done.resolved], [opened, 0]);
  await checkFindings(bench, duck);
  return done.ms;
}

async function classify({ bench, duck, today }: Dated, threads: number): Promise<number> {
  const ms = await duck.classify(threads, today);
  mustEqual(`findings of DuckDB`, countByRule(await duck.findings()), expectedCounts(bench));
  return ms;
}

/** Once more with everything stored, by a new process: what it takes of the server. */
async function withCost(compared: Compared): Promise<Cost> {
  const { database } = compared.bench;
  const before = await tempBytes(database);
  const done = await withWorker(compared.bench, async (worker) => {
    const ms = await reconcile({ ...compared, worker }, 0);
    return { ms, backend: await backendPeak(database, WORKER_NAME) };
  });
  return { ...done, temporary: (await tempBytes(database)) - before };
}

async function withWorker<T>({ database }: Bench, work: (worker: WorkerProcess) => Promise<T>): Promise<T> {
  const worker = await startWorkerProcess(database);
  try {
    return await work(worker);
  } finally {
    await worker.close();
  }
}

async function withMoreMemory<T>({ database: { pool, url } }: Bench, work: () => Promise<T>): Promise<T> {
  const name = new URL(url).pathname.slice(1);
  await pool.query(`alter database ${name} set work_mem = '${MORE_MEMORY}'`);
  try {
    return await work();
  } finally {
    await pool.query(`alter database ${name} reset work_mem`);
  }
}

function toFigures({ company: { rows, expected } }: Bench, taken: Taken): readonly Figure[] {
  const { spread, stored, more, map } = taken;
  const findings = [...expected.values()].reduce((sum, count) => sum + count, 0);
  const floor = { name: 'DuckDB on Parquet, 2 threads', figure: spread('duck2') };
  const beside = (work: string, figure: Spread): Figure => ({
    work: sizedWork(rows, work),
    unit: 'ms',
    figure,
    floor,
    ratio: timesFloor(figure, floor.figure),
  });
  const once = (work: string, bytes: number): Figure => ({
    work: sizedWork(rows, work),
    unit: 'bytes',
    figure: spreadOf([bytes]),
  });
  return [
    { ...beside('full reconcile, links and findings stored', spread('stored')), target: STORED_LINKS },
    { ...beside('full reconcile, every link made anew', spread('anew')), target: NEW_LINKS },
    beside(`first reconcile: every link and ${findings} findings made`, spreadOf([taken.first])),
    beside('full reconcile, all stored, by a new process', spreadOf([stored.ms])),
    beside(`full reconcile, all stored, by a new process, work_mem ${MORE_MEMORY}`, spreadOf([more.ms])),
    beside('Map of objects in Node', spreadOf([map.ms])),
    beside('DuckDB on Parquet, 1 thread', spread('duck1')),
    { work: sizedWork(rows, floor.name), unit: 'ms', figure: floor.figure },
    once('peak RSS of the worker before it reconciles', taken.idle),
    { ...once('peak RSS of the worker', taken.peak), target: WORKER_RSS },
    once('peak RSS of the Map of objects', map.peakRssBytes),
    ...backends(stored, (bytes) => ({
      ...once('peak RSS of the backend, shared buffers included', bytes),
      target: BACKEND_RSS,
    })),
    ...backends(more, (bytes) => once(`peak RSS of the backend, work_mem ${MORE_MEMORY}`, bytes)),
    once('temporary files of a full reconcile', stored.temporary),
    once(`temporary files of a full reconcile, work_mem ${MORE_MEMORY}`, more.temporary),
  ];
}

/** None of a server elsewhere. */
function backends({ backend }: Cost, toFigure: (bytes: number) => Figure): readonly Figure[] {
  return backend === undefined ? [] : [toFigure(backend)];
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

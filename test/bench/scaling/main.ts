import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createQueue } from '../../../src/store/queue.ts';
import { type BenchDatabase, openBenchDatabase, SILENT } from '../database.ts';
import { FINDINGS, SOURCES } from './company.ts';
import { serverCpuSeconds } from './cpu.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { findingsOf, type Lap, lastRun, waitForLap } from './lap.ts';
import { LATENCY_MS, startVendor } from './vendor.ts';

const FLEETS = [
  { workers: 1, kill: false },
  { workers: 2, kill: false },
  { workers: 4, kill: false },
  { workers: 4, kill: true },
] as const;
const LAPS = 3;
const KILL_AFTER_MS = 1_000;
const IDLE_MS = 30_000;
const GIB = 1024 ** 3;

type Result = {
  readonly workers: number;
  readonly kill: boolean;
  readonly laps: readonly Lap[];
  readonly findings: readonly string[];
  readonly cost: Cost;
};

/** Of one listing that has not changed, in all that was read again; and of the database at the end. */
type Cost = {
  readonly workerCpuMs: number;
  readonly serverCpuMs: number;
  readonly bytesPerRun: number;
  readonly connections: number;
  readonly databaseBytes: number;
  /** Of one worker that has nothing to do, and of what it asks the server: milliseconds of a processor in a second. */
  readonly idleWorkerCpuMs: number;
  readonly idleServerCpuMs: number;
};

process.exitCode = await main();

async function main(): Promise<number> {
  const vendor = await startVendor();
  try {
    const results: Result[] = [];
    for (const fleet of FLEETS) {
      process.stderr.write(`${fleet.workers} workers${fleet.kill ? ', one is killed' : ''}\n`);
      results.push(await measure(fleet, vendor.url));
    }
    process.stdout.write(`${render(results)}\n`);
    const [first] = results;
    const isEqual = results.every(({ findings }) => findings.join('\n') === first?.findings.join('\n'));
    if (first?.findings.length === FINDINGS && isEqual) return 0;
    process.stderr.write(`WRONG RESULT: ${results.map(({ findings }) => findings.length).join(', ')} findings\n`);
    return 1;
  } finally {
    await vendor.close();
  }
}

/** A database of its own for each: its first lap is the first load, then everything is read again and nothing has changed. */
async function measure(of: (typeof FLEETS)[number], vendorUrl: string): Promise<Result> {
  const database = await openBenchDatabase(process.env);
  try {
    const place = { folder: database.folder, databaseUrl: database.url, vendorUrl };
    const fleet = await startFleet(of.workers, place);
    try {
      const { laps, cost } = await runLaps(database, fleet, of);
      return { ...of, laps, cost, findings: await findingsOf(database.pool) };
    } finally {
      await fleet.close();
    }
  } finally {
    await database.close();
  }
}

async function runLaps(
  database: BenchDatabase,
  fleet: Fleet,
  { workers, kill }: (typeof FLEETS)[number],
): Promise<Pick<Result, 'laps' | 'cost'>> {
  const queue = createQueue(database, SILENT);
  const laps = [await waitForLap(database.pool, 0)];
  const before = await meter(database, fleet);
  while (laps.length < (kill ? 2 : LAPS)) {
    const after = await lastRun(database.pool);
    for (const name of namesOfAll()) await queue.askSync(name, 'full');
    if (kill) setTimeout(() => fleet.killOne(), KILL_AFTER_MS);
    laps.push(await waitForLap(database.pool, after));
  }
  const after = await meter(database, fleet);
  if (!kill) await sleep(IDLE_MS);
  const idle = await meter(database, fleet);
  const idleSeconds = (IDLE_MS / 1000) * workers;
  const runs = laps.slice(1).reduce((sum, lap) => sum + lap.runs, 0);
  const cost = {
    workerCpuMs: ((after.workerCpu - before.workerCpu) * 1000) / runs,
    serverCpuMs: ((after.serverCpu - before.serverCpu) * 1000) / runs,
    bytesPerRun: (after.ownBytes - before.ownBytes) / runs,
    connections: after.connections,
    databaseBytes: after.databaseBytes,
    idleWorkerCpuMs: ((idle.workerCpu - after.workerCpu) * 1000) / idleSeconds,
    idleServerCpuMs: ((idle.serverCpu - after.serverCpu) * 1000) / idleSeconds,
  };
  return { laps, cost };
}

type Meter = {
  readonly workerCpu: number;
  readonly serverCpu: number;
  /** What a run writes although nothing has changed: its own row and its report's, with their indexes. */
  readonly ownBytes: number;
  readonly databaseBytes: number;
  readonly connections: number;
};

async function meter({ pool }: BenchDatabase, fleet: Fleet): Promise<Meter> {
  const { rows } = await pool.query<Pick<Meter, 'ownBytes' | 'databaseBytes' | 'connections'>>(
    `select (pg_total_relation_size('rollcall.sync_run') + pg_total_relation_size('rollcall.drift_report'))::float8 as "ownBytes",
            pg_database_size(current_database())::float8 as "databaseBytes",
            (select count(*) from pg_stat_activity
              where datname = current_database() and application_name <> 'rollcall bench')::int as connections`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the database tells no sizes');
  return { ...row, workerCpu: fleet.cpuSeconds(), serverCpu: await serverCpuSeconds(pool) };
}

function namesOfAll(): readonly string[] {
  return ['directory', ...Array.from({ length: SOURCES }, (_unused, index) => `app-${index + 1}`)];
}

function render(results: readonly Result[]): string {
  const base = againMs(results[0]);
  const lines = results.map((result) => {
    const again = againMs(result);
    const name = `${result.workers}${result.kill ? ', one killed' : ''}`;
    const speed = result.kill ? '' : `${(base / again).toFixed(2)} ×`;
    const { workerCpuMs, serverCpuMs, connections } = result.cost;
    // Who was killed has taken its count along.
    const cpu = result.kill ? '|' : `${workerCpuMs.toFixed(0)} ms | ${serverCpuMs.toFixed(0)} ms`;
    return `| ${name} | ${seconds(result.laps[0]?.readMs)} | ${seconds(again)} | ${speed} | ${result.findings.length} | ${cpu} | ${connections} |`;
  });
  const machine = `${os.availableParallelism()} cores, ${Math.round(os.totalmem() / GIB)} GiB, Node ${process.versions.node}`;
  return [
    `${SOURCES + 1} sources, ${LATENCY_MS} ms an answer; ${machine}; Postgres on the same machine.`,
    '',
    '| Workers | First load | Read again | Speed | Findings | Worker CPU a listing | Postgres CPU a listing | Connections |',
    '| ------- | ---------- | ---------- | ----- | -------- | -------------------- | ---------------------- | ----------- |',
    ...lines,
    '',
    ...sizes(results[0]),
  ].join('\n');
}

function sizes(result: Result | undefined): readonly string[] {
  if (result === undefined) return [];
  const { bytesPerRun, databaseBytes, idleWorkerCpuMs, idleServerCpuMs } = result.cost;
  return [
    `Of one worker: ${(bytesPerRun / 1024).toFixed(1)} KiB a listing that has not changed (its run, and its share of the reports);`,
    `the database with everything ${(databaseBytes / 1024 ** 2).toFixed(0)} MiB. With nothing to do, in each second: ${idleWorkerCpuMs.toFixed(1)} ms`,
    `of a processor for the worker, ${idleServerCpuMs.toFixed(1)} ms for what it asks Postgres.`,
  ];
}

/** The median of the laps after the first. */
function againMs(result: Result | undefined): number {
  const sorted = (result?.laps.slice(1) ?? []).map(({ readMs }) => readMs).toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

function seconds(ms = Number.NaN): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.ts';
import type { Bench } from './bench.ts';
import { imageNode } from './image.ts';
import { type Figure, spreadOf } from './figure.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const READY_MAX_MS = 60_000;
const TRY_MS = 10;
const SETTLE_MS = 10_000;
const IDLE_MS = 10_000;
const STARTS = 5;
const START = { rows: 'any', limit: 1_500, is: 'at most' } as const;
const KIB = 1024;

type Started = { readonly ms: number; readonly rssBytes?: number | undefined; readonly wakeups?: number | undefined };

/** `rollcall start` on a database that is migrated and has been used: the first start is not counted. */
export async function measureStarting(bench: Bench): Promise<readonly Figure[]> {
  const started: Started[] = [];
  for (let at = 0; at <= STARTS; at += 1) started.push(await startOnce(bench, at === STARTS));
  const idle = started.at(-1);
  return [
    {
      work: 'start to ready on an existing database',
      unit: 'ms',
      figure: spreadOf(started.slice(1).map(({ ms }) => ms)),
      target: START,
    },
    ...(idle?.rssBytes === undefined
      ? []
      : [{ work: 'idle worker: RSS', unit: 'bytes' as const, figure: spreadOf([idle.rssBytes]) }]),
    ...(idle?.wakeups === undefined
      ? []
      : [{ work: 'idle worker: wake-ups a second', unit: 'rows' as const, figure: spreadOf([idle.wakeups]) }]),
  ];
}

async function startOnce(bench: Bench, looksAtIdle: boolean): Promise<Started> {
  const { folder, url } = bench.database;
  const port = await freePort();
  const home = path.join(folder, 'starting');
  await mkdir(home, { recursive: true });
  await writeFile(path.join(home, 'people.csv'), 'id,email,status\np1,person.1@example.com,active\n');
  await writeFile(
    path.join(home, 'rollcall.yaml'),
    `timezone: UTC
database: { url: "\${DATABASE_URL}" }
http: { bind: 127.0.0.1, port: ${port} }
sources:
  - { name: people, type: file, authoritative: true, path: people.csv, schedule: '0 0 1 1 *' }
`,
  );
  const image = await imageNode(bench.database);
  const env = { ...image.env, PATH: process.env['PATH'], HOME: home, DATABASE_URL: url };
  const start = performance.now();
  const child = spawn(process.execPath, [...image.flags, MAIN, 'start'], { cwd: home, env, stdio: 'ignore' });
  const ended = once(child, 'exit');
  try {
    await becomesReady(port, start);
    const ms = performance.now() - start;
    if (!looksAtIdle) return { ms };
    await sleep(SETTLE_MS);
    const before = await switchesOf(child.pid);
    await sleep(IDLE_MS);
    const after = await switchesOf(child.pid);
    const wakeups = before === undefined || after === undefined ? undefined : (after - before) / (IDLE_MS / 1_000);
    return { ms, rssBytes: await statusOf(child.pid, 'VmRSS', KIB), wakeups };
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

async function becomesReady(port: number, start: number): Promise<void> {
  while (performance.now() - start < READY_MAX_MS) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.status === 200) return;
    await sleep(TRY_MS);
  }
  throw new Error('a worker was not ready within a minute');
}

async function switchesOf(pid: number | undefined): Promise<number | undefined> {
  return await statusOf(pid, 'voluntary_ctxt_switches', 1);
}

/** Of its main thread; undefined where the system does not tell. */
async function statusOf(pid: number | undefined, field: string, unit: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid ?? 0}/status`, 'utf8').catch(() => '');
  const value = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1];
  return value === undefined ? undefined : Number(value) * unit;
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../support/free-port.ts';
import { renderSources } from './company.ts';
import { cpuSecondsOf } from './cpu.ts';

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
const READY_TRIES = 600;
const TRY_MS = 100;
const GRACE_MS = 20_000;

/** `rollcall start` several times over one database. */
export type Fleet = {
  /** Takes one away without a word. */
  killOne(): void;
  /** Of all of them since they started. */
  cpuSeconds(): number;
  close(): Promise<void>;
};

type Place = { readonly folder: string; readonly databaseUrl: string; readonly vendorUrl: string };

export async function startFleet(workers: number, place: Place): Promise<Fleet> {
  const started: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(started.map(end));
  };
  try {
    const ports: number[] = [];
    for (let number = 1; number <= workers; number += 1) {
      const port = await freePort();
      ports.push(port);
      started.push(await startWorker(place, number, port));
    }
    for (const port of ports) await becomesReady(port);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    killOne: () => void started[0]?.kill('SIGKILL'),
    cpuSeconds: () => started.reduce((sum, child) => sum + cpuSecondsOf(child.pid ?? 0), 0),
    close,
  };
}

async function startWorker(place: Place, number: number, port: number): Promise<ChildProcess> {
  const folder = path.join(place.folder, `worker-${number}`);
  await mkdir(folder, { recursive: true });
  await writeFile(
    path.join(folder, 'rollcall.yaml'),
    `timezone: UTC
database: { url: "\${DATABASE_URL}" }
network: { allow: [127.0.0.1] }
http: { bind: 127.0.0.1, port: ${port} }
sources:
${renderSources(place.vendorUrl)}
`,
  );
  return spawn(process.execPath, [MAIN, 'start'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, DATABASE_URL: place.databaseUrl },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
}

async function becomesReady(port: number): Promise<void> {
  for (let attempt = 0; attempt < READY_TRIES; attempt += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(TRY_MS);
  }
  throw new Error('a worker did not start within a minute');
}

async function end(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const ended = once(worker, 'exit');
  worker.kill('SIGTERM');
  const forced = setTimeout(() => worker.kill('SIGKILL'), GRACE_MS);
  await ended;
  clearTimeout(forced);
}

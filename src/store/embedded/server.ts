import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { type Cluster, lastFatal } from './cluster.ts';
import { embeddedFailure } from './failure.ts';
import { joinServer, type Keeper } from './keeper.ts';
import { findPostmaster } from './postmaster.ts';
import { programOptions, runProgram } from './program.ts';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;

/** Recovery after a hard end may take a while; a healthy start takes 0.2 s. */
const JOIN_TIMEOUT_MS = 60_000;
const JOIN_PAUSE_MS = 25;
const STARTS_MAX = 5;
const STOP_TIMEOUT_SECONDS = 60;
const LOG_BYTES_MAX = 1_000_000;

/**
 * Joins the server of these data, or starts it. Postgres itself is the judge between two processes that start at once: its
 * pid file lets one pass, the other one's server ends, and it joins the first. `port`: where to start it, if it may be chosen no more.
 */
export async function joinOrStart(cluster: Cluster, say: (line: string) => void, port?: number): Promise<Keeper> {
  for (let start = 1; start <= STARTS_MAX; start += 1) {
    const running = await findPostmaster(cluster);
    if (running !== undefined) {
      const keeper = await join(cluster, running.port, async () => (await findPostmaster(cluster)) !== undefined);
      if (keeper === undefined) continue;
      say(`joined the embedded Postgres that runs already (process ${running.pid})`);
      return keeper;
    }
    const keeper = await startServer(cluster, port ?? (await findFreePort()));
    if (keeper !== undefined) return keeper;
  }
  throw embeddedFailure(`the server does not start (${await lastFatal(cluster)}): see ${cluster.log}`);
}

/** Waits until the server takes connections; undefined when it has ended instead. */
async function join(cluster: Cluster, port: number, isAlive: () => Promise<boolean>): Promise<Keeper | undefined> {
  const deadline = performance.now() + JOIN_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const keeper = await joinServer(cluster, port);
    if (keeper !== undefined) return keeper;
    if (!(await isAlive())) return undefined;
    await sleep(JOIN_PAUSE_MS);
  }
  throw embeddedFailure(`the server takes no connection since ${JOIN_TIMEOUT_MS / 1000} s: see ${cluster.log}`);
}

/** Undefined when the new server ended at once: another one was quicker, or the port was taken since. */
async function startServer(cluster: Cluster, port: number): Promise<Keeper | undefined> {
  const child = await spawnServer(cluster, port);
  try {
    const keeper = await join(cluster, port, async () => await Promise.resolve(isRunning(child)));
    child.unref();
    return keeper;
  } catch (error) {
    child.kill('SIGINT'); // a fast shutdown
    throw error;
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

async function spawnServer(cluster: Cluster, port: number): Promise<ChildProcess> {
  // Root writes into a folder of somebody else: a link planted there must not lead it to another file.
  const log = await open(cluster.log, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
  try {
    if ((await log.stat()).size > LOG_BYTES_MAX) await log.truncate();
    if (cluster.runAs !== undefined) await log.chown(cluster.runAs.uid, cluster.runAs.gid);
    const child = spawn(path.join(cluster.bin, 'postgres'), ['-D', cluster.data, '-p', String(port)], {
      ...programOptions(cluster.runAs),
      stdio: ['ignore', log.fd, log.fd],
    });
    child.on('error', () => undefined); // it has no pid then, which isRunning sees
    return child;
  } finally {
    await log.close();
  }
}

/**
 * A fast shutdown: connections are ended, changes are on disk when this returns. `pg_ctl` finds the server by its data, and where another process
 * has started one by the time that ours has ended, it fails over the pid file of that one, which is being written.
 */
export async function stopServer(cluster: Cluster): Promise<void> {
  const ours = await findPostmaster(cluster);
  const flags = ['stop', '-D', cluster.data, '-m', 'fast', '-w', '-t', String(STOP_TIMEOUT_SECONDS), '-s'];
  const { ok, output } = await runProgram(path.join(cluster.bin, 'pg_ctl'), flags, cluster.runAs);
  if (ok || ours === undefined || (await findPostmaster(cluster))?.pid !== ours.pid) return;
  throw embeddedFailure(`the server does not stop (${output}): see ${cluster.log}`);
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  return await new Promise((resolve, reject) => {
    server.on('error', (cause) => reject(embeddedFailure('no loopback port is free: free one', cause)));
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(embeddedFailure('no loopback port is free: free one'));
      });
    });
  });
}

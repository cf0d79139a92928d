import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import path from 'node:path';

import type { Cluster } from './cluster.ts';
import { codeOf } from './failure.ts';
import { runProgram } from './program.ts';

export type Postmaster = { readonly pid: number; readonly port: number };

/** The server that runs on these data now, whoever started it. A pid file that a crash left behind is no server. */
export async function findPostmaster(cluster: Cluster): Promise<Postmaster | undefined> {
  const file = path.join(cluster.data, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const found = text === undefined ? undefined : parsePostmaster(text);
  if (found === undefined || !isAlive(found.pid)) return undefined; // Postgres itself removes the file of a dead process
  if (await worksIn(found.pid, cluster.data)) return found;
  // The number was given to another process since, or nobody has waited for the server that ended: Postgres would wait for ever. Unless the
  // file is of a new server by now, which nobody would find without it.
  if ((await readFile(file, 'utf8').catch(() => '')) === text) await rm(file, { force: true });
  return undefined;
}

/** Line 1 of postmaster.pid is the process, line 4 the port (PostgreSQL's miscadmin.h); undefined while it is being written. */
export function parsePostmaster(text: string): Postmaster | undefined {
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  return Number.isInteger(pid) && pid > 1 && Number.isInteger(port) && port > 0 ? { pid, port } : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

async function worksIn(pid: number, data: string): Promise<boolean> {
  if (process.platform === 'linux') {
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    return folder === (await realpath(data)); // a postmaster enters its data folder before it writes the file
  }
  const { output } = await runProgram('ps', ['-o', 'command=', '-p', String(pid)], undefined);
  return output.includes(data);
}

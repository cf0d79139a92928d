import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { ask } from './own-postgres.ts';

const BINARY = '/usr/sbin/pgbouncer';
const INSTALL_TIMEOUT_MS = 170_000;
const START_TRIES_MAX = 100;
const START_PAUSE_MS = 100;
/** Nobody: it refuses to run as root. */
const NOBODY = 65_534;

export interface PgBouncer extends AsyncDisposable {
  /** The same database by way of the pooler. */
  urlOf(url: string): string;
}

/** Debian's, installed if need be and possible; false, with a word, where it is not. */
export async function canStartPgBouncer(): Promise<boolean> {
  if (await isThere(BINARY)) return true;
  if (process.getuid?.() !== 0 || !(await isThere('/usr/bin/apt-get'))) {
    process.stderr.write('pgbouncer is not installed, and only root on Debian can install it: its tests are skipped\n');
    return false;
  }
  try {
    await apt('update');
    await apt('install', '-y', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold', 'pgbouncer');
  } catch (error) {
    process.stderr.write(`pgbouncer cannot be installed (${String(error)}): its tests are skipped\n`);
  }
  return await isThere(BINARY);
}

async function apt(...args: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await promisify(execFile)('apt-get', args, { env, timeout: INSTALL_TIMEOUT_MS });
}

async function isThere(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}

/** A real PgBouncer before this server, with so few connections that in transaction mode clients must share them. */
export async function startPgBouncer(
  serverUrl: string,
  poolSize: number,
  mode: 'session' | 'transaction' = 'transaction',
): Promise<PgBouncer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rollcall-pgbouncer-'));
  await chmod(folder, 0o755);
  const target = new URL(serverUrl);
  const port = await freePort();
  const user = decodeURIComponent(target.username);
  const users = path.join(folder, 'users.txt');
  const config = path.join(folder, 'pgbouncer.ini');
  await writeFile(users, `"${user}" "${decodeURIComponent(target.password)}"\n`);
  await writeFile(
    config,
    `[databases]
* = host=${target.hostname} port=${target.port === '' ? '5432' : target.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = ${mode}
default_pool_size = ${poolSize}
max_client_conn = 200
`,
  );
  const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const child = spawn(BINARY, ['-q', config], { ...identity, cwd: '/', stdio: 'ignore' });
  const urlOf = (url: string): string => {
    const through = new URL(url);
    through.host = `127.0.0.1:${port}`;
    return through.href;
  };
  try {
    await answers(child, urlOf(serverUrl));
  } catch (error) {
    await end(child, folder);
    throw error;
  }
  return { urlOf, [Symbol.asyncDispose]: () => end(child, folder) };
}

async function answers(child: ChildProcess, url: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await ask(url, 'select 1');
      return;
    } catch (error) {
      if (child.exitCode !== null || attempt >= START_TRIES_MAX) throw error;
      await sleep(START_PAUSE_MS);
    }
  }
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  await rm(folder, { recursive: true, force: true });
}

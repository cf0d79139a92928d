import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { stopServer } from '../../src/store/embedded/server.ts';

// Who leaves last stops the server, and another process may start one in that moment. With processes that only sleep, because the moment is
// shorter than any test can hit: `pg_ctl` looks at the pid file ten times a second.

/** A data folder with two processes at work in it, of which the pid file names the first, and a `pg_ctl` that does `what` and fails. */
async function makeServers(what: (pidFileOf: (at: number) => string) => string) {
  const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'rollcall-stop-')));
  const [data, bin] = [path.join(folder, 'data'), path.join(folder, 'bin')];
  await mkdir(data);
  await mkdir(bin);
  const servers: readonly ChildProcess[] = [0, 1].map(() => spawn('sleep', ['60'], { cwd: data, stdio: 'ignore' }));
  const ended = servers.map((server) => once(server, 'exit'));
  const pidFileOf = (at: number): string => `${servers[at]?.pid}\n${data}\n0\n5432\n`;
  await writeFile(path.join(data, 'postmaster.pid'), pidFileOf(0));
  const fails = `echo 'the PID file is empty' >&2; exit 1`;
  await writeFile(path.join(bin, 'pg_ctl'), `#!/bin/sh\n${what(pidFileOf)}\n${fails}\n`);
  await chmod(path.join(bin, 'pg_ctl'), 0o755);
  return {
    cluster: { data, bin, log: path.join(folder, 'log'), passwordFile: '', password: '' },
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) server.kill('SIGKILL');
      await Promise.all(ended);
      await rm(folder, { recursive: true });
    },
  };
}

test.runIf(process.platform === 'linux')('a server that another process has started by then is not ours', async () => {
  await using servers = await makeServers(
    (pidFileOf) => `printf '${pidFileOf(1)}' > "$(dirname "$0")/../data/postmaster.pid"`,
  );
  await expect(stopServer(servers.cluster)).resolves.toBeUndefined();
});

test.runIf(process.platform === 'linux')('one that still runs did not stop', async () => {
  await using servers = await makeServers(() => ':');
  await expect(stopServer(servers.cluster)).rejects.toMatchObject({ code: 'embedded-postgres' });
});

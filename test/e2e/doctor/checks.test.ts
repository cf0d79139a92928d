import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CheckResult } from '../../../src/cli/doctor.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { doctorChecks } from '../../../src/doctor/checks.ts';
import { aWorld, SANDBOX_SECRETS } from '../../../src/sandbox/world.ts';
import { insertRun, insertSources } from '../../support/reconcile-world.ts';
import { SANDBOX_CLIENT_ID } from '../../../src/sandbox/token-office.ts';
import { refreshes, signedIn, storedTokens } from '../../support/signed-in.ts';
import { somePeople, startFaultServer } from '../../support/sandbox.ts';
import { openTestStore } from '../../support/store.ts';
import { createQueue } from '../../../src/store/queue.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-doctor-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const silence = () => undefined;
const log = { debug: silence, info: silence, warn: silence, error: silence };

function checksOf(env: Readonly<Record<string, string>>) {
  return doctorChecks(
    () => loadConfig({ env, cwd: folder, configPath: undefined }),
    () => ({ clock: () => new Date(), log, say: silence }),
  );
}

async function checkIdentities(): Promise<CheckResult | readonly CheckResult[] | undefined> {
  const checks = checksOf({ IDENTITIES: './identities.csv' });
  return await checks.find(({ name }) => name === 'source identities')?.run();
}

test('each check says by its name what it looks at, also before it has an answer', () => {
  const names = checksOf({ IDENTITIES: './identities.csv', NIMBLE_TOKEN: 'token' }).map(({ name }) => name);
  expect(names).toEqual([
    'configuration',
    'timezone',
    'network',
    'retention',
    'schedules',
    'database',
    'jobs',
    'source identities',
    'source nimble',
    'Slack',
  ]);
  expect(checksOf({}).map(({ name }) => name)).toEqual(['configuration']);
});

test('a list is counted, and one with rows without an id is doubtful', async () => {
  const path = join(folder, 'identities.csv');
  await writeFile(path, 'id,email\n1,ann@example.com\n2,bob@example.com\n');
  expect(await checkIdentities()).toEqual([
    {
      name: 'source identities',
      status: 'ok',
      detail: '2 rows with id, email; none says who has left, so a leaver is whoever is no longer in the list',
    },
  ]);
  await writeFile(path, 'id,email\n1,ann@example.com\n,bob@example.com\n');
  expect(await checkIdentities()).toMatchObject([
    { status: 'warn', detail: expect.stringContaining('1 without an id') },
  ]);
});

test('a pipe in the place of a list is a failure at once', async () => {
  execFileSync('mkfifo', [join(folder, 'identities.csv')]);
  expect(await checkIdentities()).toMatchObject([
    { name: 'source identities', status: 'fail', detail: expect.stringContaining('is not a regular file') },
  ]);
});

test('jobs that were given up are shown by queue and code, with what to do', async () => {
  await using store = await openTestStore();
  const check = () =>
    checksOf({ DATABASE_URL: store.url, IDENTITIES: './identities.csv' })
      .find(({ name }) => name === 'jobs')
      ?.run();
  expect(await check()).toEqual([{ name: 'jobs', status: 'ok', detail: 'none was given up, none waits' }]);
  await createQueue(store, log).askSync('nimble', 'full');
  expect(await check()).toEqual([{ name: 'jobs', status: 'ok', detail: 'none was given up, waiting: 1 sync' }]);
  await store.pool.query(
    `update rollcall_jobs.job set state = 'failed', completed_on = now(), output = '{"code":"bug"}'`,
  );
  expect(await check()).toEqual([
    { name: 'jobs', status: 'warn', detail: '1 sync given up (bug)', fix: expect.stringContaining('report it') },
  ]);
});

test('an entry of serviceAccounts that lists no account is doubtful, once the roster was read', async () => {
  await using store = await openTestStore();
  await writeFile(
    join(folder, 'rollcall.yaml'),
    `sources:
  - { name: directory, type: file, authoritative: true, path: ./a.csv }
  - { name: app, type: file, path: ./b.csv }
serviceAccounts:
  - { source: app, account: ghost, owner: jane@example.com }
`,
  );
  const check = () =>
    checksOf({ DATABASE_URL: store.url })
      .find(({ name }) => name === 'database')
      ?.run();
  const client = await store.pool.connect();
  try {
    const [, app = 0] = await insertSources(client, [{ name: 'directory', authoritative: true }, { name: 'app' }]);
    expect(await check()).toMatchObject([{ name: 'database', status: 'ok' }]);
    await insertRun(client, app);
  } finally {
    client.release();
  }
  expect(await check()).toMatchObject([
    { name: 'database', status: 'ok' },
    { name: 'configuration', status: 'warn', detail: expect.stringContaining('app has no account "ghost"') },
  ]);
});

test.each([
  { contacts: 23_749, status: 'ok' },
  { contacts: 23_750, status: 'warn' },
])('the contacts of Nimble are counted where the token may: $contacts of 25,000 is $status', async (given) => {
  const nimble = { dialect: 'guide', userIds: false, contactCount: given.contacts } as const;
  await using sandbox = await startFaultServer(aWorld({ nimble, people: somePeople(1) }));
  const yaml = `sources: [{ name: nimble, type: nimble, token: ${SANDBOX_SECRETS.nimbleToken}, baseUrl: ${sandbox.nimbleUrl} }]
network: { allow: [127.0.0.1] }
`;
  await writeFile(join(folder, 'rollcall.yaml'), yaml);
  const results = await checksOf({})
    .find(({ name }) => name === 'source nimble')
    ?.run();
  expect(results).toMatchObject([
    { status: 'ok' },
    { status: given.status, detail: `${given.contacts} of 25000 contacts` },
  ]);
});

test('a renewal that is under way when the time for the answer is over is waited for: what the vendor gives is stored', async () => {
  await using signed = await signedIn('nimble');
  const env = { DATABASE_URL: signed.store.url, ROLLCALL_KEY: signed.key.toString('base64') };
  const oauth = `oauth: { clientId: ${SANDBOX_CLIENT_ID}, clientSecret: ${SANDBOX_SECRETS.clientSecret} }`;
  const yaml = `sources: [{ name: nimble, type: nimble, ${oauth}, baseUrl: ${signed.sandbox.nimbleUrl} }]
network: { allow: [127.0.0.1] }
database: { url: "\${DATABASE_URL}" }
`;
  await writeFile(join(folder, 'rollcall.yaml'), yaml);
  // Another process has the lock for longer than the vendor’s answer is waited for (25 s) and connections have to end (2 s).
  const holder = await signed.store.pool.connect();
  await holder.query('begin; select from rollcall.credential for update');
  setTimeout(() => void holder.query('rollback').finally(() => holder.release()), 28_500);
  const check = checksOf(env).find(({ name }) => name === 'source nimble');
  expect(await check?.run()).toMatchObject([{ status: 'fail' }]);
  expect(refreshes(signed)).toBe(1);
  const stored = await storedTokens(signed);
  if (typeof stored !== 'object') throw new Error('no tokens');
  expect(stored.access).not.toBe(signed.first.access);
  expect(signed.sandbox.tokens.accepts('nimble', stored.access, Date.now())).toBe(true);
});

test('a token that may not read contacts is no fault', async () => {
  const refused = { vendor: 'nimble', path: '/api/v1/contacts' } as const;
  await using sandbox = await startFaultServer(
    aWorld({
      people: somePeople(1),
      faults: [{ id: 'refused', match: refused, effect: { kind: 'status', status: 403 } }],
    }),
  );
  const yaml = `sources: [{ name: nimble, type: nimble, token: ${SANDBOX_SECRETS.nimbleToken}, baseUrl: ${sandbox.nimbleUrl} }]
network: { allow: [127.0.0.1] }
`;
  await writeFile(join(folder, 'rollcall.yaml'), yaml);
  const results = await checksOf({})
    .find(({ name }) => name === 'source nimble')
    ?.run();
  expect(results).toMatchObject([{ status: 'ok' }]);
});

test('a token that may not read the roster is a failure, whoever it belongs to', async () => {
  const refused = { vendor: 'nimble', path: '/api/v1/team/members' } as const;
  await using sandbox = await startFaultServer(
    aWorld({
      people: somePeople(1),
      faults: [{ id: 'refused', match: refused, effect: { kind: 'status', status: 403 } }],
    }),
  );
  const yaml = `sources: [{ name: nimble, type: nimble, token: ${SANDBOX_SECRETS.nimbleToken}, baseUrl: ${sandbox.nimbleUrl} }]
network: { allow: [127.0.0.1] }
`;
  await writeFile(join(folder, 'rollcall.yaml'), yaml);
  const results = await checksOf({})
    .find(({ name }) => name === 'source nimble')
    ?.run();
  expect(results).toMatchObject([{ status: 'fail', detail: expect.stringMatching(/belongs to .*, but .*HTTP 403/) }]);
});

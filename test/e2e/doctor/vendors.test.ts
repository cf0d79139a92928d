import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CheckResult } from '../../../src/cli/doctor.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { doctorChecks } from '../../../src/doctor/checks.ts';
import type { Fault, FaultEffect } from '../../../src/sandbox/fault.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { aWorld, SANDBOX_SECRETS, type World } from '../../../src/sandbox/world.ts';
import { serveScript, type Script } from '../../support/http-server.ts';
import { findCanaries } from '../../support/canary.ts';
import { somePeople, startFaultServer } from '../../support/sandbox.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-doctor-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const silence = () => undefined;
const log = { debug: silence, info: silence, warn: silence, error: silence };
/** Nobody listens there: what the database knows is not what these tests are about. */
const NO_DATABASE = 'database: { url: "postgres://rollcall@127.0.0.1:1/rollcall" }';

async function checkSource(line: string): Promise<readonly CheckResult[]> {
  await writeFile(
    join(folder, 'rollcall.yaml'),
    `${NO_DATABASE}\nnetwork: { allow: [127.0.0.1] }\nsources:\n  - { name: app, ${line} }\n`,
  );
  const checks = doctorChecks(
    () => loadConfig({ env: {}, cwd: folder, configPath: undefined }),
    () => ({ clock: () => new Date(), log, say: silence }),
  );
  return [(await checks.find(({ name }) => name === 'source app')?.run()) ?? []].flat();
}

const LINES = {
  nimble: (sandbox: Sandbox) => `type: nimble, token: ${SANDBOX_SECRETS.nimbleToken}, baseUrl: ${sandbox.nimbleUrl}`,
  namely: (sandbox: Sandbox) => `type: namely, token: ${SANDBOX_SECRETS.namelyToken}, baseUrl: ${sandbox.namelyUrl}`,
  scim: (sandbox: Sandbox) => `type: scim, token: ${SANDBOX_SECRETS.scimToken}, baseUrl: ${sandbox.scimUrl}`,
} as const;
type Vendor = keyof typeof LINES;

const ROSTERS = { nimble: '/api/v1/team/members', namely: '/api/v1/profiles', scim: '/v2/Users' } as const;
const OWNERS = { nimble: '/api/v1/myself', namely: '/api/v1/profiles/me', scim: '/v2/Users' } as const;

function aFault(vendor: Vendor, path: string, effect: FaultEffect): Fault {
  return { id: `${vendor} ${path}`, match: { vendor, path }, effect };
}

function people(): World['people'] {
  return somePeople(3).map((person, at) => ({
    ...person,
    scim: [{ id: `s${at}`, userName: `person.${at}@example.com`, active: true }],
  }));
}

async function checkFaulty(vendor: Vendor, faults: readonly Fault[], line = ''): Promise<readonly CheckResult[]> {
  await using sandbox = await startFaultServer(aWorld({ people: people(), faults }));
  const results = await checkSource(`${LINES[vendor](sandbox)}${line}`);
  expect(sandbox.requests.every(({ method }) => method === 'GET')).toBe(true);
  // Shapes and names of keys, never what an answer says.
  expect(findCanaries(JSON.stringify(results))).toEqual([]);
  expect(JSON.stringify(results)).not.toContain('person.1@');
  return results;
}

const REFUSED = { status: 'fail', code: expect.stringMatching(/^source-(?:auth|forbidden)$/) };

describe('a token that is refused', () => {
  const cases = [
    { vendor: 'nimble', status: 403, fix: 'in Nimble open Settings > API Tokens, make a new token' },
    { vendor: 'nimble', status: 401, fix: 'in Nimble open Settings > API Tokens, make a new token' },
    { vendor: 'namely', status: 401, fix: 'in Namely open your profile > API' },
    { vendor: 'namely', status: 403, fix: 'Namely ends a token with its user' },
    { vendor: 'scim', status: 401, fix: 'Namely makes it in its SSO settings, and it is not the API token' },
  ] as const;
  test.each(cases)('by $vendor with $status', async ({ vendor, status, fix }) => {
    const path = OWNERS[vendor];
    const [result] = await checkFaulty(vendor, [aFault(vendor, path, { kind: 'status', status })]);
    expect(result).toMatchObject({ ...REFUSED, fix: expect.stringContaining(fix) });
    expect(result?.detail).toContain(`answered HTTP ${status} at ${path.replace('/v2', '')} with`);
  });
});

describe('a token that may not read the roster', () => {
  const cases = [
    { vendor: 'nimble', fix: 'needs the scope read_team' },
    { vendor: 'namely', fix: 'permission role the right to view all employees' },
    { vendor: 'scim', fix: 'the right to read users' },
  ] as const;
  test.each(cases)('of $vendor', async ({ vendor, fix }) => {
    const fault = aFault(vendor, ROSTERS[vendor], { kind: 'status', status: 403, body: '{"message":"x","code":1}' });
    const [result] = await checkFaulty(vendor, [fault]);
    expect(result).toMatchObject({ ...REFUSED, fix: expect.stringContaining(fix) });
    expect(result?.detail).toContain('with an object with the keys message, code');
  });
});

describe('an address that is not the API', () => {
  test.each(['nimble', 'namely', 'scim'] as const)('a login page instead of %s', async (vendor) => {
    const [result] = await checkFaulty(vendor, [aFault(vendor, OWNERS[vendor], { kind: 'html' })]);
    expect(result?.detail).toContain('with an HTML page, as a login does');
    expect(result).toMatchObject({ status: 'fail', fix: expect.stringMatching(/^set (?:baseUrl|company) of app to/) });
  });

  test('a redirect is told by its host alone, and not followed', async () => {
    const location = 'https://login.example.com/secret-path?token=abc';
    const [result] = await checkFaulty('namely', [aFault('namely', OWNERS.namely, { kind: 'redirect', location })]);
    expect(result?.detail).toBe(
      'Namely answered HTTP 302 at /api/v1/profiles/me: a redirect to login.example.com, which is never followed',
    );
    expect(result?.fix).toContain('set company of app to the COMPANY of https://COMPANY.namely.com');
  });

  test('the other path of Nimble is tried, and is the fix where the roster answers', async () => {
    const results = await checkFaulty('nimble', [], ', rosterPath: /api/v1/team/member');
    expect(results[0]).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('answered HTTP 404 at /api/v1/team/member'),
      fix: 'set rosterPath of app to /api/v1/team/members: there the roster answers',
    });
  });

  test('the bases that SCIM servers have are tried', async () => {
    await using sandbox = await startFaultServer(aWorld({ people: people() }));
    const line = `type: scim, token: ${SANDBOX_SECRETS.scimToken}, baseUrl: ${sandbox.scimUrl.replace('/v2', '')}`;
    const [result] = await checkSource(line);
    expect(result).toMatchObject({
      status: 'fail',
      fix: 'set baseUrl of app so that it ends with /scim/v2: there the roster answers',
    });
  });
});

test.each([
  { vendor: 'nimble', expected: 'expected a list under resources, users, members or data' },
  { vendor: 'namely', expected: 'expected a list under profiles' },
  { vendor: 'scim', expected: 'expected a list under Resources' },
] as const)('$vendor in another shape is shown by its keys', async ({ vendor, expected }) => {
  const body =
    '{"team":[{"mail":"person.1@example.com","person.2@example.com":1}],"paging":{},"person.1@example.com":{}}';
  const effect: FaultEffect = { kind: 'body', body };
  const faults = [aFault(vendor, ROSTERS[vendor], effect)];
  if (vendor === 'nimble') faults.push(aFault(vendor, '/api/v1/company/users', effect));
  const [result] = await checkFaulty(vendor, faults);
  expect(result).toMatchObject({ status: 'fail', code: 'source-contract', detail: expect.stringContaining(expected) });
  expect(result?.detail).toContain(
    'an object with the keys team, paging and 1 more; under team 1 row with mail and 1 more',
  );
});

test('a vendor that asks for patience is left alone', async () => {
  const throttled = { kind: 'status', status: 429, headers: { 'retry-after': '3600' } } as const;
  const [result] = await checkFaulty('namely', [aFault('namely', OWNERS.namely, throttled)]);
  expect(result).toMatchObject({
    status: 'fail',
    code: 'source-deferred',
    fix: expect.stringContaining('Namely allows 100 requests a minute'),
  });
});

test('nobody at that address: the connection is what has to be mended', async () => {
  const [result] = await checkSource('type: nimble, token: t, baseUrl: http://127.0.0.1:1');
  expect(result).toMatchObject({
    status: 'fail',
    code: 'source-unavailable',
    fix: expect.stringContaining('let this machine reach 127.0.0.1:1'),
  });
});

function namely(profiles: readonly object[]): Script {
  return () => ({ json: { profiles, meta: { total_count: 1 } } });
}

function nimble(rows: number, size: number): Script {
  return ({ path }) =>
    path.endsWith('/myself')
      ? { json: { user_id: 'u', email: 'a@example.com', company_size: size } }
      : { json: { users: Array.from({ length: rows }, (_, at) => ({ user_id: `u${at}` })) } };
}

describe('a right that hides people', () => {
  const profile = { id: '1', email: 'a@example.com', first_name: 'A' };
  test('Namely without user_status on any row', async () => {
    await using server = await serveScript(namely([profile]));
    const results = await checkSource(`type: namely, token: t, baseUrl: ${server.origin}`);
    expect(results).toMatchObject([
      { status: 'ok' },
      { status: 'warn', detail: expect.stringContaining('no row shows user_status') },
    ]);
    expect(results[1]?.fix).toContain('see the field Status (user_status)');
  });

  test('and with it on one', async () => {
    await using server = await serveScript(namely([{ ...profile, user_status: 'active' }]));
    const results = await checkSource(`type: namely, token: t, baseUrl: ${server.origin}`);
    expect(results).toMatchObject([{ status: 'ok' }]);
  });

  test.each([
    { rows: 2, size: 3, status: 'warn', detail: 'the roster has 2 rows, and the company 3 users' },
    { rows: 3, size: 3, status: undefined, detail: undefined },
    { rows: 0, size: 0, status: 'warn', detail: 'the roster is well formed and has nobody in it' },
  ])('Nimble shows $rows of $size', async ({ rows, size, status, detail }) => {
    await using server = await serveScript(nimble(rows, size));
    const [, doubt] = await checkSource(`type: nimble, token: t, baseUrl: ${server.origin}`);
    expect(doubt?.status).toBe(status);
    expect(doubt?.detail).toBe(detail);
  });

  test('fewer than minRows', async () => {
    await using server = await serveScript(nimble(2, 2));
    const [, doubt] = await checkSource(`type: nimble, token: t, minRows: 5, baseUrl: ${server.origin}`);
    expect(doubt).toMatchObject({ status: 'fail', detail: expect.stringContaining('2 rows, and minRows is 5') });
  });

  test('the clock of the vendor and what is left of its limit are looked at', async () => {
    const headers = {
      date: new Date(Date.now() - 7_200_000).toUTCString(),
      'x-ratelimit-limit': '100',
      'x-ratelimit-remaining': '3',
    };
    const answer = nimble(2, 2);
    await using server = await serveScript((request, response) => ({ ...answer(request, response), headers }));
    const [, clock, limit] = await checkSource(`type: nimble, token: t, baseUrl: ${server.origin}`);
    expect(clock).toMatchObject({
      status: 'warn',
      detail: "the clock of the vendor is 120 min behind this machine's",
    });
    expect(limit).toMatchObject({ status: 'warn', detail: expect.stringContaining('3 of 100 requests are left') });
  });
});

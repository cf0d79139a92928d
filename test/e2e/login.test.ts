import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SANDBOX_CLIENT_ID } from '../../src/sandbox/token-office.ts';
import { aWorld, SANDBOX_SECRETS } from '../../src/sandbox/world.ts';
import { findCanaries } from '../support/canary.ts';
import { startCli } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';
import { somePeople } from '../support/sandbox.ts';

const STRAY = { nimble: [{ id: 'stray', email: 'stray@elsewhere.example' }] };
const KEY = randomBytes(32).toString('base64');
const ENV = { NIMBLE_CLIENT_SECRET: SANDBOX_SECRETS.clientSecret, ROLLCALL_KEY: KEY };

/** The company of the other tests, whose Nimble is read by signing in. */
async function startSigningIn(): Promise<Company> {
  const company = await startCompany({ world: aWorld({ people: [...somePeople(10), STRAY] }) });
  const yaml = await readFile(join(company.directory, 'rollcall.yaml'), 'utf8');
  const oauth = [
    'oauth:',
    `      clientId: ${SANDBOX_CLIENT_ID}`,
    '      clientSecret: "${NIMBLE_CLIENT_SECRET}"',
    `      redirectUri: http://127.0.0.1:${await freePort()}/callback`,
  ].join('\n');
  await company.write(
    'rollcall.yaml',
    yaml.replace('token: "${NIMBLE_TOKEN}"', () => oauth),
  );
  return company;
}

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** As a person does it: starts the command, opens the address, says yes, and is sent back to the command. */
async function signIn(
  company: Company,
  env: Readonly<Record<string, string>> = ENV,
  more: readonly string[] = [],
): Promise<Ended> {
  const args = ['login', 'nimble', ...more];
  await using login = startCli(args, { cwd: company.directory, env: { ...company.env, ...env } });
  const address = (await login.line(/oauth\/authorize/)).trim();
  await login.line(/awaited/);
  await expect.poll(async () => (await fetch(address)).status, { timeout: 10_000 }).toBe(200);
  return await login.ended;
}

async function verdicts(company: Company): Promise<readonly string[]> {
  const sql =
    'select source, verdict from rollcall.sync_runs where id in (select max(id) from rollcall.sync_runs group by source) order by 1';
  return (await company.rows<{ source: string; verdict: string }>(sql)).map(
    ({ source, verdict }) => `${source} ${verdict}`,
  );
}

function posts({ sandbox }: Company): number {
  return sandbox.requests.filter(({ method, vendor }) => method === 'POST' && vendor === 'nimble').length;
}

test('login, run, doctor; the right is taken back; a person signs in again', async () => {
  await using company = await startSigningIn();

  const before = await company.rollcall(['run'], ENV);
  expect(before.stdout + before.stderr).toMatch(/nobody has signed in yet; run `rollcall login nimble`/);
  expect(before.code).toBe(3);

  const login = await signIn(company);
  expect(login).toMatchObject({ code: 0, stdout: expect.stringMatching(/^nimble: signed in\./) });
  expect(await company.rows(`select author, action, subject from rollcall.audit`)).toMatchObject([
    { action: 'login', subject: 'source nimble' },
  ]);

  const run = await company.rollcall(['run'], ENV);
  expect(run.code).toBe(0);
  expect(await verdicts(company)).toEqual(['directory complete', 'namely complete', 'nimble complete']);
  expect(run.stdout).toMatch(/stray/);
  const doctor = await company.rollcall(['doctor'], ENV);
  expect(doctor.stdout).toMatch(/source nimble.*\n?.*it-operations@example\.com/);

  // An administrator takes the right back: said once, no finding changes, and the token endpoint is asked once.
  company.sandbox.tokens.revoke('nimble', 'refresh');
  company.sandbox.forget();
  const state = await company.state();
  for (let tick = 0; tick < 3; tick += 1) {
    const refused = await company.rollcall(['run', '--source', 'nimble'], ENV);
    expect(refused).toMatchObject({ code: 77 });
    expect(refused.stdout + refused.stderr).toMatch(/re-authorisation.*run `rollcall login nimble`/);
  }
  expect(await company.state()).toEqual(state);
  expect(posts(company)).toBe(1);
  const told = company.sandbox.messages.filter(({ text }) => text.includes('rollcall login nimble'));
  expect(told).toHaveLength(1);

  expect((await signIn(company)).code).toBe(0);
  expect((await company.rollcall(['run'], ENV)).code).toBe(0);
  expect(await company.state()).toEqual(state);
  expect(findCanaries(company.outputs)).toEqual([]);
  expect(findCanaries(await company.dump())).toEqual([]);
});

test('a login with a smaller configuration touches nothing but its credential', async () => {
  await using company = await startSigningIn();
  expect((await signIn(company)).code).toBe(0);
  expect((await company.rollcall(['run'], ENV)).code).toBe(0);
  const sources = async () => await company.rows('select * from rollcall.source order by id');
  const [before, state] = [await sources(), await company.state()];
  expect(state.finding).not.toEqual([]);
  const credential = await company.rows('select * from rollcall.credential');

  await company.write('laptop.yaml', await laptopOf(company));
  expect((await signIn(company, ENV, ['--config', 'laptop.yaml'])).code).toBe(0);

  expect(await sources()).toEqual(before);
  expect(await company.rows('select * from rollcall.credential')).not.toEqual(credential);
  // A worker that goes on with its own configuration has nothing to conclude from it.
  expect((await company.rollcall(['run'], ENV)).code).toBe(0);
  expect(await company.state()).toEqual(state);
});

/** What somebody has at hand who only wants to sign in: this source, with another pace, and no other. */
async function laptopOf(company: Company): Promise<string> {
  const yaml = await readFile(join(company.directory, 'rollcall.yaml'), 'utf8');
  const oauth = /oauth:\n(?: {6}.*\n)+/u.exec(yaml)?.[0] ?? '';
  const source = `  - name: nimble\n    type: nimble\n    authoritative: true\n    baseUrl: ${company.sandbox.nimbleUrl}\n    ${oauth}`;
  return `database: { url: "\${DATABASE_URL}" }\nnetwork: { allow: [127.0.0.1] }\nsources:\n${source}`;
}

test('a wrong key ends `run` and `start` with 78 and what to do, and changes nothing', async () => {
  await using company = await startSigningIn();
  expect((await signIn(company)).code).toBe(0);
  const stored = await company.rows('select * from rollcall.credential');
  const other = { ...ENV, ROLLCALL_KEY: randomBytes(32).toString('base64') };
  company.sandbox.forget();
  for (const command of ['run', 'start']) {
    const refused = await company.rollcall([command], other);
    expect(refused.code).toBe(78);
    expect(refused.stderr).toMatch(/do not open with this ROLLCALL_KEY.*ROLLCALL_KEY_PREVIOUS/);
  }
  expect(company.sandbox.requests).toEqual([]);
  expect(await company.rows('select * from rollcall.credential')).toEqual(stored);
  expect((await company.rollcall(['run'], { ...other, ROLLCALL_KEY_PREVIOUS: KEY })).code).toBe(0);
  expect((await company.rollcall(['run'], other)).code).toBe(0);
});

test('a login with another key than the worker’s is refused before anybody is asked; with a lost key it begins anew', async () => {
  await using company = await startSigningIn();
  expect((await signIn(company)).code).toBe(0);
  const stored = await company.rows('select * from rollcall.credential');
  const laptop = { ...ENV, ROLLCALL_KEY: randomBytes(32).toString('base64') };
  company.sandbox.forget();
  const refused = await company.rollcall(['login', 'nimble', '--paste'], laptop);
  expect(refused).toMatchObject({ code: 78, stdout: '' });
  expect(refused.stderr).toMatch(/stored tokens of nimble do not open with this ROLLCALL_KEY.*--new-key/);
  expect(refused.stderr).not.toContain('/authorize');
  expect(await company.rows('select * from rollcall.credential')).toEqual(stored);
  expect((await signIn(company, laptop, ['--new-key'])).code).toBe(0);
  expect((await company.rollcall(['run'], laptop)).code).toBe(0);
});

test('login where there is nothing to sign in to, and answers that are not the one', async () => {
  await using company = await startSigningIn();
  const unknown = await company.rollcall(['login', 'nimbel'], ENV);
  expect(unknown).toMatchObject({
    code: 64,
    stderr: expect.stringMatching(/no source nimbel; sources with `oauth`: nimble/),
  });
  const token = await company.rollcall(['login', 'namely'], ENV);
  expect(token).toMatchObject({ code: 64, stderr: expect.stringMatching(/namely is read without signing in/) });
  const pasted = await company.rollcall(['login', 'nimble', '--paste'], ENV);
  expect(pasted).toMatchObject({ code: 77, stderr: expect.stringMatching(/not the answer to this login/) });
  expect(await company.rows('select * from rollcall.credential')).toEqual([]);
});

test('case 56: tokens in each other’s place are refused by both vendors, said by `doctor`, and nothing is concluded', async () => {
  await using company = await startCompany({ world: aWorld({ people: [...somePeople(10), STRAY] }) });
  const swapped = { NIMBLE_TOKEN: SANDBOX_SECRETS.namelyToken, NAMELY_TOKEN: SANDBOX_SECRETS.nimbleToken };
  const doctor = await company.rollcall(['doctor'], swapped);
  expect(doctor.code).toBe(77);
  expect(doctor.stdout).toMatch(/FAIL.*source nimble.*\n?.*HTTP 403/);
  expect(doctor.stdout).toMatch(/WARN.*credentials: source nimble and source namely all refuse their tokens/);
  expect(doctor.stdout).toMatch(/FAIL.*source namely.*\n?.*HTTP 401/);
  expect((await company.rollcall(['run'], swapped)).code).toBe(77);
  expect(await company.rows('select * from rollcall.drift_findings')).toEqual([]);
  expect(findCanaries(company.outputs)).toEqual([]);
});

import { expect, test } from 'vitest';
import { aWorld, SANDBOX_SECRETS, type Person, type ScimUser, type World } from '../../src/sandbox/world.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';

const ENV = { SCIM_TOKEN: SANDBOX_SECRETS.scimToken };

const user = (id: string, fields: Partial<ScimUser> = {}): ScimUser => ({
  id,
  userName: `${id}@example.com`,
  email: `${id}@example.com`,
  givenName: id,
  active: true,
  ...fields,
});

/** Who is in the directory. Those who are in order keep the breaker calm. */
const DIRECTORY: readonly ScimUser[] = [
  user('ann'),
  user('ben', { active: 'False' }),
  user('dan'),
  user('eve', { active: undefined }),
  user('finn', { userName: 'finn.login@example.com', otherEmails: ['finn@old.example'] }),
  user('gus'),
  ...Array.from({ length: 20 }, (_unused, at) => user(`staff-${at}`)),
];

/** The application: who has an account there. */
const ACCOUNTS = `id,email,status
a-ann,ann@example.com,active
a-ben,BEN@example.com,active
a-cleo,cleo@example.com,active
a-dan,dan@example.com,inactive
a-eve,eve@example.com,active
a-finn,finn@old.example,active
a-gus,gus@example.com,active
`;

/** Ben has left; nobody knows Cleo; Dan is locked out; of Eve nobody can say anything; Finn has two other addresses. */
const FIRST = [
  ['inactive_account', 'a-dan', 'open'],
  ['leaver_account', 'a-ben', 'open'],
  ['orphaned_account', 'a-cleo', 'open'],
];

function worldOf(users: readonly ScimUser[], overrides: Partial<World> = {}): World {
  const people: readonly Person[] = users.map((each) => ({ scim: [each] }));
  return aWorld({ people, ...overrides });
}

async function findings(company: Company) {
  const rows = await company.rows<{ rule: string; account_id: string; status: string }>(
    'select rule, account_id, status from rollcall.drift_findings order by 1, 2',
  );
  return rows.map(({ rule, account_id, status }) => [rule, account_id, status]);
}

async function lastRun(company: Company) {
  const [run] = await company.rows(
    `select mode, verdict, rows_changed, rows_gone, pages, requests from rollcall.sync_runs
      where source = 'directory' order by id desc limit 1`,
  );
  return run;
}

test('a SCIM directory as the authority: leavers, orphans, changes, deletions, and a directory that is suddenly empty', async () => {
  await using company = await startCompany({ world: worldOf(DIRECTORY) });
  await company.write('accounts.csv', ACCOUNTS);
  await company.write(
    'rollcall.yaml',
    `timezone: UTC
database: { url: "\${DATABASE_URL}" }
network: { allow: [127.0.0.1] }
slack: { webhookUrl: "\${SLACK_WEBHOOK_URL}" }
sources:
  - name: directory
    type: scim
    authoritative: true
    token: "\${SCIM_TOKEN}"
    baseUrl: ${company.sandbox.scimUrl}/
    requestsPerMinute: 6000
  - { name: crm, type: file, path: ./accounts.csv }
`,
  );

  const first = await company.rollcall(['run'], ENV);
  expect(first).toMatchObject({ code: 0, signal: null });
  expect(await findings(company)).toEqual(FIRST);
  expect(await lastRun(company)).toMatchObject({ mode: 'full', verdict: 'complete', rows_changed: DIRECTORY.length });

  // A quiet run asks for changes, and writes nothing.
  const before = await company.state();
  await company.rollcall(['run'], ENV);
  expect(await lastRun(company)).toMatchObject({ mode: 'delta', verdict: 'complete', rows_changed: 0 });
  expect(await company.state()).toEqual(before);

  // Ann leaves by the word of the directory, Gus by being deleted: changes show her, and only a full reading him.
  const now = new Date().toISOString();
  const later = DIRECTORY.filter(({ id }) => id !== 'gus').map((each) =>
    each.id === 'ann' ? { ...each, active: 'False' as const, updatedAt: now } : each,
  );
  company.sandbox.setWorld(worldOf(later));
  expect((await company.rollcall(['run'], ENV)).code).toBe(0);
  const ann = ['leaver_account', 'a-ann', 'open'];
  const [dan, ben, cleo] = FIRST;
  expect(await findings(company)).toEqual([dan, ann, ben, cleo]);

  company.sandbox.forget();
  expect((await company.rollcall(['run', '--full'], ENV)).code).toBe(0);
  const gus = ['leaver_account', 'a-gus', 'open'];
  expect(await findings(company)).toEqual([dan, ann, ben, gus, cleo]);
  expect(await lastRun(company)).toMatchObject({ mode: 'full', verdict: 'complete', rows_gone: 1 });
  expect(company.sandbox.requests.filter(({ path }) => path === '/v2/Users/gus')).toMatchObject([{ status: 404 }]);

  // Somebody deletes everyone: nothing is believed, and nobody becomes a leaver or an orphan.
  company.sandbox.setWorld(worldOf([]));
  const emptied = await company.rollcall(['run', '--full'], ENV);
  expect(emptied.code).toBe(3);
  expect(await lastRun(company)).toMatchObject({ verdict: 'suspicious', rows_gone: 0 });
  expect(await findings(company)).toEqual([dan, ann, ben, gus, cleo]);

  // The only credential is refused.
  const refused = await company.rollcall(['run'], { SCIM_TOKEN: 'wrong-token' });
  expect(refused.code).toBe(77);
  expect(await findings(company)).toEqual([dan, ann, ben, gus, cleo]);

  const doctor = await company.rollcall(['doctor'], ENV);
  expect(doctor.stdout).toContain('the token is accepted; the vendor does not say whose it is');
  await company.rollcall(['roster', 'directory'], ENV);
  await company.rollcall(['config', 'print'], ENV);
  for (const text of [company.outputs, await company.dump()]) {
    expect(text.match(/.{0,60}canary.{0,60}/i)?.[0]).toBeUndefined();
  }
  const methods = company.sandbox.requests.filter(({ vendor }) => vendor === 'scim').map(({ method }) => method);
  expect(new Set(methods)).toEqual(new Set(['GET']));
});

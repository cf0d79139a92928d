import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { SANDBOX_CLIENT_ID } from '../../src/sandbox/token-office.ts';
import { aWorld, SANDBOX_SECRETS, type Person } from '../../src/sandbox/world.ts';
import { findCanaries } from '../support/canary.ts';
import { startCli } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';
import { openStaff } from '../support/sql-staff.ts';

/** Staff are in the SCIM directory, contractors in a table; accounts are in Namely, Nimble and Nimbus. */
const CONTRACTORS = `
  create schema hr;
  create table hr.contractors (no int primary key, mail text, contract_end date);
  insert into hr.contractors values (1, 'casey.quill@agency.example', null), (2, 'lee.park@agency.example', current_date - 10);
`;

function person(name: string, active: boolean): Person {
  const [id, email] = [`s-${name}`, `${name}@example.com`];
  const status = active ? 'active' : 'inactive';
  return {
    scim: [{ id, userName: email, email, givenName: name, active }],
    nimble: [{ id: `n-${name}`, email, givenName: name }],
    namely: [{ id: `p-${name}`, email, givenName: name, familyName: 'Example', status }],
  };
}

const STAFF = ['ann', 'bo', 'cleo', 'dan', 'eve', 'finn', 'gus', 'hal', 'ida', 'jo'];
const PEOPLE: readonly Person[] = [
  ...STAFF.map((name) => person(name, true)),
  // Left, and HR says so too; the CRM was forgotten.
  person('marcus', false),
  // Nobody we know.
  { nimble: [{ id: 'n-stray', email: 'stray@partner.example' }] },
  // Known by the table alone: one works, the contract of the other has ended.
  { nimble: [{ id: 'n-casey', email: 'casey.quill@agency.example' }] },
  { nimble: [{ id: 'n-lee', email: 'lee.park@agency.example' }] },
];

const EMPLOYEES = [
  '"Login Code","First Name","Surname","Email","API User","Allow Login"',
  '"ANN","Ann","Example","ann@example.com","",Yes',
  '"MARCUS","Marcus","Example","marcus@example.com","",""',
  '"OLD1","Old","Hand","old.hand@partner.example","",Yes',
  '"xero-sync","Xero","Sync","xero@example.com","Ticked",Yes',
  '',
].join('\r\n');

function yamlOf({ sandbox }: Company, port: number): string {
  return `timezone: UTC
database: { url: "\${DATABASE_URL}" }
network: { allow: [127.0.0.1] }
slack: { webhookUrl: "\${SLACK_WEBHOOK_URL}" }
sources:
  - { name: directory, type: scim, authoritative: true, token: "\${SCIM_TOKEN}", baseUrl: "${sandbox.scimUrl}", requestsPerMinute: 6000 }
  - name: contractors
    type: sql
    authoritative: true
    url: "\${CONTRACTORS_URL}"
    query: select 'c-' || no as id, mail as email, contract_end as end_date from hr.contractors
  - name: namely
    type: namely
    baseUrl: ${sandbox.namelyUrl}
    requestsPerMinute: 6000
    oauth:
      clientId: ${SANDBOX_CLIENT_ID}
      clientSecret: "\${NAMELY_CLIENT_SECRET}"
      redirectUri: http://127.0.0.1:${port}/callback
  - { name: nimble, type: nimble, token: "\${NIMBLE_TOKEN}", baseUrl: "${sandbox.nimbleUrl}", requestsPerMinute: 6000 }
  - { name: nimbus, type: nimbus, path: ./employees.csv, sentinels: [ANN, xero-sync] }
serviceAccounts:
  - { source: nimbus, account: xero-sync, owner: ann@example.com, purpose: Xero integration }
`;
}

const EXPECTED = [
  'leaver_account nimble n-lee contractors c-2',
  'leaver_account nimble n-marcus directory s-marcus',
  'orphaned_account nimble n-stray',
  'orphaned_account nimbus OLD1',
];

test('five sources at once: Namely by OAuth, Nimble by token, a Nimbus file, a SCIM authority and a SQL authority for contractors', async () => {
  await using staff = await openStaff(CONTRACTORS);
  await using company = await startCompany({ world: aWorld({ people: PEOPLE }) });
  const env = {
    SCIM_TOKEN: SANDBOX_SECRETS.scimToken,
    CONTRACTORS_URL: staff.url,
    NAMELY_CLIENT_SECRET: SANDBOX_SECRETS.clientSecret,
    ROLLCALL_KEY: randomBytes(32).toString('base64'),
  };
  await company.write('rollcall.yaml', yamlOf(company, await freePort()));
  await company.write('employees.csv', EMPLOYEES);

  await using login = startCli(['login', 'namely'], { cwd: company.directory, env: { ...company.env, ...env } });
  const address = (await login.line(/oauth2\/authorize/)).trim();
  await login.line(/awaited/);
  await expect.poll(async () => (await fetch(address)).status, { timeout: 10_000 }).toBe(200);
  expect(await login.ended).toMatchObject({ code: 0 });

  const run = await company.rollcall(['run'], env);
  expect(run).toMatchObject({ code: 0 });
  expect(await verdicts(company)).toEqual([
    'contractors complete 2',
    'directory complete 11',
    'namely complete 11',
    'nimble complete 14',
    'nimbus complete 4',
  ]);
  expect(await about(company)).toEqual(EXPECTED);

  // Read again, nothing is written; one of the authorities away, nobody is concluded to be an orphan or to have left.
  const state = await company.state();
  expect((await company.rollcall(['run', '--full'], env)).code).toBe(0);
  expect(await company.state()).toEqual(state);
  await staff.client.query('drop table hr.contractors');
  expect((await company.rollcall(['run', '--full'], env)).code).toBe(3);
  expect(await company.state()).toEqual(state);
  expect(findCanaries(company.outputs)).toEqual([]);
  expect(findCanaries(await company.dump())).toEqual([]);
});

/** The judged accounts; service accounts and credentials are other tests' matter. */
async function about(company: Company): Promise<readonly string[]> {
  const rows = await company.rows<Record<string, string | null>>(
    `select rule, source, account_id, identity_source, identity_id from rollcall.drift_findings
      where status = 'open' and rule in ('orphaned_account', 'leaver_account', 'inactive_account', 'duplicate_account', 'disputed_account')
      order by rule, source, account_id`,
  );
  return rows.map((row) => Object.values(row).filter(Boolean).join(' '));
}

async function verdicts(company: Company): Promise<readonly string[]> {
  const rows = await company.rows<{ source: string; verdict: string; distinct_ids: number }>(
    'select source, verdict, distinct_ids from rollcall.sync_runs order by source',
  );
  return rows.map(({ source, verdict, distinct_ids: ids }) => `${source} ${verdict} ${ids}`);
}

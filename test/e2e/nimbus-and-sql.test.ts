import { describe, expect, test } from 'vitest';
import { aWorld } from '../../src/sandbox/world.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';
import { openStaff } from '../support/sql-staff.ts';

const CONTRACTORS = `
  create schema hr;
  create table hr.contractors (no int primary key, mail text, first_name text, contract_end date, salary int);
  insert into hr.contractors values
    (1, 'Casey.Quill@agency.example', 'Casey', 'infinity', 0), (2, 'lee.park@agency.example', 'Lee', current_date - 10, 0);
`;

const YAML = `timezone: UTC
database: { url: "\${DATABASE_URL}" }
network: { allow: [127.0.0.1] }
sources:
  - { name: directory, type: file, authoritative: true, path: ./identities.csv }
  - name: contractors
    type: sql
    authoritative: true
    url: "\${CONTRACTORS_URL}"
    query: |
      select 'c-' || no as id, mail, first_name as given_name, contract_end as end_date
      from hr.contractors;
    columns: { email: mail }
  - { name: nimbus, type: nimbus, path: ./employees.csv, sentinels: [JDOE, xero-sync], minRows: 4 }
serviceAccounts:
  - { source: nimbus, account: xero-sync, owner: jane.doe@example.com, purpose: Xero integration }
`;

const IDENTITIES = `id,email,status,end_date
p-1,jane.doe@example.com,active,
p-2,marcus.webb@example.com,inactive,
`;

const HEADER = '\uFEFF"Login Code","Salutation","First Name","Surname","Email","Mobile","API User","Allow Login"';
const JANE = '"JDOE","Ms","Jane","Doe","jane.doe@example.com","0400 canary","",Yes';
const MARCUS = '"MWEBB","Mr","Marcus","Webb","marcus.webb@example.com","","",""';
const CASEY = '"CASEY","","Casey","Quill","casey.quill@agency.example","","",Yes';
const LEE = '"LEE","","Lee","Park","lee.park@agency.example","","",Yes';
const XERO = '"xero-sync","","Xero","Sync","xero@example.com","","Ticked",Yes';
const SCANNER = '"scanner","","Scan","Robot","scan@example.com","","x",Yes';
const STRAY = '"OLD1","","Old","Hand","stray@partner.example","","",Yes';
const ALL = [JANE, MARCUS, CASEY, LEE, XERO, SCANNER, STRAY];

async function exportGrid(company: Company, lines: readonly string[]): Promise<void> {
  await company.write('employees.csv', [HEADER, ...lines, ''].join('\r\n'));
}

/** About the accounts; that a contract has ended and its row is active still is a finding of its own. */
async function openFindings(company: Company): Promise<readonly unknown[]> {
  return await company.rows(
    `select rule, account_id, identity_id, identity_source from rollcall.drift_findings where source = 'nimbus' and status = 'open' order by rule, account_id`,
  );
}

async function lastRun(company: Company, source: string): Promise<unknown> {
  const [run] = await company.rows(
    'select verdict, reason, rows_seen, rows_gone from rollcall.sync_runs where source = $1 order by id desc limit 1',
    [source],
  );
  return run;
}

const LEE_LEFT = { rule: 'leaver_account', account_id: 'LEE', identity_id: 'c-2', identity_source: 'contractors' };
/** Nobody answers for it: `serviceAccounts` has no entry. */
const SCANNER_UNOWNED = {
  rule: 'service_account_unowned',
  account_id: 'scanner',
  identity_id: null,
  identity_source: null,
};
const STRAY_ORPHAN = { rule: 'orphaned_account', account_id: 'OLD1', identity_id: null, identity_source: null };

describe('an exported grid and a query', () => {
  test('are audited by `run`: what is on them counts, and what a filter or a fault leaves out proves nothing', async () => {
    await using staff = await openStaff(CONTRACTORS);
    await using company = await startCompany({ world: aWorld() });
    await company.write('rollcall.yaml', YAML);
    await company.write('identities.csv', IDENTITIES);
    const rollcall = async (...args: readonly string[]) => await company.rollcall(args, { CONTRACTORS_URL: staff.url });

    // Employees without "Allow Login" and API Users are nobody's drift; contractors are known by the query.
    await exportGrid(company, ALL);
    expect(await rollcall('run', '--no-notify')).toMatchObject({ code: 0 });
    expect(await openFindings(company)).toEqual([LEE_LEFT, STRAY_ORPHAN, SCANNER_UNOWNED]);
    expect(
      await company.rows(
        `select external_id, kind, status from rollcall.roster where source = 'nimbus' order by external_id collate "C"`,
      ),
    ).toEqual([
      { external_id: 'CASEY', kind: 'human', status: 'active' },
      { external_id: 'JDOE', kind: 'human', status: 'active' },
      { external_id: 'LEE', kind: 'human', status: 'active' },
      { external_id: 'MWEBB', kind: 'human', status: 'inactive' },
      { external_id: 'OLD1', kind: 'human', status: 'active' },
      { external_id: 'scanner', kind: 'service', status: 'active' },
      { external_id: 'xero-sync', kind: 'service', status: 'active' },
    ]);

    const before = await company.state();
    expect(await rollcall('run', '--no-notify')).toMatchObject({ code: 0 });
    expect(await company.state()).toEqual(before);

    // A filter was on, once with and once without effect on the sentinels.
    await exportGrid(company, [CASEY, STRAY, SCANNER, MARCUS]);
    expect(await rollcall('run', '--no-notify')).toMatchObject({ code: 3 });
    expect(await lastRun(company, 'nimbus')).toMatchObject({
      verdict: 'incomplete',
      reason: expect.stringContaining('lacks JDOE, xero-sync of sentinels'),
      rows_seen: 4,
      rows_gone: 0,
    });
    await exportGrid(company, [JANE, XERO]);
    expect(await rollcall('run', '--no-notify')).toMatchObject({ code: 3 });
    expect(await lastRun(company, 'nimbus')).toMatchObject({
      verdict: 'incomplete',
      reason: expect.stringContaining('minRows'),
      rows_gone: 0,
    });
    expect(await company.state()).toEqual(before);

    // A whole export again: Lee may not log in any more.
    await exportGrid(
      company,
      ALL.map((line) => (line === LEE ? line.replace(',Yes', ',No') : line)),
    );
    expect(await rollcall('run', '--no-notify')).toMatchObject({ code: 0 });
    expect(await openFindings(company)).toEqual([STRAY_ORPHAN, SCANNER_UNOWNED]);

    // The authority for contractors fails: Casey, whom only it knows, stays linked.
    await staff.client.query('alter table hr.contractors rename to moved');
    expect(await rollcall('run', '--no-notify')).toMatchObject({ code: 3 });
    expect(await lastRun(company, 'contractors')).toMatchObject({
      verdict: 'incomplete',
      reason: expect.stringContaining('42P01'),
    });
    expect(await openFindings(company)).toEqual([STRAY_ORPHAN, SCANNER_UNOWNED]);

    // Casey's contract has an end now.
    await staff.client.query(
      `alter table hr.moved rename to contractors; update hr.contractors set contract_end = current_date - 1 where no = 1`,
    );
    expect(await rollcall('run', '--no-notify')).toMatchObject({ code: 0 });
    expect(await openFindings(company)).toEqual([
      { rule: 'leaver_account', account_id: 'CASEY', identity_id: 'c-1', identity_source: 'contractors' },
      STRAY_ORPHAN,
      SCANNER_UNOWNED,
    ]);

    const doctor = await rollcall('doctor');
    expect(doctor.stdout).toMatch(/source contractors\W+2 rows/);
    expect(doctor.stdout).toMatch(/source nimbus\W+7 rows/);
    await rollcall('config', 'print');
    const { password } = new URL(staff.url);
    expect(password).not.toBe('');
    expect(company.outputs).not.toContain(`:${password}@`);
    expect(await company.dump()).not.toMatch(/canary|salary/);
  });

  test('a changed query is not believed until a person says that it was meant', async () => {
    await using staff = await openStaff(CONTRACTORS);
    await using company = await startCompany({ world: aWorld() });
    await company.write('rollcall.yaml', YAML);
    await company.write('identities.csv', IDENTITIES);
    await exportGrid(company, ALL);
    const rollcall = async (...args: readonly string[]) => await company.rollcall(args, { CONTRACTORS_URL: staff.url });
    expect(await rollcall('run', '--no-notify')).toMatchObject({ code: 0 });
    const findings = await openFindings(company);

    await company.write(
      'rollcall.yaml',
      YAML.replace('mail, first_name', `no || '@elsewhere.example' as mail, first_name`),
    );
    expect(await rollcall('run', '--no-notify')).toMatchObject({ code: 3 });
    expect(await openFindings(company)).toEqual(findings);
    const list = await rollcall('breaker', 'list');
    expect(list.stdout).toContain('contractors');
  });
});

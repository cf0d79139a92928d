import { describe, expect, test } from 'vitest';
import type { FaultEffect } from '../../src/sandbox/fault.ts';
import { renderIdentitiesCsv } from '../../src/sandbox/identities.ts';
import { aWorld } from '../../src/sandbox/world.ts';
import { somePeople } from '../support/sandbox.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';

const PEOPLE = somePeople(8);
const WORLD = aWorld({ people: PEOPLE });

/** Runs against a company that is known already, so that there is a state to be left alone. */
async function startKnownCompany(): Promise<Company> {
  const company = await startCompany({ world: WORLD });
  expect((await company.rollcall(['run'])).code).toBe(0);
  company.sandbox.forget();
  return company;
}

describe('a broken configuration', () => {
  test.each<{ name: string; yaml: string; says: readonly RegExp[] }>([
    { name: 'broken YAML', yaml: 'sources: [\n  - {name: x', says: [/rollcall\.yaml|line/i] },
    { name: 'no source', yaml: 'timezone: UTC\n', says: [/sources/] },
    {
      name: 'an unknown key',
      yaml: 'timezon: UTC\nsources:\n  - { name: directory, type: file, authoritative: true, path: ./identities.csv }\n',
      says: [/timezon\b/, /timezone/],
    },
    {
      name: 'two faults at once',
      yaml: 'timezone: Mars/Olympus\nbreaker: { ratio: 7 }\nsources:\n  - { name: directory, type: file, authoritative: true, path: ./identities.csv }\n',
      says: [/timezone/, /ratio/],
    },
  ])('$name ends with 78, names the place and touches nothing', async ({ yaml, says }) => {
    await using company = await startKnownCompany();
    const before = await company.state();
    await company.write('rollcall.yaml', yaml);
    const run = await company.rollcall(['run']);
    expect(run.code).toBe(78);
    expect(run.stdout).toBe('');
    expect(run.stderr).toContain('config-invalid');
    for (const pattern of says) expect(run.stderr).toMatch(pattern);
    expect(await company.state()).toEqual(before);
    expect(company.sandbox.requests).toEqual([]);
  });

  test('a missing secret ends with 78 and names the variable', async () => {
    await using company = await startKnownCompany();
    const run = await company.rollcall(['run'], { NIMBLE_TOKEN: '' });
    expect(run.code).toBe(78);
    expect(run.stderr).toContain('NIMBLE_TOKEN');
    expect(company.sandbox.requests).toEqual([]);
  });

  test('an unknown command ends with 64', async () => {
    await using company = await startCompany({ world: WORLD });
    expect((await company.rollcall(['audit'])).code).toBe(64);
  });
});

describe('a vendor that answers with something else', () => {
  test.each<{ name: string; effect: FaultEffect }>([
    { name: 'a login page instead of JSON', effect: { kind: 'html' } },
    { name: 'half a JSON', effect: { kind: 'body', body: '{"resources":[{"id":"N1","em' } },
    { name: 'JSON of another shape', effect: { kind: 'body', body: '{"items":[]}' } },
    { name: 'an empty body', effect: { kind: 'body', body: '' } },
    { name: 'no permission', effect: { kind: 'status', status: 403 } },
    { name: 'a path that is not there', effect: { kind: 'status', status: 404 } },
  ])('$name: 3, the reason is given, and the stored state is as before', async ({ effect }) => {
    await using company = await startKnownCompany();
    const before = await company.state();
    const fault = { id: 'bad', match: { vendor: 'nimble', path: '/api/v1/team/members' }, effect } as const;
    await company.tell({ ...WORLD, faults: [fault] });
    const run = await company.rollcall(['run']);
    expect(run.code).toBe(3);
    expect(company.sandbox.firedCounts()['bad']).toBeGreaterThan(0);
    expect(await company.state()).toEqual(before);
    const [last] = await company.rows<{ verdict: string; reason: string }>(
      `select verdict, reason from rollcall.sync_runs where source = 'nimble' order by id desc limit 1`,
    );
    expect(last?.verdict).toBe('incomplete');
    expect(last?.reason.length).toBeGreaterThan(10);
    expect(`${run.stdout}${run.stderr}`).toContain('nimble');
    expect(run.stderr).not.toContain('<html');
  });
});

describe('an identity file that is not what it should be', () => {
  const whole = renderIdentitiesCsv(WORLD);
  test.each<{ name: string; content: string }>([
    { name: 'half a CSV, cut inside a quoted cell', content: `${whole}I99,"cut.off@exam` },
    { name: 'an empty file', content: '' },
    { name: 'a page of HTML', content: '<!doctype html><html><body>Log in</body></html>\n' },
    { name: 'neither id nor email', content: 'status,title\nactive,Clerk\n' },
    { name: 'a header alone', content: whole.split('\n').slice(0, 1).join('\n') },
  ])('$name: 3, and the stored state is as before', async ({ content }) => {
    await using company = await startKnownCompany();
    const before = await company.state();
    await company.write('identities.csv', content);
    const run = await company.rollcall(['run']);
    expect(run.code).toBe(3);
    expect(`${run.stdout}${run.stderr}`).toContain('directory');
    expect(await company.state()).toEqual(before);
  });

  test('a file that is not there is said by name of the source', async () => {
    await using company = await startCompany({ world: WORLD });
    const yaml = `  - { name: directory, type: file, authoritative: true, path: ./elsewhere.csv }`;
    await company.write(
      'rollcall.yaml',
      `database: { url: "\${DATABASE_URL}" }\nnetwork: { allow: [127.0.0.1] }\nsources:\n${yaml}\n`,
    );
    const run = await company.rollcall(['run']);
    expect(run.code).toBe(1);
    expect(`${run.stdout}${run.stderr}`).toContain('directory');
  });

  test('a BOM, CRLF, a NUL and an emoji are read, cleaned and flagged', async () => {
    await using company = await startKnownCompany();
    const lines = whole.trimEnd().split('\n');
    const odd = 'I9,nul@example.com,,,Nu\u0000l \u{1F98A},Zo\u00eb,active,,,,,';
    await company.write('identities.csv', `\uFEFF${[...lines, odd].join('\r\n')}\r\n`);
    expect((await company.rollcall(['run'])).code).toBe(0);
    const rows = await company.rows(
      `select external_id, given_name, family_name, status from rollcall.roster where source = 'directory' and external_id = 'I9'`,
    );
    expect(rows).toEqual([
      { external_id: 'I9', given_name: 'Nul \u{1F98A}', family_name: 'Zo\u00eb', status: 'active' },
    ]);
    const known = await company.rows<{ count: number }>(
      `select count(*)::int as count from rollcall.roster where source = 'directory' and gone_at is null`,
    );
    expect(known).toEqual([{ count: 9 }]);
  });
});

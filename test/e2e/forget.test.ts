import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { aWorld, type Person, type World } from '../../src/sandbox/world.ts';
import { readDataset, verifyByPython, verifyByUs } from '../support/evidence.ts';
import { type Company, startCompany } from '../support/sandbox-company.ts';
import { aPerson, somePeople } from '../support/sandbox.ts';

// Nothing in this world has a word, an address or a number in common with her.
const NAMES = { givenName: 'Wilhelmina', familyName: 'Quartz', email: 'w.quartz@example.com' };
const TRACE = /quartz|wilhelmina|qz-?\d+/i;
const GONE = { id: 'QZ-1', status: 'inactive', aliases: ['mina.quartz@example.com'], employeeId: 'QZ7781' };
const HER: Person = {
  identity: { ...NAMES, ...GONE },
  nimble: [{ ...NAMES, id: 'QZ-2', role: 'user' }],
  namely: [{ ...NAMES, id: 'QZ-3', status: 'active', department: 'Sales', office: 'Main' }],
};
/** Her report, who names her as the manager. */
const withManager = (person: Person): Person => ({
  ...person,
  namely: person.namely?.map((profile) => ({ ...profile, managerId: 'QZ-3' })),
});
const STRAY: Person = { nimble: [{ id: 'stray', email: 'stray@elsewhere.example' }] };
const others = [...somePeople(6), withManager(aPerson(7)), STRAY];
const world = (...people: readonly Person[]): World => aWorld({ people: [...others, ...people] });
const BY = { ROLLCALL_AUTHOR: 'kim' };

/** Every value of every table, as a dump has it. */
async function dump(company: Company): Promise<string> {
  const tables = await company.rows<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname like 'rollcall%' order by 1`,
  );
  expect(tables.length).toBeGreaterThan(20);
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await company.rows<{ row: string }>(`select t::text as row from ${name} t`);
    texts.push(...rows.map(({ row }) => `${name} ${row}`));
  }
  return texts.join('\n');
}

const traces = async (company: Company): Promise<readonly string[]> =>
  (await dump(company)).split('\n').filter((line) => TRACE.test(line));

const count = async (company: Company, table: string): Promise<number> =>
  Number((await company.rows<{ n: string }>(`select count(*) as n from rollcall.${table}`))[0]?.n);

/** Two runs, a waiver with her name in its reason, a link, a hint that waits. */
async function aPast(company: Company): Promise<void> {
  expect((await company.rollcall(['run'])).code).toBe(0);
  const [hers] = await company.rows<{ id: string }>(`select id from rollcall.finding where account_id = 'QZ-2'`);
  const [stray] = await company.rows<{ id: string }>(`select id from rollcall.finding where account_id = 'stray'`);
  const waive = (id: string | undefined, why: string) =>
    company.rollcall(['waive', String(id), '--until', '2027-06-30', '--reason', why], BY);
  expect((await waive(hers?.id, 'a contract until May')).code).toBe(0);
  expect((await waive(stray?.id, 'Wilhelmina Quartz (w.quartz@example.com) vouches')).code).toBe(0);
  const deny = ['link', 'deny', 'nimble', 'stray', 'directory/QZ-1', '--reason', 'not Wilhelmina Quartz'];
  expect((await company.rollcall(deny, BY)).code).toBe(0);
  await company.client.query(
    `insert into rollcall_jobs.job (name, data, singleton_key) values ('hint', '{"id": "QZ-3"}', 'QZ-3')`,
  );
  expect((await company.rollcall(['run', '--full'])).code).toBe(0);
}

test('after forget nothing in the database is hers, and nothing is announced while she is listed', async () => {
  await using company = await startCompany({ world: world(HER) });
  await aPast(company);
  expect((await traces(company)).length).toBeGreaterThan(20);

  const before = await dump(company);
  const rehearsed = await company.rollcall(['forget', 'w.quartz@example.com', '--reason', 'asked', '--dry-run']);
  expect(rehearsed).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Nothing was removed.') });
  expect(await dump(company)).toBe(before);

  const args = ['forget', 'w.quartz@example.com', '--reason', 'request 12, of Wilhelmina Quartz'];
  const forgotten = await company.rollcall(args, BY);
  expect(forgotten).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/STILL LET IN: nimble\/QZ-2 \(active\), namely\/QZ-3 \(active\)\./),
  });
  expect(await traces(company)).toEqual([]);
  const audit = await company.rows(`select author, subject, reason from rollcall.audit where action = 'forget'`);
  expect(audit).toEqual([{ author: 'kim', subject: 'a person', reason: 'request 12, of [erased]' }]);

  // Twice: by changes where a source has them, and in full. Totals agree, nobody is lost, nobody is new.
  company.sandbox.forget();
  const versions = await count(company, 'account_version');
  for (const run of [['run'], ['run', '--full']]) {
    const { code, stderr } = await company.rollcall(run);
    expect({ code, said: code === 0 ? '' : stderr }).toEqual({ code: 0, said: '' });
    expect(await traces(company)).toEqual([]);
  }
  expect(company.sandbox.messages).toEqual([]);
  // Silent, and not as if all were in order: nobody is let in by being forgotten. An inactive identity lets nobody in.
  const shown = await company.rollcall(['report']);
  expect(shown.stdout.replaceAll(/\s+/g, ' ')).toContain(
    '2 accounts of people who were forgotten can still be used (namely, nimble): remove them there.',
  );
  const health = `select source, forgotten_usable as n from rollcall.source_health order by source`;
  expect(await company.rows(health)).toEqual([
    { source: 'directory', n: 0 },
    { source: 'namely', n: 1 },
    { source: 'nimble', n: 1 },
  ]);
  const reports = await company.rows(`select opened, resolved from rollcall.drift_reports order by id desc limit 2`);
  expect(reports).toEqual([
    { opened: 0, resolved: 0 },
    { opened: 0, resolved: 0 },
  ]);
  expect(await count(company, 'account_version')).toBe(versions);
  expect(await count(company, 'breaker')).toBe(0);
  const [nimble] = await company.rows(
    `select verdict, declared_total, distinct_ids, warnings from rollcall.sync_run r join rollcall.source s on s.id = r.source_id
      where s.name = 'nimble' order by r.id desc limit 1`,
  );
  expect(nimble).toEqual({
    verdict: 'complete',
    declared_total: 9,
    distinct_ids: 9,
    warnings: ['rows of people who were forgotten, counted and not kept: 1'],
  });

  // The chain of digests is whole, and the population of leavers too: hers is there, and is nobody's.
  const today = new Date().toISOString().slice(0, 10);
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const folder = join(company.directory, 'evidence');
  const collected = await company.rollcall(['evidence', '--from', yesterday, '--to', today, '--out', folder], BY);
  expect(collected.code).toBe(0);
  expect((await verifyByUs(folder)).text).toContain('nothing was changed');
  expect((await verifyByPython(folder))?.code ?? 0).toBe(0);
  const summary = await readFile(join(folder, 'summary.html'), 'utf8');
  expect(summary).toContain('2 accounts of people who were forgotten can still be used (namely, nimble)');
  const leavers = (await readDataset(folder, 'leavers')).filter((row) => row['source'] === 'nimble');
  expect(leavers).toMatchObject([
    { account_id: null, account_name: '[erased]', left_by: 'status', resolution: 'erased', breach: false },
  ]);
  expect(JSON.stringify(await readDataset(folder, 'roster_to'))).not.toMatch(TRACE);
});

test('the database’s own dump has no trace of her either', async ({ skip }) => {
  await using company = await startCompany({ world: world(HER) });
  await aPast(company);
  expect((await company.rollcall(['forget', 'directory/QZ-1', '--reason', 'asked'])).code).toBe(0);
  const url = company.env['DATABASE_URL'] ?? '';
  const dumped = await promisify(execFile)('pg_dump', [url], { maxBuffer: 2 ** 28 }).catch(() => undefined);
  // The test above has read the tables; on the PostgreSQL of the system, which has its pg_dump beside it, CI runs this one too.
  const { stdout } = dumped ?? skip('no pg_dump, or one that is older than the server');
  expect(stdout).toContain('COPY rollcall.forgotten');
  expect(stdout.split('\n').filter((line) => TRACE.test(line))).toEqual([]);
});

test('listed no more, and then again: that is somebody new', async () => {
  await using company = await startCompany({ world: world(HER) });
  expect((await company.rollcall(['run'])).code).toBe(0);
  expect((await company.rollcall(['forget', 'nimble/QZ-2', '--reason', 'asked'])).code).toBe(0);
  await company.tell(world());
  expect((await company.rollcall(['run', '--full'])).code).toBe(0);
  const nimbleMarks = `select f.source_id from rollcall.forgotten f join rollcall.source s on s.id = f.source_id where s.name = 'nimble'`;
  expect(await company.rows(nimbleMarks)).toEqual([]);

  await company.tell(world({ nimble: HER.nimble }));
  expect((await company.rollcall(['run', '--full'])).code).toBe(0);
  const [found] = await company.rows(`select rule, status from rollcall.finding where account_id = 'QZ-2'`);
  expect(found).toEqual({ rule: 'orphaned_account', status: 'open' });
});

test('a rehire is judged again, and has an account', async () => {
  await using company = await startCompany({ world: world(HER) });
  expect((await company.rollcall(['run'])).code).toBe(0);
  expect((await company.rollcall(['forget', 'nimble/QZ-2', '--reason', 'asked'])).code).toBe(0);

  const back = {
    ...HER,
    identity: { ...NAMES, ...GONE, status: 'active' },
    nimble: [{ ...NAMES, id: 'QZ-9', role: 'user' }],
  };
  await company.tell(world(back));
  expect((await company.rollcall(['run', '--full'])).code).toBe(0);
  const roster = await company.rows(`select situation, identity_id from rollcall.roster where external_id = 'QZ-9'`);
  expect(roster).toEqual([{ situation: 'linked', identity_id: 'QZ-1' }]);
  expect(await company.rows(`select rule from rollcall.finding where account_id = 'QZ-9'`)).toEqual([]);
});

test('an account that was switched off after its person was forgotten is no worry any more', async () => {
  await using company = await startCompany({ world: world(HER) });
  expect((await company.rollcall(['run'])).code).toBe(0);
  expect((await company.rollcall(['forget', 'nimble/QZ-2', '--reason', 'asked'])).code).toBe(0);
  expect((await company.rollcall(['report'])).stdout).not.toContain('what was read is in order');

  await company.tell(
    world({ ...HER, nimble: [], namely: HER.namely?.map((each) => ({ ...each, status: 'inactive' })) }),
  );
  expect((await company.rollcall(['run', '--full'])).code).toBe(0);
  const counts = await company.rows(`select sum(forgotten_usable)::integer as n from rollcall.source_health`);
  expect(counts).toEqual([{ n: 0 }]);
  expect((await company.rollcall(['report'])).stdout).not.toContain('were forgotten');
});

test('the role of the worker may not forget, and says which one may', async () => {
  await using company = await startCompany({ world: world(HER) });
  expect((await company.rollcall(['run'])).code).toBe(0);
  expect((await company.rollcall(['migrate', '--roles'])).code).toBe(0);
  const url = new URL(company.env['DATABASE_URL'] ?? '');
  const user = `forget_${url.pathname.slice(1)}`;
  await company.client.query(`create role ${user} login password 'secret' in role rollcall_worker`);
  try {
    const before = await dump(company);
    Object.assign(url, { username: user, password: 'secret' });
    const args = ['forget', 'nimble/QZ-2', '--reason', 'asked'];
    const refused = await company.rollcall(args, { DATABASE_URL: url.href });
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 64, stdout: '' });
    expect(refused.stderr).toMatch(/append-only for the worker\. Run it with .* a member of rollcall_owner/);
    expect(await dump(company)).toBe(before);

    await company.client.query(`grant rollcall_owner to ${user}`);
    expect((await company.rollcall(args, { DATABASE_URL: url.href })).code).toBe(0);
    expect(await traces(company)).toEqual([]);
  } finally {
    await company.client.query(`revoke rollcall_worker, rollcall_owner from ${user}`);
    await company.client.query(`drop role ${user}`);
  }
});

test('what would do harm is refused with what to do, and changes nothing', async () => {
  const twin = { nimble: [{ ...NAMES, id: 'TW-1', role: 'user' }] };
  const yaml = `serviceAccounts: [{ source: nimble, account: robot, owner: person.2@example.com }]`;
  const left: Person = { identity: { id: 'I2', email: 'person.2@example.com', status: 'inactive' } };
  const people = [aPerson(1), ...somePeople(7).slice(2), left];
  await using company = await startCompany({ world: aWorld({ people: [...people, STRAY, HER, twin] }), yaml });
  expect((await company.rollcall(['run'])).code).toBe(0);
  const before = await dump(company);
  const cases: readonly [string, RegExp, number][] = [
    ['nobody@example.com', /there is nothing to forget/, 1],
    ['wilhelmina', /neither an e-mail nor SOURCE\/ID: known sources are/, 64],
    ['person.1@example.com', /by directory this person has not left/, 64],
    ['person.2@example.com', /serviceAccounts of your configuration names them \(nimble\)/, 64],
    ['it-operations@example.com', /has not left|token of/, 64],
  ];
  for (const [person, says, code] of cases) {
    const refused = await company.rollcall(['forget', person, '--reason', 'asked']);
    expect({ person, code: refused.code }).toEqual({ person, code });
    expect(refused.stderr).toMatch(says);
  }
  expect(await dump(company)).toBe(before);
});

import { describe, expect, test } from 'vitest';
import { loadOwners } from '../../src/store/reconcile/load-owners.ts';
import { account, byMail, person, upTo } from '../support/people.ts';
import { insertRow, insertSources, openContext } from '../support/reconcile-world.ts';
import { openTestStore } from '../support/store.ts';
import { waive } from '../support/waivers.ts';
import { openWorkerWorld, type WorkerOptions, type WorkerWorld } from '../support/worker.ts';

/** Five people with an account each, and one account that the CRM says is no person; p1 answers for it. */
async function aCompany(options: WorkerOptions = {}): Promise<WorkerWorld> {
  const world = await openWorkerWorld(options);
  world.identities = upTo(5).map((number) => person(number));
  world.accounts = [...upTo(5).map((number) => account(number)), ROBOT];
  world.serviceAccounts = [{ source: 'crm', account: 'robot', owner: 'P1@Example.com' }];
  return world;
}
const ROBOT = account(1, { externalId: 'robot', email: 'robot@example.com', kind: 'service' });
const others = () => upTo(5).slice(1);

describe('service_account_unowned', () => {
  test('opens when the entry is taken out, and ends with a new one', async () => {
    await using world = await aCompany();
    await world.run('2026-11-10T08:00:00Z');
    expect(await world.findings()).toEqual([]);

    const listed = world.serviceAccounts;
    world.serviceAccounts = [];
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual(['service_account_unowned robot open']);
    expect(world.messages.at(-1)).toContain('1 service account has no owner');

    world.serviceAccounts = listed;
    await world.run('2026-11-10T10:00:00Z');
    expect(await world.findings()).toEqual(['service_account_unowned robot resolved rules changed']);
  });

  test('ends when the account is deactivated, is back when it is activated, and ends when it is gone', async () => {
    await using world = await aCompany();
    world.serviceAccounts = [];
    const people = world.accounts.filter((row) => row !== ROBOT);
    await world.run('2026-11-10T08:00:00Z');
    world.accounts = [...people, { ...ROBOT, status: 'inactive' }];
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual(['service_account_unowned robot resolved access removed']);
    world.accounts = [...people, ROBOT];
    await world.run('2026-11-10T10:00:00Z');
    expect(await world.findings()).toEqual(['service_account_unowned robot open']);
    world.accounts = people;
    await world.run('2026-11-10T11:00:00Z');
    expect(await world.findings()).toEqual(['service_account_unowned robot resolved account gone']);
  });

  test('opens on the day after the review in the company’s time zone, without a change of data', async () => {
    await using world = await aCompany({ timezone: 'America/New_York' });
    world.serviceAccounts = [{ source: 'crm', account: 'robot@example.com', owner: 'd1', review: '2026-11-10' }];
    await world.run('2026-11-10T08:00:00Z');
    // 23:30 of the day of the review in New York.
    await world.run('2026-11-11T04:30:00Z');
    expect(await world.findings()).toEqual([]);
    await world.run('2026-11-11T05:30:00Z');
    expect(await world.findings()).toEqual(['service_account_unowned robot open']);
  });

  test('is withheld while the identity list cannot be read: an owner is not unknown because of that', async () => {
    await using world = await aCompany();
    world.identities = [];
    world.identitiesEnd = { outcome: { kind: 'broken', code: 'source-auth', detail: 'the token was refused' } };
    await world.run('2026-11-10T08:00:00Z');
    expect(await world.findings()).toEqual([]);
  });

  test('a rule that is switched off ends what it found, and nothing is judged by it', async () => {
    await using world = await aCompany();
    world.serviceAccounts = [];
    await world.run('2026-11-10T08:00:00Z');
    world.disabledRules = ['service_account_unowned'];
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual(['service_account_unowned robot resolved rule disabled']);
  });

  test('an unchanged company writes no finding again', async () => {
    await using world = await aCompany();
    world.serviceAccounts = [];
    await world.run('2026-11-10T08:00:00Z');
    const written = async () =>
      (
        await world.store.pool.query(
          'select f.xmin, f.id, e.id as event from rollcall.finding f, rollcall.finding_event e',
        )
      ).rows;
    const before = await written();
    await world.run('2026-11-11T08:00:00Z');
    expect(await written()).toEqual(before);
  });
});

describe('service_account_owner_left', () => {
  test('opens when the owner is taken off the list, says so, and ends when the owner is back', async () => {
    await using world = await aCompany();
    await world.run('2026-11-10T08:00:00Z');
    world.identities = others().map((number) => person(number));
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual(['leaver_account a1 open', 'service_account_owner_left robot open']);
    expect(world.messages.at(-1)).toContain('1 service account is of somebody who left');
    const { rows } = await world.store.pool.query(
      `select severity, identity_id, identity_source, identity_email, evidence ->> 'left_on' as left_on
         from rollcall.drift_findings where rule = 'service_account_owner_left'`,
    );
    expect(rows).toEqual([
      {
        severity: 'high',
        identity_id: 'd1',
        identity_source: 'directory',
        identity_email: 'p1@example.com',
        left_on: '2026-11-10',
      },
    ]);

    world.identities = upTo(5).map((number) => person(number));
    await world.run('2026-11-10T10:00:00Z');
    expect(await world.findings()).toContain('service_account_owner_left robot resolved identity current');
  });

  test('opens on the day after the owner’s last one, and ends when somebody else answers', async () => {
    await using world = await aCompany();
    world.identities = [person(1, { endDate: '2026-11-10' }), ...others().map((number) => person(number))];
    await world.run('2026-11-10T08:00:00Z');
    expect(await world.findings()).toEqual([]);
    await world.run('2026-11-11T08:00:00Z');
    expect(await world.findings()).toContain('service_account_owner_left robot open');
    world.serviceAccounts = [{ source: 'crm', account: 'robot', owner: 'p2@example.com' }];
    await world.run('2026-11-11T09:00:00Z');
    expect(await world.findings()).toContain('service_account_owner_left robot resolved rules changed');
  });

  test('stays as it is while the owner’s status is unknown', async () => {
    await using world = await aCompany();
    await world.run('2026-11-10T08:00:00Z');
    world.identities = [person(1, { status: 'inactive' }), ...others().map((number) => person(number))];
    await world.run('2026-11-10T09:00:00Z');
    world.identities = [person(1, { status: 'unknown' }), ...others().map((number) => person(number))];
    await world.run('2026-11-10T10:00:00Z');
    expect(await world.findings()).toContain('service_account_owner_left robot open');
  });

  test('a waiver holds for the owner that a person has seen, and not for the next who leaves', async () => {
    await using world = await aCompany();
    world.identities = [person(1, { status: 'inactive' }), ...others().map((number) => person(number))];
    await world.run('2026-11-10T08:00:00Z');
    await waive(world, 'robot', { at: '2026-11-10T08:30:00Z', until: '2026-12-31' });
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toContain('service_account_owner_left robot waived');
    world.serviceAccounts = [{ source: 'crm', account: 'robot', owner: 'p2@example.com' }];
    world.identities = [1, 2]
      .map((n) => person(n, { status: 'inactive' }))
      .concat(
        upTo(5)
          .slice(2)
          .map((n) => person(n)),
      );
    await world.run('2026-11-10T10:00:00Z');
    expect(await world.findings()).toContain('service_account_owner_left robot open');
  });

  test('a rehire: the row from before has left, and the owner has not', async () => {
    await using world = await aCompany();
    world.identities = [
      ...upTo(5).map((number) => person(number)),
      person(1, { externalId: 'd1-before', status: 'inactive' }),
    ];
    await world.run('2026-11-10T08:00:00Z');
    expect((await world.findings()).filter((each) => each.includes('robot'))).toEqual([]);
  });
});

test('entries that list no account, and owners by an id of two lists, are doubted in each run; a source never read is not', async () => {
  await using world = await aCompany();
  world.serviceAccounts = [
    { source: 'crm', account: 'robot', owner: 'd1' },
    { source: 'crm', account: 'Robot@Example.com', owner: 'd2' },
    { source: 'crm', account: 'ROBOT', owner: 'd1' },
  ];
  world.accountsEnd = { outcome: { kind: 'broken', code: 'source-contract', detail: 'cut' } };
  expect((await world.run('2026-11-10T08:00:00Z')).reconciled.doubts).toEqual([]);
  world.accountsEnd = {};
  for (const hour of ['09', '10']) {
    expect((await world.run(`2026-11-10T${hour}:00:00Z`)).reconciled.doubts).toEqual([
      'serviceAccounts: crm has no account "ROBOT", so the entry has no effect; ids must be spelled exactly',
      'serviceAccounts: "robot" and "Robot@Example.com" are one account of crm, with different owners (d1 and d2); the entry by id counts',
    ]);
  }
  // A row that is gone is no account any more.
  world.accounts = world.accounts.filter((row) => row !== ROBOT);
  expect((await world.run('2026-11-10T11:00:00Z')).reconciled.doubts).toHaveLength(3);
});

const robot = async (world: WorkerWorld) => (await world.findings()).filter((each) => each.includes('robot'));

describe('an owner under another row', () => {
  test('named by id, rehired under a new one with the same address and names: has not left', async () => {
    await using world = await aCompany();
    world.serviceAccounts = [{ source: 'crm', account: 'robot', owner: 'd1' }];
    await world.run('2026-11-10T08:00:00Z');
    const rehired = person(1, { externalId: 'd1-new' });
    world.identities = [person(1, { status: 'inactive' }), rehired, ...others().map((number) => person(number))];
    await world.run('2026-11-10T09:00:00Z');
    expect(await robot(world)).toEqual([]);
    // Somebody else has the address now: whoever was named has left.
    world.identities = [
      person(1, { status: 'inactive' }),
      { ...rehired, givenName: 'Kim' },
      ...world.identities.slice(2),
    ];
    await world.run('2026-11-10T10:00:00Z');
    expect(await robot(world)).toEqual(['service_account_owner_left robot open']);
  });

  test('on a list without ids, with a new address whose alias is the old one: has not left, nor has the token’s owner', async () => {
    await using world = await aCompany();
    world.identities = upTo(5).map(byMail);
    world.accounts = world.accounts.filter(({ externalId }) => externalId !== 'a1');
    world.tokenOwner = { externalId: 'not-on-the-roster', email: 'p1@example.com', shape: 'test' };
    await world.run('2026-11-10T08:00:00Z');
    const married = person(1, {
      externalId: 'p1.new@example.com',
      email: 'p1.new@example.com',
      aliases: ['p1@example.com'],
    });
    world.identities = [married, ...others().map(byMail)];
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual([]);
    // Whoever takes over the mailbox of somebody who left is not that person.
    world.identities = [{ ...married, givenName: 'Kim' }, ...world.identities.slice(1)];
    await world.run('2026-11-10T10:00:00Z');
    expect(await world.findings()).toEqual([
      'credential_owner_at_risk p1@example.com open',
      'service_account_owner_left robot open',
    ]);
  });
});

describe('owners', () => {
  test('are found by id and address alike, by an alias only where neither is known, with the same person’s rows elsewhere', async () => {
    await using store = await openTestStore();
    const client = await store.pool.connect();
    try {
      const [directory = 0, people = 0, former = 0, crm = 0] = await insertSources(client, [
        { name: 'directory', authoritative: true },
        { name: 'people', authoritative: true },
        { name: 'former', authoritative: true, retired: true },
        { name: 'crm' },
      ]);
      await insertRow(client, directory, { externalId: 'd1', email: 'jane@example.com', gone: true });
      await insertRow(client, people, { externalId: 'p1', email: 'jane@example.com' });
      await insertRow(client, people, { externalId: 'p2', email: 'kim@example.com', aliases: ['jane@example.com'] });
      await insertRow(client, people, { externalId: 'p3', email: 'lee@example.com', aliases: ['lee@old.example'] });
      await insertRow(client, former, { externalId: 'f1', email: 'max@example.com' });
      await insertRow(client, crm, { externalId: 'c1', email: 'max@example.com' });
      const asked = [' Jane@EXAMPLE.com', 'd1', 'lee@old.example', 'D1', 'f1', 'max@example.com', 'c1', 'd1'];
      const owners = await loadOwners(await openContext(client), asked, '2026-11-10');
      const found = [...owners].map(([owner, { rows }]) => [owner, rows.map(({ ref }) => ref.externalId).toSorted()]);
      expect(Object.fromEntries(found)).toEqual({
        ' Jane@EXAMPLE.com': ['d1', 'p1'],
        d1: ['d1', 'p1'],
        'lee@old.example': ['p3'],
      });
      expect(owners.get('d1')?.rows.map(({ present }) => present)).toEqual([false, true]);
    } finally {
      client.release();
    }
  });

  test('by an id that two authorities have are those of the first; SOURCE/ID names another one', async () => {
    await using store = await openTestStore();
    const client = await store.pool.connect();
    try {
      const [directory = 0, contractors = 0, crm = 0] = await insertSources(client, [
        { name: 'directory', authoritative: true },
        { name: 'contractors', authoritative: true },
        { name: 'crm' },
      ]);
      await insertRow(client, directory, { externalId: '17', email: 'jane@example.com', gone: true });
      await insertRow(client, contractors, { externalId: '17', email: 'bob@agency.example' });
      await insertRow(client, contractors, { externalId: '18/a', email: 'lee@agency.example' });
      await insertRow(client, crm, { externalId: '19', email: 'max@example.com' });
      const asked = [
        '17',
        'contractors/17',
        'directory/17',
        '18/a',
        'contractors/18/a',
        'crm/19',
        'former/17',
        '/17',
        '17/',
      ];
      const owners = await loadOwners(await openContext(client), asked, '2026-11-10');
      const found = [...owners].map(([owner, { rows }]) => [owner, rows.map(({ row }) => row.email)]);
      expect(Object.fromEntries(found)).toEqual({
        '17': ['jane@example.com'],
        'directory/17': ['jane@example.com'],
        'contractors/17': ['bob@agency.example'],
        '18/a': ['lee@agency.example'],
        'contractors/18/a': ['lee@agency.example'],
      });
    } finally {
      client.release();
    }
  });

  test('who could be two people are nobody we know, and the finding says who', async () => {
    await using world = await aCompany();
    // An id that looks like an address, which is another one's.
    world.identities = [person(1, { externalId: 'p2@example.com' }), ...others().map((number) => person(number))];
    world.serviceAccounts = [{ source: 'crm', account: 'robot', owner: 'p2@example.com' }];
    await world.run('2026-11-10T08:00:00Z');
    const { rows } = await world.store.pool.query(
      `select rule, summary, evidence -> 'could_be' as could_be from rollcall.drift_findings`,
    );
    expect(rows).toEqual([
      {
        rule: 'service_account_unowned',
        summary:
          'P1 Doe (robot@example.com) is a service account in crm, and its owner p2@example.com could be P2 Doe (p2@example.com) of directory or P1 Doe (p1@example.com) of directory: write SOURCE/ID',
        could_be: ['directory/d2', 'directory/p2@example.com'],
      },
    ]);
    world.serviceAccounts = [{ source: 'crm', account: 'robot', owner: 'directory/d2' }];
    await world.run('2026-11-10T09:00:00Z');
    expect(await world.findings()).toEqual(['service_account_unowned robot resolved rules changed']);
  });
});

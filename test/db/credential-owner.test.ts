import { describe, expect, test } from 'vitest';
import type { RosterRow } from '../../src/core/row.ts';
import { OperationalError } from '../../src/errors.ts';
import { account, person, upTo } from '../support/people.ts';
import { CRM, DIRECTORY, openWorkerWorld, type WorkerOptions, type WorkerWorld } from '../support/worker.ts';

const DEAD = { outcome: { kind: 'broken', code: 'source-auth', detail: 'the token was refused' } } as const;
const without = (number: number) =>
  upTo(5)
    .filter((each) => each !== number)
    .map((each) => person(each));

/** Five people with an account each; p1 made the token of the CRM. */
async function aCompany(options: WorkerOptions = {}): Promise<WorkerWorld> {
  const world = await openWorkerWorld(options);
  world.identities = upTo(5).map((number) => person(number));
  world.accounts = upTo(5).map((number) => account(number));
  world.tokenOwner = { externalId: 'a1', email: 'P1@example.com', shape: 'test' };
  return world;
}

/** `severity status resolution`, of the one finding about the credential. */
async function credential(world: WorkerWorld): Promise<readonly string[]> {
  const { rows } = await world.store.pool.query<{ text: string }>(
    `select concat_ws(' ', severity, status, resolution) as text from rollcall.drift_findings
      where rule = 'credential_owner_at_risk' and account_id is null and source = 'crm'`,
  );
  return rows.map(({ text }) => text);
}

test('opens when the owner is taken off the list, says so, and ends when the owner is back', async () => {
  await using world = await aCompany();
  await world.run('2026-11-10T08:00:00Z');
  expect(await credential(world)).toEqual([]);
  world.identities = without(1);
  await world.run('2026-11-10T09:00:00Z');
  expect(await credential(world)).toEqual(['critical open']);
  expect(world.messages).toContain('1 source is read with a token that may end');
  world.identities = upTo(5).map((number) => person(number));
  await world.run('2026-11-10T10:00:00Z');
  expect(await credential(world)).toEqual(['critical resolved identity current']);
});

test('an owner whom nobody knows is high, critical when known and gone, and ends with another token', async () => {
  await using world = await aCompany();
  world.tokenOwner = { externalId: 'api', email: 'api@vendor.example', shape: 'test' };
  await world.run('2026-11-10T08:00:00Z');
  expect(await credential(world)).toEqual(['high open']);
  world.identities = [...without(9), person(9, { email: 'api@vendor.example', status: 'inactive' })];
  await world.run('2026-11-10T09:00:00Z');
  expect(await credential(world)).toEqual(['critical open']);
  world.tokenOwner = { externalId: 'a2', email: 'p2@example.com', shape: 'test' };
  await world.run('2026-11-10T10:00:00Z');
  expect(await credential(world)).toEqual(['critical resolved record changed']);
});

test('case 52: opens 14 days before the last one, in the company’s time zone, without a change of data', async () => {
  await using world = await aCompany({ timezone: 'America/New_York' });
  world.identities = [...without(1), person(1, { endDate: '2026-11-30' })];
  await world.run('2026-11-15T08:00:00Z');
  // 23:30 of 15 November in New York.
  await world.run('2026-11-16T04:30:00Z');
  expect(await credential(world)).toEqual([]);
  await world.run('2026-11-16T05:30:00Z');
  expect(await credential(world)).toEqual(['critical open']);
});

test('an owner never learnt opens nothing; a question that fails spoils no listing, and the last answer goes on counting', async () => {
  await using world = await aCompany();
  const refusal = new OperationalError('source-forbidden', 'may not ask');
  world.tokenOwner = refusal;
  const first = await world.run('2026-11-10T08:00:00Z');
  expect(first.outcomes).toMatchObject([{ verdict: 'complete' }, { verdict: 'complete' }]);
  expect(first.reconciled.plan.runs.flatMap((run) => run.rules)).not.toContain('credential_owner_at_risk');

  world.tokenOwner = { externalId: 'a1', email: 'p1@example.com', shape: 'test' };
  await world.run('2026-11-10T09:00:00Z');
  world.tokenOwner = refusal;
  world.identities = without(1);
  await world.run('2026-11-10T10:00:00Z');
  expect(await credential(world)).toEqual(['critical open']);
  world.tokenOwner = undefined;
  await world.run('2026-11-10T11:00:00Z');
  expect(await credential(world)).toEqual(['critical open']);
});

test('is withheld while the identity list or the source cannot be read: what was found stays', async () => {
  await using world = await aCompany();
  await world.run('2026-11-10T08:00:00Z');
  world.identities = [];
  world.identitiesEnd = DEAD;
  await world.run('2026-11-10T09:00:00Z');
  expect(await credential(world)).toEqual([]);
  world.identitiesEnd = {};
  world.identities = without(1);
  await world.run('2026-11-10T10:00:00Z');
  world.identities = upTo(5).map((number) => person(number));
  world.accounts = [];
  world.accountsEnd = DEAD;
  await world.run('2026-11-10T11:00:00Z');
  expect(await credential(world)).toEqual(['critical open']);
});

test('an owner without the address of an identity is known by the link of the account', async () => {
  await using world = await aCompany();
  world.tokenOwner = { externalId: 'a1', email: 'somebody@private.example', shape: 'test' };
  await world.run('2026-11-10T08:00:00Z');
  expect(await credential(world)).toEqual([]);
});

test('an owner listed under serviceAccounts counts by whoever answers for it', async () => {
  await using world = await aCompany();
  world.tokenOwner = { externalId: 'robot', email: 'robot@example.com', shape: 'test' };
  world.serviceAccounts = [{ source: 'crm', account: 'robot', owner: 'p2@example.com' }];
  await world.run('2026-11-10T08:00:00Z');
  expect(await credential(world)).toEqual([]);
  world.identities = without(2);
  await world.run('2026-11-10T09:00:00Z');
  expect(await credential(world)).toEqual(['critical open']);
});

test('sources of other types are never judged, and one that becomes such ends its finding', async () => {
  await using world = await aCompany();
  world.specs = [DIRECTORY, { ...CRM, type: 'scim' }];
  world.tokenOwner = { externalId: 'api', email: 'api@vendor.example', shape: 'test' };
  await world.run('2026-11-10T08:00:00Z');
  expect(await credential(world)).toEqual([]);
  world.specs = [DIRECTORY, CRM];
  await world.run('2026-11-10T09:00:00Z');
  expect(await credential(world)).toEqual(['high open']);
  world.specs = [DIRECTORY, { ...CRM, type: 'scim' }];
  await world.run('2026-11-10T10:00:00Z');
  expect(await credential(world)).toEqual(['high resolved source removed']);
});

test('other key settings forget the owner: nothing is concluded until the new token’s is learnt', async () => {
  await using world = await aCompany();
  await world.run('2026-11-10T08:00:00Z');
  world.specs = [DIRECTORY, { ...CRM, keyDigest: 'another roster' }];
  world.tokenOwner = new OperationalError('source-forbidden', 'may not ask');
  await world.run('2026-11-10T09:00:00Z');
  const { rows } = await world.store.pool.query(
    `select owner_external_id, owner_email from rollcall.source where name = 'crm'`,
  );
  expect(rows).toEqual([{ owner_external_id: null, owner_email: null }]);
});

test('the token of the only authoritative source is judged by its own list', async () => {
  await using world = await aCompany();
  world.specs = [{ ...CRM, authoritative: true }];
  world.tokenOwner = { externalId: 'a1', email: 'p1@example.com', shape: 'test' };
  await world.run('2026-11-10T08:00:00Z');
  expect(await credential(world)).toEqual([]);
  world.accounts = [
    account(1, { endDate: '2026-11-20' }),
    ...upTo(5)
      .slice(1)
      .map((number) => account(number)),
  ];
  await world.run('2026-11-10T09:00:00Z');
  expect(await credential(world)).toEqual(['critical open']);
});

const keyed = (number: number, overrides: Partial<RosterRow> = {}): RosterRow =>
  account(number, { externalId: `p${number}@example.com`, ...overrides });

describe('a roster that knows its people by other ids than the vendor names the owner by', () => {
  const OWNER = { externalId: 'uid-0001', email: 'P1@example.com', shape: 'test' };
  const owned = async (first: RosterRow, ...more: readonly RosterRow[]): Promise<WorkerWorld> => {
    const world = await aCompany();
    const others = [2, 3, 4, 5].map((number) => keyed(number));
    world.accounts = [first, ...more, ...others];
    world.tokenOwner = OWNER;
    return world;
  };

  test('the owner is the row with the address: inactive there, the token ends', async () => {
    await using world = await owned(keyed(1, { status: 'inactive' }));
    await world.run('2026-11-10T08:00:00Z');
    expect(await credential(world)).toEqual(['critical open']);
    world.accounts = [keyed(1), ...world.accounts.slice(1)];
    await world.run('2026-11-10T09:00:00Z');
    expect(await credential(world)).toEqual(['critical resolved identity current']);
  });

  test('two rows with the address are nobody in particular, and a row with the id comes before the address', async () => {
    await using two = await owned(keyed(1, { status: 'inactive' }), keyed(1, { externalId: 'second' }));
    await two.run('2026-11-10T08:00:00Z');
    expect(await credential(two)).toEqual([]);
    await using world = await owned(
      keyed(1, { status: 'inactive' }),
      keyed(6, { externalId: 'uid-0001', email: 'p6@example.com' }),
    );
    await world.run('2026-11-10T08:00:00Z');
    expect(await credential(world)).toEqual([]);
  });

  test('what a person has pinned for that row counts', async () => {
    await using world = await owned(keyed(1));
    await world.run('2026-11-10T08:00:00Z');
    await world.store.pool.query(
      `update rollcall.link set rule = 'pinned', identity_external_id = 'd2' where external_id = 'p1@example.com'`,
    );
    world.identities = without(2);
    await world.run('2026-11-10T09:00:00Z');
    expect(await credential(world)).toEqual(['critical open']);
  });

  test('an owner listed under serviceAccounts by the id of that row counts by whoever answers for it', async () => {
    await using world = await owned(keyed(1, { externalId: 'robot' }));
    world.serviceAccounts = [{ source: 'crm', account: 'robot', owner: 'd2' }];
    world.identities = without(2);
    await world.run('2026-11-10T08:00:00Z');
    world.identities = [...without(2), person(2, { status: 'inactive' })];
    await world.run('2026-11-10T09:00:00Z');
    expect(await credential(world)).toEqual(['critical open']);
  });
});

test('a pair that a person has denied is not used for the owner, by whatever key', async () => {
  await using world = await aCompany();
  await world.run('2026-11-10T08:00:00Z');
  await world.store.pool.query(`update rollcall.link set rule = 'denied' where external_id = 'a1'`);
  world.identities = [...without(1), person(1, { status: 'inactive' })];
  await world.run('2026-11-10T09:00:00Z');
  // Not critical: nobody else has the address, so the owner is nobody we know.
  expect(await credential(world)).toEqual(['high open']);
});

test('a row of unknown status beside one that leaves soon ends nothing', async () => {
  await using world = await aCompany();
  world.identities = [...without(1), person(1, { endDate: '2026-11-15' })];
  world.tokenOwner = { externalId: 'api', email: 'p1@example.com', shape: 'test' };
  await world.run('2026-11-10T08:00:00Z');
  world.identities = [...world.identities, person(1, { externalId: 'd1-again', status: 'unknown' })];
  await world.run('2026-11-10T09:00:00Z');
  expect(await credential(world)).toEqual(['critical open']);
});

test('what was said of the account ends with it while the status of the person is unknown', async () => {
  await using world = await aCompany();
  world.identities = [...without(1), person(1, { status: 'unknown' })];
  world.accounts = [account(1, { status: 'inactive' }), ...world.accounts.slice(1)];
  await world.run('2026-11-10T08:00:00Z');
  expect(await credential(world)).toEqual(['critical open']);
  world.accounts = [account(1), ...world.accounts.slice(1)];
  await world.run('2026-11-10T09:00:00Z');
  expect(await credential(world)).toEqual(['critical resolved record changed']);
});

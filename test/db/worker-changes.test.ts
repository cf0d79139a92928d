import { expect, test } from 'vitest';
import { account, person, stranger, upTo } from '../support/people.ts';
import { CRM, DIRECTORY, openWorkerWorld, type WorkerWorld } from '../support/worker.ts';

// What happens when the configuration changes under a running history, and what people hear of it.

const REFUSED = { outcome: { kind: 'broken', code: 'source-auth', detail: 'the token was refused' } } as const;

async function openBreakers(world: WorkerWorld, kind: string): Promise<readonly number[]> {
  const { rows } = await world.store.pool.query<{ id: number }>(
    'select id from rollcall.breaker where closed_at is null and kind = $1 order by id',
    [kind],
  );
  return rows.map(({ id }) => id);
}

/** Ten people with an account each, looked at once. */
async function aCompany(world: WorkerWorld): Promise<void> {
  world.identities = upTo(10).map((number) => person(number));
  world.accounts = upTo(10).map((number) => account(number));
  await world.run('2026-11-10T08:00:00Z');
}

test.each([
  { names: 'with names', overrides: {} },
  { names: 'by e-mail alone', overrides: { givenName: undefined, familyName: undefined, displayName: undefined } },
])('an identity list under other ids, once released, makes nobody a leaver: $names', async ({ overrides }) => {
  await using world = await openWorkerWorld();
  world.identities = upTo(10).map((number) => person(number, overrides));
  world.accounts = upTo(10).map((number) => account(number));
  await world.run('2026-11-10T08:00:00Z');

  // The id column changes: the same people under other ids. Nothing is believed until a person says so.
  world.specs = [{ ...DIRECTORY, keyDigest: 'other id column' }, CRM];
  world.identities = upTo(10).map((number) => person(number, { externalId: `e${number}`, ...overrides }));
  await world.run('2026-11-10T09:00:00Z');
  expect(await world.findings()).toEqual([]);
  for (const kind of ['source', 'baseline']) {
    for (const id of await openBreakers(world, kind)) await world.release(id, '2026-11-10T09:30:00Z');
  }

  // A reading that fails just then changes nothing.
  world.identitiesEnd = REFUSED;
  await world.run('2026-11-10T09:45:00Z');
  expect(await world.findings()).toEqual([]);
  world.identitiesEnd = {};
  await world.run('2026-11-10T10:00:00Z');

  expect(await world.findings()).toEqual([]);
  const { rows } = await world.store.pool.query(
    'select identity_external_id as id from rollcall.link order by external_id collate "C"',
  );
  expect(rows).toEqual([1, 10, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => ({ id: `e${number}` })));
  // With that its credential is taken again: messages of one report are in no order.
  expect(world.messages.slice(-2)).toEqual(
    expect.arrayContaining([expect.stringMatching(/First look at.* crm/), expect.stringContaining('is read again')]),
  );

  // From here on somebody who is missing has left.
  world.identities = world.identities.filter(({ externalId }) => externalId !== 'e3');
  await world.run('2026-11-10T11:00:00Z');
  expect(await world.findings()).toEqual(['leaver_account a3 open']);
});

test('after the release of changed key settings nothing is judged before the first listing under the new ones', async () => {
  await using world = await openWorkerWorld();
  await aCompany(world);
  world.specs = [{ ...DIRECTORY, keyDigest: 'other id column' }, CRM];
  await world.run('2026-11-10T09:00:00Z', ['crm']);
  for (const id of await openBreakers(world, 'baseline')) await world.release(id, '2026-11-10T09:30:00Z');
  world.accounts = [...world.accounts, stranger(1)];

  const { reconciled } = await world.run('2026-11-10T10:00:00Z', ['crm']);

  expect(reconciled.plan.withheld.map(({ source }) => source)).toContain('crm');
  expect(await world.findings()).toEqual([]);
});

test('a finding that was held when it went is told when it comes back within a day', async () => {
  await using world = await openWorkerWorld();
  await aCompany(world);
  const known = world.accounts;
  // ceil(0.2 × 14) = 3, and these are 4.
  world.accounts = [...known, ...upTo(4).map(stranger)];
  await world.run('2026-11-10T09:00:00Z');
  expect(world.messages.at(-1)).toContain('4');
  const before = world.messages.length;
  world.accounts = [...known, stranger(4)];
  await world.run('2026-11-10T10:00:00Z');
  expect(await openBreakers(world, 'conclusion')).toHaveLength(1);
  world.accounts = known;
  await world.run('2026-11-11T09:30:00Z');
  expect(world.messages.slice(before)).toEqual([]);
  expect(await openBreakers(world, 'conclusion')).toEqual([]);

  world.accounts = [...known, stranger(4)];
  await world.run('2026-11-11T10:00:00Z');

  expect(await world.findings()).toContain('orphaned_account x4 open');
  expect(world.messages.slice(before)).toEqual([expect.stringContaining('1 account belongs to nobody')]);
});

test('a finding that was told and comes back within a day is not told again', async () => {
  await using world = await openWorkerWorld();
  await aCompany(world);
  const known = world.accounts;
  world.accounts = [...known, stranger(1)];
  await world.run('2026-11-10T09:00:00Z');
  world.accounts = known;
  await world.run('2026-11-10T10:00:00Z');
  world.accounts = [...known, stranger(1)];
  const before = world.messages.length;

  await world.run('2026-11-10T11:00:00Z');

  expect(world.messages.slice(before)).toEqual([]);
});

test('why something is withheld is told when another source or another fault is the cause, and once', async () => {
  await using world = await openWorkerWorld();
  await aCompany(world);
  const kinds = () => world.told.slice(1).map(({ kind }) => kind);
  const everybody = world.identities;
  world.identities = [];
  await world.run('2026-11-10T09:00:00Z');
  expect(kinds()).toEqual(['breaker']);

  // The list is back, but cut: no breaker any more to have told it.
  world.identities = everybody;
  await world.run('2026-11-10T10:00:00Z');
  world.identitiesEnd = REFUSED;
  await world.run('2026-11-10T11:00:00Z');
  await world.run('2026-11-10T12:00:00Z');

  expect(kinds()).toEqual(['breaker', 'recovery', 'credential']);
});

test('what was found in an application ends when it is made an authoritative source', async () => {
  await using world = await openWorkerWorld();
  await aCompany(world);
  world.accounts = [...world.accounts, stranger(1), account(11, { endDate: '2026-11-01' })];
  await world.run('2026-11-10T09:00:00Z');
  expect(await world.findings()).toEqual([
    'lifecycle_conflict a11 open',
    'orphaned_account a11 open',
    'orphaned_account x1 open',
  ]);

  world.specs = [DIRECTORY, { ...CRM, authoritative: true }];
  await world.run('2026-11-10T10:00:00Z');

  expect(await world.findings()).toEqual([
    'lifecycle_conflict a11 open',
    'orphaned_account a11 resolved source removed',
    'orphaned_account x1 resolved source removed',
  ]);
});

test.each([
  { what: 'a source', off: (world: WorkerWorld) => void (world.specs = [DIRECTORY]), reason: 'source removed' },
  {
    what: 'a rule',
    off: (world: WorkerWorld) => void (world.disabledRules = ['orphaned_account']),
    reason: 'rule disabled',
  },
])('$what that was out of the configuration comes back with its findings, and trips nothing', async (given) => {
  await using world = await openWorkerWorld();
  world.identities = upTo(10).map((number) => person(number));
  world.accounts = [...upTo(10).map((number) => account(number)), ...upTo(5).map(stranger)];
  await world.run('2026-11-10T08:00:00Z');
  given.off(world);
  await world.run('2026-11-10T09:00:00Z');
  expect(await world.findings()).toEqual(upTo(5).map((n) => `orphaned_account x${n} resolved ${given.reason}`));

  world.specs = [DIRECTORY, CRM];
  world.disabledRules = [];
  const { reconciled } = await world.run('2026-11-10T10:00:00Z');

  // ceil(0.2 × 15) = 3 might open: they are 5, and nothing new.
  expect(reconciled).toMatchObject({ opened: 5, held: 0 });
  expect(await world.findings()).toEqual(upTo(5).map((n) => `orphaned_account x${n} open`));
  expect(await openBreakers(world, 'conclusion')).toEqual([]);
});

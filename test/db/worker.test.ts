import { expect, test } from 'vitest';
import { account, byMail, person, stranger, upTo } from '../support/people.ts';
import { openWorkerWorld } from '../support/worker.ts';

test('more new orphans than a conclusion may open are held, told once, and open only when a person releases them', async () => {
  await using world = await openWorkerWorld();
  world.identities = upTo(20).map((number) => person(number));
  world.accounts = upTo(20).map((number) => account(number));
  await world.run('2026-11-20T08:00:00Z');
  expect(world.told.map(({ kind }) => kind)).toEqual(['baseline']);

  // 27 accounts: ceil(0.2 × 27) = 6 may open at once, and these are 7.
  world.accounts = [...world.accounts, ...upTo(7).map(stranger)];
  const flooded = await world.run('2026-11-20T09:00:00Z');
  expect(flooded.reconciled).toMatchObject({ opened: 0, held: 7 });
  expect(await world.findings()).toEqual(upTo(7).map((number) => `orphaned_account x${number} held`));
  expect(world.told.slice(1).map(({ kind }) => kind)).toEqual(['breaker']);

  // One whose ground goes while it is held is resolved silently.
  world.accounts = world.accounts.filter(({ externalId }) => externalId !== 'x7');
  await world.run('2026-11-20T10:00:00Z');
  const breakers = await world.store.pool.query<{ id: number }>(
    'select id from rollcall.breaker where closed_at is null',
  );
  expect(breakers.rows).toHaveLength(1);
  await world.release(breakers.rows[0]?.id ?? 0, '2026-11-20T10:30:00Z');
  await world.run('2026-11-20T11:00:00Z');
  expect(await world.findings()).toEqual([
    ...upTo(6).map((number) => `orphaned_account x${number} open`),
    'orphaned_account x7 resolved account gone',
  ]);
  expect(world.told.map(({ kind }) => kind)).toContain('released');
});

test('exactly as many as may open are opened', async () => {
  await using world = await openWorkerWorld();
  world.identities = upTo(20).map((number) => person(number));
  world.accounts = upTo(20).map((number) => account(number));
  await world.run('2026-11-20T08:00:00Z');
  // ceil(0.2 × 25) = 5
  world.accounts = [...world.accounts, ...upTo(5).map(stranger)];
  expect((await world.run('2026-11-20T09:00:00Z')).reconciled).toMatchObject({ opened: 5, held: 0 });
});

test('an end date makes a leaver when its day has ended in the company’s time zone, and not an hour earlier', async () => {
  await using world = await openWorkerWorld({ timezone: 'Pacific/Auckland' });
  world.identities = [person(1, { endDate: '2026-11-20' }), person(2), person(3)];
  world.accounts = [account(1), account(2), account(3)];
  await world.run('2026-11-19T08:00:00Z');
  // Auckland is 13 hours ahead in November: its 20th ends at 11:00 UTC.
  await world.run('2026-11-20T10:59:00Z');
  expect(await world.findings()).toEqual([]);
  await world.run('2026-11-20T11:01:00Z');
  // The list itself still calls the person active: a conflict of its own (contract §6).
  expect(await world.findings()).toEqual(['leaver_account a1 open', 'lifecycle_conflict d1 open']);
});

test('grace days count from the day of leaving, whichever way it was seen', async () => {
  await using world = await openWorkerWorld({ graceDays: 2 });
  world.identities = upTo(10).map((number) => person(number));
  world.accounts = upTo(10).map((number) => account(number));
  await world.run('2026-11-10T08:00:00Z');
  world.identities = world.identities.filter(({ externalId }) => externalId !== 'd1');
  await world.run('2026-11-11T08:00:00Z');
  await world.run('2026-11-12T23:00:00Z');
  expect(await world.findings()).toEqual([]);
  // Absent since the 11th: from the 13th on.
  await world.run('2026-11-13T00:30:00Z');
  expect(await world.findings()).toEqual(['leaver_account a1 open']);
});

test('what an incomplete listing does not show is not gone, and its account stays a finding', async () => {
  await using world = await openWorkerWorld();
  world.identities = upTo(5).map((number) => person(number));
  world.accounts = [...upTo(5).map((number) => account(number)), stranger(1)];
  await world.run('2026-11-10T08:00:00Z');
  world.accounts = upTo(5).map((number) => account(number));
  world.accountsEnd = { outcome: { kind: 'broken', code: 'source-unavailable', detail: 'page 2 did not arrive' } };
  const cut = await world.run('2026-11-10T09:00:00Z');
  expect(cut.outcomes.find(({ source }) => source === 'crm')).toMatchObject({ verdict: 'incomplete' });
  expect(await world.findings()).toEqual(['orphaned_account x1 open']);
  world.accountsEnd = {};
  await world.run('2026-11-10T10:00:00Z');
  expect(await world.findings()).toEqual(['orphaned_account x1 resolved account gone']);
});

test('a finding that comes back within a day is the same finding, open again, and is not told again', async () => {
  await using world = await openWorkerWorld();
  world.identities = upTo(5).map((number) => person(number));
  const known = upTo(5).map((number) => account(number));
  world.accounts = known;
  await world.run('2026-11-10T08:00:00Z');
  for (const [hour, there] of [
    [9, true],
    [10, false],
    [11, true],
  ] as const) {
    world.accounts = there ? [...known, stranger(1)] : known;
    await world.run(`2026-11-10T${String(hour).padStart(2, '0')}:00:00Z`);
  }
  expect(await world.findings()).toEqual(['orphaned_account x1 open']);
  const { rows } = await world.store.pool.query<{ event: string }>(
    'select event from rollcall.finding_event order by id',
  );
  expect(rows.map(({ event }) => event)).toEqual(['opened', 'resolved', 'reopened']);
});

test('an unchanged world writes its runs and its report, and no other row', async () => {
  await using world = await openWorkerWorld();
  world.identities = upTo(30).map((number) => person(number));
  world.accounts = [...upTo(29).map((number) => account(number)), stranger(1)];
  await world.run('2026-11-10T08:00:00Z');
  const before = await written(world.store.pool);
  await world.run('2026-11-10T09:00:00Z');
  expect(await written(world.store.pool)).toEqual(before);
});

/** Every row of these tables with the transaction that wrote it: a row written anew, even with the same content, shows. */
async function written(pool: { query: (sql: string) => Promise<{ rows: unknown[] }> }): Promise<unknown> {
  const tables = [
    'account',
    'account_key',
    'account_version',
    'link',
    'finding',
    'finding_event',
    'breaker',
    'setting',
  ];
  return Promise.all(
    tables.map(
      async (table) => (await pool.query(`select xmin::text, ctid::text from rollcall.${table} order by ctid`)).rows,
    ),
  );
}

test('a list without ids: a new address whose alias is the old one makes nobody a leaver, now or later', async () => {
  await using world = await openWorkerWorld();
  world.identities = upTo(5).map(byMail);
  world.accounts = [1, 2, 3].map((number) => account(number));
  await world.run('2026-11-10T08:00:00Z');
  const address = { externalId: 'p1.new@example.com', email: 'p1.new@example.com', aliases: ['p1@example.com'] };
  world.identities = [person(1, address), ...[2, 3, 4, 5].map(byMail)];
  await world.run('2026-11-10T09:00:00Z');
  expect(await world.findings()).toEqual([]);
  // One that is new, and is looked at with everything else on the next day.
  world.accounts = [...world.accounts, account(1, { externalId: 'a1-second', status: 'inactive' })];
  await world.run('2026-11-11T08:00:00Z');
  expect(await world.findings()).toEqual(['inactive_account a1-second open']);
  const links = `select external_id, identity_external_id, rule from rollcall.link where external_id like 'a1%' order by 1`;
  expect((await world.store.pool.query(links)).rows).toEqual([
    { external_id: 'a1', identity_external_id: 'p1.new@example.com', rule: 'relinked' },
    { external_id: 'a1-second', identity_external_id: 'p1.new@example.com', rule: 'relinked' },
  ]);
  // Whoever then leaves is a leaver.
  world.identities = [person(1, { ...address, status: 'inactive' }), ...[2, 3, 4, 5].map(byMail)];
  await world.run('2026-11-11T09:00:00Z');
  expect(await world.findings()).toContain('leaver_account a1 open');
});

import { describe, expect, test } from 'vitest';
import type { RosterRow } from '../../src/core/row.ts';
import type { LinkChange, LinkRequest } from '../../src/ports/reading.ts';
import { createOperator } from '../../src/store/operator.ts';
import { aRow } from '../support/builders.ts';
import { CRM, DIRECTORY, openWorkerWorld, type WorkerWorld } from '../support/worker.ts';

// Contract §6, `reused_account`, from the listing to the ledger, on real Postgres.

const at = (hour: number): string => `2026-11-21T${String(hour).padStart(2, '0')}:00:00Z`;
const person = (id: string, name: string, overrides: Partial<RosterRow> = {}): RosterRow =>
  aRow({
    externalId: id,
    email: `${name.toLowerCase()}@example.com`,
    givenName: name,
    familyName: 'Doe',
    ...overrides,
  });

const JANE = person('p-1', 'Jane');
const MARK = person('p-2', 'Mark');
/** Others, so that a change of one row is no loss of the list. */
const STAFF = ['Ann', 'Ben', 'Cleo'].map((name, index) => person(`p-${index + 10}`, name));
const ACCOUNTS = STAFF.map((row, index) => ({ ...row, externalId: `n-${index + 10}` }));

async function link(
  world: WorkerWorld,
  action: LinkRequest['action'],
  names: readonly [source: string, account: string, identity?: string],
): Promise<LinkChange> {
  const [source, account, identity] = names;
  return await createOperator(world.store).changeLink({
    action,
    source,
    account,
    identity,
    author: 'kim',
    reason: 'asked',
    now: new Date(at(12)),
  });
}

async function column(world: WorkerWorld, sql: string): Promise<readonly unknown[]> {
  const { rows } = await world.store.pool.query<unknown[]>({ text: sql, rowMode: 'array' });
  return rows.map((row) => (row.length === 1 ? row[0] : row.join(' ')));
}

const LINKS = `select external_id, identity_external_id, rule from rollcall.link where external_id not like 'n-1_' order by 1, 2`;
const MARKED = `select external_id, reuse_before_run is not null, moved_from from rollcall.account
                 where reuse_before_run is not null or moved_from is not null order by 1`;

/** Jane works here and has the account n-1. */
async function open(first: { readonly identities?: readonly RosterRow[] } = {}): Promise<WorkerWorld> {
  const world = await openWorkerWorld();
  world.identities = [...STAFF, ...(first.identities ?? [JANE])];
  world.accounts = [...ACCOUNTS, { ...JANE, externalId: 'n-1' }];
  await world.run(at(1));
  expect(await world.findings()).toEqual([]);
  return world;
}

function accounts(world: WorkerWorld, ...rows: readonly RosterRow[]): void {
  world.accounts = [...ACCOUNTS, ...rows];
}
function identities(world: WorkerWorld, ...rows: readonly RosterRow[]): void {
  world.identities = [...STAFF, ...rows];
}

describe('an id that came to somebody else', () => {
  test('is a finding, loses its link, and nobody says whose it is before a person does', async () => {
    await using world = await open({ identities: [JANE, MARK] });
    accounts(world, person('n-1', 'Mark'));
    await world.run(at(2));
    expect(await world.findings()).toEqual(['reused_account n-1 open']);
    expect(await column(world, LINKS)).toEqual([]);

    // Nothing that changes later ends it, and as long as nothing changes nothing is written.
    accounts(world, person('n-1', 'Mark', { title: 'Head of Sales' }));
    await world.run(at(3));
    await world.run(at(4));
    expect(await world.findings()).toEqual(['reused_account n-1 open']);
    expect(await column(world, 'select event from rollcall.finding_event')).toEqual(['opened']);
    expect(await column(world, LINKS)).toEqual([]);

    await link(world, 'clear', ['crm', 'n-1']);
    await world.run(at(13));
    expect(await world.findings()).toEqual(['reused_account n-1 resolved linked']);
    expect(await column(world, LINKS)).toEqual(['n-1 p-2 email']);
  });

  test('neither opens nor ends what other rules say of the account meanwhile', async () => {
    await using world = await open();
    identities(world, { ...JANE, status: 'inactive' });
    await world.run(at(2));
    expect(await world.findings()).toEqual(['leaver_account n-1 open']);
    accounts(world, person('n-1', 'Mark', { role: 'admin', privileged: true }));
    await world.run(at(3));
    expect(await world.findings()).toEqual(['leaver_account n-1 open', 'reused_account n-1 open']);

    await link(world, 'deny', ['crm', 'n-1', 'p-1']);
    await world.run(at(13));
    expect(await world.findings()).toEqual([
      'leaver_account n-1 resolved record changed',
      'orphaned_account n-1 open',
      'reused_account n-1 resolved record changed',
    ]);
  });

  test('is noticed when it had gone meanwhile, and when it had no address for a while', async () => {
    await using world = await open();
    accounts(world);
    await world.run(at(2));
    accounts(world, person('n-1', 'Mark'));
    await world.run(at(3));
    expect(await world.findings()).toEqual(['reused_account n-1 open']);

    await using other = await open();
    accounts(other, person('n-1', 'Jane', { email: undefined }));
    await other.run(at(2));
    expect(await other.findings()).toEqual([]);
    accounts(other, person('n-1', 'Mark'));
    await other.run(at(3));
    expect(await other.findings()).toEqual(['reused_account n-1 open']);
  });

  test('ends when the account is gone; who comes back under the id is the same as before', async () => {
    await using world = await open();
    accounts(world, person('n-1', 'Mark'));
    await world.run(at(2));
    accounts(world);
    await world.run(at(3));
    expect(await world.findings()).toEqual(['reused_account n-1 resolved account gone']);
    expect(await column(world, MARKED)).toEqual([]);
    accounts(world, person('n-1', 'Mark'));
    await world.run(at(4));
    expect(await world.findings()).toEqual(['orphaned_account n-1 open', 'reused_account n-1 resolved account gone']);
  });

  test('is compared with who it was first, however many came since', async () => {
    await using world = await open();
    accounts(world, person('n-1', 'Mark'));
    await world.run(at(2));
    accounts(world, person('n-1', 'Zoe'));
    await world.run(at(3));
    expect(await column(world, `select summary from rollcall.finding`)).toEqual([
      'Zoe Doe (zoe@example.com) has the id n-1 in crm, which was of Jane Doe (jane@example.com) before',
    ]);
  });

  test.each<{ name: string; now: RosterRow }>([
    {
      name: 'jane.doe -> jane.smith',
      now: person('n-1', 'Jane', { email: 'jane.smith@example.com', familyName: 'Smith' }),
    },
    { name: 'another domain', now: person('n-1', 'Jane', { email: 'jane@example.org' }) },
    { name: 'another first name with the same address', now: person('n-1', 'Janet', { email: 'jane@example.com' }) },
    { name: 'the former address as an alias', now: person('n-1', 'Mark', { aliases: ['jane@example.com'] }) },
    { name: 'a name that was lost', now: person('n-1', 'Mark', { givenName: undefined }) },
  ])('79: $name is a change: one person, nothing is told, the link stays', async ({ now }) => {
    await using world = await open();
    accounts(world, now);
    await world.run(at(2));
    expect(await world.findings()).toEqual([]);
    expect(await column(world, LINKS)).toEqual(['n-1 p-1 email']);
    expect(await column(world, MARKED)).toEqual([]);
  });

  test('what only an accent tells apart is suspected and dropped, and the link stays', async () => {
    await using world = await open();
    accounts(world, person('n-1', 'Jáne', { email: 'j@example.org' }));
    await world.run(at(2), ['crm']);
    expect(await world.findings()).toEqual([]);
    expect(await column(world, LINKS)).toEqual(['n-1 p-1 email']);
    expect(await column(world, MARKED)).toEqual([]);
  });

  test('switched off, the account keeps its link; switched on again, it is asked', async () => {
    await using world = await open();
    world.disabledRules = ['reused_account'];
    accounts(world, person('n-1', 'Mark'));
    await world.run(at(2));
    expect(await world.findings()).toEqual([]);
    expect(await column(world, LINKS)).toEqual(['n-1 p-1 email']);
    world.disabledRules = [];
    await world.run(at(3));
    expect(await world.findings()).toEqual(['reused_account n-1 open']);
    expect(await column(world, LINKS)).toEqual([]);
  });

  test('while the identity list cannot be read it is told, and its link goes when the list is back', async () => {
    await using world = await open();
    accounts(world, person('n-1', 'Mark'));
    world.identitiesEnd = { outcome: { kind: 'broken', code: 'source-unavailable', detail: 'down' } };
    await world.run(at(2));
    expect(await world.findings()).toEqual(['reused_account n-1 open']);
    expect(await column(world, LINKS)).toEqual(['n-1 p-1 email']);
    world.identitiesEnd = {};
    await world.run(at(3));
    expect(await world.findings()).toEqual(['reused_account n-1 open']);
    expect(await column(world, LINKS)).toEqual([]);
  });

  test('a pin stays in the table, and counts for nothing until a person has decided again', async () => {
    await using world = await open();
    await link(world, 'add', ['crm', 'n-1', 'p-1']);
    identities(world, { ...JANE, status: 'inactive' });
    accounts(world, person('n-1', 'Mark'));
    await world.run(at(13));
    expect(await world.findings()).toEqual(['reused_account n-1 open']);
    expect(await column(world, LINKS)).toEqual(['n-1 p-1 pinned']);
  });
});

describe('an address that came to another id', () => {
  const OLD = person('n-1', 'Jane', { email: 'jane.old@example.com' });

  test('81: while the old row is there, the row that has it now is asked about, and its other rules go on', async () => {
    await using world = await open();
    accounts(world, OLD, person('n-2', 'Jane'));
    await world.run(at(2));
    expect(await world.findings()).toEqual(['duplicate_account p-1 open', 'reused_account n-2 open']);
    expect(await column(world, LINKS)).toEqual(['n-1 p-1 email', 'n-2 p-1 email']);

    accounts(world, OLD, person('n-2', 'Jane', { title: 'Head' }));
    await world.run(at(3));
    expect(await world.findings()).toEqual(['duplicate_account p-1 open', 'reused_account n-2 open']);
    expect(await column(world, 'select event from rollcall.finding_event')).toEqual(['opened', 'opened']);
  });

  test('also when it comes later than it went', async () => {
    await using world = await open();
    accounts(world, OLD);
    await world.run(at(2));
    accounts(world, OLD, person('n-2', 'Jane'));
    await world.run(at(3));
    expect(await world.findings()).toContain('reused_account n-2 open');
  });

  test.each<{ name: string; then: readonly RosterRow[]; ended: string }>([
    { name: 'the old row is gone', then: [person('n-2', 'Jane')], ended: 'linked' },
    {
      name: 'the old row has it back',
      then: [person('n-1', 'Jane'), person('n-2', 'Jane', { email: 'j2@example.com' })],
      ended: 'linked',
    },
    { name: 'it moves on', then: [OLD, person('n-2', 'Jane', { email: 'j2@example.com' })], ended: 'linked' },
    { name: 'the row is gone', then: [OLD], ended: 'account gone' },
  ])('ends when $name', async ({ then, ended }) => {
    await using world = await open();
    accounts(world, OLD, person('n-2', 'Jane'));
    await world.run(at(2));
    accounts(world, ...then);
    await world.run(at(3));
    expect(await world.findings()).toContain(`reused_account n-2 resolved ${ended}`);
    expect(await column(world, MARKED)).not.toContain('n-2 false n-1');
  });

  test.each(['add', 'deny', 'clear'] as const)('ends when a person decides: link %s', async (action) => {
    await using world = await open();
    accounts(world, OLD, person('n-2', 'Jane'));
    await world.run(at(2));
    expect(await link(world, action, ['crm', 'n-2', 'p-1'])).toMatchObject({ reuse_decided: true });
    await world.run(at(13));
    expect((await world.findings()).filter((line) => line.startsWith('reused_account n-2 open'))).toEqual([]);
    // And it is not asked again for the same.
    accounts(world, OLD, person('n-2', 'Jane', { title: 'Head' }));
    await world.run(at(14));
    expect((await world.findings()).filter((line) => line.startsWith('reused_account n-2 open'))).toEqual([]);
  });

  test.each<{ name: string; then: readonly RosterRow[] }>([
    { name: '81: two accounts with one address', then: [person('n-1', 'Jane'), person('n-2', 'Jane')] },
    {
      name: 'the old row has kept it as an alias',
      then: [{ ...OLD, aliases: ['jane@example.com'] }, person('n-2', 'Jane')],
    },
    {
      name: 'the new row has it as an alias only',
      then: [OLD, person('n-2', 'Joan', { aliases: ['jane@example.com'] })],
    },
    { name: '81: a recycled address whose old row is gone', then: [person('n-2', 'Jane')] },
  ])('nothing is asked: $name', async ({ then }) => {
    await using world = await open();
    accounts(world, ...then);
    await world.run(at(2));
    expect((await world.findings()).filter((line) => line.startsWith('reused'))).toEqual([]);
  });

  test('81: a rehire under a new id and the old address, the old row gone, is one person', async () => {
    await using world = await open();
    identities(world, { ...JANE, status: 'inactive' });
    accounts(world);
    await world.run(at(2));
    identities(world, { ...JANE, status: 'inactive' }, { ...JANE, externalId: 'p-9' });
    accounts(world, person('n-9', 'Jane'));
    await world.run(at(3));
    expect(await world.findings()).toEqual([]);
    expect(await column(world, LINKS)).toContain('n-9 p-9 email');
  });
});

describe('an identity whose id came to somebody else', () => {
  const REUSED = { ...MARK, externalId: 'p-1' };
  const doubt = ['reused_account p-1 open'];

  async function openReused(): Promise<WorkerWorld> {
    const world = await open();
    identities(world, REUSED);
    await world.run(at(2));
    expect(await world.findings()).toEqual(doubt);
    return world;
  }

  test('nothing is concluded of the accounts of who had it, whatever the row says', async () => {
    await using world = await openReused();
    expect(await column(world, LINKS)).toEqual(['n-1 p-1 email']);
    for (const [hour, row] of [
      [3, { ...REUSED, status: 'inactive' as const }],
      [4, { ...REUSED, endDate: '2026-11-01', status: 'inactive' as const }],
    ] as const) {
      identities(world, row);
      await world.run(at(hour));
      expect(await world.findings()).toEqual(doubt);
    }
    const [undecided] = await column(world, 'select undecided from rollcall.drift_report order by id desc limit 1');
    expect(undecided).toBeGreaterThan(0);
  });

  test('link add: the same person, her accounts stay hers', async () => {
    await using world = await openReused();
    expect(await link(world, 'add', ['directory', 'p-1', 'p-1'])).toMatchObject({ changed: true, removed: 0 });
    await world.run(at(13));
    expect(await world.findings()).toEqual(['reused_account p-1 resolved record changed']);
    expect(await column(world, LINKS)).toEqual(['n-1 p-1 email']);
  });

  test.each(['deny', 'clear'] as const)(
    'link %s: another person, whoever has the address is linked',
    async (action) => {
      await using world = await openReused();
      accounts(world, { ...JANE, externalId: 'n-1' }, { ...MARK, externalId: 'n-2' });
      await world.run(at(3));
      expect(await world.findings()).toEqual(doubt);
      expect(await link(world, action, ['directory', 'p-1', 'p-1'])).toMatchObject({ changed: true, removed: 2 });
      await world.run(at(13));
      expect(await world.findings()).toEqual([
        'orphaned_account n-1 open',
        'reused_account p-1 resolved record changed',
      ]);
      expect(await column(world, LINKS)).toEqual(['n-2 p-1 email']);
    },
  );

  test('link deny takes back what was pinned to who had it before, and clear leaves it', async () => {
    for (const [action, left] of [
      ['deny', []],
      ['clear', ['n-1 p-1 pinned']],
    ] as const) {
      await using world = await open();
      await createOperator(world.store).changeLink({
        action: 'add',
        source: 'crm',
        account: 'n-1',
        identity: 'p-1',
        author: 'kim',
        reason: 'hers',
        now: new Date(at(1)),
      });
      identities(world, REUSED);
      await world.run(at(2));
      await link(world, action, ['directory', 'p-1', 'p-1']);
      expect(await column(world, LINKS)).toEqual(left);
    }
  });

  test('its accounts are no duplicates of who has the address on the list', async () => {
    await using world = await openReused();
    accounts(world, { ...JANE, externalId: 'n-1' }, { ...MARK, externalId: 'n-2' });
    await world.run(at(3));
    expect(await world.findings()).toEqual(doubt);
  });

  test('an e-mail that moved to another row of the list is asked about, and the list goes on', async () => {
    await using world = await open();
    identities(world, { ...JANE, email: 'jane.old@example.com' }, { ...JANE, externalId: 'p-2' });
    await world.run(at(2));
    expect(await world.findings()).toEqual(['reused_account p-2 open']);
    expect(await column(world, LINKS)).toEqual(['n-1 p-1 email']);
  });
});

describe('ids under other key settings', () => {
  /** The same people, with each other's ids and addresses. */
  const shifted = (rows: readonly RosterRow[]): readonly RosterRow[] =>
    rows.map((row, index) => ({ ...row, externalId: rows[(index + 1) % rows.length]?.externalId ?? '' }));

  test('coincide by chance: nothing is marked, no link of who had the id stays, nobody is an orphan', async () => {
    await using world = await open();
    const all = [...ACCOUNTS, { ...JANE, externalId: 'n-1' }];
    world.specs = [DIRECTORY, { ...CRM, keyDigest: 'other' }];
    world.accounts = shifted(all);
    await world.run(at(2));
    const [breaker] = await column(world, `select id from rollcall.breaker where kind = 'baseline'`);
    await world.release(Number(breaker), at(3));
    await world.run(at(4));
    await world.run(at(5));
    expect(await world.findings()).toEqual([]);
    expect(await column(world, MARKED)).toEqual([]);
    const wrong = `select count(*)::int from rollcall.link l
      join rollcall.account_key k on k.source_id = l.source_id and k.external_id = l.external_id and k.kind = 'email'
      where not exists (select from rollcall.account_key i where i.source_id = l.identity_source_id
                         and i.external_id = l.identity_external_id and i.key = k.key)`;
    expect(await column(world, wrong)).toEqual([0]);

    // From then on an id means somebody again.
    world.accounts = shifted(all).map((row) =>
      row.givenName === 'Jane' ? { ...row, ...MARK, externalId: row.externalId } : row,
    );
    await world.run(at(6));
    expect((await world.findings()).map((line) => line.split(' ')[0])).toEqual(['reused_account']);
  });

  test('coincide by chance where no name tells: the link of who had the id goes, that of the same name stays', async () => {
    await using world = await open({ identities: [JANE, MARK] });
    world.specs = [DIRECTORY, { ...CRM, keyDigest: 'other' }];
    accounts(world, person('n-1', 'Mark', { givenName: undefined }));
    await world.run(at(2));
    expect(await column(world, LINKS)).toEqual([]);

    await using other = await open();
    other.specs = [DIRECTORY, { ...CRM, keyDigest: 'other' }];
    accounts(other, person('n-1', 'Jane', { email: 'jane@example.org' }));
    await other.run(at(2));
    expect(await column(other, LINKS)).toEqual(['n-1 p-1 email']);
  });

  test('of an identity list: links to an id that means somebody else now are gone', async () => {
    await using world = await open();
    world.specs = [{ ...DIRECTORY, keyDigest: 'other' }, CRM];
    world.identities = shifted([...STAFF, JANE]);
    await world.run(at(2));
    const [breaker] = await column(world, `select id from rollcall.breaker where kind = 'baseline'`);
    await world.release(Number(breaker), at(3));
    await world.run(at(4));
    expect(await world.findings()).toEqual([]);
    expect(await column(world, MARKED)).toEqual([]);
    expect(await column(world, LINKS)).toEqual(['n-1 p-10 email']);
  });
});

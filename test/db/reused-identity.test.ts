import { describe, expect, test } from 'vitest';
import type { RosterRow } from '../../src/core/row.ts';
import { createOperator } from '../../src/store/operator.ts';
import {
  ACCOUNTS,
  JANE,
  LINKS,
  MARK,
  MARKED,
  STAFF,
  accounts,
  at,
  column,
  identities,
  link,
  open,
  person,
} from '../support/reuse-world.ts';
import { CRM, DIRECTORY, type WorkerWorld } from '../support/worker.ts';

/** The same people, with each other's ids. */
const shifted = (rows: readonly RosterRow[]): readonly RosterRow[] =>
  rows.map((row, index) => ({ ...row, externalId: rows[(index + 1) % rows.length]?.externalId ?? '' }));

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
    expect(await world.findings()).toEqual(['reused_account p-1 resolved decided by a person']);
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
        'reused_account p-1 resolved decided by a person',
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

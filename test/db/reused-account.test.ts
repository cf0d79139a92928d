import { describe, expect, test } from 'vitest';
import type { RosterRow } from '../../src/core/row.ts';
import {
  at,
  person,
  JANE,
  MARK,
  link,
  column,
  LINKS,
  MARKED,
  open,
  accounts,
  identities,
} from '../support/reuse-world.ts';

// Contract §6, `reused_account`, from the listing to the ledger, on real Postgres.

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
      'leaver_account n-1 resolved decided by a person',
      'orphaned_account n-1 open',
      'reused_account n-1 resolved decided by a person',
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

  test.each<{ name: string; later: readonly RosterRow[]; ended: string }>([
    { name: 'the old row is gone', later: [person('n-2', 'Jane')], ended: 'linked' },
    {
      name: 'the old row has it back',
      later: [person('n-1', 'Jane'), person('n-2', 'Jane', { email: 'j2@example.com' })],
      ended: 'linked',
    },
    { name: 'it moves on', later: [OLD, person('n-2', 'Jane', { email: 'j2@example.com' })], ended: 'linked' },
    { name: 'the row is gone', later: [OLD], ended: 'account gone' },
  ])('ends when $name', async ({ later, ended }) => {
    await using world = await open();
    accounts(world, OLD, person('n-2', 'Jane'));
    await world.run(at(2));
    accounts(world, ...later);
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

  test.each<{ name: string; later: readonly RosterRow[] }>([
    { name: '81: two accounts with one address', later: [person('n-1', 'Jane'), person('n-2', 'Jane')] },
    {
      name: 'the old row has kept it as an alias',
      later: [{ ...OLD, aliases: ['jane@example.com'] }, person('n-2', 'Jane')],
    },
    {
      name: 'the new row has it as an alias only',
      later: [OLD, person('n-2', 'Joan', { aliases: ['jane@example.com'] })],
    },
    { name: '81: a recycled address whose old row is gone', later: [person('n-2', 'Jane')] },
  ])('nothing is asked: $name', async ({ later }) => {
    await using world = await open();
    accounts(world, ...later);
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

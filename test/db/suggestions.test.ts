import { describe, expect, test } from 'vitest';
import type { Explanation } from '../../src/core/views.ts';
import { createOperator } from '../../src/store/operator.ts';
import { createReader } from '../../src/store/reader/reader.ts';
import {
  AT,
  change,
  judgedBy,
  NO_PLAN,
  onClient,
  openWorld,
  reconcile,
  resolve,
  type World,
} from '../support/reconcile-store.ts';
import { insertRow, type WorldRow } from '../support/reconcile-world.ts';

/** An account without an identity, of which a finding lives; and whom the identity list knows. */
async function openStray(account: WorldRow, people: readonly WorldRow[]): Promise<World> {
  const world = await openWorld();
  await onClient(world, async (client) => {
    await insertRow(client, world.nimble, { externalId: 'n-1', ...account });
    for (const [index, person] of people.entries()) {
      await insertRow(client, world.directory, { externalId: `p-${index}`, email: undefined, ...person });
    }
  });
  await judge(world, [change(world, 'open', 'n-1')]);
  return world;
}

async function judge(world: World, items: readonly ReturnType<typeof change>[]): Promise<void> {
  await reconcile(world, async (step) => {
    await step.saveTransitions(items, AT);
    const counts = { opened: 0, reopened: 0, resolved: 0 };
    await step.finish({ startedAt: AT, judgedBy: judgedBy(NO_PLAN), alerts: [], ...counts }, AT);
  });
}

async function explained(world: World): Promise<Explanation> {
  const explanation = await createReader(world).explain(1);
  if (explanation === undefined) throw new Error('no finding');
  return explanation;
}
const shown = async (world: World): Promise<readonly string[]> =>
  (await explained(world)).suggestions.map(
    (each) => `${each.source}/${each.external_id} ${each.status}: ${each.reasons.join(', ')}`,
  );

const JANE = { givenName: 'Jane', familyName: 'Doe' };

describe('whom an account could be of', () => {
  test.each<{ name: string; account: WorldRow; person: WorldRow; says: string }>([
    {
      name: 'the name, whatever its accents',
      account: { givenName: 'Zoe', familyName: 'Muller' },
      person: { givenName: 'Zoë', familyName: 'Müller' },
      says: 'active: same name',
    },
    {
      name: 'a name in one field',
      account: { givenName: undefined, familyName: undefined, displayName: 'Jane Doe', email: 'x@b.example' },
      person: { givenName: undefined, familyName: undefined, displayName: 'Jane Doe' },
      says: 'active: same name',
    },
    {
      name: 'an initial',
      account: { givenName: undefined, familyName: undefined, email: 'j.doe@b.example' },
      person: JANE,
      says: 'active: initial and family name',
    },
    {
      name: 'an initial without a dot',
      account: { givenName: undefined, familyName: undefined, email: 'jdoe@b.example' },
      person: JANE,
      says: 'active: initial and family name',
    },
    {
      name: 'a nickname',
      account: { givenName: 'Bob', familyName: 'Gray', email: 'bg@b.example' },
      person: { givenName: 'Robert', familyName: 'Gray' },
      says: 'active: nickname and family name',
    },
    {
      name: 'a dot',
      account: { givenName: 'X', familyName: 'Y', email: 'janedoe@example.com' },
      person: { givenName: 'A', familyName: 'B', email: 'jane.doe@example.com' },
      says: 'active: same address but for dots or a +tag',
    },
    {
      name: 'an alias on another domain',
      account: { givenName: 'X', familyName: 'Y', email: 'jd77@b.example' },
      person: { givenName: 'A', familyName: 'B', aliases: ['jd77@example.com'] },
      says: 'active: same address on another domain',
    },
    {
      name: 'somebody who is gone',
      account: JANE,
      person: { ...JANE, gone: true },
      says: 'gone: same name, name in the address',
    },
  ])('by $name', async ({ account, person, says }) => {
    await using world = await openStray(account, [person, { givenName: 'Ann', familyName: 'Other' }]);
    expect(await shown(world)).toEqual([`directory/p-0 ${says}`]);
  });

  test('is never a link, and leaves finding and tables as they are', async () => {
    await using world = await openStray(JANE, [JANE]);
    const before = await world.pool.query('select ctid, xmin, evidence from rollcall.finding');
    expect(await shown(world)).toHaveLength(1);
    expect((await world.pool.query('select ctid, xmin, evidence from rollcall.finding')).rows).toEqual(before.rows);
    expect((await world.pool.query('select from rollcall.link')).rows).toEqual([]);
  });

  test('whom a person has denied is not suggested, and the denial is shown with author and reason', async () => {
    await using world = await openStray(JANE, [JANE, { ...JANE, familyName: 'Doe', email: 'jane@b.example' }]);
    const request = { source: 'nimble', account: 'n-1', identity: 'p-0', author: 'kim', reason: 'a namesake', now: AT };
    await createOperator(world).changeLink({ action: 'deny', ...request });
    expect(await shown(world)).toEqual(['directory/p-1 active: same name, name in the address']);
    expect((await explained(world)).denied).toEqual([
      {
        identity_source: 'directory',
        identity_id: 'p-0',
        since: '2026-11-21T10:00:00Z',
        author: 'kim',
        reason: 'a namesake',
      },
    ]);
    await createOperator(world).changeLink({ action: 'add', ...request, reason: 'it is her' });
    expect(await explained(world)).toMatchObject({
      link: { rule: 'pinned', identity_source: 'directory', identity_id: 'p-0', author: 'kim', reason: 'it is her' },
      denied: [],
    });
  });

  test('is not asked of a finding that is over, or of a rule that does not ask it', async () => {
    await using world = await openStray(JANE, [JANE]);
    await judge(world, [resolve(world, 'n-1')]);
    expect(await shown(world)).toEqual([]);
    await judge(world, [change(world, 'open', 'n-1', { rule: 'leaver_account' })]);
    expect((await createReader(world).explain(2))?.suggestions).toEqual([]);
  });

  test('a family name that very many have is looked at in part, those with the initial first', async () => {
    await using world = await openStray(JANE, []);
    await world.pool.query(
      `with made as (
         insert into rollcall.account (source_id, external_id, content_hash, version_run, status, kind, privileged, first_seen_at)
         select $1, 'm-' || n, '\\x00', 1, 'active', 'human', false, now() from generate_series(1, 2000) n returning external_id)
       insert into rollcall.account_version (source_id, external_id, from_run, valid_from, aliases, given_name, family_name,
              status, kind, privileged, flags, content_hash)
       select $1, external_id, 1, now(), '{}', case when external_id = 'm-1999' then 'Jane' else 'Zed' end, 'Doe',
              'active', 'human', false, '{}', '\\x00' from made`,
      [world.directory],
    );
    expect(await shown(world)).toEqual(['directory/m-1999 active: same name, name in the address']);
  });
});

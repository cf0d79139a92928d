import type pg from 'pg';
import { describe, expect, test } from 'vitest';
import type { RowRef } from '../../src/core/case.ts';
import { loadClosure } from '../../src/store/reconcile/closure.ts';
import { insertLink, insertRow, insertSources, openContext, refKey } from '../support/reconcile-world.ts';
import { openTestStore } from '../support/store.ts';

type World = {
  readonly client: pg.PoolClient;
  readonly directory: number;
  readonly people: number;
  readonly crm: number;
};

/** `what` changed; `then` has to be judged again, by source and id; what is not named must not be. */
type Story = {
  readonly name: string;
  readonly given: (world: World) => Promise<RowRef>;
  readonly accounts: readonly string[];
  readonly identities?: readonly string[];
};

const at = (sourceId: number, externalId: string): RowRef => ({ sourceId, externalId });

async function person(world: World, id: string, email: string, managerId?: string): Promise<RowRef> {
  return await row(world, world.directory, { id, email, managerId });
}

async function row(
  { client }: World,
  sourceId: number,
  { id, email, managerId }: { readonly id: string; readonly email?: string; readonly managerId?: string | undefined },
): Promise<RowRef> {
  const ref = await insertRow(client, sourceId, { externalId: id, email });
  await client.query('update rollcall.account set manager_id = $3 where source_id = $1 and external_id = $2', [
    ref.sourceId,
    ref.externalId,
    managerId ?? null,
  ]);
  return ref;
}

async function lost({ client }: World, ref: RowRef, email: string): Promise<void> {
  await client.query(`insert into rollcall.former_key values ($1, $2, 'email', $3)`, [
    ref.sourceId,
    ref.externalId,
    email,
  ]);
}

const STORIES: readonly Story[] = [
  {
    name: 'an account is judged when it has changed, and so are those whose manager it is',
    given: async (world) => {
      const boss = await row(world, world.crm, { id: 'boss', email: 'boss@example.com' });
      await row(world, world.crm, { id: 'report', email: 'r@example.com', managerId: 'boss' });
      return boss;
    },
    accounts: ['crm/boss', 'crm/report'],
  },
  {
    name: 'whoever is linked to a changed identity, or may never be',
    given: async (world) => {
      const jane = await person(world, 'jane', 'jane@example.com');
      await insertLink(world.client, await row(world, world.crm, { id: 'linked' }), jane, 'pinned');
      await insertLink(world.client, await row(world, world.crm, { id: 'denied' }), jane, 'denied');
      return jane;
    },
    accounts: ['directory/jane', 'crm/linked', 'crm/denied'],
    identities: ['directory/jane'],
  },
  {
    name: 'whoever has the address of a changed identity, or one that it had',
    given: async (world) => {
      const jane = await person(world, 'jane', 'jane@example.com');
      await lost(world, jane, 'old@example.com');
      await row(world, world.crm, { id: 'now', email: 'jane@example.com' });
      await row(world, world.crm, { id: 'before', email: 'old@example.com' });
      return jane;
    },
    accounts: ['directory/jane', 'crm/now', 'crm/before'],
    identities: ['directory/jane'],
  },
  {
    name: 'those of a row of another authority that is the same person, or was',
    given: async (world) => {
      const jane = await person(world, 'jane', 'jane@example.com');
      await lost(world, jane, 'old@example.com');
      for (const [id, email] of [
        ['now', 'jane@example.com'],
        ['was', 'old@example.com'],
      ] as const) {
        const other = await row(world, world.people, { id, email });
        await insertLink(world.client, await row(world, world.crm, { id: `of-${id}` }), other);
      }
      return jane;
    },
    accounts: ['directory/jane', 'crm/of-now', 'crm/of-was'],
    identities: ['directory/jane', 'people/now', 'people/was'],
  },
  {
    name: 'the accounts of those whom a changed identity manages, wherever else they are listed',
    given: async (world) => {
      const boss = await person(world, 'boss', 'boss@example.com');
      await person(world, 'jane', 'jane@example.com', 'boss');
      const jane = await row(world, world.people, { id: 'jane-too', email: 'jane@example.com' });
      await insertLink(world.client, await row(world, world.crm, { id: 'hers' }), jane);
      return boss;
    },
    accounts: ['directory/boss', 'crm/hers'],
    identities: ['directory/boss'],
  },
  {
    name: 'an identity whose address an account has lost may be without an account',
    given: async (world) => {
      await person(world, 'jane', 'jane@example.com');
      const account = await row(world, world.crm, { id: 'a', email: 'other@example.com' });
      await lost(world, account, 'jane@example.com');
      return account;
    },
    accounts: ['crm/a'],
    identities: ['directory/jane'],
  },
  {
    name: 'accounts that are listed as no persons are always looked at, by id or address',
    given: async (world) => {
      await row(world, world.crm, { id: 'robot', email: 'robot@example.com' });
      await row(world, world.crm, { id: 'mailer', email: 'mailer@example.com' });
      return at(world.crm, 'gone-long-ago');
    },
    accounts: ['crm/gone-long-ago', 'crm/robot', 'crm/mailer'],
  },
];

describe('loadClosure', () => {
  test.each(STORIES)('$name', async ({ given, accounts, identities = [] }) => {
    await using store = await openTestStore();
    const client = await store.pool.connect();
    try {
      await client.query('begin');
      const [directory = 0, people = 0, crm = 0] = await insertSources(client, [
        { name: 'directory', authoritative: true },
        { name: 'people', authoritative: true },
        { name: 'crm' },
      ]);
      const world = { client, directory, people, crm };
      // Somebody who has nothing to do with it, with an account and a manager.
      const other = await person(world, 'other', 'somebody@example.com', 'nobody');
      await insertLink(client, await row(world, crm, { id: 'others', email: 'somebody@example.com' }), other);
      const dirty = await given(world);
      const context = await openContext(client);
      const serviceAccounts = [
        { source: 'crm', account: 'robot', owner: 'x' },
        { source: 'crm', account: 'Mailer@Example.com', owner: 'x' },
      ];
      const closure = await loadClosure(context, [dirty], { serviceAccounts });
      const names = new Map(context.sources.map((source) => [String(source.id), source.name]));
      const told = (refs: readonly RowRef[]): readonly string[] =>
        refs.map((ref) => refKey({ ref }).replace(/^\d+/, (id) => names.get(id) ?? id)).toSorted();
      expect(told(closure.accounts)).toEqual([...accounts].toSorted());
      expect(told(closure.identities)).toEqual([...identities].toSorted());
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
});

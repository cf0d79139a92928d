import { setTimeout } from 'node:timers/promises';
import fc from '../support/property.ts';
import { describe, expect, test } from 'vitest';
import type { LinkChange, LinkRequest } from '../../src/ports/reading.ts';
import { createOperator } from '../../src/store/operator.ts';
import { AT, onClient, openWorld, reconcile, rowsOf, type World } from '../support/reconcile-store.ts';
import { insertLink, insertRow, insertSources, type WorldRow } from '../support/reconcile-world.ts';

type People = World & { readonly hr: number };

/** `directory` and `hr` are authorities (`hr` is audited), `nimble` is an application, `former` is configured no longer. */
async function openPeople(): Promise<People> {
  const world = await openWorld();
  const [hr = 0] = await onClient(world, (client) =>
    insertSources(client, [
      { name: 'hr', authoritative: true, audited: true },
      { name: 'former', retired: true },
    ]),
  );
  await onClient(world, async (client) => {
    for (const [source, row] of ROWS({ ...world, hr })) await insertRow(client, source, row);
  });
  return { ...world, hr };
}

const ROWS = ({ directory, nimble, hr }: People): readonly (readonly [number, WorldRow])[] => [
  [directory, { externalId: 'p-1', email: 'jane@example.com', givenName: 'Jane' }],
  [directory, { externalId: 'p-2', email: 'mark@example.com', givenName: 'Mark', aliases: ['m.lee@example.com'] }],
  [directory, { externalId: 'p-gone', email: 'zoe@example.com', givenName: 'Zoe', gone: true }],
  [directory, { externalId: '7', email: 'seven@example.com', givenName: 'Sue' }],
  [hr, { externalId: '7', email: 'other@example.com', givenName: 'Otto' }],
  [hr, { externalId: 'h-1', email: 'jane@example.com', givenName: 'Jane' }],
  [nimble, { externalId: 'n-1', email: 'jane@example.com', givenName: 'Jane' }],
  [nimble, { externalId: 'n-2', email: 'twin@example.com', givenName: 'Tim' }],
  [nimble, { externalId: 'n-3', email: 'twin@example.com', givenName: 'Tom' }],
  [nimble, { externalId: 'n-4', email: 'mark@example.com', givenName: 'Mark' }],
  [nimble, { externalId: 'n-gone', email: 'gone@example.com', gone: true }],
];

type Said = Partial<Pick<LinkRequest, 'source' | 'identity' | 'author' | 'reason'>>;

async function link(
  world: People,
  action: LinkRequest['action'],
  account: string,
  said: Said = {},
): Promise<LinkChange> {
  const request = { source: 'nimble', author: 'kim', reason: 'asked her', now: AT, ...said };
  return await createOperator(world).changeLink({ action, account, ...request });
}

const LINKS = `select l.external_id || ' ' || s.name || '/' || l.identity_external_id || ' ' || l.rule as line
  from rollcall.link l join rollcall.source s on s.id = l.identity_source_id order by 1`;
const linksOf = async (world: People): Promise<readonly string[]> =>
  (await world.pool.query<{ line: string }>(LINKS)).rows.map(({ line }) => line);
const AUDIT = 'select at, author, action, subject, reason, detail from rollcall.audit order by id';
const DIRTY = `select s.name || '/' || d.external_id as line from rollcall.dirty d join rollcall.source s on s.id = d.source_id order by 1`;

describe('link add', () => {
  test('pins under the name and the reason of the person, with an audit row and the rows to look at again', async () => {
    await using world = await openPeople();
    await onClient(world, async (client) => {
      await insertLink(client, ref(world.nimble, 'n-1'), ref(world.directory, 'p-1'));
    });
    expect(await link(world, 'add', 'n-1', { identity: 'p-2' })).toEqual({
      action: 'add',
      changed: true,
      source: 'nimble',
      account_id: 'n-1',
      account_label: 'Jane Doe (jane@example.com)',
      identity_source: 'directory',
      identity_id: 'p-2',
      identity_label: 'Mark Doe (mark@example.com)',
      removed: 1,
      reuse_decided: false,
    });
    expect(await rowsOf(world, 'select rule, author, reason, created_at, evidence from rollcall.link')).toEqual([
      { rule: 'pinned', author: 'kim', reason: 'asked her', created_at: '2026-11-21T10:00:00Z', evidence: {} },
    ]);
    expect(await rowsOf(world, AUDIT)).toEqual([
      {
        at: '2026-11-21T10:00:00Z',
        author: 'kim',
        action: 'link add',
        subject: 'nimble/n-1',
        reason: 'asked her',
        detail: {
          identity: 'directory/p-2',
          reuse_decided: false,
          removed: 1,
          links: [{ account: 'nimble/n-1', identity: 'directory/p-1', rule: 'email' }],
        },
      },
    ]);
    expect(await rowsOf(world, DIRTY)).toEqual([
      { line: 'directory/p-1' },
      { line: 'directory/p-2' },
      { line: 'nimble/n-1' },
    ]);
  });

  test('twice says that nothing changed, and writes nothing the second time', async () => {
    await using world = await openPeople();
    await link(world, 'add', 'n-1', { identity: 'p-1' });
    expect(await link(world, 'add', 'n-1', { identity: 'p-1', author: 'lee' })).toMatchObject({ changed: false });
    expect(await rowsOf(world, 'select author from rollcall.audit')).toEqual([{ author: 'kim' }]);
    expect(await rowsOf(world, 'select author from rollcall.link')).toEqual([{ author: 'kim' }]);
  });

  test('takes the place of the pin before it, of a denial of that pair, and of no other denial', async () => {
    await using world = await openPeople();
    await link(world, 'deny', 'n-1', { identity: 'p-1' });
    await link(world, 'deny', 'n-1', { identity: 'p-2' });
    await link(world, 'add', 'n-1', { identity: 'p-gone' });
    await link(world, 'add', 'n-1', { identity: 'p-1' });
    expect(await linksOf(world)).toEqual(['n-1 directory/p-1 pinned', 'n-1 directory/p-2 denied']);
  });

  test('somebody who has left is an identity too', async () => {
    await using world = await openPeople();
    await link(world, 'add', 'n-1', { identity: 'zoe@example.com' });
    expect(await linksOf(world)).toEqual(['n-1 directory/p-gone pinned']);
  });
});

describe('link deny', () => {
  test('takes the link of that pair away, also a pin, and says that it is never one', async () => {
    await using world = await openPeople();
    await link(world, 'add', 'n-1', { identity: 'p-1' });
    expect(await link(world, 'deny', 'n-1', { identity: 'p-1' })).toMatchObject({ changed: true, removed: 1 });
    expect(await linksOf(world)).toEqual(['n-1 directory/p-1 denied']);
    expect(await link(world, 'deny', 'n-1', { identity: 'p-1' })).toMatchObject({ changed: false });
  });

  test('leaves the link to somebody else alone', async () => {
    await using world = await openPeople();
    await onClient(world, (client) => insertLink(client, ref(world.nimble, 'n-1'), ref(world.directory, 'p-1')));
    await link(world, 'deny', 'n-1', { identity: 'p-2' });
    expect(await linksOf(world)).toEqual(['n-1 directory/p-1 email', 'n-1 directory/p-2 denied']);
  });

  test('denies a person, not one of the rows in which the person appears', async () => {
    await using world = await openPeople();
    await onClient(world, (client) => insertLink(client, ref(world.nimble, 'n-1'), ref(world.directory, 'p-1')));
    await link(world, 'deny', 'n-1', { identity: 'hr/h-1' });
    expect(await linksOf(world)).toEqual(['n-1 hr/h-1 denied']);
    expect(await link(world, 'deny', 'n-1', { identity: 'p-1' })).toMatchObject({ changed: false });
  });
});

describe('link clear', () => {
  test('takes back what was said of that pair, and the link of that pair', async () => {
    await using world = await openPeople();
    await link(world, 'add', 'n-1', { identity: 'p-1' });
    await link(world, 'deny', 'n-1', { identity: 'p-2' });
    await link(world, 'clear', 'n-1', { identity: 'p-2' });
    expect(await linksOf(world)).toEqual(['n-1 directory/p-1 pinned']);
    expect(await link(world, 'clear', 'n-1', { identity: 'p-2' })).toMatchObject({ changed: false });
  });

  test('without an identity takes back all that was said of the account', async () => {
    await using world = await openPeople();
    await link(world, 'add', 'n-1', { identity: 'p-1' });
    await link(world, 'deny', 'n-1', { identity: 'p-2' });
    expect(await link(world, 'clear', 'n-1')).toMatchObject({ changed: true, removed: 2, identity_id: null });
    expect(await linksOf(world)).toEqual([]);
    expect(await link(world, 'clear', 'n-1')).toMatchObject({ changed: false });
  });
});

describe('names', () => {
  test.each<{ name: string; account?: string; identity: string; line: string }>([
    {
      name: 'an e-mail of the account, in any case',
      account: ' JANE@example.com',
      identity: 'p-2',
      line: 'n-1 directory/p-2 pinned',
    },
    { name: 'an e-mail of the identity', identity: 'Mark@Example.com', line: 'n-1 directory/p-2 pinned' },
    { name: 'an alias of the identity', identity: 'm.lee@example.com', line: 'n-1 directory/p-2 pinned' },
    {
      name: 'an e-mail that rows of two lists share is one person',
      identity: 'jane@example.com',
      line: 'n-1 directory/p-1 pinned',
    },
    { name: 'SOURCE/ID where two lists have the id', identity: 'hr/7', line: 'n-1 hr/7 pinned' },
    { name: 'SOURCE/E-MAIL', identity: 'hr/jane@example.com', line: 'n-1 hr/h-1 pinned' },
  ])('$name', async ({ account = 'n-1', identity, line }) => {
    await using world = await openPeople();
    await link(world, 'add', account, { identity });
    expect(await linksOf(world)).toEqual([line]);
  });

  test('a present row counts before one that is gone and had the same address', async () => {
    await using world = await openPeople();
    await onClient(world, (client) =>
      insertRow(client, world.directory, { externalId: 'p-new', email: 'zoe@example.com' }),
    );
    await link(world, 'add', 'n-1', { identity: 'zoe@example.com' });
    expect(await linksOf(world)).toEqual(['n-1 directory/p-new pinned']);
  });

  test.each<{ name: string; account?: string; said: Said; code: string; says: RegExp }>([
    {
      name: 'an unknown source',
      said: { source: 'nimbel', identity: 'p-1' },
      code: 'usage',
      says: /no source is called "nimbel": known are directory/,
    },
    {
      name: 'a source that is configured no longer',
      said: { source: 'former', identity: 'p-1' },
      code: 'usage',
      says: /former is configured no longer/,
    },
    {
      name: 'an authoritative source that is not audited',
      account: 'p-1',
      said: { source: 'directory', identity: 'p-2' },
      code: 'usage',
      says: /identities and linked to nobody.*link add directory p-1 p-1/,
    },
    {
      name: 'another row of the same source',
      account: 'h-1',
      said: { source: 'hr', identity: 'hr/7' },
      code: 'usage',
      says: /never linked to another row of hr/,
    },
    {
      name: 'an unknown account',
      account: 'n-9',
      said: { identity: 'p-1' },
      code: 'not-found',
      says: /no account with the id or e-mail "n-9": `rollcall roster nimble`/,
    },
    {
      name: 'an account that is gone',
      account: 'n-gone',
      said: { identity: 'p-1' },
      code: 'not-found',
      says: /gone from nimble/,
    },
    {
      name: 'an e-mail of two accounts',
      account: 'twin@example.com',
      said: { identity: 'p-1' },
      code: 'usage',
      says: /names 2 rows: n-2, n-3\. Name the account by its id/,
    },
    {
      name: 'an unknown identity',
      said: { identity: 'p-9' },
      code: 'not-found',
      says: /no authoritative source has a row/,
    },
    {
      name: 'an id of two lists',
      said: { identity: '7' },
      code: 'usage',
      says: /names 2 rows: directory\/7, hr\/7\. Say which one as SOURCE\/ID/,
    },
    {
      name: 'an account instead of an identity',
      said: { identity: 'n-2' },
      code: 'not-found',
      says: /no authoritative source has a row/,
    },
    {
      name: 'SOURCE/ID of an application',
      said: { identity: 'nimble/n-2' },
      code: 'not-found',
      says: /no authoritative source has a row/,
    },
  ])('refused, and nothing is written: $name', async ({ account = 'n-1', said, code, says }) => {
    await using world = await openPeople();
    const work = link(world, 'add', account, said);
    await expect(work).rejects.toMatchObject({ code, message: expect.stringMatching(says) });
    for (const table of ['link', 'audit', 'dirty']) {
      expect(await rowsOf(world, `select * from rollcall.${table}`)).toEqual([]);
    }
  });

  test('an audited row of an authority is linked to the other list, and named twice it is itself', async () => {
    await using world = await openPeople();
    await link(world, 'add', 'h-1', { source: 'hr', identity: 'jane@example.com' });
    expect(await linksOf(world)).toEqual(['h-1 directory/p-1 pinned']);
    expect(await link(world, 'deny', '7', { source: 'hr', identity: '7' })).toMatchObject({ changed: false });
    expect(await linksOf(world)).toEqual(['h-1 directory/p-1 pinned']);
  });
});

describe('a reconciliation in the same moment', () => {
  test('that is about to link the account begins again with what the person said', async () => {
    await using world = await openPeople();
    let attempts = 0;
    await reconcile(world, async (step) => {
      attempts += 1;
      // The snapshot is taken by now: what is said next is not in it.
      if (attempts === 1) await link(world, 'add', 'n-4', { identity: 'p-1' });
      return await step.linkPlain('2026-11-21');
    });
    expect(attempts).toBe(2);
    expect(await linksOf(world)).toContain('n-4 directory/p-1 pinned');
  });

  test('that has linked the account already is waited for', async () => {
    await using world = await openPeople();
    const client = await world.pool.connect();
    try {
      await client.query('begin');
      await insertLink(client, ref(world.nimble, 'n-1'), ref(world.directory, 'p-1'));
      const said = link(world, 'add', 'n-1', { identity: 'p-2' });
      await untilWaiting(world);
      await client.query('commit');
      expect(await said).toMatchObject({ changed: true, removed: 1 });
    } finally {
      client.release();
    }
    expect(await linksOf(world)).toEqual(['n-1 directory/p-2 pinned']);
  });

  test('cannot forget that a row is to be looked at again', async () => {
    await using world = await openPeople();
    await world.pool.query('insert into rollcall.dirty values ($1, $2)', [world.nimble, 'n-1']);
    const client = await world.pool.connect();
    try {
      await client.query('begin isolation level repeatable read');
      await client.query('select * from rollcall.dirty');
      await link(world, 'add', 'n-1', { identity: 'p-2' });
      // A reconciliation takes away the marks that it has seen, and not the one that was made since.
      await client.query('delete from rollcall.dirty');
      await client.query('commit');
    } finally {
      client.release();
    }
    const { rows } = await world.pool.query('select external_id from rollcall.dirty where source_id = $1', [
      world.nimble,
    ]);
    expect(rows).toEqual([{ external_id: 'n-1' }]);
  });
});

describe('any sequence of commands', () => {
  const IDENTITIES = ['p-1', 'p-2', 'p-gone'] as const;
  const command = fc.record({
    action: fc.constantFrom('add' as const, 'deny' as const, 'clear' as const),
    identity: fc.constantFrom(...IDENTITIES, undefined),
  });

  test('leaves what was said last: one pin at most, and never of a denied pair', async () => {
    await using world = await openPeople();
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 6 }), async (commands) => {
        await world.pool.query('delete from rollcall.link');
        let pinned: string | undefined;
        const denied = new Set<string>();
        for (const { action, identity = action === 'clear' ? undefined : 'p-1' } of commands) {
          await link(world, action, 'n-1', { identity });
          if (action === 'add') [pinned] = [identity, identity === undefined || denied.delete(identity)];
          else if (identity === undefined) [pinned] = [undefined, denied.clear()];
          else {
            if (pinned === identity) pinned = undefined;
            if (action === 'deny') denied.add(identity);
            else denied.delete(identity);
          }
        }
        const expected = [...denied].map((id) => `n-1 directory/${id} denied`);
        if (pinned !== undefined) expected.push(`n-1 directory/${pinned} pinned`);
        expect(await linksOf(world)).toEqual(expected.toSorted());
      }),
      { numRuns: 40 },
    );
  });
});

/** Until a connection waits for another one's row. */
async function untilWaiting(world: People): Promise<void> {
  for (let look = 1; look <= LOOKS_MAX; look += 1) {
    const { rows } = await world.pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (rows.length > 0) return;
    await setTimeout(LOOK_MS);
  }
  throw new Error('nobody waits');
}
const LOOKS_MAX = 200;
const LOOK_MS = 25;

function ref(sourceId: number, externalId: string): { readonly sourceId: number; readonly externalId: string } {
  return { sourceId, externalId };
}

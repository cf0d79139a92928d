import { describe, expect, test } from 'vitest';
import { serveScript } from '../../support/http-server.ts';
import { collect } from '../../support/listing.ts';
import {
  answerScim,
  aScimTenant,
  refusal,
  scimAt,
  scimUser,
  scimUsers,
  type ScimTenant,
} from '../../support/scim-tenant.ts';

const CURSORS = { filter: { supported: true }, pagination: { cursor: true, index: true } };

/** Reads a tenant in full, and tells what it was asked for. */
async function read(overrides: Partial<ScimTenant>, missing: readonly string[] = []) {
  const tenant = aScimTenant(overrides);
  await using server = await serveScript((request) => answerScim(tenant, request));
  const listing = await collect(scimAt(server.origin), { missing: async () => missing });
  const asked = server.seen.map(({ path, query }) => `${path.slice('/scim/v2/'.length)}?${String(query)}`);
  return { ...listing, distinct: new Set(listing.ids).size, asked: asked.filter((each) => each.startsWith('Users')) };
}

describe('by index', () => {
  test('pages side by side, until the total is there', async () => {
    const { end, distinct, asked } = await read({ users: scimUsers(230) });
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: 230, rowsSeen: 230, rowsWithoutId: 0 });
    expect(end).toMatchObject({ endpoint: '/Users', parameters: { count: 100 }, requests: 4 });
    expect(distinct).toBe(230);
    expect(asked).toEqual(['Users?count=100', 'Users?count=100&startIndex=101', 'Users?count=100&startIndex=201']);
  });

  test.each([
    ['with a total', {}],
    ['without one', { total: () => undefined }],
    ['whose total is that of the page', { total: (_found: number, sent: number) => sent }],
  ])('a server that caps the size of pages, %s, is read to its end', async (_name, more) => {
    const { end, distinct, asked } = await read({ users: scimUsers(77), cap: 20, ...more });
    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(distinct).toBe(77);
    expect(asked[1]).toBe('Users?count=20&startIndex=21');
  });

  test('where every page is a full one, one look behind the last shows the end', async () => {
    const { end, asked } = await read({ users: scimUsers(40), cap: 20 });
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: 40 });
    expect(asked.at(-1)).toBe('Users?count=20&startIndex=41');
    expect(asked).toHaveLength(3);
  });

  test.each([400, 404])('a server that answers %i there has an end too', async (status) => {
    const { end, distinct } = await read({
      users: scimUsers(40),
      before: ({ query }) => (Number(query.get('startIndex')) > 40 ? refusal(status, 'invalidValue') : undefined),
    });
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: 40 });
    expect(distinct).toBe(40);
  });

  test('the same answer among the rows is a failure', async () => {
    const { end } = await read({
      users: scimUsers(140),
      before: ({ query }) => (query.get('startIndex') === '101' ? refusal(400, 'invalidValue') : undefined),
    });
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-contract' });
  });

  test('what is missing of a short page is asked for again', async () => {
    let isShort = true;
    const users = scimUsers(250);
    const { end, ids, asked } = await read({
      users,
      before: ({ query }) => {
        if (query.get('startIndex') !== '101' || !isShort) return undefined;
        isShort = false;
        return { json: { totalResults: 250, startIndex: 101, itemsPerPage: 7, Resources: users.slice(100, 107) } };
      },
    });
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, rowsSeen: 250 });
    expect(asked).toContain('Users?count=93&startIndex=108');
    expect(ids).toEqual(users.map(({ id }) => id));
  });

  test('a server that hands out single rows for ever is left', async () => {
    const users = scimUsers(300);
    const { end } = await read({
      users,
      before: ({ query }) => {
        const start = Number(query.get('startIndex') ?? '1');
        return start === 1 ? undefined : { json: { totalResults: 300, Resources: users.slice(start - 1, start) } };
      },
    });
    expect(end.outcome).toMatchObject({ kind: 'broken', detail: expect.stringContaining('pieces') });
  });

  test('a server that counts from 0 and says so is read whole, and is never asked for 0', async () => {
    const { end, distinct, asked } = await read({ users: scimUsers(45), cap: 20, index: 'from-0' });
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: 45, rowsSeen: 45 });
    expect(distinct).toBe(45);
    expect(asked.join()).not.toMatch(/startIndex=0|startIndex=-/);
  });

  test('a server that ignores startIndex: its pages repeat, and nobody is concluded to be gone', async () => {
    const { end, distinct } = await read({ users: scimUsers(250), index: 'ignored' });
    expect(distinct).toBe(100);
    expect(end.outcome).toMatchObject({ kind: 'broken', detail: expect.stringContaining('repeats page 1') });
  });

  test('that server is not believed either where it calls the rows of a full page the total', async () => {
    const { end } = await read({ users: scimUsers(250), index: 'ignored', total: (_found, sent) => sent });
    expect(end.outcome).toMatchObject({ kind: 'broken', detail: expect.stringContaining('repeats page 1') });
  });

  test.each([
    ['fewer than were asked for', 30],
    ['all of them whatever is asked for', 150],
  ])('but %s are all that it has', async (_name, count) => {
    const users = scimUsers(count);
    const everything = { json: { totalResults: count, Resources: users } };
    const { end, distinct } = await read({ before: ({ path }) => (path.endsWith('/Users') ? everything : undefined) });
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: count });
    expect(distinct).toBe(count);
  });

  test('a server that sends nobody where startIndex is missing is asked with it', async () => {
    const { end, distinct } = await read({
      users: scimUsers(130),
      before: ({ path, query }) =>
        path.endsWith('/Users') && !query.has('startIndex') ? { json: { totalResults: 0, Resources: [] } } : undefined,
    });
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: 130 });
    expect(distinct).toBe(130);
  });

  test('a total that changes between pages proves nothing: pages are read to an empty one', async () => {
    let total = 230;
    const { end, asked } = await read({
      users: scimUsers(230),
      total: () => (total -= 1),
    });
    // Three times, in the hope that it rests; a total that never does is told as such.
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: 'disagree', rowsSeen: 690 });
    expect(asked.at(-1)).toBe('Users?count=100&startIndex=301');
  });

  test('a total below the rows beside it is none', async () => {
    const { end } = await read({ users: scimUsers(30), total: () => 0 });
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: undefined, rowsSeen: 30 });
  });

  test('a total that no page reaches is kept for the verdict', async () => {
    const { end } = await read({ users: scimUsers(30), total: () => 40 });
    expect(end).toMatchObject({ declaredTotal: 40, rowsSeen: 30 });
  });

  test.each([
    ['asks for fewer rows where fewer are allowed', { filter: { supported: true, maxResults: 25 } }, '25'],
    ['and never for more than 100', { filter: { supported: true, maxResults: 1_000_000_000 } }, '100'],
    ['0 is no limit', { filter: { maxResults: 0 }, pagination: { maxPageSize: 50 } }, '50'],
    ['nothing announced', undefined, '100'],
    ['something else announced', ['no', 'config'], '100'],
  ])('%s', async (_name, config, count) => {
    const { asked } = await read({ users: scimUsers(3), config });
    expect(asked[0]).toBe(`Users?count=${count}`);
  });
});

const emptyPages = (count: number) => ({
  config: CURSORS,
  before: ({ query }: { readonly query: URLSearchParams }) => {
    const at = Number((query.get('cursor') ?? '').slice(1));
    if (!query.has('cursor')) return undefined;
    return { json: at < count ? { Resources: [], nextCursor: `c${at + 1}` } : { Resources: scimUsers(2) } };
  },
});

describe('by cursor (RFC 9865)', () => {
  test('where it is announced', async () => {
    const { end, distinct, asked } = await read({ users: scimUsers(230), config: CURSORS, cursors: 'asked' });
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: 230, pages: 3 });
    expect(distinct).toBe(230);
    expect(asked).toEqual(['Users?count=100&cursor=', 'Users?count=100&cursor=c100', 'Users?count=100&cursor=c200']);
  });

  test('where an answer has a next cursor although nothing was announced', async () => {
    const { end, distinct, asked } = await read({ users: scimUsers(230), cursors: 'always' });
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: 230 });
    expect(distinct).toBe(230);
    expect(asked[1]).toBe('Users?count=100&cursor=c100');
  });

  test('where the server knows nothing else, and says nothing of it: its pages repeat by index', async () => {
    const { end, distinct } = await read({
      users: scimUsers(230),
      index: 'ignored',
      cursors: 'asked',
      total: (_found, sent) => sent,
    });
    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(distinct).toBe(230);
  });

  test('a server that refuses an empty cursor is asked without one', async () => {
    const { end, distinct, asked } = await read({
      users: scimUsers(230),
      config: CURSORS,
      cursors: 'always',
      before: ({ query }) => (query.get('cursor') === '' ? refusal(400, 'invalidCursor') : undefined),
    });
    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(distinct).toBe(230);
    expect(asked[1]).toBe('Users?count=100');
  });

  test('a server that announces cursors and sends none, but a total, is read by index', async () => {
    const { end, distinct } = await read({ users: scimUsers(230), config: CURSORS });
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: 230 });
    expect(distinct).toBe(230);
  });

  test('one page without a next one is the whole list, and is not looked behind', async () => {
    const { end, asked } = await read({ users: scimUsers(5), config: CURSORS, cursors: 'asked' });
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: 5 });
    expect(asked).toHaveLength(1);
  });

  test('a total may be left out', async () => {
    const { end } = await read({ users: scimUsers(130), config: CURSORS, cursors: 'asked', total: () => undefined });
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: undefined, rowsSeen: 130 });
  });

  test('a cursor that ends is begun again, once', async () => {
    let ends = 1;
    const tenant: Partial<ScimTenant> = {
      users: scimUsers(230),
      config: CURSORS,
      cursors: 'asked',
      before: ({ query }) => {
        if (query.get('cursor') !== 'c200' || ends === 0) return undefined;
        ends -= 1;
        return refusal(400, 'expiredCursor');
      },
    };
    const once = await read(tenant);
    expect(once.end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: 230, rowsSeen: 430 });
    expect(once.distinct).toBe(230);

    ends = 2;
    const twice = await read(tenant);
    expect(twice.end.outcome).toMatchObject({ kind: 'broken', detail: expect.stringContaining('ended 2 times') });
  });

  test('cursors that lead in a circle are followed once, whoever stands on their pages', async () => {
    let serial = 0;
    const { end, asked } = await read({
      config: CURSORS,
      before: ({ query }) => {
        const at = Number((query.get('cursor') ?? '').slice(1)) % 3;
        serial += 1;
        return query.has('cursor')
          ? { json: { Resources: [scimUser(serial)], nextCursor: `c${(at + 1) % 3}` } }
          : undefined;
      },
    });
    expect(end.outcome).toMatchObject({ kind: 'broken', detail: expect.stringContaining('leads back') });
    expect(asked.length).toBeLessThan(6);
  });

  test('new cursors to the same page are seen through', async () => {
    let serial = 0;
    const { end } = await read({
      config: CURSORS,
      before: ({ query }) => {
        serial += 1;
        return query.has('cursor') ? { json: { Resources: scimUsers(2), nextCursor: `n${serial}` } } : undefined;
      },
    });
    expect(end.outcome).toMatchObject({ kind: 'broken', detail: expect.stringContaining('repeats an earlier page') });
    expect(end.pages).toBe(2);
  });

  test('empty pages before the end are no end, but not for ever', async () => {
    expect((await read(emptyPages(3))).end).toMatchObject({ outcome: { kind: 'ended' }, rowsSeen: 2 });
    expect((await read(emptyPages(1_000_000))).end).toMatchObject({ outcome: { kind: 'broken' }, pages: 101 });
  });

  test('a page that fails ends the listing: nothing leads past it', async () => {
    const { end, distinct } = await read({
      users: scimUsers(230),
      config: CURSORS,
      cursors: 'asked',
      before: ({ query }) => (query.get('cursor') === 'c100' ? refusal(403) : undefined),
    });
    expect(end.outcome).toMatchObject({
      kind: 'broken',
      code: 'source-forbidden',
      detail: expect.stringContaining('page 2'),
    });
    expect(distinct).toBe(100);
  });

  test.each([
    ['no text', {}],
    ['longer than a request', 'x'.repeat(5000)],
  ])('a next cursor that is %s is no end', async (_name, nextCursor) => {
    const { end } = await read({
      config: CURSORS,
      before: ({ query }) => (query.has('cursor') ? { json: { Resources: scimUsers(2), nextCursor } } : undefined),
    });
    expect(end.outcome).toMatchObject({ kind: 'broken', detail: expect.stringContaining('nextCursor') });
  });
});

test('Entra ID as it documents itself: cursors alone, small letters, no total, filters by equality', async () => {
  const tenant = aScimTenant({
    users: scimUsers(230).map((user) => ({ ...user, emails: undefined })),
    config: {
      pagination: {
        cursor: true,
        index: false,
        defaultPaginationMethod: 'cursor',
        defaultPageSize: 100,
        maxPageSize: 1000,
      },
      filter: { supported: true, maxResults: 200 },
    },
    filters: 'refused',
  });
  tenant.before = ({ path, query }) => {
    if (!path.endsWith('/Users') || query.has('filter')) return undefined;
    const from = Number((query.get('cursor') ?? '').slice(1));
    const resources = tenant.users.slice(from, from + 100);
    const next = from + 100 < tenant.users.length ? { nextCursor: `c${from + 100}` } : {};
    return { headers: { 'content-type': 'application/scim+json' }, json: { itemsPerPage: 100, ...next, resources } };
  };
  await using server = await serveScript((request) => answerScim(tenant, request));
  const source = scimAt(server.origin);
  const { ids, rows, end } = await collect(source);
  expect(end).toMatchObject({ outcome: { kind: 'ended' }, pages: 3, rowsSeen: 230, declaredTotal: undefined });
  expect(new Set(ids).size).toBe(230);
  expect(rows[0]).toMatchObject({ email: 'u1@example.com', aliases: [] });
  const changes = await collect(source, { mode: 'delta', watermark: end.watermark });
  expect(changes.end.outcome).toMatchObject({ kind: 'full_needed' });
});

describe('known users that no page shows', () => {
  test('are asked for by their ids: 404 means gone, an answer means there', async () => {
    const hidden = scimUser(7);
    const odd = scimUser(8, { id: 'a/b ?#%' });
    const users = [...scimUsers(6), hidden, odd];
    const { end, ids, asked } = await read(
      {
        users,
        before: ({ path, query }) =>
          path.endsWith('/Users')
            ? { json: { totalResults: 6, Resources: query.has('startIndex') ? [] : users.slice(0, 6) } }
            : undefined,
      },
      ['u-7', 'u-99', 'a/b ?#%'],
    );
    expect(ids.slice(6).toSorted()).toEqual(['a/b ?#%', 'u-7']);
    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(end.warnings).toContain('rows that no page showed, yet are there: 2');
    expect(end).toMatchObject({ readSingly: 2, confirmedGone: ['u-99'], unproven: [] });
    expect(asked).toContain('Users/u-99?');
    expect(asked).toContain('Users/a%2Fb%20%3F%23%25?');
  });

  test.each([
    ['a refusal', refusal(403)],
    ["a gateway's own 404", { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>no</h1>' }],
    ['another user', { json: scimUser(1) }],
    ["a gateway's own 404 in JSON", { status: 404, json: { message: 'no Route matched with those values' } }],
    ['an empty answer', { json: {} }],
  ])('%s proves nothing', async (_name, answer) => {
    const { end } = await read(
      { users: scimUsers(3), before: ({ path }) => (path.endsWith('/u-9') ? answer : undefined) },
      ['u-9'],
    );
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, unproven: ['u-9'], confirmedGone: [] });
  });

  test.each(['.', '..'])('the id %s is no path', async (id) => {
    const { end, asked } = await read({ users: scimUsers(3) }, [id]);
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, unproven: [id], confirmedGone: [] });
    expect(asked.every((path) => path.startsWith('Users?'))).toBe(true);
  });

  test('nobody is asked for where the list is empty: it is judged as it is', async () => {
    const { end, asked } = await read({ users: [] }, ['u-1']);
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, rowsSeen: 0, declaredTotal: 0 });
    expect(asked).toEqual(['Users?count=100', 'Users?count=100&startIndex=1']);
  });
});

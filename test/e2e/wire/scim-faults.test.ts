import { describe, expect, test } from 'vitest';
import { serveScript, type Script } from '../../support/http-server.ts';
import { collect } from '../../support/listing.ts';
import {
  ANNOUNCED,
  answerScim,
  aScimTenant,
  refusal,
  scimAt,
  scimUser,
  scimUsers,
  type ScimTenant,
} from '../../support/scim-tenant.ts';

async function read(script: Script) {
  await using server = await serveScript(script);
  const listing = await collect(scimAt(server.origin));
  return { ...listing, seen: server.seen };
}

function tenantOf(overrides: Partial<ScimTenant>): Script {
  const tenant = aScimTenant(overrides);
  return (request) => answerScim(tenant, request);
}

describe('case 99', () => {
  test.each([
    [401, 'source-auth'],
    [403, 'source-forbidden'],
    [404, 'source-contract'],
  ])('HTTP %i to everything ends the reading, and nothing of the answer is repeated', async (status, code) => {
    const { end, ids } = await read(() => refusal(status, 'canary-type'));
    expect(ids).toEqual([]);
    expect(end.outcome).toMatchObject({ kind: 'broken', code });
    expect(JSON.stringify(end)).not.toContain('canary');
  });

  test('no token is a token that no server takes', async () => {
    await using server = await serveScript(({ headers }) =>
      headers.authorization === 'Bearer right' ? { json: { totalResults: 0 } } : refusal(401),
    );
    const { end } = await collect(scimAt(server.origin, { token: 'wrong' }));
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-auth' });
    const blank = await collect(scimAt(server.origin, { token: 'with blank' }));
    expect(blank.end.outcome).toMatchObject({ kind: 'broken', code: 'source-auth' });
    expect(server.seen.every(({ method }) => method === 'GET')).toBe(true);
  });

  test('"False" as Entra writes it is inactive, on every page', async () => {
    const users = scimUsers(150).map((user) => ({ ...user, active: 'False' }));
    const { rows } = await read(tenantOf({ users }));
    expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['inactive']));
  });

  test('keys that are made to change objects change none', async () => {
    const row = '{"id":"u-1","userName":"a@example.com","active":"False","__proto__":{"polluted":true}}';
    const body = `{"totalResults":1,"__proto__":{"polluted":true},"Resources":[${row}]}`;
    const { rows } = await read(() => ({ headers: { 'content-type': 'application/scim+json' }, body }));
    expect(rows).toMatchObject([{ externalId: 'u-1', status: 'inactive' }]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('an empty directory is an empty listing, for the verdict to doubt', async () => {
    const { end } = await read(tenantOf({ users: [] }));
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, rowsSeen: 0, declaredTotal: 0 });
  });

  test('Resources may be missing only where the total is 0', async () => {
    expect((await read(() => ({ json: { totalResults: 0 } }))).end.outcome).toEqual({ kind: 'ended' });
    for (const json of [{ totalResults: 4 }, {}, [], { Resources: {} }, { Resources: 'u-1', totalResults: 0 }]) {
      expect((await read(() => ({ json }))).end.outcome).toMatchObject({ kind: 'broken', code: 'source-contract' });
    }
  });

  test('an error in the clothes of success is none', async () => {
    const { end } = await read(({ path }) =>
      path.endsWith('/Users') ? { json: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'] } } : refusal(404),
    );
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-contract' });
  });

  test('rows without an id are counted', async () => {
    const { end, ids } = await read(
      tenantOf({ users: [scimUser(1), scimUser(2, { id: '' }), scimUser(3, { id: null })] }),
    );
    expect(ids).toEqual(['u-1']);
    expect(end).toMatchObject({ rowsSeen: 3, rowsWithoutId: 2 });
  });

  test('429 is waited out', async () => {
    let refused = 2;
    const { end } = await read(
      tenantOf({
        users: scimUsers(3),
        before: ({ path }) => {
          if (!path.endsWith('/Users') || refused === 0) return undefined;
          refused -= 1;
          return { ...refusal(429), headers: { 'retry-after': '7' } };
        },
      }),
    );
    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(refused).toBe(0);
  });
});

test.each([
  { again: 250, declaredTotal: 250, times: 1 },
  // Somebody went while it was read: it is read again until it stands still, which it never does.
  { again: 249, declaredTotal: 'disagree', times: 3 },
])('a page in two pieces whose second one declares $again: the total of all is $declaredTotal', async (given) => {
  const users = scimUsers(250);
  const piece = (startIndex: number, rows: typeof users, totalResults: number) => ({
    json: { totalResults, startIndex, itemsPerPage: rows.length, Resources: rows },
  });
  const tenant = aScimTenant({
    users,
    before: ({ query }) => {
      if (query.get('startIndex') === '101') return piece(101, users.slice(100, 107), 250);
      return query.get('startIndex') === '108' ? piece(108, users.slice(107, 200), given.again) : undefined;
    },
  });
  const { end, ids, seen } = await read((request) => answerScim(tenant, request));
  expect(new Set(ids).size).toBe(250);
  expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: given.declaredTotal });
  const begun = seen.filter(({ path, query }) => path.endsWith('/Users') && String(query) === 'count=100');
  expect(begun).toHaveLength(given.times);
});

describe('the envelope', () => {
  test('names have no case, and every usual content type will do', async () => {
    for (const type of ['application/scim+json', 'application/json', 'application/scim+json; charset=utf-8']) {
      const json = { totalresults: 1, resources: [scimUser(1)], startindex: 1 };
      const { ids, end } = await read(() => ({ headers: { 'content-type': type }, json }));
      expect(ids).toContain('u-1');
      expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: 1 });
    }
  });

  test('SCIM is asked for, and JSON will do', async () => {
    const { seen } = await read(tenantOf({ users: scimUsers(1) }));
    expect(seen.map(({ headers }) => headers.accept)).toEqual(
      seen.map(() => 'application/scim+json, application/json;q=0.9, */*;q=0.1'),
    );
  });

  test('no request ever begins at 0 or asks for more than 100', async () => {
    const { seen } = await read(
      tenantOf({ users: scimUsers(430), index: 'from-0', config: { filter: { maxResults: 1e9 } } }),
    );
    const lists = seen.filter(({ path }) => path.endsWith('/Users'));
    expect(lists.length).toBeGreaterThan(4);
    for (const { query } of lists) {
      expect(Number(query.get('count'))).toBeLessThanOrEqual(100);
      expect(Number(query.get('startIndex') ?? '1')).toBeGreaterThanOrEqual(1);
    }
  });
});

async function readTwice(answer: Script) {
  await using server = await serveScript(answer);
  const source = scimAt(server.origin);
  const first = await collect(source);
  const second = await collect(source);
  const conditions = server.seen
    .filter(({ path }) => path.endsWith('/ServiceProviderConfig'))
    .map(({ headers }) => headers['if-none-match']);
  return { first, second, conditions, seen: server.seen };
}

describe('what the server announces', () => {
  test('is asked for again by its ETag, and 304 means that it still holds', async () => {
    const tenant = aScimTenant({ users: scimUsers(3), config: { filter: { supported: true, maxResults: 50 } } });
    tenant.before = ({ path, headers }) => {
      if (!path.endsWith('/ServiceProviderConfig')) return undefined;
      if (headers['if-none-match'] === 'W/"v1"') return { status: 304 };
      return { headers: { etag: 'W/"v1"' }, json: tenant.config };
    };
    const { second, conditions } = await readTwice((request) => answerScim(tenant, request));
    expect(conditions).toEqual([undefined, 'W/"v1"']);
    expect(second.end).toMatchObject({ outcome: { kind: 'ended' }, parameters: { count: 50 } });
    expect(second.end.watermark).toBeDefined();
  });

  test('a new version replaces the old one', async () => {
    let version = 0;
    const tenant = aScimTenant({ users: scimUsers(3) });
    tenant.before = ({ path }) => {
      if (!path.endsWith('/ServiceProviderConfig')) return undefined;
      version += 1;
      return { headers: { etag: `"v${version}"` }, json: { filter: { maxResults: version * 10 } } };
    };
    const { first, second } = await readTwice((request) => answerScim(tenant, request));
    expect([first.end.parameters, second.end.parameters]).toEqual([{ count: 10 }, { count: 20 }]);
  });

  test('lists are never asked for by an ETag, whatever they carry', async () => {
    const tenant = aScimTenant({ users: scimUsers(3), before: () => undefined });
    const { seen } = await readTwice((request) => {
      const answer = answerScim(tenant, request);
      return answer === undefined ? answer : { ...answer, headers: { ...answer.headers, etag: '"same"' } };
    });
    const lists = seen.filter(({ path }) => path.endsWith('/Users'));
    expect(lists.map(({ headers }) => headers['if-none-match'])).toEqual(lists.map(() => undefined));
  });

  test.each([
    ['304 that nobody asked for', { status: 304 }],
    ['HTML', { headers: { 'content-type': 'text/html' }, body: '<h1>log in</h1>' }],
    ['no JSON', { body: 'nothing' }],
    ['a refusal', refusal(403)],
    ['not implemented', refusal(501)],
  ])('%s announces nothing, and the users are read all the same', async (_name, answer) => {
    const { end, ids } = await read(
      tenantOf({
        users: scimUsers(3),
        config: ANNOUNCED,
        before: ({ path }) => (path.endsWith('/ServiceProviderConfig') ? answer : undefined),
      }),
    );
    expect(ids).toHaveLength(3);
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, watermark: undefined });
  });

  test('a wrong token is told at once', async () => {
    const { end, seen } = await read(() => refusal(401));
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-auth' });
    expect(seen).toHaveLength(1);
  });
});

async function whoami(script: Script) {
  await using server = await serveScript(script);
  return await scimAt(server.origin).whoami?.(AbortSignal.timeout(10_000));
}

describe('whose the token is', () => {
  test('is said by /Me', async () => {
    const me = scimUser(7);
    expect(await whoami(({ path }) => (path.endsWith('/Me') ? { json: me } : refusal(404)))).toEqual({
      externalId: 'u-7',
      email: 'u7@example.com',
      shape: 'scim user',
    });
  });

  test.each([
    ['404', refusal(404)],
    ['501', refusal(501)],
    ['403: the token is no person', refusal(403)],
    ['a redirect to the user', { status: 308, headers: { location: '/scim/v2/Users/u-1' } }],
    ['somebody without an id', { json: { userName: 'a@example.com' } }],
  ])('%s says nothing of it: then the roster says whether it is one', async (_name, answer) => {
    const tenant = aScimTenant({ users: scimUsers(2) });
    tenant.before = ({ path }) => (path.endsWith('/Me') ? answer : undefined);
    expect(await whoami((request) => answerScim(tenant, request))).toBeUndefined();
    tenant.before = ({ path }) => (path.endsWith('/Me') ? answer : refusal(401));
    await expect(whoami((request) => answerScim(tenant, request))).rejects.toMatchObject({ code: 'source-auth' });
  });
});

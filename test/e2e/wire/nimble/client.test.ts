import { describe, expect, test } from 'vitest';
import { createNimbleSource, type NimbleSettings } from '../../../../src/sources/nimble/client.ts';
import { serveScript, type Script } from '../../../support/http-server.ts';
import { collect, fakeTiming, NO_POLICY } from '../../../support/listing.ts';

function aSource(origin: string, overrides: Partial<NimbleSettings> = {}) {
  const settings = { name: 'nimble', token: 'token', baseUrl: origin, allow: ['127.0.0.1'], policy: NO_POLICY };
  return createNimbleSource({ ...settings, timing: fakeTiming(), ...overrides });
}

async function listOf(json: unknown, overrides: Partial<NimbleSettings> = {}) {
  await using server = await serveScript(() => ({ json }));
  return await collect(aSource(server.origin, overrides));
}

const jane = {
  id: 'n-1',
  email: 'Jane.Doe@Example.com',
  name: { first_name: 'Jane', last_name: 'Doe' },
  role: 'Admin',
};

function members(from: number, to: number): readonly object[] {
  return Array.from({ length: to - from }, (_unused, index) => ({
    id: `n-${from + index}`,
    email: `m${from + index}@example.com`,
  }));
}

/** 75 members, 30 a page, by `page` where it is given. */
const inPagesOf30: Script = ({ query }) => {
  const page = Number(query.get('page') ?? '1');
  return { json: { resources: members((page - 1) * 30, Math.min(75, page * 30)), meta: { total: 75, per_page: 30 } } };
};

describe('createNimbleSource', () => {
  test('reads the shape of the guide: resources, name object, role, meta.total', async () => {
    const { rows, end } = await listOf({
      resources: [{ ...jane, created_at: '2012-09-07T16:49:56+0300', avatar: 'https://example.com/a' }],
      meta: { total: 1 },
    });
    expect(rows).toMatchObject([
      {
        externalId: 'n-1',
        email: 'jane.doe@example.com',
        givenName: 'Jane',
        familyName: 'Doe',
        role: 'Admin',
        privileged: true,
        status: 'active',
        sourceCreatedAt: '2012-09-07T13:49:56Z',
        flags: [],
      },
    ]);
    expect(end).toMatchObject({
      endpoint: '/api/v1/team/members',
      pages: 1,
      requests: 1,
      rowsSeen: 1,
      rowsWithoutId: 0,
      declaredTotal: 1,
      outcome: { kind: 'ended' },
      warnings: [],
    });
  });

  test('reads the shape of the documentation: users, one name, is_active, no id and no meta', async () => {
    const users = [
      { avatar_url: null, is_active: true, name: 'Ann Example', email: 'Ann@example.com' },
      { avatar_url: null, is_active: false, name: 'Bob Example', email: 'bob@example.com' },
    ];
    await using server = await serveScript(() => ({ json: { users } }));
    const { rows, end } = await collect(aSource(server.origin, { rosterPath: '/api/v1/company/users' }));
    expect(rows).toMatchObject([
      { externalId: 'ann@example.com', displayName: 'Ann Example', status: 'active' },
      { externalId: 'bob@example.com', displayName: 'Bob Example', status: 'inactive' },
    ]);
    expect(server.seen.map(({ path, query }) => `${path}?${query.toString()}`)).toEqual(['/api/v1/company/users?']);
    expect(end.declaredTotal).toBeUndefined();
  });

  test.each(['members', 'data'])('the list may be called %s', async (key) => {
    expect((await listOf({ [key]: [jane] })).ids).toEqual(['n-1']);
  });

  test.each([
    ['nothing about it', {}, 'active'],
    ['is_active null', { is_active: null }, 'active'],
    ['is_active false', { is_active: false }, 'inactive'],
    ['is_active as text', { is_active: 'False' }, 'inactive'],
    ['disabled', { disabled: true, is_active: true }, 'inactive'],
    ['is_pending', { is_pending: true }, 'pending'],
    ['is_pending of a disabled one', { is_pending: true, disabled: true }, 'inactive'],
    ['a status word', { status: 'Deactivated' }, 'inactive'],
    ['a status word against is_active', { status: 'disabled', is_active: true }, 'inactive'],
    ['an invited one', { status: 'invited' }, 'pending'],
    ['an unknown word', { status: 'hibernating' }, 'unknown'],
    ['a state of another type', { is_active: {} }, 'unknown'],
    ['a status of another type', { status: 7 }, 'unknown'],
  ])('status by %s', async (_name, fields, status) => {
    expect((await listOf({ resources: [{ ...jane, ...fields }] })).rows[0]?.status).toBe(status);
  });

  test('the word of an unknown status is in the warnings', async () => {
    const { end, rows } = await listOf({ resources: [{ ...jane, status: 'Hibernating' }] });
    expect(rows[0]?.flags).toEqual(['status_unknown_word']);
    expect(end.warnings).toEqual(['1 row: Rollcall does not know the status ("hibernating"), which counts as unknown']);
  });

  test('last_active, created and user_id of the full user object are read', async () => {
    const { rows } = await listOf({
      users: [
        {
          user_id: '4f2a',
          email: 'x@example.com',
          created: '2021-02-12T19:18:59.674000+00:00',
          last_active: 1_700_000_000,
        },
      ],
    });
    expect(rows).toMatchObject([
      { externalId: '4f2a', sourceCreatedAt: '2021-02-12T19:18:59.674000Z', lastActiveAt: '2023-11-14T22:13:20Z' },
    ]);
  });

  test('a field of a wrong type costs the field, not the row', async () => {
    const { rows, end } = await listOf({
      resources: [{ ...jane, name: ['Jane'], role: { a: 1 }, created_at: 'once' }],
    });
    expect(rows).toMatchObject([{ externalId: 'n-1', flags: ['field_unreadable', 'timestamp_unreadable'] }]);
    expect(rows[0]?.givenName).toBeUndefined();
    expect(end.rowsWithoutId).toBe(0);
  });

  test('rows without an id, or that are no rows, are counted', async () => {
    const { ids, end } = await listOf({
      resources: [jane, 'n-2', null, 7, { role: 'user' }, { id: {}, email: 'a@example.com' }],
    });
    expect(ids).toEqual(['n-1']);
    expect(end).toMatchObject({ rowsSeen: 6, rowsWithoutId: 5, outcome: { kind: 'ended' } });
  });

  test('ids that are numbers stay exact', async () => {
    const body = '{"resources":[{"id":9007199254740993},{"id":42}]}';
    await using server = await serveScript(() => ({ headers: { 'content-type': 'application/json' }, body }));
    expect((await collect(aSource(server.origin))).ids).toEqual(['9007199254740993', '42']);
  });

  test('a document of absurd depth is only odd', async () => {
    const deep = `${'['.repeat(10_000)}1234567890123456789${']'.repeat(10_000)}`;
    const body = `{"resources":[{"id":"n-1","role":${deep}}],"resources":[{"id":"n-2","role":${deep}}]}`;
    await using server = await serveScript(() => ({ headers: { 'content-type': 'application/json' }, body }));
    const { end } = await collect(aSource(server.origin));
    expect(end.requests).toBe(1);
    expect(['ended', 'broken']).toContain(end.outcome.kind);
  });

  test.each([
    ['none of the lists', { items: [jane] }],
    ['an error', { error: 'x' }],
    ['null instead of the list', { resources: null }],
    ['a bare list', [jane]],
    ['null', null],
  ])('%s is a breach of the contract, not an empty team', async (_name, json) => {
    const { rows, end } = await listOf(json);
    expect(rows).toEqual([]);
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-contract' });
  });

  test('pages on when meta says that there is more, in the stride of the first page', async () => {
    await using server = await serveScript(inPagesOf30);
    const { ids, end } = await collect(aSource(server.origin));
    expect(new Set(ids).size).toBe(75);
    expect(end).toMatchObject({ pages: 3, requests: 3, declaredTotal: 75, outcome: { kind: 'ended' } });
    expect(server.seen.map(({ query }) => query.toString())).toEqual(['', 'page=2&per_page=30', 'page=3&per_page=30']);
  });

  test('a vendor that ignores the page it was asked for is noticed', async () => {
    const { ids, end } = await listOf({ resources: members(0, 30), meta: { total: 75 } });
    expect(ids).toHaveLength(30);
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-contract' });
  });

  test('pages that repeat, where no total says that the first one was all, prove nobody gone', async () => {
    const { ids, end } = await listOf({ resources: members(0, 30), meta: { pages: 3, per_page: 30 } });
    expect(new Set(ids).size).toBe(30);
    expect(end.declaredTotal).toBeUndefined();
    expect(end.outcome).toMatchObject({ kind: 'broken', detail: expect.stringContaining('repeats page 1') });
  });

  test.each(['75', -1, null, 1.5])('a total of %j is none', async (total) => {
    const { end } = await listOf({ resources: members(0, 30), meta: { total } });
    expect(end).toMatchObject({ requests: 1, outcome: { kind: 'ended' } });
    expect(end.declaredTotal).toBeUndefined();
  });

  test.each([
    [401, 'source-auth'],
    [403, 'source-forbidden'],
    [404, 'source-contract'],
    [500, 'source-unavailable'],
  ])('%i is %s, and nobody is gone', async (status, code) => {
    await using server = await serveScript(() => ({ status }));
    const { rows, end } = await collect(aSource(server.origin), { budgetMs: 1000 });
    expect(rows).toEqual([]);
    expect(end).toMatchObject({ pages: 0, rowsSeen: 0, outcome: { kind: 'broken', code } });
  });

  test('asks nobody but Nimble unless told so', async () => {
    const { end } = await collect(
      aSource('https://nimble.example.com', { allow: [], baseUrl: 'http://api.nimble.com' }),
    );
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'network-refused' });
  });

  test('a base URL that is none is refused without being repeated', () => {
    expect(() => aSource('canary')).toThrow(expect.objectContaining({ code: 'config-invalid' }));
    expect(() => aSource('canary')).not.toThrow(/canary/u);
  });
});

describe('whoami of Nimble', () => {
  test.each([
    ['the guide', { id: 'n-1', email: 'jane@example.com', name: {}, role: 'admin' }, 'n-1', 'nimble id'],
    [
      'the documentation',
      { user_id: 'u-1', company_id: 'c', email: 'jane@example.com', name: 'J' },
      'u-1',
      'nimble user_id',
    ],
  ])('knows the owner in the shape of %s', async (_name, json, externalId, shape) => {
    await using server = await serveScript(() => ({ json }));
    const owner = await aSource(server.origin).whoami?.(new AbortController().signal);
    expect(owner).toEqual({ externalId, email: 'jane@example.com', shape });
    expect(server.seen[0]?.path).toBe('/api/v1/myself');
  });

  test('an answer without an owner is a breach of the contract', async () => {
    await using server = await serveScript(() => ({ json: { profiles: [] } }));
    await expect(aSource(server.origin).whoami?.(new AbortController().signal)).rejects.toMatchObject({
      code: 'source-contract',
    });
  });
});

import { describe, expect, test } from 'vitest';
import { serveScript } from '../../support/http-server.ts';
import { collect, fakeTiming, type Listing } from '../../support/listing.ts';
import {
  answerScim,
  aScimTenant,
  refusal,
  scimAt,
  scimUser,
  scimUsers,
  type ScimTenant,
} from '../../support/scim-tenant.ts';

type Asked = Listing & { readonly asked: readonly string[] };
type Reader = {
  readonly tenant: ScimTenant;
  /** A full reading, then readings of changes that each begin where the one before ended. */
  full(): Promise<Asked>;
  changes(watermark?: string): Promise<Asked>;
  [Symbol.asyncDispose](): Promise<void>;
};

async function open(overrides: Partial<ScimTenant>, timing = fakeTiming()): Promise<Reader> {
  const tenant = aScimTenant(overrides);
  const server = await serveScript((request) => answerScim(tenant, request));
  const source = scimAt(server.origin, { timing });
  let watermark: string | undefined;
  const read = async (mode: 'full' | 'delta', from: string | undefined): Promise<Asked> => {
    const before = server.seen.length;
    const listing = await collect(source, { mode, watermark: from });
    watermark = listing.end.watermark ?? watermark;
    const seen = server.seen.slice(before);
    return {
      ...listing,
      asked: seen.map(({ path, query }) => `${path.slice('/scim/v2/'.length)}?${query.get('filter') ?? ''}`),
    };
  };
  return {
    tenant,
    full: async () => await read('full', undefined),
    changes: async (from) => await read('delta', from ?? watermark),
    [Symbol.asyncDispose]: async () => await server[Symbol.asyncDispose](),
  };
}

/** The newest of the tenant's users changed at 08:59:59; ten minutes before that the filter begins. */
const FILTER = 'meta.lastModified ge "2026-11-21T08:49:59Z"';

describe('changes', () => {
  test('are asked for by a filter that includes what was read last', async () => {
    await using reader = await open({ users: scimUsers(3) });
    const full = await reader.full();
    expect(JSON.parse(full.end.watermark ?? '')).toMatchObject({ at: '2026-11-21T08:59:59Z', anchors: ['u-1'] });
    reader.tenant.users = [...reader.tenant.users, scimUser(9, { active: 'False' }, 60)];

    const { ids, rows, end, asked } = await reader.changes();

    expect(asked[0]).toBe(`Users?${FILTER}`);
    expect(ids).toEqual(['u-1', 'u-2', 'u-3', 'u-9']);
    expect(rows.at(-1)).toMatchObject({ externalId: 'u-9', status: 'inactive' });
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, parameters: { count: 100, filter: FILTER } });
    expect(end.declaredTotal).toBeUndefined();
    expect(JSON.parse(end.watermark ?? '')).toMatchObject({ at: '2026-11-21T09:01:00Z', anchors: ['u-9'] });
  });

  test('do not show who is gone', async () => {
    await using reader = await open({ users: scimUsers(3) });
    await reader.full();
    reader.tenant.users = scimUsers(2);
    expect((await reader.changes()).end.outcome).toEqual({ kind: 'ended' });
  });

  test('are read by cursor as well', async () => {
    const config = { filter: { supported: true }, pagination: { cursor: true } };
    await using reader = await open({ users: scimUsers(130), config, cursors: 'asked' });
    await reader.full();
    const { end, asked } = await reader.changes();
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, rowsSeen: 260 });
    expect(asked).toHaveLength(4);
  });

  test('a watermark never goes back, and a time in 2099 does not advance it', async () => {
    await using reader = await open({ users: [...scimUsers(2), scimUser(7, {}, 3_000_000_000)] });
    const { end } = await reader.full();
    expect(JSON.parse(end.watermark ?? '')).toMatchObject({ at: '2026-11-21T08:59:59Z', anchors: ['u-1'] });
    const changes = await reader.changes();
    expect(JSON.parse(changes.end.watermark ?? '')).toMatchObject({ at: '2026-11-21T08:59:59Z' });
  });

  test('more than one page is read again, until nothing new turns up', async () => {
    await using reader = await open({ users: scimUsers(150) });
    await reader.full();
    const { end, asked, ids } = await reader.changes();
    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(asked).toHaveLength(4);
    expect(new Set(ids).size).toBe(150);
  });
});

describe('a full reading is needed', () => {
  test.each<{ name: string; tenant: Partial<ScimTenant>; change: (tenant: ScimTenant) => void; detail: RegExp }>([
    {
      name: 'where the server does not look at the filter',
      tenant: { users: [...scimUsers(2), scimUser(3, {}, -86_400)], filters: 'ignored' },
      change: () => undefined,
      detail: /does not look at a filter/,
    },
    {
      name: 'where it refuses the filter',
      tenant: { users: scimUsers(2), filters: 'refused' },
      change: () => undefined,
      detail: /does not answer a filter/,
    },
    {
      name: 'where users have no times',
      tenant: { users: scimUsers(2) },
      change: (tenant) => {
        tenant.filters = 'ignored';
        tenant.users = [...tenant.users, scimUser(4, { meta: {} })];
      },
      detail: /no time of their last change/,
    },
    {
      name: 'where those that were read last are not there: another roster, or a filter that finds nobody',
      tenant: { users: scimUsers(2) },
      change: (tenant) => {
        tenant.users = [];
      },
      detail: /none of the users read last/,
    },
    {
      name: 'where fewer arrive than are declared',
      tenant: { users: scimUsers(3) },
      change: (tenant) => {
        tenant.total = () => 5;
      },
      detail: /fewer changes arrived/,
    },
    {
      name: 'where more has changed than is worth it',
      tenant: { users: scimUsers(450), cap: 20 },
      change: () => undefined,
      detail: /more has changed than 20 pages/,
    },
    {
      name: 'where the answer is something else',
      tenant: { users: scimUsers(3) },
      change: (tenant) => {
        tenant.before = () => ({ headers: { 'content-type': 'text/html' }, body: '<h1>maintenance</h1>' });
      },
      detail: /does not answer a filter/,
    },
  ])('$name', async ({ tenant, change, detail }) => {
    await using reader = await open(tenant);
    await reader.full();
    change(reader.tenant);
    const { end } = await reader.changes();
    expect(end.outcome).toMatchObject({ kind: 'full_needed', detail: expect.stringMatching(detail) });
    expect(end.watermark).toBeUndefined();
  });

  test.each([
    ['none', undefined],
    ['garbage', '{"at":'],
    ['without anchors', JSON.stringify({ at: '2026-11-21T09:00:00Z', anchors: [] })],
  ])('by a watermark that is %s', async (_name, watermark) => {
    await using reader = await open({ users: scimUsers(3) });
    const { end, asked } = watermark === undefined ? await reader.changes() : await reader.changes(watermark);
    expect(end.outcome.kind).toBe('full_needed');
    expect(asked).toEqual([]);
  });

  test('and no watermark is given where the server announces no filters', async () => {
    await using reader = await open({ users: scimUsers(3), config: { filter: { supported: false } } });
    expect((await reader.full()).end).toMatchObject({ outcome: { kind: 'ended' }, watermark: undefined });
  });

  test('a server that does not filter is not asked again for a day', async () => {
    let hours = 0;
    const timing = fakeTiming({ monotonicMs: () => hours * 3_600_000 });
    await using reader = await open({ users: scimUsers(3), filters: 'refused' }, timing);
    await reader.full();
    expect((await reader.changes()).asked).toHaveLength(1);
    hours = 23;
    expect(await reader.changes()).toMatchObject({ asked: [], end: { outcome: { kind: 'full_needed' } } });
    hours = 25;
    reader.tenant.filters = 'applied';
    expect((await reader.changes()).end.outcome).toEqual({ kind: 'ended' });
  });

  test('a failure that is no answer is that failure', async () => {
    await using reader = await open({ users: scimUsers(3) });
    await reader.full();
    reader.tenant.before = () => refusal(401);
    expect((await reader.changes()).end.outcome).toMatchObject({ kind: 'broken', code: 'source-auth' });
  });
});

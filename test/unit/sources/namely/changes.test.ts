import { describe, expect, test } from 'vitest';
import { serveScript } from '../../../support/http-server.ts';
import { collect, type Listing } from '../../../support/listing.ts';
import { aTenant, namelyAt, NINE, profile, profiles, type Tenant } from '../../../support/namely-tenant.ts';

type Asked = Listing & { readonly asked: readonly string[] };
type Reader = {
  /** A full reading, then readings of changes that each begin where the one before ended. */
  full(): Promise<Asked>;
  changes(watermark?: string): Promise<Asked>;
  [Symbol.asyncDispose](): Promise<void>;
};

async function open(tenant: Tenant, settings: Parameters<typeof namelyAt>[1] = {}): Promise<Reader> {
  const server = await serveScript((request) => tenant.answer(request));
  const source = namelyAt(server.origin, settings);
  let watermark: string | undefined;
  const read = async (mode: 'full' | 'delta', from: string | undefined): Promise<Asked> => {
    const before = server.seen.length;
    const listing = await collect(source, { mode, watermark: from, missing: async () => [] });
    watermark = listing.end.watermark ?? watermark;
    const asked = server.seen
      .slice(before)
      .map(({ path, query }) => `${path.slice('/api/v1/'.length)} ${query.get('page') ?? ''}`.trim());
    return { ...listing, asked };
  };
  return {
    full: async () => await read('full', undefined),
    changes: async (from) => await read('delta', from ?? watermark),
    [Symbol.asyncDispose]: async () => await server[Symbol.asyncDispose](),
  };
}

const fullNeeded = (detail: string) => ({ kind: 'full_needed', detail: expect.stringContaining(detail) });

describe('changes of Namely', () => {
  test('a quiet tick is one request for profiles, and one for events where they are read', async () => {
    const tenant = aTenant({
      profiles: profiles(500),
      events: [{ id: 'e-1', type: 'birthday', links: { profile: 'p-1' } }],
    });
    await using reader = await open(tenant, { events: true });
    await reader.full();
    await reader.changes();

    const quiet = await reader.changes();

    expect(quiet.end.outcome).toEqual({ kind: 'ended' });
    expect(quiet.asked.filter((path) => path.startsWith('profiles'))).toHaveLength(quiet.asked.length - 1);
    expect(quiet.end.parameters).toEqual({ per_page: 50, sort: '-updated_at' });
    expect(quiet.end.declaredTotal).toBeUndefined();
  });

  test('a quiet tick of a roster that changes slowly is one page', async () => {
    // One change a minute: the overlap of ten minutes is a part of the first page.
    const tenant = aTenant({ profiles: profiles(500).map((each, at) => ({ ...each, updated_at: NINE - at * 60 })) });
    await using reader = await open(tenant);
    await reader.full();

    expect((await reader.changes()).asked).toEqual(['profiles 1']);
  });

  test('k changes take at most k + 2 requests', async () => {
    const tenant = aTenant({ profiles: profiles(200).map((each, at) => ({ ...each, updated_at: NINE - at * 60 })) });
    await using reader = await open(tenant);
    await reader.full();
    const changed = new Set(Array.from({ length: 70 }, (_unused, at) => `p-${at * 2 + 1}`));
    tenant.profiles = tenant.profiles.map((each, at) =>
      changed.has(each.id) ? { ...each, job_title: 'Lead', updated_at: NINE + 60 + at } : each,
    );

    const { rows, asked, end } = await reader.changes();

    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(new Set(rows.filter(({ title }) => title === 'Lead').map(({ externalId }) => externalId))).toEqual(changed);
    expect(asked.length).toBeLessThanOrEqual(72);
  });

  test('case 19: 120 rows that share one second are all read', async () => {
    const same = profiles(120).map((each) => ({ ...each, updated_at: NINE }));
    const tenant = aTenant({ profiles: same });
    await using reader = await open(tenant);
    await reader.full();

    const { ids, end } = await reader.changes();

    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(new Set(ids)).toEqual(new Set(same.map(({ id }) => id)));
  });

  test('case 20: a row that appears late with a time behind the newest one is read', async () => {
    const tenant = aTenant({ profiles: profiles(60).map((each, at) => ({ ...each, updated_at: NINE - at * 60 })) });
    await using reader = await open(tenant, { perPage: 3 });
    await reader.full();
    tenant.profiles = [...tenant.profiles, profile(99, { updated_at: NINE - 500 })];

    expect((await reader.changes()).ids).toContain('p-99');
  });

  test('case 20: what changed while a long reading went on is read, however new the newest row is', async () => {
    let slow = true;
    const tenant = aTenant({ profiles: profiles(120) });
    const timing = { now: 0 };
    tenant.before = () => {
      // Each page takes ten minutes; a row on a page that was read already changes meanwhile, and then the newest of all.
      if (slow) timing.now += 600_000;
    };
    await using reader = await open(tenant, {
      timing: {
        monotonicMs: () => timing.now,
        wallMs: () => Date.UTC(2026, 10, 21, 10),
        random: () => 0.5,
        sleep: async () => undefined,
      },
    });
    const { end } = await reader.full();
    slow = false;

    // Four requests of ten minutes: the newest row less 40 minutes.
    expect(JSON.parse(end.watermark ?? '')).toMatchObject({ at: '2026-11-21T08:19:59Z' });
  });

  test('case 22: a time in 2099 does not advance the watermark, and later changes are still read', async () => {
    const future = profile(7, { updated_at: Date.UTC(2099, 0, 1) / 1000 });
    const tenant = aTenant({ profiles: [future, ...profiles(3)] });
    await using reader = await open(tenant);
    const { end } = await reader.full();
    expect(JSON.parse(end.watermark ?? '')).toMatchObject({ at: '2026-11-21T08:59:59Z', anchors: ['p-1'] });
    tenant.profiles = [...tenant.profiles, profile(4, { updated_at: NINE + 60 })];

    const changes = await reader.changes();

    expect(changes.ids).toContain('p-4');
    expect(JSON.parse(changes.end.watermark ?? '')).toMatchObject({ at: '2026-11-21T09:01:00Z', anchors: ['p-4'] });
  });

  test('case 21: only the clock of the vendor counts', async () => {
    const tenant = aTenant({ profiles: profiles(3) });
    const behind = {
      monotonicMs: () => 0,
      wallMs: () => Date.UTC(2026, 10, 21, 8),
      random: () => 0,
      sleep: async () => undefined,
    };
    await using reader = await open(tenant, { timing: behind });

    expect(JSON.parse((await reader.full()).end.watermark ?? '')).toMatchObject({ at: '2026-11-21T08:59:59Z' });
  });

  test.each([
    ['case 23: none', undefined],
    ['case 23: garbage', '{"at":'],
    ['case 23: of a newer version', JSON.stringify({ version: 9, cursor: 'x' })],
    ['case 23: negative', JSON.stringify({ at: '-1', anchors: ['p-1'] })],
    ['case 23: far in the future', JSON.stringify({ at: '2999-01-01T00:00:00Z', anchors: ['gone'] })],
    ['without anchors', JSON.stringify({ at: '2026-11-21T09:00:00Z', anchors: [] })],
  ])('a watermark that is %s leads to a full reading', async (_name, watermark) => {
    await using reader = await open(aTenant({ profiles: profiles(3) }));
    const { end } = watermark === undefined ? await reader.changes() : await reader.changes(watermark);
    expect(end.outcome.kind).toBe('full_needed');
    expect(end.watermark).toBeUndefined();
  });

  test('case 25: an order that the vendor ignores leads to a full reading', async () => {
    const tenant = aTenant({ profiles: profiles(60).toReversed(), sorts: false });
    await using reader = await open(tenant);
    await reader.full();
    expect((await reader.changes()).end.outcome).toEqual(fullNeeded('order'));
  });

  test('case 25: a list of changes that is empty, or another roster, leads to a full reading', async () => {
    const tenant = aTenant({ profiles: profiles(3) });
    await using reader = await open(tenant);
    await reader.full();
    tenant.profiles = [];
    expect((await reader.changes()).end.outcome).toEqual(fullNeeded('read last'));
    tenant.profiles = [profile(50), profile(51)];
    expect((await reader.changes()).end.outcome).toEqual(fullNeeded('read last'));
  });

  test('profiles without any time lead to a full reading', async () => {
    const tenant = aTenant({ profiles: profiles(3) });
    await using reader = await open(tenant);
    await reader.full();
    tenant.profiles = tenant.profiles.map((each) => ({ ...each, updated_at: undefined }));
    expect((await reader.changes()).end.outcome).toEqual(fullNeeded('no time'));
  });

  test('case 24: times in ISO, seconds, microseconds and other zones are one time', async () => {
    const spellings = [
      '2026-11-21T08:59:59Z',
      NINE - 2,
      (NINE - 3) * 1_000_000,
      '2026-11-21T10:59:56+02:00',
      `${NINE - 5}`,
      undefined,
    ];
    const tenant = aTenant({
      sorts: false,
      profiles: spellings.map((updated_at, at) => profile(at + 1, { updated_at })),
    });
    await using reader = await open(tenant);
    await reader.full();
    const { end, ids } = await reader.changes();
    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(new Set(ids).size).toBe(6);
  });

  test('a row that another one hides by vanishing between two pages is read by the second pass', async () => {
    const tenant = aTenant({ profiles: profiles(60) });
    await using reader = await open(tenant);
    await reader.full();
    tenant.profiles = tenant.profiles.map((each, at) => ({ ...each, updated_at: NINE + 600 - at, job_title: 'Lead' }));
    let vanished = false;
    tenant.before = ({ query }) => {
      // p-51 moves from page 2 to page 1 after page 1 was read.
      if (query.get('page') !== '2' || vanished) return;
      vanished = true;
      tenant.profiles = tenant.profiles.filter(({ id }) => id !== 'p-10');
    };

    const { ids, end } = await reader.changes();

    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(ids).toContain('p-51');
  });

  test('a failure leaves the watermark where it was', async () => {
    const tenant = aTenant({ profiles: profiles(3) });
    await using reader = await open(tenant);
    await reader.full();
    tenant.answer = () => ({ status: 401, json: { error: '' } });
    const { end } = await reader.changes();
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-auth' });
    expect(end.watermark).toBeUndefined();
  });
});

const guide = (id: string, profileId: string) => ({
  id,
  type: 'profile_updated',
  profile_id: profileId,
  occurred_at: '2026-11-21T09:00:00Z',
});
const feed = (id: string, profileId: string, type = 'recent_arrival') => ({
  id,
  href: `/events/${id}`,
  type,
  created_at: NINE,
  links: { profile: profileId, comments: [], file: null },
});

describe('events of Namely (case 28)', () => {
  const spread = profiles(200).map((each, at) => ({ ...each, updated_at: NINE - at * 60 }));

  async function readTwice(before: readonly unknown[], after: readonly unknown[]): Promise<Asked> {
    const tenant = aTenant({ profiles: spread, events: before });
    await using reader = await open(tenant, { events: true });
    await reader.full();
    await reader.changes();
    tenant.events = after;
    return await reader.changes();
  }

  test.each([
    ['the changelog of the guide', guide],
    ['the feed of the real service', feed],
  ])('each unseen event leads to one direct read: %s', async (_name, event) => {
    const { asked, ids } = await readTwice(
      [event('e-1', 'p-150')],
      [event('e-3', 'p-170'), event('e-2', 'p-160'), event('e-1', 'p-150')],
    );
    expect(asked).toEqual(['events 1', 'profiles 1', 'profiles/p-170', 'profiles/p-160']);
    expect(ids).toEqual(expect.arrayContaining(['p-160', 'p-170']));
  });

  test('out of order, repeated, of a profile that is not there, without a profile, of an unknown type', async () => {
    const { asked, end } = await readTwice(
      [guide('e-1', 'p-150')],
      [
        guide('e-1', 'p-150'),
        feed('e-4', 'p-160', 'party'),
        guide('e-2', 'p-160'),
        guide('e-3', 'nobody'),
        { id: 'e-5', type: 'announcement' },
      ],
    );
    expect(asked.slice(2).toSorted()).toEqual(['profiles/nobody', 'profiles/p-160']);
    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(end.warnings).toEqual([expect.stringContaining('type that Rollcall does not know: 1')]);
  });

  test('a profile that the changes show already is not read again', async () => {
    const { asked } = await readTwice([guide('e-1', 'p-150')], [guide('e-2', 'p-1'), guide('e-1', 'p-150')]);
    expect(asked).toEqual(['events 1', 'profiles 1']);
  });

  test('events that have passed by unseen lead to a full reading', async () => {
    const many = Array.from({ length: 200 }, (_unused, at) => guide(`n-${at}`, 'p-150'));
    expect((await readTwice([guide('e-1', 'p-150')], many)).end.outcome).toEqual(fullNeeded('unseen'));
    // The window of the real feed is short, and page 2 is page 1 again.
    expect((await readTwice([feed('e-1', 'p-150')], [feed('n-1', 'p-150')])).end.outcome).toEqual(fullNeeded('unseen'));
  });

  test('a feed that was empty has no gap', async () => {
    const { asked, end } = await readTwice([], [feed('e-1', 'p-150')]);
    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(asked).toContain('profiles/p-150');
  });

  test('a feed that cannot be read is left out with a warning, and its events are hints the next time', async () => {
    const tenant = aTenant({ profiles: spread, events: [guide('e-1', 'p-150')] });
    await using reader = await open(tenant, { events: true });
    await reader.full();
    await reader.changes();
    const { answer } = tenant;
    tenant.events = [guide('e-2', 'p-160'), ...tenant.events];
    tenant.answer = (request) => (request.path === '/api/v1/events' ? { status: 403, json: {} } : answer(request));
    const without = await reader.changes();
    expect(without.end).toMatchObject({
      outcome: { kind: 'ended' },
      warnings: [expect.stringContaining('events are left out')],
    });
    tenant.answer = answer;
    expect((await reader.changes()).asked).toContain('profiles/p-160');
  });
});

import { describe, expect, test } from 'vitest';
import { openReader as open } from '../../../support/namely-reader.ts';
import { aTenant, NINE, profile, profiles } from '../../../support/namely-tenant.ts';

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
    const tenant = aTenant({
      now: NINE + 10,
      profiles: profiles(200).map((each, at) => ({ ...each, updated_at: NINE - at * 60 })),
    });
    await using reader = await open(tenant);
    await reader.full();
    tenant.now = NINE + 600;
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
    const tenant = aTenant({ now: NINE + 10, profiles: same });
    await using reader = await open(tenant);
    await reader.full();

    const { ids, end } = await reader.changes();

    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(new Set(ids)).toEqual(new Set(same.map(({ id }) => id)));
  });

  test('a bulk edit is read again for twenty minutes, and then a quiet tick is one page', async () => {
    const tenant = aTenant({ now: NINE + 10, profiles: profiles(300).map((each) => ({ ...each, updated_at: NINE })) });
    await using reader = await open(tenant);
    await reader.full();
    const pages: number[] = [];
    for (const minutes of [5, 10, 15, 20, 25, 30]) {
      tenant.now = NINE + minutes * 60;
      const { asked, end } = await reader.changes();
      expect(end.outcome).toEqual({ kind: 'ended' });
      pages.push(asked.length);
    }
    // A pass over 300 rows is seven pages, and more than one page is read a second time. The tick at 25 goes by what the one at 20
    // has left: ten minutes settled, and ten of overlap.
    expect(pages).toEqual([14, 14, 14, 14, 14, 1]);
  });

  test('a change that comes after an hour of silence is read', async () => {
    const tenant = aTenant({ now: NINE + 10, profiles: profiles(60) });
    await using reader = await open(tenant);
    await reader.full();
    for (const minutes of [20, 40, 60]) {
      tenant.now = NINE + minutes * 60;
      await reader.changes();
    }
    tenant.profiles = tenant.profiles.map((each) =>
      each.id === 'p-44' ? { ...each, job_title: 'Lead', updated_at: NINE + 3590 } : each,
    );
    tenant.now = NINE + 3900;
    const { rows } = await reader.changes();
    expect(rows).toContainEqual(expect.objectContaining({ externalId: 'p-44', title: 'Lead' }));
  });

  test('a watermark of a clock that was ahead is not gone by', async () => {
    const ahead = NINE + 365 * 86_400;
    const tenant = aTenant({ now: ahead, profiles: [profile(9, { updated_at: ahead - 5 }), ...profiles(3)] });
    await using reader = await open(tenant);
    await reader.full();
    tenant.now = NINE + 10;
    tenant.profiles = tenant.profiles.map((each) => (each.id === 'p-9' ? { ...each, updated_at: NINE } : each));
    expect((await reader.changes()).end.outcome).toEqual(fullNeeded('in the future'));
  });

  test('a total that is that of the page ends no reading', async () => {
    const tenant = aTenant({ now: NINE + 10, profiles: profiles(200) });
    const { answer } = tenant;
    tenant.answer = (request) => {
      const given = answer(request);
      const json = given?.json;
      if (typeof json !== 'object' || json === null || !('profiles' in json) || !Array.isArray(json.profiles))
        return given;
      return { ...given, json: { ...json, meta: { total: json.profiles.length } } };
    };
    await using reader = await open(tenant);
    await reader.full();
    tenant.now = NINE + 900;
    tenant.profiles = tenant.profiles.map((each, at) => (at < 60 ? { ...each, updated_at: NINE + 800 - at } : each));
    const { ids, end } = await reader.changes();
    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(ids).toEqual(expect.arrayContaining(profiles(60).map(({ id }) => id)));
  });

  test('case 20: a row that appears late with a time behind the newest one is read', async () => {
    const tenant = aTenant({
      now: NINE + 10,
      profiles: profiles(60).map((each, at) => ({ ...each, updated_at: NINE - at * 60 })),
    });
    await using reader = await open(tenant, { perPage: 3 });
    await reader.full();
    tenant.profiles = [...tenant.profiles, profile(99, { updated_at: NINE - 500 })];

    expect((await reader.changes()).ids).toContain('p-99');
  });

  test('case 20: what changed while a long reading went on is read, however new the newest row is', async () => {
    let slow = true;
    const tenant = aTenant({ now: NINE, profiles: profiles(120) });
    const timing = { now: 0 };
    tenant.before = () => {
      // Each page takes ten minutes; a row on a page that was read already changes meanwhile, and then the newest of all.
      if (slow) timing.now += 600_000;
      if (slow) tenant.now += 600;
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

    // Before the first answer, which came at 09:10, by the time that a change may need to appear.
    expect(JSON.parse(end.watermark ?? '')).toMatchObject({ at: '2026-11-21T09:00:00Z' });
  });

  test('case 22: a time in 2099 does not advance the watermark, and later changes are still read', async () => {
    const future = profile(7, { updated_at: Date.UTC(2099, 0, 1) / 1000 });
    const tenant = aTenant({ now: NINE + 10, profiles: [future, ...profiles(3)] });
    await using reader = await open(tenant);
    const { end } = await reader.full();
    expect(JSON.parse(end.watermark ?? '')).toMatchObject({ at: '2026-11-21T08:59:59Z', anchors: ['p-1'] });
    tenant.now = NINE + 120;
    tenant.profiles = [...tenant.profiles, profile(4, { updated_at: NINE + 60 })];

    const changes = await reader.changes();

    expect(changes.ids).toContain('p-4');
    expect(JSON.parse(changes.end.watermark ?? '')).toMatchObject({ at: '2026-11-21T09:01:00Z', anchors: ['p-4'] });
  });

  test('case 21: only the clock of the vendor counts', async () => {
    const tenant = aTenant({ now: NINE + 10, profiles: profiles(3) });
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
    const tenant = aTenant({ now: NINE + 10, profiles: profiles(60) });
    await using reader = await open(tenant);
    await reader.full();
    tenant.now = NINE + 700;
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

import { describe, expect, test } from 'vitest';
import { openReader as open, type Asked } from '../../../support/namely-reader.ts';
import { aTenant, NINE, profiles } from '../../../support/namely-tenant.ts';

const fullNeeded = (detail: string) => ({ kind: 'full_needed', detail: expect.stringContaining(detail) });

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
    // The last event of the first page is not known, so the page after it is looked at.
    expect(asked.slice(0, 3)).toEqual(['events 1', 'events 2', 'profiles 1']);
    expect(asked.slice(3).toSorted()).toEqual(['profiles/nobody', 'profiles/p-160']);
    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(end.warnings).toEqual([expect.stringContaining('type that Rollcall does not know: 1')]);
  });

  test('what an event spoke of between the full reading and the first tick is read', async () => {
    const tenant = aTenant({ profiles: spread, events: [guide('e-1', 'p-150')] });
    await using reader = await open(tenant, { events: true });
    await reader.full();
    tenant.events = [guide('e-2', 'p-160'), guide('e-1', 'p-150')];
    expect((await reader.changes()).asked).toEqual(['events 1', 'profiles 1', 'profiles/p-160']);
  });

  test('a known event that is pinned to the top hides none of those below it', async () => {
    const fresh = Array.from({ length: 40 }, (_unused, at) => guide(`n-${at}`, `p-${100 + at}`));
    const pinned = guide('pinned', 'p-150');
    const { asked } = await readTwice([pinned, guide('e-1', 'p-151')], [pinned, ...fresh, guide('e-1', 'p-151')]);
    expect(asked.filter((path) => path.startsWith('profiles/'))).toHaveLength(40);
  });

  test.each([
    [403, { json: {} }],
    [422, { json: {} }],
    [404, { headers: { 'content-type': 'text/html' }, body: '<h1>Not found</h1>' }],
  ])('a profile that cannot be read by itself (%d) is a warning, and the reading goes on', async (status, more) => {
    const tenant = aTenant({ profiles: spread, events: [guide('e-1', 'p-150')] });
    await using reader = await open(tenant, { events: true });
    await reader.full();
    tenant.events = [guide('e-3', 'p-170'), guide('e-2', 'p-160'), guide('e-1', 'p-150')];
    const { answer } = tenant;
    tenant.answer = (request) => (request.path.endsWith('/p-160') ? { status, ...more } : answer(request));
    const { end, ids } = await reader.changes();
    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(ids).toContain('p-170');
    expect(end.warnings).toEqual([expect.stringContaining('cannot be read: 1')]);
    expect((await reader.changes()).asked).toEqual(['events 1', 'profiles 1']);
  });

  test('an event of a profile called .. asks for no other address', async () => {
    const { asked, end } = await readTwice([guide('e-1', 'p-150')], [guide('e-2', '..'), guide('e-1', 'p-150')]);
    expect(asked).toEqual(['events 1', 'profiles 1']);
    expect(end.outcome).toEqual({ kind: 'ended' });
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

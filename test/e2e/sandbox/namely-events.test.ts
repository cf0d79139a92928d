import { describe, expect, test } from 'vitest';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { aWorld, type NamelyEvent, type World } from '../../../src/sandbox/world.ts';
import { askSandbox, somePeople } from '../../support/sandbox.ts';

/** `e1` is the newest; each is a minute older than the one before. */
function someEvents(count: number, type: string): readonly NamelyEvent[] {
  return Array.from({ length: count }, (_unused, index) => ({
    id: `e${index + 1}`,
    type,
    profileId: 'P1',
    at: new Date(Date.UTC(2026, 2, 10, 12, -index)).toISOString(),
  }));
}

async function ask(world: World, query = ''): Promise<unknown> {
  await using sandbox = await startSandbox({ world });
  return (await askSandbox(sandbox, 'namely', `/api/v1/events${query}`)).body;
}

describe("the guide's changelog", () => {
  const events = someEvents(60, 'profile_updated');
  const world = aWorld({ people: somePeople(1), namely: { dialect: 'guide', events } });

  test('has the four fields of the guide, an announcement without a profile', async () => {
    const announced = [{ id: 'a', type: 'announcement', at: '2026-03-10T12:00:00Z' }, ...events.slice(0, 1)];
    expect(await ask(aWorld({ namely: { dialect: 'guide', events: announced } }))).toEqual({
      events: [
        { id: 'a', type: 'announcement', profile_id: null, occurred_at: '2026-03-10T12:00:00Z' },
        { id: 'e1', type: 'profile_updated', profile_id: 'P1', occurred_at: '2026-03-10T12:00:00.000Z' },
      ],
      meta: { count: 2 },
    });
  });

  test.each([
    { query: '', first: 'e1', length: 25 },
    { query: '?page=2', first: 'e26', length: 25 },
    { query: '?page=2&per_page=500', first: 'e51', length: 10 },
  ])('is paged by 25, at most 50: $query', async ({ query, first, length }) => {
    expect(await ask(world, query)).toMatchObject({ events: { 0: { id: first }, length }, meta: { count: length } });
  });

  test('is empty behind its last page, and without events', async () => {
    expect(await ask(world, '?page=4')).toMatchObject({ events: [], meta: { count: 0 } });
    expect(await ask(aWorld())).toMatchObject({ events: [] });
  });
});

describe('the home feed', () => {
  const events = someEvents(40, 'anniversary');
  const world = aWorld({ people: somePeople(1), namely: { dialect: 'live', events } });

  test('has the fields of the recordings, the profile as a link and its short form beside', async () => {
    expect(await ask({ ...world, namely: { dialect: 'live', events: events.slice(0, 1) } })).toMatchObject({
      events: [
        {
          id: 'e1',
          href: '/events/e1',
          type: 'anniversary',
          created_at: Date.UTC(2026, 2, 10, 12) / 1000,
          years_at_company: 1,
          links: { profile: 'P1', comments: [], file: null },
        },
      ],
      meta: { response: 200, count: 1 },
      linked: { profiles: [{ id: 'P1', href: '/people/P1', full_name: 'Person No1' }] },
    });
  });

  test('says `time` in the newer contract', async () => {
    const newer = { ...world, namely: { ...world.namely, eventTimeKey: 'time' } } as const;
    expect(await ask(newer, '?limit=1')).toMatchObject({ events: [{ time: Date.UTC(2026, 2, 10, 12) / 1000 }] });
    expect(await ask(newer, '?limit=1')).not.toHaveProperty('events.0.created_at');
  });

  test.each([
    { query: '', first: 'e1', length: 15 },
    { query: '?page=2&per_page=5', first: 'e1', length: 15 },
    { query: '?limit=all', first: 'e1', length: 15 },
    { query: '?limit=4', first: 'e1', length: 4 },
    { query: '?after=e12', first: 'e13', length: 3 },
    { query: '?after=e12&limit=2', first: 'e13', length: 2 },
    { query: '?after=e30', first: 'e1', length: 15 },
  ])('shows its window of 15, and no pages: $query', async ({ query, first, length }) => {
    expect(await ask(world, query)).toMatchObject({ events: { 0: { id: first }, length }, meta: { count: length } });
  });

  test('never gives more than 30, however large the window is', async () => {
    const wide = { ...world, namely: { ...world.namely, eventWindow: 40 } };
    expect(await ask(wide, '?limit=500')).toMatchObject({ events: { length: 30 } });
    expect(await ask(wide, '?after=e30')).toMatchObject({ events: { length: 10 } });
  });

  test('shows nothing of somebody who is not active: no termination is ever in it', async () => {
    const people = somePeople(1).map((person) => ({
      namely: (person.namely ?? []).map((profile) => ({ ...profile, status: 'inactive' })),
    }));
    expect(await ask({ ...world, people })).toMatchObject({ events: [], meta: { count: 0 } });
  });
});

test('a fault empties the events too', async () => {
  const match = { vendor: 'namely', path: '/api/v1/events' } as const;
  const faults = [{ id: 'no-events', match, effect: { kind: 'empty' } }] as const;
  const namely = { dialect: 'live', events: someEvents(3, 'birthday') } as const;
  expect(await ask(aWorld({ namely, faults }))).toMatchObject({ events: [] });
});

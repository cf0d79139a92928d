import { describe, expect, test } from 'vitest';
import { Replays } from '../../../src/http/replays.ts';
import { readHint } from '../../../src/http/schema.ts';

describe('what a call hints at', () => {
  const cases: { name: string; json: unknown; ids: readonly string[]; deliveryId?: string; callId?: string }[] = [
    { name: 'profile_id', json: { type: 'profile.updated', profile_id: 'p-1' }, ids: ['p-1'] },
    {
      name: 'profile.id, beside an id of its own',
      json: { id: 'e-1', profile: { id: 'p-1' } },
      ids: ['p-1'],
      callId: 'e-1',
    },
    { name: 'profile as text', json: { profile: 'p-1' }, ids: ['p-1'] },
    {
      name: 'links.profile, as in the events feed',
      json: { id: 'e-1', links: { profile: 'p-1' } },
      ids: ['p-1'],
      callId: 'e-1',
    },
    { name: 'data.id', json: { id: 'e-1', data: { id: 'p-1' } }, ids: ['p-1'], callId: 'e-1' },
    {
      name: 'data.profile_id before data.id, which may be anything',
      json: { data: { id: 'e-1', profile_id: 'p-1' } },
      ids: ['p-1'],
      callId: 'e-1',
    },
    {
      name: 'an inner event before an outer id that is the same in each call',
      json: { id: 'acme', event: { id: 'e-1', profile_id: 'p-1' } },
      ids: ['p-1'],
      deliveryId: 'e-1',
      callId: 'acme',
    },
    {
      name: 'an event beside its profile: its id is no profile',
      json: { event: { id: 'e-1', type: 'x' }, data: { id: 'p-1' } },
      ids: ['p-1'],
      deliveryId: 'e-1',
    },
    { name: 'an event with nothing but an id', json: { event: { id: 'p-1' } }, ids: ['p-1'] },
    {
      name: 'several events with ids of their own',
      json: {
        events: [
          { id: 'e-2', profile_id: 'p-1' },
          { id: 'e-1', profile: 'p-2' },
        ],
      },
      ids: ['p-1', 'p-2'],
      deliveryId: 'e-1 e-2',
    },
    { name: "an outer id that is the profile's", json: { id: 'p-1', profile: { id: 'p-1' } }, ids: ['p-1'] },
    {
      name: 'ids of whatever name that are among the profiles',
      json: { id: 'p-2', event_id: 'p-1', data: [{ id: 'p-1' }, { id: 'p-2', profile_id: 'p-2' }] },
      ids: ['p-1', 'p-2'],
    },
    { name: 'resource', json: { event_id: 'e-1', resource: { id: 'p-1' } }, ids: ['p-1'], deliveryId: 'e-1' },
    {
      name: 'payload.profile',
      json: { delivery_id: 7, payload: { profile: { id: 'p-1' } } },
      ids: ['p-1'],
      deliveryId: '7',
    },
    {
      name: 'several events',
      json: { events: [{ profile_id: 'p-1' }, { profile_id: 2 }, 3, null, { profile_id: 'p-1' }] },
      ids: ['p-1', '2'],
    },
    {
      name: 'an id alone: the profile, and so no id of the call',
      json: { type: 'profile.updated', id: 'p-1' },
      ids: ['p-1'],
    },
    { name: 'an event named in words', json: { event: 'profile.terminated', data: { id: 'p-1' } }, ids: ['p-1'] },
    { name: 'nothing', json: {}, ids: [] },
    { name: 'no block', json: ['p-1'], ids: [] },
    { name: 'no JSON', json: undefined, ids: [] },
    { name: 'another shape', json: { employee: { number: 5 } }, ids: [] },
  ];
  test.each(cases)('$name', ({ json, ids, deliveryId, callId }) => {
    expect(readHint(json)).toEqual({ ids, deliveryId, callId });
  });

  const hostile = [
    '..',
    '.',
    'a/b',
    'a b',
    'a%2fb',
    '',
    'x'.repeat(129),
    'jane@example.com',
    'a\u0000',
    'ü',
    -1,
    1.5,
    true,
    {},
  ];
  test.each(hostile)('%j is no id', (id) => {
    expect(readHint({ profile_id: id }).ids).toEqual([]);
  });
});

describe('calls that come again', () => {
  test('are known within the window, by any of their keys', () => {
    const replays = new Replays(600);
    expect(replays.has(['a'], 0)).toBe(false);
    replays.remember(['a', 'b'], 0);
    expect(replays.has(['x', 'b'], 599)).toBe(true);
    expect(replays.has(['a'], 600)).toBe(false);
  });

  test('are no more than so many, and the oldest are forgotten first', () => {
    const replays = new Replays(600, 3);
    for (const key of ['a', 'b', 'c', 'd']) replays.remember([key], 0);
    expect(['a', 'b', 'c', 'd'].map((key) => replays.has([key], 1))).toEqual([false, true, true, true]);
  });
});

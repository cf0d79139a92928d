import { describe, expect, test } from 'vitest';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { aWorld, type NamelyProfile, type World } from '../../../src/sandbox/world.ts';
import { askSandbox, startFaultServer, withToken } from '../../support/sandbox.ts';

const FIXED = '2026-03-10T12:00:00Z';
const profile: NamelyProfile = {
  id: 'P1',
  email: 'ann@example.com',
  givenName: 'Ann',
  familyName: 'Ash',
  status: 'active',
  createdAt: '2026-03-01T00:00:00Z',
  updatedAt: '2026-03-10T11:59:30Z',
};

async function dateOf(world: World): Promise<string | null> {
  await using sandbox = await startSandbox({ world });
  return (await fetch(sandbox.identitiesUrl)).headers.get('date');
}

describe('the clock of the vendors', () => {
  test("is this machine's, unless the world is fixed at a time or ahead or behind", async () => {
    expect(Math.abs(Date.parse((await dateOf(aWorld())) ?? '') - Date.now())).toBeLessThan(60_000);
    expect(await dateOf(aWorld({ clockFixedAt: FIXED }))).toBe('Tue, 10 Mar 2026 12:00:00 GMT');
    expect(await dateOf(aWorld({ clockFixedAt: FIXED, clockOffsetSeconds: -600 }))).toBe(
      'Tue, 10 Mar 2026 11:50:00 GMT',
    );
    const ahead = Date.parse((await dateOf(aWorld({ clockOffsetSeconds: 600 }))) ?? '') - Date.now();
    expect(ahead).toBeGreaterThan(540_000);
  });

  test('moves what the vendors stamp, in both dialects, and the age of the identity list', async () => {
    const world = aWorld({
      people: [
        { namely: [profile], nimble: [{ id: 'N1', email: 'ann@example.com', createdAt: '2026-03-01T00:00:00Z' }] },
      ],
      namely: { dialect: 'live', events: [{ id: 'e1', type: 'recent_arrival', profileId: 'P1', at: FIXED }] },
      clockFixedAt: FIXED,
      clockOffsetSeconds: 600,
      identitiesAgeSeconds: 60,
    });
    await using sandbox = await startSandbox({ world });
    expect(await askSandbox(sandbox, 'namely', '/api/v1/profiles')).toMatchObject({
      body: {
        profiles: [
          { updated_at: Date.UTC(2026, 2, 10, 12, 9, 30) / 1000, created_at: Date.UTC(2026, 2, 1, 0, 10) / 1000 },
        ],
      },
    });
    expect(await askSandbox(sandbox, 'namely', '/api/v1/events')).toMatchObject({
      body: { events: [{ created_at: Date.UTC(2026, 2, 10, 12, 10) / 1000 }] },
    });
    expect(await askSandbox(sandbox, 'nimble', '/api/v1/team/members')).toMatchObject({
      body: { resources: [{ created_at: '2026-03-01T00:10:00.000Z' }] },
    });
    const list = await fetch(sandbox.identitiesUrl);
    expect(list.headers.get('last-modified')).toBe('Tue, 10 Mar 2026 12:09:00 GMT');
    sandbox.setWorld({ ...world, namely: { dialect: 'guide' } });
    expect(await askSandbox(sandbox, 'namely', '/api/v1/profiles')).toMatchObject({
      body: { profiles: [{ updated_at: '2026-03-10T12:09:30.000Z' }] },
    });
  });

  test('stamps what drifts with the time that it shows', async () => {
    const world = aWorld({
      people: [{ namely: [profile] }],
      drift: [
        {
          id: 'title',
          match: { vendor: 'namely' },
          change: { kind: 'update', list: 'namely', rowId: 'P1', fields: { jobTitle: 'Baker' } },
        },
      ],
      clockFixedAt: FIXED,
      clockOffsetSeconds: -60,
    });
    await using sandbox = await startFaultServer(world);
    await askSandbox(sandbox, 'namely', '/api/v1/profiles');
    expect(await askSandbox(sandbox, 'namely', '/api/v1/profiles/P1')).toMatchObject({
      body: { profiles: [{ job_title: 'Baker', updated_at: '2026-03-10T11:59:00.000Z' }] },
    });
  });

  test("leaves a fault's own date alone, and a stamp that is no time", async () => {
    const world = aWorld({
      people: [{ namely: [{ ...profile, updatedAt: 'yesterday' }] }],
      faults: [
        {
          id: 'date',
          match: { vendor: 'nimble' },
          effect: { kind: 'status', status: 429, headers: { date: 'never', 'retry-after': '1' } },
        },
      ],
      clockOffsetSeconds: 5,
    });
    await using sandbox = await startFaultServer(world);
    const response = await fetch(`${sandbox.nimbleUrl}/api/v1/myself`, withToken('nimble'));
    expect(response.headers.get('date')).toBe('never');
    expect(await askSandbox(sandbox, 'namely', '/api/v1/profiles')).toMatchObject({
      body: { profiles: [{ updated_at: 'yesterday' }] },
    });
  });

  test('cannot be fixed at what is no time', async () => {
    await using sandbox = await startSandbox({ world: aWorld({ clockFixedAt: 'noon' }) });
    const response = await fetch(sandbox.identitiesUrl);
    expect([response.status, await response.text()]).toEqual([500, expect.stringContaining('clockFixedAt')]);
  });
});

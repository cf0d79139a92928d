import { describe, expect, test } from 'vitest';
import type { FaultEffect } from '../../../src/sandbox/fault.ts';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { aWorld } from '../../../src/sandbox/world.ts';
import { askSandbox, somePeople, withToken } from '../../support/sandbox.ts';

const MEMBERS = '/api/v1/team/members';

function aFaultyWorld(effect: FaultEffect): ReturnType<typeof aWorld> {
  return aWorld({
    people: somePeople(3),
    faults: [{ id: 'fault', match: { vendor: 'nimble', path: MEMBERS }, effect }],
  });
}

describe('an effect', () => {
  test.each<{ name: string; effect: FaultEffect; status: number; body: unknown }>([
    { name: 'status', effect: { kind: 'status', status: 500 }, status: 500, body: { code: 107 } },
    { name: 'own body', effect: { kind: 'status', status: 429, body: '{"a":1}' }, status: 429, body: { a: 1 } },
    { name: 'body', effect: { kind: 'body', body: '[]' }, status: 200, body: [] },
    { name: 'empty', effect: { kind: 'empty' }, status: 200, body: { resources: [], meta: { total: 0 } } },
    { name: 'total', effect: { kind: 'total', total: 9 }, status: 200, body: { meta: { total: 9 } } },
    { name: 'slow', effect: { kind: 'slow', delayMs: 1 }, status: 200, body: { meta: { total: 3 } } },
  ])('$name changes the answer as it says', async ({ effect, status, body }) => {
    await using sandbox = await startSandbox({ world: aFaultyWorld(effect) });
    expect(await askSandbox(sandbox, 'nimble', MEMBERS)).toMatchObject({ status, body });
    expect(sandbox.firedCounts()).toEqual({ fault: 1 });
    expect(sandbox.requests).toMatchObject([{ path: MEMBERS, status, fault: 'fault', authorised: true }]);
  });

  test('html is a login page with status 200', async () => {
    await using sandbox = await startSandbox({ world: aFaultyWorld({ kind: 'html' }) });
    const response = await fetch(`${sandbox.nimbleUrl}${MEMBERS}`, withToken('nimble'));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  });

  test('cut ends the connection inside the body, reset before the status line', async () => {
    await using sandbox = await startSandbox({ world: aFaultyWorld({ kind: 'cut', afterBytes: 10 }) });
    const response = await fetch(`${sandbox.nimbleUrl}${MEMBERS}`, withToken('nimble'));
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
    sandbox.setWorld(aFaultyWorld({ kind: 'reset' }));
    await expect(fetch(`${sandbox.nimbleUrl}${MEMBERS}`, withToken('nimble'))).rejects.toThrow('fetch failed');
  });

  test('a refused Slack message is not received', async () => {
    const effect = { kind: 'status', status: 429, headers: { 'retry-after': '7' } } as const;
    const world = aWorld({
      faults: [{ id: 'slack', match: { vendor: 'slack', attempts: { from: 1, to: 1 } }, effect }],
    });
    await using sandbox = await startSandbox({ world });
    const refused = await fetch(sandbox.slackUrl, { method: 'POST', body: '{"text":"x"}' });
    expect([refused.status, refused.headers.get('retry-after'), await refused.text()]).toEqual([
      429,
      '7',
      'rate_limited',
    ]);
    expect(sandbox.messages).toEqual([]);
    await fetch(sandbox.slackUrl, { method: 'POST', body: '{"text":"x"}' });
    expect(sandbox.messages).toHaveLength(1);
  });
});

describe('a match', () => {
  test('meets only the attempts it names, and a new world counts them from 1', async () => {
    const world = aWorld({
      faults: [
        {
          id: 'second',
          match: { vendor: 'nimble', path: MEMBERS, attempts: { from: 2, to: 3 } },
          effect: { kind: 'status', status: 503 },
        },
      ],
    });
    await using sandbox = await startSandbox({ world });
    const statuses: number[] = [];
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      statuses.push((await fetch(`${sandbox.nimbleUrl}${MEMBERS}`, withToken('nimble'))).status);
    }
    expect(statuses).toEqual([200, 503, 503, 200]);
    sandbox.setWorld(world);
    expect(sandbox.firedCounts()).toEqual({ second: 0 });
    expect((await askSandbox(sandbox, 'nimble', MEMBERS)).status).toBe(200);
    expect((await askSandbox(sandbox, 'nimble', MEMBERS)).status).toBe(503);
  });

  test('meets one page of one path, and the others go on', async () => {
    const world = aWorld({
      people: somePeople(60),
      faults: [
        {
          id: 'page-2',
          match: { vendor: 'namely', path: '/api/v1/profiles', page: 2 },
          effect: { kind: 'status', status: 500, body: '{}' },
        },
      ],
    });
    await using sandbox = await startSandbox({ world });
    const statuses: number[] = [];
    for (const path of ['/api/v1/profiles', '/api/v1/profiles?page=2', '/api/v1/groups?page=2']) {
      statuses.push((await askSandbox(sandbox, 'namely', path)).status);
    }
    expect(statuses).toEqual([200, 500, 200]);
  });
});

test('close ends a request that is being slowed down', async () => {
  const sandbox = await startSandbox({ world: aFaultyWorld({ kind: 'slow', delayMs: 600_000 }) });
  const waiting = fetch(`${sandbox.nimbleUrl}${MEMBERS}`, withToken('nimble')).catch((error: unknown) => String(error));
  while (sandbox.firedCounts()['fault'] === 0) await new Promise((resolve) => setImmediate(resolve));
  await sandbox.close();
  expect(await waiting).toBe('TypeError: fetch failed');
});

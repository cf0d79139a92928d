import { describe, expect, test } from 'vitest';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { aWorld, type ScimUser, type World } from '../../../src/sandbox/world.ts';
import { askSandbox, startFaultServer } from '../../support/sandbox.ts';

function someUsers(count: number): World {
  const users = Array.from({ length: count }, (_unused, at): ScimUser => ({
    id: `U${at + 1}`,
    userName: `u${at + 1}@example.com`,
    email: `u${at + 1}@example.com`,
    active: true,
    updatedAt: new Date(Date.UTC(2026, 2, 10, 12, at)).toISOString(),
  }));
  return aWorld({ people: users.map((user) => ({ scim: [user] })) });
}

async function ask(world: World, path: string) {
  await using sandbox = await startSandbox({ world });
  return await askSandbox(sandbox, 'scim', path);
}

describe('the SCIM directory of the sandbox', () => {
  test.each([
    { query: '', first: 'U1', length: 100, startIndex: 1 },
    { query: '?count=1000', first: 'U1', length: 200, startIndex: 1 },
    { query: '?startIndex=201&count=100', first: 'U201', length: 30, startIndex: 201 },
    { query: '?startIndex=0', first: 'U1', length: 100, startIndex: 1 },
  ])('is paged by index: $query', async ({ query, first, length, startIndex }) => {
    const { body } = await ask(someUsers(230), `/Users${query}`);
    expect(body).toMatchObject({ totalResults: 230, startIndex, itemsPerPage: length });
    expect(body).toMatchObject({ Resources: expect.arrayContaining([expect.objectContaining({ id: first })]) });
  });

  test('filters by the time of the last change, and by nothing else', async () => {
    const since = encodeURIComponent('meta.lastModified ge "2026-03-10T12:02:00Z"');
    expect((await ask(someUsers(5), `/Users?filter=${since}`)).body).toMatchObject({ totalResults: 3 });
    expect((await ask(someUsers(5), '/Users?filter=userName%20pr')).status).toBe(400);
  });

  test('has single users, and says 404 in its own words', async () => {
    expect(await ask(someUsers(2), '/Users/U2')).toMatchObject({ status: 200, body: { id: 'U2' } });
    expect(await ask(someUsers(2), '/Users/U9')).toMatchObject({ status: 404, body: { status: '404' } });
    expect((await ask(someUsers(2), '/Me')).status).toBe(404);
  });

  test('lets nobody in without its token', async () => {
    await using sandbox = await startSandbox({ world: someUsers(2) });
    expect((await fetch(`${sandbox.scimUrl}/Users`)).status).toBe(401);
    expect(sandbox.requests).toMatchObject([{ vendor: 'scim', path: '/v2/Users', authorised: false, status: 401 }]);
  });

  test('obeys faults by page, and drifts between pages', async () => {
    const world = {
      ...someUsers(30),
      faults: [{ id: 'page-2', match: { vendor: 'scim', page: 2 }, effect: { kind: 'status', status: 500 } }],
      drift: [
        {
          id: 'u7-leaves',
          match: { vendor: 'scim', attempts: { from: 1 } },
          change: { kind: 'update', list: 'scim', rowId: 'U7', fields: { active: 'False' } },
        },
      ],
    } as const satisfies World;
    await using sandbox = await startFaultServer(world);
    expect((await askSandbox(sandbox, 'scim', '/Users?count=10')).status).toBe(200);
    expect((await askSandbox(sandbox, 'scim', '/Users?startIndex=11&count=10')).status).toBe(500);
    expect((await askSandbox(sandbox, 'scim', '/Users?startIndex=21&count=10')).status).toBe(200);
    const { body } = await askSandbox(sandbox, 'scim', '/Users/U7');
    expect(body).toMatchObject({ active: 'False' });
    expect(body).not.toMatchObject({ meta: { lastModified: '2026-03-10T12:06:00.000Z' } });
  });
});

import { describe, expect, test } from 'vitest';
import { collect } from '../../support/listing.ts';
import { scimAt, scimUser, scimUsers, type ScimUser } from '../../support/scim-tenant.ts';
import { startScimmy } from '../../support/scimmy-server.ts';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const TOKEN = 'scimmy-token';

function users(count: number): readonly ScimUser[] {
  return scimUsers(count).map((user) => ({ ...user, displayName: `User ${user.id}` }));
}

describe('SCIMMY, a SCIM server that is not ours', () => {
  test('is read as it answers: paging, names, the enterprise extension', async () => {
    const jane = scimUser(1, {
      title: 'Engineer',
      active: false,
      emails: [
        { value: 'jane@example.com', type: 'work', primary: true },
        { value: 'jane@home.example', type: 'home' },
      ],
      phoneNumbers: [{ value: 'tel:+1-555-0100', type: 'work' }],
      [ENTERPRISE]: { employeeNumber: '42', department: 'Platform', manager: { value: 'u-2' } },
    });
    await using server = await startScimmy({ token: TOKEN, users: [jane, ...users(230).slice(1)] });
    const { rows, ids, end } = await collect(scimAt('', { baseUrl: server.baseUrl, token: TOKEN }));

    expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: 230, rowsSeen: 230, rowsWithoutId: 0 });
    expect(new Set(ids).size).toBe(230);
    expect(rows[0]).toMatchObject({
      externalId: 'u-1',
      email: 'jane@example.com',
      aliases: ['jane@home.example', 'u1@example.com'],
      givenName: 'U',
      familyName: 'No1',
      status: 'inactive',
      title: 'Engineer',
      employeeId: '42',
      department: 'Platform',
      managerId: 'u-2',
      sourceUpdatedAt: '2026-11-21T08:59:59.000Z',
    });
    expect(JSON.stringify(rows)).not.toContain('555-0100');
  });

  test.each([1, 99, 100, 101, 200])('with %i users, also where it begins again behind its end', async (count) => {
    await using server = await startScimmy({ token: TOKEN, users: users(count) });
    const { ids, end } = await collect(scimAt('', { baseUrl: server.baseUrl, token: TOKEN }));
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: count });
    expect(new Set(ids).size).toBe(count);
  });

  test('under express 5 it looks neither at startIndex nor at count: more than a page is never believed', async () => {
    await using server = await startScimmy({ token: TOKEN, users: users(60), numbersAreTexts: true });
    const { ids, end } = await collect(scimAt('', { baseUrl: server.baseUrl, token: TOKEN }));
    expect(new Set(ids).size).toBe(20);
    expect(end.outcome).toMatchObject({ kind: 'broken', detail: expect.stringContaining('repeats page 1') });
  });

  test('and what fits on a page is', async () => {
    await using server = await startScimmy({ token: TOKEN, users: users(12), numbersAreTexts: true });
    const { ids, end } = await collect(scimAt('', { baseUrl: server.baseUrl, token: TOKEN }));
    expect(new Set(ids).size).toBe(12);
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: 12 });
  });

  test('changes come by its own filter', async () => {
    await using server = await startScimmy({ token: TOKEN, users: users(30) });
    const source = scimAt('', { baseUrl: server.baseUrl, token: TOKEN });
    const { watermark } = (await collect(source)).end;
    server.users = [...users(30).filter(({ id }) => id !== 'u-7'), scimUser(7, { active: false }, 90), scimUser(900)];

    const { rows, ids, end } = await collect(source, { mode: 'delta', watermark });

    expect(end).toMatchObject({ outcome: { kind: 'ended' } });
    // u-900 is new here, but says that it changed before the watermark: only a full reading shows it.
    expect(ids).not.toContain('u-900');
    expect(rows.find(({ externalId }) => externalId === 'u-7')).toMatchObject({ status: 'inactive' });
    expect(JSON.parse(end.watermark ?? '')).toMatchObject({ at: '2026-11-21T09:01:30Z', anchors: ['u-7'] });
    expect(server.seen.at(-1)).toContain('filter=meta.lastModified%20ge%20%222026-11-21T08%3A49%3A59Z%22');
    expect(server.seen.every((line) => line.startsWith('GET /scim/v2/'))).toBe(true);
  });

  test('a known user that it does not list is gone by its 404, or is there', async () => {
    await using server = await startScimmy({ token: TOKEN, users: users(3) });
    const source = scimAt('', { baseUrl: server.baseUrl, token: TOKEN });
    const { ids, end } = await collect(source, { missing: async () => ['u-3', 'u-4'] });
    expect(ids.slice(-1)).toEqual(['u-3']);
    expect(end.outcome).toEqual({ kind: 'ended' });
  });

  test('its words are not repeated: a wrong token', async () => {
    await using server = await startScimmy({ token: TOKEN, users: users(3) });
    const { end } = await collect(scimAt('', { baseUrl: server.baseUrl, token: 'wrong' }));
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-auth' });
    expect(JSON.stringify(end)).not.toContain('canary');
  });

  test('/Me says whose the token is, or nothing', async () => {
    const signal = AbortSignal.timeout(10_000);
    await using server = await startScimmy({ token: TOKEN, users: users(3), owner: 'u-2' });
    const source = scimAt('', { baseUrl: server.baseUrl, token: TOKEN });
    expect(await source.whoami?.(signal)).toMatchObject({ externalId: 'u-2', email: 'u2@example.com' });
  });

  test('where the token is nobody, it is still a good one', async () => {
    await using server = await startScimmy({ token: TOKEN, users: users(3) });
    const signal = AbortSignal.timeout(10_000);
    expect(await scimAt('', { baseUrl: server.baseUrl, token: TOKEN }).whoami?.(signal)).toBeUndefined();
    await expect(scimAt('', { baseUrl: server.baseUrl, token: 'wrong' }).whoami?.(signal)).rejects.toMatchObject({
      code: 'source-auth',
    });
  });
});

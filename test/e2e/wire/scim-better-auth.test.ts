import { expect, test } from 'vitest';
import { startBetterAuth } from '../../support/better-auth-server.ts';
import { collect } from '../../support/listing.ts';
import { scimAt } from '../../support/scim-tenant.ts';

function user(number: number, active: unknown = true) {
  const email = `person.${number}@example.com`;
  const emails = [{ value: email, type: 'work', primary: true }];
  return { userName: email, active, name: { givenName: 'Person', familyName: `No${number}` }, emails };
}

test('the SCIM server of Better Auth: pages by index, a filter that it announces and refuses, 404 for who is gone', async () => {
  await using server = await startBetterAuth();
  const ids: string[] = [];
  for (let number = 1; number <= 103; number += 1) ids.push(await server.add(user(number, number !== 7)));
  const source = scimAt('', { baseUrl: server.baseUrl, token: server.token });

  const full = await collect(source);
  expect(full.end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: 103, rowsSeen: 103 });
  expect(full.ids.toSorted()).toEqual(ids.toSorted());
  const seventh = full.rows.find(({ externalId }) => externalId === ids[6]);
  expect(seventh).toMatchObject({
    email: 'person.7@example.com',
    status: 'inactive',
    givenName: 'Person',
    familyName: 'No7',
  });
  expect(seventh?.sourceUpdatedAt).toMatch(/^20\d\d-/u);

  const changes = await collect(source, { mode: 'delta', watermark: full.end.watermark });
  expect(changes.end.outcome).toMatchObject({ kind: 'full_needed', detail: expect.stringContaining('filter') });

  await server.remove(ids[9] ?? '');
  const later = await collect(source, { missing: async () => [ids[9] ?? ''] });
  expect(later.end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: 102 });
  expect(later.ids).not.toContain(ids[9]);

  expect(await source.whoami?.(AbortSignal.timeout(10_000))).toBeUndefined();
  const wrong = await collect(scimAt('', { baseUrl: server.baseUrl, token: 'wrong' }));
  expect(wrong.end.outcome).toMatchObject({ kind: 'broken', code: 'source-auth' });
});

test.each([99, 100])('%i users, which may fill a page exactly', async (count) => {
  await using server = await startBetterAuth();
  for (let number = 1; number <= count; number += 1) await server.add(user(number));
  const { ids, end } = await collect(scimAt('', { baseUrl: server.baseUrl, token: server.token }));
  expect(new Set(ids).size).toBe(count);
  expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: count });
});

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { contentText } from '../../../src/core/normalise.ts';
import { createNamelySource } from '../../../src/sources/namely/client.ts';
import { createNimbleSource } from '../../../src/sources/nimble/client.ts';
import { serveScript } from '../../support/http-server.ts';
import { collect, fakeTiming, NO_POLICY } from '../../support/listing.ts';

const PAYLOADS = fileURLToPath(new URL('../../../../shared/payloads/', import.meta.url));
const present = existsSync(PAYLOADS);
const notice = present ? '' : ' (SKIPPED: ../shared/payloads is not here)';

async function payload(name: string): Promise<unknown> {
  const json: unknown = JSON.parse(await readFile(`${PAYLOADS}${name}`, 'utf8'));
  return json;
}

async function rosterOf(day: string) {
  const json = await payload(`namely-roster-${day}.json`);
  if (typeof json !== 'object' || json === null || !('profiles' in json) || !Array.isArray(json.profiles))
    throw new Error('no roster');
  const profiles: readonly unknown[] = json.profiles;
  await using server = await serveScript(({ query }) => {
    const from = (Number(query.get('page')) - 1) * 50;
    return { json: { ...json, profiles: profiles.slice(from, from + 50) } };
  });
  const settings = { name: 'namely', token: 'token', baseUrl: server.origin, allow: ['127.0.0.1'], policy: NO_POLICY };
  return await collect(createNamelySource({ ...settings, timing: fakeTiming() }));
}

/** What the recordings' own description counts. */
describe.runIf(present)('recorded rosters of Namely', () => {
  test.each([
    ['2014-10-22', 251, 12],
    ['2014-10-28', 251, 12],
    ['2014-10-30', 260, 12],
    ['2014-10-31', 263, 13],
  ])('%s: %i active, %i inactive, read completely and without a doubt', async (day, active, inactive) => {
    const { rows, end } = await rosterOf(day);
    expect(rows.filter(({ status }) => status === 'active')).toHaveLength(active);
    expect(rows.filter(({ status }) => status === 'inactive')).toHaveLength(inactive);
    expect(new Set(rows.map(({ externalId }) => externalId)).size).toBe(active + inactive);
    expect(end).toMatchObject({
      rowsWithoutId: 0,
      outcome: { kind: 'ended' },
      requests: Math.ceil((active + inactive) / 50) + 1,
    });
    expect(rows.flatMap(({ flags }) => flags)).toEqual([]);
    expect(rows.every(({ title, startDate }) => title !== undefined || startDate !== undefined)).toBe(true);
  });

  test('the identical pair is identical row by row, and only a scheduled leaver changes', async () => {
    const [first, second, third, fourth] = await Promise.all(
      ['2014-10-22', '2014-10-28', '2014-10-30', '2014-10-31'].map(async (day) => await contentsOf(day)),
    );
    expect(second).toEqual(first);
    expect(changesBetween(second, third)).toEqual({ added: 9, gone: 0, changed: [] });
    expect(changesBetween(third, fourth)).toMatchObject({
      added: 4,
      gone: 0,
      changed: [expect.stringMatching(/^7eeedbd5/u)],
    });
  });
});

async function contentsOf(day: string): Promise<ReadonlyMap<string, string>> {
  return new Map((await rosterOf(day)).rows.map((row) => [row.externalId, contentText(row)]));
}

type Contents = ReadonlyMap<string, string>;

function changesBetween(before: Contents = new Map(), after: Contents = new Map()) {
  const both = [...after.keys()].filter((id) => before.has(id));
  return {
    added: after.size - both.length,
    gone: before.size - both.length,
    changed: both.filter((id) => before.get(id) !== after.get(id)),
  };
}

describe.runIf(present)('other recordings', () => {
  test('the documented users of Nimble', async () => {
    const json = await payload('nimble-company-users.json');
    await using server = await serveScript(() => ({ json }));
    const settings = {
      name: 'nimble',
      token: 'token',
      baseUrl: server.origin,
      allow: ['127.0.0.1'],
      policy: NO_POLICY,
    };
    const { rows, end } = await collect(createNimbleSource({ ...settings, rosterPath: '/api/v1/company/users' }));
    expect(rows).toMatchObject([
      { externalId: 'fake_person@nimble.com', displayName: 'Amayak Akopyan', status: 'active' },
    ]);
    expect(end.outcome).toEqual({ kind: 'ended' });
  });

  test('the owners of tokens', async () => {
    const [myself, me] = await Promise.all([payload('nimble-myself.json'), payload('namely-profile-me.json')]);
    await using server = await serveScript(({ path }) => ({ json: path.endsWith('/myself') ? myself : me }));
    const settings = {
      name: 'vendor',
      token: 'token',
      baseUrl: server.origin,
      allow: ['127.0.0.1'],
      policy: NO_POLICY,
    };
    const { signal } = new AbortController();
    expect(await createNimbleSource(settings).whoami?.(signal)).toMatchObject({
      externalId: '4f2acc3142a053dda595f00b',
    });
    expect(await createNamelySource(settings).whoami?.(signal)).toMatchObject({ email: 'person-086@org-01.example' });
  });

  test.each([
    'namely-error-401-fields.json',
    'namely-error-404-profile.json',
    'nimble-error-500-server.json',
    'nimble-openapi-error-403-forbidden.json',
    'namely-events-index-2014-10-31.json',
    'nimble-notes-list.json',
  ])('%s served as a roster with 200 is no empty company', async (name) => {
    const json = await payload(name);
    await using server = await serveScript(() => ({ json }));
    const settings = {
      name: 'namely',
      token: 'token',
      baseUrl: server.origin,
      allow: ['127.0.0.1'],
      policy: NO_POLICY,
    };
    const { rows, end } = await collect(createNamelySource(settings));
    expect(rows).toEqual([]);
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-contract' });
  });
});

test(`recorded payloads are ${present ? 'read' : 'absent'}${notice}`, ({ skip }) => {
  skip(!present, 'the recordings are not part of the project');
  expect(present).toBe(true);
});

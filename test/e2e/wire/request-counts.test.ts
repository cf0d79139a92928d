import { expect, test } from 'vitest';
import { aWorld, type NamelyProfile, type Person, SANDBOX_SECRETS } from '../../../src/sandbox/world.ts';
import { startSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import { createNamelySource } from '../../../src/sources/namely/client.ts';
import { collect, fakeTiming, NO_POLICY } from '../../support/listing.ts';
import { somePeople } from '../../support/sandbox.ts';

// Contract §10, counted in the log of the sandbox.

const PEOPLE = 5_000;
const NOON = Date.UTC(2026, 10, 21, 12);

/** One change a minute until noon. */
function company(changed: ReadonlySet<number> = new Set()): readonly Person[] {
  return somePeople(PEOPLE).map((person, at) => {
    const updatedAt = new Date(NOON + (changed.has(at) ? (at + 1) * 1_000 : -at * 60_000)).toISOString();
    const touch = (profile: NamelyProfile): NamelyProfile =>
      changed.has(at) ? { ...profile, updatedAt, jobTitle: 'Lead' } : { ...profile, updatedAt };
    return { ...person, namely: person.namely?.map(touch) };
  });
}

function openNamely(sandbox: Sandbox) {
  const source = createNamelySource({
    name: 'namely',
    token: SANDBOX_SECRETS.namelyToken,
    baseUrl: sandbox.namelyUrl,
    allow: ['127.0.0.1'],
    policy: NO_POLICY,
    events: true,
    timing: fakeTiming({ wallMs: () => NOON + 3_600_000 * 10 }),
  });
  let watermark: string | undefined;
  return async (mode: 'full' | 'delta') => {
    sandbox.forget();
    const { end, rows } = await collect(source, { mode, watermark, missing: async () => [] });
    expect(end.outcome).toEqual({ kind: 'ended' });
    watermark = end.watermark;
    for (const { method } of sandbox.requests) expect(method).toBe('GET');
    const asked = (path: RegExp): number => sandbox.requests.filter((request) => path.test(request.path)).length;
    return { rows, profiles: asked(/^\/api\/v1\/profiles/u), events: asked(/^\/api\/v1\/events/u) };
  };
}

test.each(['guide', 'live'] as const)('5,000 profiles are at most 102 requests: %s', async (dialect) => {
  const world = aWorld({ people: company(), namely: { dialect }, clockFixedAt: '2026-11-21T14:00:00Z' });
  await using sandbox = await startSandbox({ world });
  const read = openNamely(sandbox);

  const full = await read('full');
  expect(new Set(full.rows.map(({ externalId }) => externalId)).size).toBe(PEOPLE);
  expect(full.profiles).toBeLessThanOrEqual(102);

  await read('delta');
  const quiet = await read('delta');
  expect(quiet.profiles + quiet.events).toBeLessThanOrEqual(2);

  const changed = new Set([3, 700, 4_999]);
  sandbox.setWorld({ ...world, people: company(changed) });
  const some = await read('delta');
  expect(some.rows.filter(({ title }) => title === 'Lead')).toHaveLength(changed.size);
  expect(some.profiles + some.events).toBeLessThanOrEqual(2 + changed.size);
});

test('without a total two requests more than pages are enough', async () => {
  const people = company();
  const profiles = people.flatMap(({ namely }) => namely ?? []).map((profile) => ({ ...profile }));
  const recorded = profiles.map(({ id, email, givenName, familyName, status }) => ({
    id,
    email,
    first_name: givenName,
    last_name: familyName,
    user_status: status,
  }));
  await using sandbox = await startSandbox({ world: aWorld({ namely: { dialect: 'live', recorded } }) });
  const full = await openNamely(sandbox)('full');
  expect(full.rows).toHaveLength(PEOPLE);
  expect(full.profiles).toBeLessThanOrEqual(102);
});

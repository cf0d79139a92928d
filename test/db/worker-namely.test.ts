import { expect, test } from 'vitest';
import { serveScript } from '../support/http-server.ts';
import { aTenant, namelyAt, NINE, profile, profiles, type Tenant } from '../support/namely-tenant.ts';
import { person } from '../support/people.ts';
import { CRM, DIRECTORY, openWorkerWorld, type WorkerWorld } from '../support/worker.ts';

// The real worker, store and Namely client against a tenant that changes while it is read.

type World = {
  readonly world: WorkerWorld;
  readonly tenant: Tenant;
  /** `profiles/p-1`, in order, since the last look. */
  asked(): readonly string[];
  present(): Promise<number>;
  [Symbol.asyncDispose](): Promise<void>;
};

async function open(overrides: Partial<Tenant>): Promise<World> {
  const tenant = aTenant(overrides);
  const server = await serveScript((request) => tenant.answer(request));
  const world = await openWorkerWorld({ crm: namelyAt(server.origin, { concurrency: 1 }) });
  world.identities = [person(1)];
  world.specs = [DIRECTORY, { ...CRM, maxAgeMs: 26 * 3_600_000 }];
  let looked = 0;
  return {
    world,
    tenant,
    asked: () => {
      const paths = server.seen
        .slice(looked)
        .map(({ path, query }) => `${path.slice('/api/v1/'.length)} ${query.get('page') ?? ''}`.trim());
      looked = server.seen.length;
      return paths;
    },
    present: async () => {
      const { rows } = await world.store.pool.query<{ count: number }>(
        `select count(*) as count from rollcall.account a join rollcall.source s on s.id = a.source_id
          where s.name = 'crm' and a.gone_at is null`,
      );
      return rows[0]?.count ?? 0;
    },
    [Symbol.asyncDispose]: async () => {
      await world[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const crm = (result: Awaited<ReturnType<WorkerWorld['run']>>) => result.outcomes.find(({ source }) => source === 'crm');

/** Known profiles that were asked for by themselves; `me` is asked for whose the token is. */
function singly(asked: readonly string[]): readonly string[] {
  return asked.filter((path) => path.startsWith('profiles/') && path !== 'profiles/me');
}

test('after a complete full reading changes alone are read; who is gone only a full one says, and asks for him first', async () => {
  await using given = await open({ profiles: profiles(120) });
  const { world, tenant } = given;
  expect(crm(await world.run('2026-11-21T10:00:00Z'))).toMatchObject({ mode: 'full', rows: 120, changed: 120 });
  given.asked();
  tenant.profiles = [
    profile(3, { job_title: 'Lead', updated_at: NINE + 60 }),
    ...profiles(119).filter(({ id }) => id !== 'p-3'),
  ];

  expect(crm(await world.run('2026-11-21T10:05:00Z'))).toMatchObject({
    mode: 'delta',
    verdict: 'complete',
    changed: 1,
    gone: 0,
  });
  expect(await given.present()).toBe(120);
  given.asked();

  // A day and two hours later the full listing is too old to go on from.
  expect(crm(await world.run('2026-11-22T12:05:00Z'))).toMatchObject({ mode: 'full', verdict: 'complete', gone: 1 });
  expect(singly(given.asked())).toEqual(['profiles/p-120']);
  expect(await given.present()).toBe(119);
});

test('case 5: a row that slips from page 2 to page 1 while they are read is asked for, and is not gone', async () => {
  await using given = await open({ profiles: profiles(120) });
  const { world, tenant } = given;
  await world.run('2026-11-21T10:00:00Z');
  given.asked();
  tenant.before = ({ query }) => {
    if (query.get('page') === '2') tenant.profiles = tenant.profiles.filter(({ id }) => id !== 'p-7');
  };

  const second = crm(await world.run('2026-11-22T12:05:00Z'));

  // p-7 was on page 1, so it counts as seen; p-51 was on no page.
  expect(second).toMatchObject({ verdict: 'complete', rows: 120, gone: 0 });
  expect(given.asked()).toContain('profiles/p-51');
  expect(await given.present()).toBe(120);
});

test('when more are missing than the breaker allows nobody is asked for, and nothing is believed', async () => {
  await using given = await open({ profiles: profiles(100) });
  const { world, tenant } = given;
  await world.run('2026-11-21T10:00:00Z');
  given.asked();
  tenant.profiles = profiles(79);

  expect(crm(await world.run('2026-11-22T12:05:00Z'))).toMatchObject({ verdict: 'suspicious', gone: 0 });
  expect(singly(given.asked())).toEqual([]);

  // As many as it allows are asked for, one by one.
  tenant.profiles = profiles(80);
  expect(crm(await world.run('2026-11-22T12:15:00Z'))).toMatchObject({ verdict: 'complete', gone: 20 });
  expect(singly(given.asked())).toHaveLength(20);
});

test('a missing row that cannot be asked for is not gone, nor is one behind a gateway that knows no path', async () => {
  await using given = await open({ profiles: profiles(60) });
  const { world, tenant } = given;
  await world.run('2026-11-21T10:00:00Z');
  const { answer } = tenant;
  tenant.profiles = profiles(58);
  const html = { headers: { 'content-type': 'text/html' }, body: '<h1>Not found</h1>' };
  for (const [at, status, more] of [
    ['2026-11-22T12:05:00Z', 403, { json: {} }],
    ['2026-11-22T12:10:00Z', 404, html],
  ] as const) {
    tenant.answer = (request) => (request.path.startsWith('/api/v1/profiles/') ? { status, ...more } : answer(request));
    expect(crm(await world.run(at))).toMatchObject({ verdict: 'suspicious', gone: 0 });
    expect(await given.present()).toBe(60);
  }
  // A person knows what the vendor does not say.
  const { rows } = await world.store.pool.query<{ id: number }>(
    'select id from rollcall.breaker where closed_at is null',
  );
  await world.release(rows[0]?.id ?? 0, '2026-11-22T12:11:00Z');
  expect(crm(await world.run('2026-11-22T12:15:00Z'))).toMatchObject({ verdict: 'complete', gone: 2 });
});

test('case 25: where the vendor ignores the order, the same run reads in full', async () => {
  await using given = await open({ profiles: profiles(120).toReversed(), sorts: false });
  const { world, tenant } = given;
  await world.run('2026-11-21T10:00:00Z');
  tenant.profiles = [profile(200), ...tenant.profiles];

  expect(crm(await world.run('2026-11-21T10:05:00Z'))).toMatchObject({ mode: 'full', verdict: 'complete', changed: 1 });
});

test('case 9: a reading that is cut moves no watermark', async () => {
  await using given = await open({ profiles: profiles(120) });
  const { world, tenant } = given;
  await world.run('2026-11-21T10:00:00Z');
  const watermark = async () =>
    (await world.store.pool.query(`select watermark from rollcall.source where name = 'crm'`)).rows;
  const before = await watermark();
  expect(before).toEqual([{ watermark: expect.stringContaining('p-1') }]);
  const { answer } = tenant;
  tenant.profiles = [profile(300, { updated_at: NINE + 100 }), ...tenant.profiles];
  tenant.answer = (request) => (request.query.get('page') === '2' ? { status: 403, json: {} } : answer(request));

  expect(crm(await world.run('2026-11-22T12:05:00Z'))).toMatchObject({ mode: 'full', verdict: 'incomplete' });
  expect(await watermark()).toEqual(before);
});

test('case 26: a row removed between full readings is gone with the next full one, not before', async () => {
  await using given = await open({ profiles: profiles(60) });
  const { world, tenant } = given;
  await world.run('2026-11-21T10:00:00Z');
  tenant.profiles = profiles(59);
  for (const minute of ['05', '10', '15']) await world.run(`2026-11-21T10:${minute}:00Z`);
  expect(await given.present()).toBe(60);
  await world.run('2026-11-22T12:05:00Z');
  expect(await given.present()).toBe(59);
});

test('a suspicious reading of changes is followed by a full one', async () => {
  await using given = await open({ profiles: profiles(40) });
  const { world, tenant } = given;
  await world.run('2026-11-21T10:00:00Z');
  tenant.profiles = tenant.profiles.map((each, at) =>
    at < 12 ? { ...each, user_status: 'inactive', updated_at: NINE + 60 } : each,
  );
  expect(crm(await world.run('2026-11-21T10:05:00Z'))).toMatchObject({ mode: 'delta', verdict: 'suspicious' });
  tenant.profiles = profiles(40);

  expect(crm(await world.run('2026-11-21T10:10:00Z'))).toMatchObject({ mode: 'full', verdict: 'complete', gone: 0 });
});

import { describe, expect, test } from 'vitest';
import { createNamelySource, type NamelySettings } from '../../../../src/sources/namely/client.ts';
import { serveScript, type Script, type Scripted, type SeenRequest } from '../../../support/http-server.ts';
import { collect, fakeTiming, NO_POLICY } from '../../../support/listing.ts';

function aSource(origin: string, overrides: Partial<NamelySettings> = {}) {
  const settings = { name: 'namely', token: 'token', baseUrl: origin, allow: ['127.0.0.1'], policy: NO_POLICY };
  return createNamelySource({ ...settings, timing: fakeTiming(), ...overrides });
}

type Profiles = readonly unknown[];

/** Serves profiles by page and per_page, with a meta of the test's choice. */
function tenant(
  profiles: Profiles,
  meta: (page: Profiles) => unknown = () => ({ status: 200 }),
): (request: SeenRequest) => Scripted {
  return ({ path, query }) => {
    if (path !== '/api/v1/profiles') return { status: 404, json: { message: 'not found' } };
    const perPage = Number(query.get('per_page') ?? '30');
    const from = (Number(query.get('page') ?? '1') - 1) * perPage;
    const page = profiles.slice(from, from + perPage);
    return { json: { profiles: page, meta: meta(page), links: {}, linked: {} } };
  };
}

async function read(script: Script, overrides: Partial<NamelySettings> = {}) {
  await using server = await serveScript(script);
  const listing = await collect(aSource(server.origin, overrides));
  return { ...listing, seen: server.seen };
}

async function rowOf(profile: unknown) {
  return (await read(tenant([profile]))).rows[0];
}

const jane = { id: 'p-1', email: 'jane@example.com', first_name: 'Jane', last_name: 'Doe', user_status: 'active' };

function people(count: number): Profiles {
  return Array.from({ length: count }, (_unused, index) => ({
    ...jane,
    id: `p-${index}`,
    email: `p${index}@example.com`,
  }));
}

describe('createNamelySource', () => {
  test('reads the shape of the guide', async () => {
    const { rows, end } = await read(
      tenant(
        [
          {
            ...jane,
            start_date: '2022-01-10',
            departure_date: '2026-12-31',
            job_title: 'Engineer',
            department: { id: 'd-1', title: 'Engineering' },
            reports_to: { id: 'p-9', first_name: 'A', last_name: 'B' },
            preferred_name: 'Janie',
            updated_at: '2026-06-15T10:00:00Z',
            salary: { amount: 'canary' },
            personal_email: 'canary@example.com',
          },
        ],
        (page) => ({ count: page.length, total: 1 }),
      ),
    );
    expect(rows).toMatchObject([
      {
        externalId: 'p-1',
        email: 'jane@example.com',
        givenName: 'Jane',
        familyName: 'Doe',
        displayName: 'Janie',
        status: 'active',
        startDate: '2022-01-10',
        endDate: '2026-12-31',
        title: 'Engineer',
        department: 'Engineering',
        managerId: 'p-9',
        sourceUpdatedAt: '2026-06-15T10:00:00Z',
        aliases: [],
        flags: [],
      },
    ]);
    expect(JSON.stringify(rows)).not.toContain('canary');
    expect(end).toMatchObject({
      endpoint: '/api/v1/profiles',
      parameters: { per_page: 50 },
      requests: 1,
      declaredTotal: 1,
      outcome: { kind: 'ended' },
    });
  });

  test('reads the recorded shape: epochs, objects, blanks, American dates', async () => {
    const row = await rowOf({
      ...jane,
      preferred_name: '',
      employee_id: '',
      start_date: '01/15/2011',
      departure_date: '',
      created_at: 1_400_000_000,
      updated_at: 1_414_000_000,
      job_title: { id: 'j-1', title: 'VP, Client Services' },
      reports_to: [{ id: 'no_guid', first_name: 'Nobody', last_name: 'Nobody', email: 'None' }],
      links: { job_title: { id: 'j-1', title: 'VP, Client Services' } },
    });
    expect(row).toMatchObject({
      startDate: '2011-01-15',
      title: 'VP, Client Services',
      sourceCreatedAt: '2014-05-13T16:53:20Z',
      sourceUpdatedAt: '2014-10-22T17:46:40Z',
      flags: [],
    });
    expect([row?.managerId, row?.endDate, row?.employeeId, row?.displayName]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test.each([
    ['a list', [{ id: 'p-2' }, { id: 'p-3' }], 'p-2'],
    ['an object', { id: 'p-2' }, 'p-2'],
    ['null', null, undefined],
    ['an empty list', [], undefined],
    ['nobody as an object', { id: 'no_guid' }, undefined],
  ])('the manager may be %s', async (_name, reports_to, managerId) => {
    expect(await rowOf({ ...jane, reports_to })).toMatchObject({ managerId, flags: [] });
  });

  test.each([
    ['Active', 'active'],
    ['INACTIVE', 'inactive'],
    ['Inactive Employee', 'inactive'],
    ['pending', 'pending'],
    ['On Leave', 'on_leave'],
    ['archived', 'unknown'],
    ['', 'unknown'],
    [null, 'unknown'],
    [undefined, 'unknown'],
    [{ title: 'active' }, 'unknown'],
  ])('status %j is %s', async (user_status, status) => {
    expect((await rowOf({ ...jane, user_status }))?.status).toBe(status);
  });

  test('a field of a wrong type costs the field, not the row', async () => {
    const row = await rowOf({
      ...jane,
      email: ['x'],
      job_title: 7,
      department: true,
      reports_to: 1,
      links: 'x',
      start_date: 'soon',
    });
    expect(row).toMatchObject({ externalId: 'p-1', flags: ['field_unreadable', 'start_date_unreadable'] });
  });

  test('a profile without id is counted, and its e-mail does not stand in', async () => {
    const { ids, end } = await read(tenant([jane, { email: 'x@example.com' }, 'p-3', { id: '' }]));
    expect(ids).toEqual(['p-1']);
    expect(end).toMatchObject({ rowsSeen: 4, rowsWithoutId: 3 });
  });

  test.each<[string, ((page: Profiles) => unknown) | undefined, number | undefined]>([
    ['total of the guide', (page) => ({ count: page.length, total: 230 }), 230],
    ['total_count of the contract', (page) => ({ count: page.length, total_count: 230, status: 200 }), 230],
    ['count as it was until 2017', () => ({ count: 230, status: 200 }), undefined],
    ['no meta', () => undefined, undefined],
    ['an empty meta', () => ({}), undefined],
  ])('reads all pages with %s, within two requests of the fewest', async (_name, meta, total) => {
    const { ids, end, seen } = await read(tenant(people(230), meta));
    expect(new Set(ids).size).toBe(230);
    expect(end.declaredTotal).toBe(total);
    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(seen.length).toBeLessThanOrEqual(Math.ceil(230 / 50) + 2);
    expect(seen.every(({ query }) => query.get('per_page') === '50')).toBe(true);
  });

  test('406 on /profiles is throttling: the same page is read again', async () => {
    const { ids, end } = await read((request) =>
      request.attempt === 1 ? { status: 406 } : tenant(people(60))(request),
    );
    expect(ids).toHaveLength(60);
    expect(end.outcome).toEqual({ kind: 'ended' });
  });

  test('a row that slipped past all pages is seen although nobody knew it: totals that change are read again', async () => {
    let rows = people(120);
    const served = await read((request) => {
      const answer = tenant(rows, () => ({ total: rows.length }))(request);
      // The first of all goes after page 1 was read: the 51st comes to page 1.
      if (request.query.get('page') === '1' && rows.length === 120) rows = rows.slice(1);
      return answer;
    });
    expect(served.ids).toEqual(expect.arrayContaining(Array.from({ length: 120 }, (_unused, index) => `p-${index}`)));
    expect(served.end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: 119, onPages: 119, pages: 7 });
  });

  test('a roster that never rests is read three times and is not proven', async () => {
    let asked = 0;
    const { end } = await read((request) => {
      asked += 1;
      return tenant(people(120), () => ({ total: 120 + asked }))(request);
    });
    expect(end).toMatchObject({ outcome: { kind: 'ended' }, declaredTotal: 'disagree' });
    expect(asked).toBeLessThanOrEqual(15);
  });

  test('a token that was made almost two years ago is warned of', async () => {
    const { end } = await read(tenant([jane]), { tokenIssued: '2024-12-10' });
    expect(end.warnings).toEqual([
      expect.stringContaining('the token was issued on 2024-12-10 and ends about 2026-12-10'),
    ]);
    expect((await read(tenant([jane]), { tokenIssued: '2026-01-10' })).end.warnings).toEqual([]);
  });

  test('an unfinished read shows what it saw and what it asked', async () => {
    const whole = tenant(people(230), () => ({ total: 230 }));
    const login = { headers: { 'content-type': 'text/html' }, body: '<html>' };
    const { ids, end } = await read((request) => (request.query.get('page') === '3' ? login : whole(request)));
    expect(ids).toHaveLength(180);
    expect(end).toMatchObject({ pages: 4, rowsSeen: 180, outcome: { kind: 'broken', code: 'source-contract' } });
  });

  test.each([
    ['the login page', { headers: { 'content-type': 'text/html' }, body: '<html>' }, 'source-contract'],
    ['an error as 200', { json: { error: '' } }, 'source-contract'],
    ['profiles null', { json: { profiles: null, meta: {} } }, 'source-contract'],
    ['a bare list', { json: [jane] }, 'source-contract'],
    ['401', { status: 401, json: { error: '' } }, 'source-auth'],
    ['403', { status: 403 }, 'source-forbidden'],
  ] satisfies readonly (readonly [string, Scripted, string])[])(
    '%s is never an empty company',
    async (_name, scripted, code) => {
      const { rows, end } = await read(() => scripted);
      expect(rows).toEqual([]);
      expect(end.outcome).toMatchObject({ kind: 'broken', code });
    },
  );

  test('a wait beyond the budget defers the listing', async () => {
    await using server = await serveScript(() => ({ status: 429, headers: { 'retry-after': '7200' } }));
    const { end } = await collect(aSource(server.origin), { budgetMs: 90_000 });
    expect(end.outcome).toMatchObject({ kind: 'deferred', until: '2026-11-21T12:00:00.000Z' });
  });

  test('company is one label of a host name', () => {
    expect(() => ofCompany('acme-2')).not.toThrow();
    for (const text of ['', 'Acme', 'acme.evil.example', 'acme/', 'a@b', 'x'.repeat(64)]) {
      expect(() => ofCompany(text)).toThrow(expect.objectContaining({ code: 'config-invalid' }));
    }
  });
});

function ofCompany(company: string) {
  return createNamelySource({ name: 'namely', token: 'token', company, allow: [], policy: NO_POLICY });
}

describe('departments of Namely', () => {
  const member = {
    ...jane,
    links: {
      groups: [
        { id: 'g-1', name: 'Berlin' },
        { id: 'g-2', name: 'Sales' },
      ],
    },
  };
  const groups = [
    { id: 'g-1', title: 'Berlin', type: 'Office Location' },
    { id: 'g-2', title: 'Sales', type: 'Departments' },
    { id: 'g-3', title: 'Ambassadors', type: 'department' },
  ];

  async function readWith(answerGroups: Script, profiles: Profiles = [member]) {
    return await read((request, response) =>
      request.path === '/api/v1/groups' ? answerGroups(request, response) : tenant(profiles)(request),
    );
  }

  test.each<[string, Script]>([
    [
      'empty after its last page',
      ({ query }) => ({ json: { groups: query.get('page') === '1' ? groups : [], meta: {} } }),
    ],
    ['the same for every page', () => ({ json: { groups } })],
  ])('are the groups whose type says so, from /groups that is %s', async (_name, script) => {
    const { rows, seen, end } = await readWith(script);
    expect(rows[0]?.department).toBe('Sales');
    expect(end.warnings).toEqual([]);
    expect(seen.filter(({ path }) => path === '/api/v1/groups')).toHaveLength(2);
  });

  test('are never just the first group', async () => {
    const { rows } = await readWith(() => ({ json: { groups: groups.slice(0, 1) } }));
    expect(rows[0]?.department).toBeUndefined();
  });

  test('are the same one of several in whatever order they come', async () => {
    const both = [{ id: 'g-3' }, { id: 'g-2' }];
    const profiles = [both, both.toReversed()].map((list, index) => ({
      ...jane,
      id: `p-${index}`,
      links: { groups: list },
    }));
    const { rows } = await readWith(() => ({ json: { groups } }), profiles);
    expect(rows.map(({ department }) => department)).toEqual(['Ambassadors', 'Ambassadors']);
  });

  test.each([403, 404])('are left out with a warning where /groups answers %i', async (status) => {
    const { rows, end } = await readWith(() => ({ status }));
    expect(rows).toMatchObject([{ externalId: 'p-1', flags: [] }]);
    expect(rows[0]?.department).toBeUndefined();
    expect(end.outcome).toEqual({ kind: 'ended' });
    expect(end.warnings).toEqual([expect.stringContaining('departments are left out')]);
  });

  test('that cannot be read for now end the listing: rows without them would look changed', async () => {
    const { rows, end } = await readWith(() => ({ status: 500 }));
    expect(rows).toEqual([]);
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-unavailable' });
  });

  test('are not asked for where profiles name their department or have no groups', async () => {
    const { seen } = await readWith(
      () => ({ json: { groups } }),
      [jane, { ...member, id: 'p-2', department: { title: 'Sales' } }],
    );
    expect(seen.some(({ path }) => path === '/api/v1/groups')).toBe(false);
  });
});

describe('whoami of Namely', () => {
  test('knows the owner from a minimal profile', async () => {
    await using server = await serveScript(() => ({
      json: { profiles: [{ ...jane, links: {} }], meta: { count: 1 } },
    }));
    const owner = await aSource(server.origin).whoami?.(new AbortController().signal);
    expect(owner).toEqual({ externalId: 'p-1', email: 'jane@example.com', shape: 'namely profile' });
    expect(server.seen[0]?.path).toBe('/api/v1/profiles/me');
  });

  test('an answer without a profile is a breach of the contract', async () => {
    await using server = await serveScript(() => ({ json: { id: 'n-1', email: 'jane@example.com' } }));
    await expect(aSource(server.origin).whoami?.(new AbortController().signal)).rejects.toMatchObject({
      code: 'source-contract',
    });
  });
});

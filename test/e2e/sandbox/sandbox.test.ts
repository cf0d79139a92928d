import { describe, expect, test } from 'vitest';
import { startSandbox } from '../../../src/sandbox/sandbox.ts';
import { aWorld, SANDBOX_SECRETS, type NamelyProfile, type Person } from '../../../src/sandbox/world.ts';
import { askSandbox, somePeople, withToken } from '../../support/sandbox.ts';

describe('simulated Nimble', () => {
  test('lists everybody on one page with a total, or pages when a page size is asked for', async () => {
    await using sandbox = await startSandbox({ world: aWorld({ people: somePeople(7) }) });
    expect(await askSandbox(sandbox, 'nimble', '/api/v1/team/members')).toMatchObject({
      status: 200,
      body: { resources: { length: 7 }, meta: { total: 7 } },
    });
    expect(await askSandbox(sandbox, 'nimble', '/api/v1/team/members?per_page=5&page=2')).toMatchObject({
      body: { resources: [{ id: 'N6' }, { id: 'N7' }], meta: { page: 2, pages: 2, per_page: 5, total: 7 } },
    });
  });

  test('shows no status in /team/members unless the scenario gives one, and always one in /company/users', async () => {
    const member = { id: 'n1', email: 'a@example.com', givenName: 'Ann', familyName: 'Ash' };
    const people = [{ nimble: [member] }, { nimble: [{ ...member, id: 'n2', active: false }] }];
    await using sandbox = await startSandbox({ world: aWorld({ people }) });
    const members = await askSandbox(sandbox, 'nimble', '/api/v1/team/members');
    expect(members.body).toHaveProperty('resources.0.name', { first_name: 'Ann', last_name: 'Ash' });
    expect(members.body).not.toHaveProperty('resources.0.is_active');
    expect(members.body).toHaveProperty('resources.1.is_active', false);
    const users = await askSandbox(sandbox, 'nimble', '/api/v1/company/users');
    expect(users.body).toEqual({
      users: [
        { avatar_url: null, is_active: true, name: 'Ann Ash', email: 'a@example.com' },
        { avatar_url: null, is_active: false, name: 'Ann Ash', email: 'a@example.com' },
      ],
    });
  });

  test('tells how many contacts there are, a page at a time, and private values in each', async () => {
    await using sandbox = await startSandbox({
      world: aWorld({ nimble: { dialect: 'guide', userIds: false, contactCount: 24_999 } }),
    });
    expect(await askSandbox(sandbox, 'nimble', '/api/v1/contacts?per_page=1')).toMatchObject({
      body: { resources: { length: 1 }, meta: { page: 1, pages: 24_999, per_page: 1, total: 24_999 } },
    });
    const last = await askSandbox(sandbox, 'nimble', '/api/v1/contacts?page=250&per_page=500');
    expect(last).toMatchObject({ body: { resources: { length: 99 }, meta: { per_page: 100 } } });
    expect(JSON.stringify(last.body)).toContain('canary-private-contact');
    sandbox.setWorld(aWorld());
    expect(await askSandbox(sandbox, 'nimble', '/api/v1/contacts?per_page=1')).toMatchObject({
      body: { resources: [], meta: { total: 0 } },
    });
  });

  test('answers 403 in its own words to a missing and to a wrong token, and notes it', async () => {
    await using sandbox = await startSandbox({ world: aWorld() });
    for (const init of [{}, withToken('namely')]) {
      const response = await fetch(`${sandbox.nimbleUrl}/api/v1/team/members`, init);
      expect(response.status).toBe(403);
      expect(await response.json()).toEqual({ message: "Can't authenticate request" });
    }
    expect(sandbox.requests.map(({ authorised }) => authorised)).toEqual([false, false]);
  });
});

describe('simulated Namely', () => {
  const profile: NamelyProfile = {
    id: 'p1',
    email: 'ann@example.com',
    givenName: 'Ann',
    familyName: 'Ash',
    status: 'active',
    jobTitle: 'Baker',
    department: 'Kitchen',
    office: 'Harbour',
    departureDate: '2026-12-24',
    updatedAt: '2026-01-02T03:04:05Z',
  };

  test('speaks as its guide: ISO dates, string title, department object, total', async () => {
    await using sandbox = await startSandbox({ world: aWorld({ people: [{ namely: [profile] }] }) });
    expect(await askSandbox(sandbox, 'namely', '/api/v1/profiles?page=1&per_page=50')).toMatchObject({
      body: {
        profiles: [
          {
            job_title: 'Baker',
            department: { title: 'Kitchen' },
            reports_to: null,
            departure_date: '2026-12-24',
            updated_at: '2026-01-02T03:04:05Z',
          },
        ],
        meta: { count: 1, total: 1 },
      },
    });
  });

  test('speaks as recorded: US dates, epoch seconds, objects, sentinel manager, groups with the office first', async () => {
    const world = aWorld({ people: [{ namely: [profile] }], namely: { dialect: 'live' } });
    await using sandbox = await startSandbox({ world });
    expect(await askSandbox(sandbox, 'namely', '/api/v1/profiles?page=1&per_page=50')).toMatchObject({
      body: {
        profiles: [
          {
            job_title: { title: 'Baker' },
            reports_to: [{ id: 'no_guid' }],
            departure_date: '12/24/2026',
            updated_at: 1_767_323_045,
            links: { groups: [{ name: 'Harbour' }, { name: 'Kitchen' }] },
          },
        ],
        meta: { count: 1, total_count: 1, status: 200 },
      },
    });
    expect(await askSandbox(sandbox, 'namely', '/api/v1/groups')).toMatchObject({
      body: {
        groups: [
          { title: 'Harbour', type: 'Office Location' },
          { title: 'Kitchen', type: 'Departments' },
        ],
      },
    });
  });

  test('pages by 50 at most and ends with an empty page', async () => {
    await using sandbox = await startSandbox({ world: aWorld({ people: somePeople(60) }) });
    for (const [page, length] of [
      [1, 50],
      [2, 10],
      [3, 0],
    ]) {
      const { body } = await askSandbox(sandbox, 'namely', `/api/v1/profiles?page=${page}&per_page=500`);
      expect(body).toMatchObject({ profiles: { length }, meta: { count: length, total: 60 } });
    }
  });

  function at(id: string, updatedAt: string): Person {
    return { namely: [{ ...profile, id, updatedAt }] };
  }

  test('sorts by the second of the last change, and keeps the order of the list within one', async () => {
    const people = [
      at('a', '2026-01-02T03:04:05.100Z'),
      at('b', '2026-01-02T03:04:06.000Z'),
      at('c', '2026-01-02T03:04:05.900Z'),
      at('d', '2026-01-02T03:04:04.999Z'),
    ];
    await using sandbox = await startSandbox({ world: aWorld({ people }) });
    const idsBy = async (sort: string): Promise<unknown> =>
      (await askSandbox(sandbox, 'namely', `/api/v1/profiles?sort=${sort}`)).body;
    expect(await idsBy('-updated_at')).toMatchObject({
      profiles: [{ id: 'b' }, { id: 'a' }, { id: 'c' }, { id: 'd' }],
    });
    expect(await idsBy('updated_at')).toMatchObject({ profiles: [{ id: 'd' }, { id: 'a' }, { id: 'c' }, { id: 'b' }] });
  });

  test('reads one profile, and answers 404 as recorded for another id', async () => {
    await using sandbox = await startSandbox({ world: aWorld({ people: [{ namely: [profile] }] }) });
    expect(await askSandbox(sandbox, 'namely', '/api/v1/profiles/p1')).toMatchObject({
      body: { profiles: [{ id: 'p1' }] },
    });
    expect(await askSandbox(sandbox, 'namely', '/api/v1/profiles/p2')).toEqual({
      status: 404,
      body: { message: 'Profile not found', errors: [] },
    });
  });

  test('answers 401 to a wrong token, and its login page with 200 outside the API', async () => {
    await using sandbox = await startSandbox({ world: aWorld() });
    const refused = await fetch(`${sandbox.namelyUrl}/api/v1/profiles`, withToken('nimble'));
    expect([refused.status, await refused.text()]).toEqual([401, '{"error":""}']);
    const page = await fetch(`${sandbox.namelyUrl}/people`, withToken('namely'));
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  });

  test('serves recorded profiles word for word, with the total only on page 1', async () => {
    const recorded = Array.from({ length: 55 }, (_unused, index) => ({ id: `r${index}`, odd: { deep: [1, null] } }));
    await using sandbox = await startSandbox({ world: aWorld({ namely: { dialect: 'live', recorded } }) });
    expect(await askSandbox(sandbox, 'namely', '/api/v1/profiles?page=1&per_page=50')).toMatchObject({
      body: { profiles: recorded.slice(0, 50), meta: { count: 55, status: 200 } },
    });
    expect(await askSandbox(sandbox, 'namely', '/api/v1/profiles?page=2&per_page=50')).toMatchObject({
      body: { profiles: recorded.slice(50), meta: { count: 5 } },
    });
  });
});

async function post(url: string, body: string): Promise<readonly [number, string]> {
  const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  return [response.status, await response.text()];
}

function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}

describe('simulated Slack', () => {
  test.each([
    { name: 'text alone', body: { text: 'hello' }, reply: 'ok' },
    { name: 'blocks with text', body: { text: 'x', blocks: [section('hello')] }, reply: 'ok' },
    { name: 'nothing to say', body: {}, reply: 'no_text' },
    { name: '51 blocks', body: { blocks: Array.from({ length: 51 }, () => section('x')) }, reply: 'invalid_blocks' },
    { name: 'a section of 3001 characters', body: { blocks: [section('x'.repeat(3001))] }, reply: 'invalid_blocks' },
    {
      name: 'a header of 151 characters',
      body: { blocks: [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }] },
      reply: 'invalid_blocks',
    },
    { name: 'an unknown block', body: { blocks: [{ type: 'hologram' }] }, reply: 'invalid_blocks' },
    { name: 'a list', body: [], reply: 'invalid_payload' },
  ])('answers $reply to $name', async ({ body, reply }) => {
    await using sandbox = await startSandbox({ world: aWorld() });
    expect(await post(sandbox.slackUrl, JSON.stringify(body))).toEqual([reply === 'ok' ? 200 : 400, reply]);
    expect(sandbox.messages.map((message) => message.reply)).toEqual([reply]);
  });

  test('knows no other webhook, and takes no broken JSON', async () => {
    await using sandbox = await startSandbox({ world: aWorld() });
    expect(await post(`${sandbox.slackUrl}x`, '{"text":"x"}')).toEqual([404, 'no_service']);
    expect(await post(sandbox.slackUrl, '{"text":')).toEqual([400, 'invalid_payload']);
  });
});

describe('identity list', () => {
  test('is served as CSV and JSON, with its age', async () => {
    const people = [{ identity: { id: 'I1', email: 'a@example.com', aliases: ['b@example.com', 'c@example.com'] } }];
    await using sandbox = await startSandbox({ world: aWorld({ people, identitiesAgeSeconds: 3600 }) });
    const response = await fetch(sandbox.identitiesUrl);
    expect(await response.text()).toBe(
      'id,email,aliases,employee_id,given_name,family_name,status,title,department,manager_id,start_date,end_date\n' +
        'I1,a@example.com,b@example.com;c@example.com,,,,,,,,,\n',
    );
    const age = Date.now() - Date.parse(response.headers.get('last-modified') ?? '');
    expect(age).toBeGreaterThanOrEqual(3_600_000);
    expect(age).toBeLessThan(3_660_000);
    const json = await fetch(`${sandbox.url}/identities.json`);
    expect(await json.json()).toMatchObject([{ id: 'I1', aliases: 'b@example.com;c@example.com' }]);
  });
});

test('the front page says ok and shows what Slack has received', async () => {
  await using sandbox = await startSandbox({ world: aWorld() });
  await fetch(sandbox.slackUrl, { method: 'POST', body: '{"text":"3 people left"}' });
  const page = await fetch(`${sandbox.url}/`);
  expect(await page.text()).toBe('ok\n\n3 people left');
});

test('the webhook path and both tokens are canaries that one search finds', () => {
  for (const secret of Object.values(SANDBOX_SECRETS)) expect(secret).toMatch(/canary/i);
});

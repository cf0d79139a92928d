import { describe, expect, test } from 'vitest';
import { OperationalError } from '../../../src/errors.ts';
import type { HealthCheck } from '../../../src/http/health.ts';
import { createMemoryPages } from '../../support/memory-pages.ts';
import { createMemoryReader } from '../../support/memory-reader.ts';
import { ask, serve } from '../../support/served.ts';
import { aFinding, aReport } from '../../support/view-rows.ts';

const TOKEN = 'a-long-token';

describe('health', () => {
  const well: HealthCheck = { name: 'database', required: true, check: async () => undefined };
  test('livez answers while the process turns, whatever else is wrong', async () => {
    const failing = {
      ...well,
      check: async () => Promise.reject(new OperationalError('database-unavailable', 'away')),
    };
    await using server = await serve({ checks: [failing] });
    expect(await ask(server, '/livez')).toMatchObject({ status: 200, body: 'ok\n' });
  });

  const cases: { name: string; checks: readonly HealthCheck[]; status: number; body: object }[] = [
    {
      name: 'all well',
      checks: [well],
      status: 200,
      body: { ready: true, checks: [{ name: 'database', required: true, ok: true }] },
    },
    {
      name: 'a required check fails',
      checks: [{ ...well, check: async () => 'not migrated' }],
      status: 503,
      body: { ready: false, checks: [{ name: 'database', required: true, ok: false, reason: 'not migrated' }] },
    },
    {
      name: 'a dead Slack channel is shown, and the worker is ready',
      checks: [{ name: 'slack', required: false, check: async () => 'Slack refuses this webhook' }],
      status: 200,
      body: {
        ready: true,
        checks: [{ name: 'slack', required: false, ok: false, reason: 'Slack refuses this webhook' }],
      },
    },
    {
      name: 'an error is told by its code alone',
      checks: [
        { ...well, check: async () => Promise.reject(new OperationalError('database-unavailable', 'db.internal')) },
      ],
      status: 503,
      body: { ready: false, checks: [{ name: 'database', required: true, ok: false, reason: 'database-unavailable' }] },
    },
    {
      name: 'a check that hangs has failed',
      checks: [{ ...well, check: async () => new Promise(() => undefined) }],
      status: 503,
      body: {
        ready: false,
        checks: [{ name: 'database', required: true, ok: false, reason: 'no answer within 2000 ms' }],
      },
    },
  ];
  test.each(cases)('readyz: $name', async ({ checks, status, body }) => {
    await using server = await serve({ checks });
    const answer = await ask(server, '/readyz');
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toEqual(body);
  });
});

const silent = async () => new Promise<never>(() => undefined);

test('a database that has fallen silent is told to who waits, as page and as JSON', async () => {
  const reader = { ...createMemoryReader(), report: silent, findings: silent };
  await using server = await serve({ reader, answerMs: 200 });
  const page = await ask(server, '/', { headers: { accept: 'text/html' } });
  expect(page.status).toBe(503);
  expect(page.body).toContain('no answer within 0.2 s (database-unavailable)');
  const answer = await ask(server, '/api/findings');
  expect(answer.status).toBe(503);
  expect(JSON.parse(answer.body)).toEqual({
    error: { code: 'database-unavailable', message: 'no answer within 0.2 s' },
  });
  expect(await ask(server, '/livez')).toMatchObject({ status: 200 });
});

describe('who may ask', () => {
  test('a foreign Host is refused without a token', async () => {
    await using server = await serve();
    const answer = await ask(server, '/api/findings', { headers: { host: 'evil.example' } });
    expect(answer.status).toBe(403);
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  });

  test('with a token everything but the probes needs it', async () => {
    await using server = await serve({ token: TOKEN });
    const headers = { authorization: `Bearer ${TOKEN}` };
    const pages = ['/', '/findings/1', '/sources/nimble', '/people/nimble/u-1', '/favicon.svg'];
    for (const path of [...pages, '/metrics', '/api/findings', '/api/reports', '/nothing', '//metrics', '/%6detrics']) {
      expect((await ask(server, path)).status).toBe(401);
    }
    expect((await ask(server, '/livez')).status).toBe(200);
    expect((await ask(server, '/readyz')).status).toBe(200);
    expect((await ask(server, '/metrics', { headers })).status).toBe(200);
    expect((await ask(server, '/nothing', { headers })).status).toBe(404);
    expect((await ask(server, '/webhooks/../metrics')).status).not.toBe(200);
    expect((await ask(server, '/webhooks/%2e%2e/metrics')).status).not.toBe(200);
  });

  test('nothing but reading', async () => {
    await using server = await serve();
    const answer = await ask(server, '/api/findings', { method: 'POST', body: 'x'.repeat(100_000) });
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    expect(await ask(server, '/livez', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  const refused = ['0.0.0.0', '::', '192.0.2.1', 'rollcall.example'].flatMap((bind) => [
    { bind, token: undefined },
    { bind, token: '' },
  ]);
  test.each(refused)('$bind without a token is refused before anything listens', async ({ bind, token }) => {
    await expect(serve({ bind, token })).rejects.toMatchObject({ code: 'config-invalid' });
  });

  test('a port that is taken is a fault of the configuration', async () => {
    await using server = await serve();
    await expect(serve({ port: server.port })).rejects.toMatchObject({
      code: 'config-invalid',
      message: `cannot listen on 127.0.0.1 port ${server.port}: something listens there already: set http.port`,
    });
  });
});

const failing = (error: Error) =>
  createMemoryPages(createMemoryReader(), { sourceStates: async () => Promise.reject(error) });

describe('api', () => {
  const findings = [
    aFinding({ id: 1 }),
    aFinding({ id: 2, status: 'held', rule: 'orphaned_account' }),
    aFinding({ id: 3, status: 'resolved' }),
  ];

  test('findings, open and held by default', async () => {
    await using server = await serve({ reader: createMemoryReader({ findings }) });
    const answer = await ask(server, '/api/findings');
    expect(JSON.parse(answer.body)).toEqual({ findings: findings.slice(0, 2), more: false });
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('filters, and says when there are more', async () => {
    const reader = createMemoryReader({ findings });
    await using server = await serve({ reader });
    await ask(server, '/api/findings?status=resolved&status=open&rule=leaver_account&source=nimble&limit=7');
    expect(reader.filters).toEqual([
      { statuses: ['open', 'resolved'], rules: ['leaver_account'], sources: ['nimble'], limit: 8 },
    ]);
    expect(JSON.parse((await ask(server, '/api/findings?limit=1')).body)).toEqual({
      findings: [findings[0]],
      more: true,
    });
  });

  const wrong = [
    'status=id"--',
    'rule=x',
    'limit=0',
    'limit=1e9',
    'limit=abc',
    'limit=-1',
    'limit=1.5',
    'source=\u0000',
    'source=A',
  ];
  test.each(wrong)('?%s is refused', async (query) => {
    const reader = createMemoryReader();
    await using server = await serve({ reader });
    expect((await ask(server, `/api/findings?${encodeURI(query)}`)).status).toBe(400);
    expect(reader.filters).toEqual([]);
  });

  test('reports', async () => {
    await using server = await serve({ reader: createMemoryReader({ reports: [aReport()] }) });
    expect(JSON.parse((await ask(server, '/api/reports')).body)).toEqual({ reports: [aReport()] });
  });

  test('a database that is away is 503 with the code, a bug is 500 without details', async () => {
    await using server = await serve({ pages: failing(new OperationalError('database-unavailable', 'start it')) });
    const answer = await ask(server, '/');
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.body)).toEqual({ error: { code: 'database-unavailable', message: 'start it' } });
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");

    await using other = await serve({ pages: failing(new Error('params: jane@example.com')) });
    const bug = await ask(other, '/');
    expect(bug.status).toBe(500);
    expect(bug.body).not.toContain('jane');
    expect(other.logged).toEqual(['request failed unexpectedly']);
  });
});

describe('the page', () => {
  test('the policy allows its own style by digest and nothing else', async () => {
    await using server = await serve();
    const { body, headers } = await ask(server, '/');
    const style = /<style>([\s\S]*?)<\/style>/u.exec(body)?.[1] ?? '';
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style));
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${Buffer.from(digest).toString('base64')}'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
    );
    expect(body).toContain('There is no report yet.');
  });

  test('a browser is told in words that the database is away', async () => {
    const pages = createMemoryPages(createMemoryReader(), {
      sourceStates: async () => Promise.reject(new OperationalError('database-unavailable', 'start the database')),
    });
    await using server = await serve({ pages });
    const answer = await ask(server, '/', { headers: { accept: 'text/html' } });
    expect(answer.status).toBe(503);
    expect(answer.body).toContain('start the database');
    expect(answer.body).toContain('Load the page again');
  });
});

test('closing lets a running answer end and then takes no more', async () => {
  const release = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const slow = createMemoryPages(createMemoryReader(), {
    sourceStates: async () => {
      entered.resolve();
      await release.promise;
      return [];
    },
  });
  const server = await serve({ pages: slow });
  const answer = ask(server, '/');
  await entered.promise;
  const closed = server.close();
  release.resolve();
  expect((await answer).status).toBe(200);
  await closed;
  await expect(ask(server, '/livez')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

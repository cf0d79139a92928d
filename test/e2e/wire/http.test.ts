import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { createHttp } from '../../../src/sources/http.ts';
import { aReading, ask, failureOf, OK, tell, TOKEN } from '../../support/http-asking.ts';
import { serveScript } from '../../support/http-server.ts';
import { fakeTiming } from '../../support/listing.ts';

// Brotli's default takes two seconds for what its fastest does as well.
const squeeze = (body: Buffer) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });

describe('createHttp', () => {
  test('sends the token in Authorization and nowhere else', async () => {
    await using server = await serveScript(() => OK);
    const { answer, reading } = ask(server);
    expect((await answer).json).toEqual({ ok: true });
    expect(reading.requests).toBe(1);
    expect(server.seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(server.seen[0]?.method).toBe('GET');
  });

  test.each([429, 500, 502, 503, 504])('tries again after %i', async (status) => {
    await using server = await serveScript(({ attempt }) => (attempt < 3 ? { status } : OK));
    const { answer, reading, timing } = ask(server);
    expect((await answer).json).toEqual({ ok: true });
    expect(reading.requests).toBe(3);
    // Half of 1 s and of 2 s: full jitter in the middle of its range.
    expect(timing.slept).toEqual([500, 1000]);
  });

  test('waits 1, 2, 4 … s, at most 60 s each and at most the budget together', async () => {
    await using server = await serveScript(() => ({ status: 429 }));
    const timing = fakeTiming({ random: () => 0.999_999 });
    const error = await failureOf(ask(server, { http: { timing }, budgetMs: 600_000 }).answer);
    expect(error.code).toBe('source-unavailable');
    expect(error.message).toContain('HTTP 429');
    expect(timing.slept.map((ms) => Math.round(ms / 1000)).slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    const total = timing.slept.reduce((sum, ms) => sum + ms, 0);
    expect(total).toBeLessThanOrEqual(600_000);
    expect(total).toBeGreaterThan(500_000);
  });

  test('case 31: three minutes of 429 without a header are survived', async () => {
    const timing = fakeTiming();
    await using server = await serveScript(() => (timing.monotonicMs() < 1_180_000 ? { status: 429 } : OK));
    const { answer } = ask(server, { http: { timing } });
    expect((await answer).json).toEqual({ ok: true });
    expect(server.seen.length).toBeLessThan(15);
  });

  test('a vendor may have its own word for throttling', async () => {
    await using server = await serveScript(({ attempt }) => (attempt < 2 ? { status: 406 } : OK));
    expect((await ask(server, { get: { throttleStatuses: [406] } }).answer).json).toEqual({ ok: true });
    expect((await failureOf(ask(server, { path: '/other' }).answer)).code).toBe('source-contract');
  });

  test('case 33: never tries again earlier than the vendor asked, and says what it waits for', async () => {
    await using server = await serveScript(({ attempt }) =>
      attempt === 1 ? { status: 429, headers: { 'retry-after': '90' } } : OK,
    );
    const { answer, timing, steps } = ask(server);
    await answer;
    expect(timing.slept).toEqual([90_000]);
    expect(steps).toEqual([{ kind: 'wait', ms: 90_000, reason: 'vendor: HTTP 429' }]);
  });

  test('case 33: a wait beyond the budget is deferred to the moment that the vendor named', async () => {
    await using server = await serveScript(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
    const { answer, timing } = ask(server, { budgetMs: 90_000 });
    const error = await failureOf(answer);
    expect(error.code).toBe('source-deferred');
    expect(error.notBefore?.toISOString()).toBe('2026-11-21T11:00:00.000Z');
    expect(timing.slept).toEqual([]);
    expect(server.seen).toHaveLength(1);
  });

  test('case 33: after a deferral the same client asks nothing until then', async () => {
    await using server = await serveScript(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
    const timing = fakeTiming();
    const http = createHttp({
      source: 'v',
      address: 'baseUrl',
      hosts: { vendorHosts: [], allow: ['127.0.0.1'] },
      timing,
    });
    const url = new URL(server.origin);
    for (let run = 0; run < 2; run += 1) {
      expect((await failureOf(http.getJson(url, aReading(90_000)))).code).toBe('source-deferred');
    }
    expect(server.seen).toHaveLength(1);
  });

  test('a body that is cut after its headers is read again', async () => {
    await using server = await serveScript(({ attempt }, response) => {
      if (attempt > 1) return OK;
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"ok":', () => response.destroy());
      return undefined;
    });
    const { answer, reading } = ask(server);
    expect((await answer).json).toEqual({ ok: true });
    expect(reading.requests).toBe(2);
  });

  test('case 35: a connection that is refused or reset is tried again and named by its code', async () => {
    await using server = await serveScript((_request, response) => {
      response.destroy();
      return undefined;
    });
    const reset = await failureOf(ask(server, { budgetMs: 2000 }).answer);
    expect(reset.code).toBe('source-unavailable');
    expect(server.seen.length).toBeGreaterThan(1);
    await server[Symbol.asyncDispose]();
    const refused = await failureOf(ask(server, { budgetMs: 2000 }).answer);
    expect(refused.message).toContain('ECONNREFUSED');
  });

  test('case 37: a body of one byte now and then ends at the deadline of the attempt', async () => {
    await using server = await serveScript((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('[');
      return undefined;
    });
    const { answer } = ask(server, { http: { attemptTimeoutMs: 100, timing: undefined }, budgetMs: 150 });
    const error = await failureOf(answer);
    expect(error.code).toBe('source-unavailable');
    expect(error.message).toContain('no full answer');
  });

  test('case 37: a body that drips ends at the deadline, also when the request was collected as garbage', async () => {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    if (typeof collect !== 'function') throw new Error('no garbage collector to call');
    await using server = await serveScript((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
      return undefined;
    });
    const collecting = setInterval(() => void collect(), 10);
    try {
      const { answer } = ask(server, { http: { attemptTimeoutMs: 200, timing: undefined }, budgetMs: 1 });
      expect((await failureOf(answer)).message).toContain('no full answer');
    } finally {
      clearInterval(collecting);
    }
  });

  test.each([
    [401, 'source-auth'],
    [403, 'source-forbidden'],
    [404, 'source-contract'],
    [406, 'source-contract'],
    [409, 'source-contract'],
    [422, 'source-contract'],
    [204, 'source-contract'],
  ])('%i is %s, at once', async (status, code) => {
    await using server = await serveScript(() => ({ status }));
    const { answer } = ask(server);
    const error = await failureOf(answer);
    expect(error.code).toBe(code);
    expect(error.message).toContain(String(status));
    expect(server.seen).toHaveLength(1);
  });

  test.each([
    ['an HTML page', { headers: { 'content-type': 'text/html' }, body: '<!DOCTYPE html>body-canary-3' }],
    [
      'an HTML page that calls itself JSON',
      { headers: { 'content-type': 'application/json' }, body: '<html>body-canary-3' },
    ],
    ['no type', { body: '{"ok":true}' }],
    ['an empty body', { headers: { 'content-type': 'application/json' }, body: '' }],
    ['half a document', { headers: { 'content-type': 'application/json' }, body: '{"name":"body-canary-3' }],
    [
      'bytes that are no text',
      { headers: { 'content-type': 'application/json' }, body: new Uint8Array([0x22, 0xff, 0x22]) },
    ],
  ])('%s is a breach of the contract', async (_name, scripted) => {
    await using server = await serveScript(() => scripted);
    const error = await failureOf(ask(server).answer);
    expect(error.code).toBe('source-contract');
    expect(tell(error)).not.toContain('canary');
  });

  test.each([
    ['to another host', (other: string) => other],
    ['on the same host', () => '/elsewhere'],
    ['to a link-local address', () => 'http://169.254.169.254/latest/meta-data/'],
  ])('case 39: a redirect %s is refused and not followed', async (_name, location) => {
    await using other = await serveScript(() => OK);
    await using server = await serveScript(() => ({ status: 302, headers: { location: location(other.origin) } }));
    const error = await failureOf(ask(server).answer);
    expect(error.code).toBe('source-contract');
    expect(error.message).toContain('redirect');
    expect(server.seen).toHaveLength(1);
    expect(other.seen).toHaveLength(0);
  });

  test.each([
    ['plain', {}, (body: Buffer) => body],
    ['gzip', { 'content-encoding': 'gzip' }, gzipSync],
    ['brotli', { 'content-encoding': 'br' }, squeeze],
    ['gzip twice', { 'content-encoding': 'gzip, gzip' }, (body: Buffer) => gzipSync(gzipSync(body))],
  ])('case 38: a body above the cap ends the reading at the cap: %s', async (_name, headers, encode) => {
    const bomb = encode(Buffer.alloc(64 * 1_048_576, ' '));
    await using server = await serveScript(() => ({
      headers: { 'content-type': 'application/json', ...headers },
      body: bomb,
    }));
    const before = process.memoryUsage().rss;
    const error = await failureOf(ask(server).answer);
    expect(error.code).toBe('source-too-large');
    expect(server.seen).toHaveLength(1);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1_048_576);
  });

  test('case 40: keeps whole numbers beyond 2^53 exact, and prototypes clean', async () => {
    const body =
      '{"__proto__":{"polluted":true},"id":9007199254740993,"small":42,"ratio":0.1234567890123456789,"big":1e300}';
    await using server = await serveScript(() => ({ headers: { 'content-type': 'application/json' }, body }));
    const { json } = await ask(server).answer;
    expect(json).toMatchObject({ id: '9007199254740993', small: 42, ratio: 0.123_456_789_012_345_68, big: 1e300 });
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  test('a stop ends a wait and a request, as a failure of the source', async () => {
    const controller = new AbortController();
    await using server = await serveScript(() => {
      controller.abort();
      return { status: 503 };
    });
    const { answer } = ask(server, { signal: controller.signal, http: { timing: undefined } });
    expect((await failureOf(answer)).message).toContain('stopped');
  });

  test('a host that is not allowed sees no request', async () => {
    await using server = await serveScript(() => OK);
    const { answer } = ask(server, { http: { hosts: { vendorHosts: [], configuredHost: '127.0.0.1', allow: [] } } });
    expect((await failureOf(answer)).code).toBe('network-refused');
    expect(server.seen).toHaveLength(0);
  });

  test.each(['tok\nen-canary', 'tök-canary', ' '])(
    'a token that cannot be a header is not repeated: %j',
    async (token) => {
      await using server = await serveScript(() => OK);
      const error = await failureOf(ask(server, { http: { token } }).answer);
      expect(error.code).toBe('source-auth');
      expect(tell(error)).not.toContain('canary');
      expect(server.seen).toHaveLength(0);
    },
  );

  test.each([401, 403, 404, 422, 429, 500])('no URL, token or body is in what is told of %i', async (status) => {
    await using server = await serveScript(() => ({ status, json: { message: 'body-canary-3' } }));
    const error = await failureOf(ask(server, { budgetMs: 100 }).answer);
    expect(tell(error)).not.toMatch(/canary|127\.0\.0\.1/u);
  });
});

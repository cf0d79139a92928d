import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { OperationalError } from '../../../src/errors.ts';
import type { ListProgress } from '../../../src/ports.ts';
import { createHttp, type GetOptions, type HttpOptions } from '../../../src/sources/http.ts';
import { Reading } from '../../../src/sources/reading.ts';
import { serveScript, type ScriptedServer } from '../../support/http-server.ts';
import { fakeTiming } from '../../support/listing.ts';

const TOKEN = 'token-canary-1';
const OK = { json: { ok: true } };

type Asking = {
  readonly http?: Partial<HttpOptions>;
  readonly get?: GetOptions;
  readonly budgetMs?: number;
  readonly signal?: AbortSignal;
  readonly path?: string;
};

function ask(server: ScriptedServer, asking: Asking = {}) {
  const timing = fakeTiming();
  const steps: ListProgress[] = [];
  const reading = new Reading({
    budgetMs: asking.budgetMs ?? 600_000,
    signal: asking.signal ?? new AbortController().signal,
    progress: (step) => {
      steps.push(step);
    },
  });
  const http = createHttp({
    source: 'vendor',
    address: 'baseUrl',
    hosts: { vendorHosts: [], allow: ['127.0.0.1'] },
    token: TOKEN,
    timing,
    ...asking.http,
  });
  const url = new URL(asking.path ?? '/roster?page=1&canary=query-canary-2', server.origin);
  return { answer: http.getJson(url, reading, asking.get), reading, timing, steps };
}

async function failureOf(pending: Promise<unknown>): Promise<OperationalError> {
  try {
    await pending;
  } catch (error) {
    if (error instanceof OperationalError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

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

  test('three minutes of 429 without a header are survived', async () => {
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

  test('never tries again earlier than the vendor asked, and says what it waits for', async () => {
    await using server = await serveScript(({ attempt }) =>
      attempt === 1 ? { status: 429, headers: { 'retry-after': '90' } } : OK,
    );
    const { answer, timing, steps } = ask(server);
    await answer;
    expect(timing.slept).toEqual([90_000]);
    expect(steps).toEqual([{ kind: 'wait', ms: 90_000, reason: 'vendor: HTTP 429' }]);
  });

  test('a wait beyond the budget is deferred to the moment that the vendor named', async () => {
    await using server = await serveScript(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
    const { answer, timing } = ask(server, { budgetMs: 90_000 });
    const error = await failureOf(answer);
    expect(error.code).toBe('source-deferred');
    expect(error.notBefore?.toISOString()).toBe('2026-11-21T11:00:00.000Z');
    expect(timing.slept).toEqual([]);
    expect(server.seen).toHaveLength(1);
  });

  test('after a deferral the same client asks nothing until then', async () => {
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
      const reading = new Reading({ budgetMs: 90_000, signal: new AbortController().signal, progress: () => {} });
      expect((await failureOf(http.getJson(url, reading))).code).toBe('source-deferred');
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

  test('a connection that is refused or reset is tried again and named by its code', async () => {
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

  test('a body of one byte now and then ends at the deadline of the attempt', async () => {
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
  ])('a redirect %s is refused and not followed', async (_name, location) => {
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
  ])('a body above the cap ends the reading at the cap: %s', async (_name, headers, encode) => {
    const bomb = encode(Buffer.alloc(64 * 1_048_576, ' '));
    await using server = await serveScript(() => ({
      headers: { 'content-type': 'application/json', ...headers },
      body: bomb,
    }));
    const before = process.memoryUsage().rss;
    const error = await failureOf(ask(server).answer);
    expect(error.code).toBe('source-too-large');
    expect(server.seen).toHaveLength(1);
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1_048_576);
  });

  test('keeps whole numbers beyond 2^53 exact, and prototypes clean', async () => {
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

/** Everything of an error that could reach a log: messages, stacks and properties of the whole chain of causes. */
function tell(error: unknown): string {
  const parts: string[] = [];
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    parts.push(current.message, current.stack ?? '', JSON.stringify(current));
  }
  return parts.join('\n');
}

import { createServer, type Socket } from 'node:net';
import { setTimeout as sleepMs } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { createGuardedFetch } from '../../../src/net/guarded-fetch.ts';
import { createHttp } from '../../../src/sources/http.ts';
import { createAuthority } from '../../support/certificate.ts';
import { aReading, ask, failureOf, OK } from '../../support/http-asking.ts';
import { serveScript, type ScriptedServer } from '../../support/http-server.ts';
import { fakeTiming } from '../../support/listing.ts';
import { virtualTiming, type VirtualTiming } from '../../support/virtual-timing.ts';

const LOOPBACK = { vendorHosts: [], allow: ['127.0.0.1'] };

/** Asks for pages side by side with one client, as the workers of a source do. */
function askPages(server: ScriptedServer, count: number, clock: VirtualTiming, budgetMs = 600_000) {
  const { timing, fetch } = clock;
  const address = { source: 'vendor', address: 'baseUrl', hosts: LOOPBACK };
  const http = createHttp({ ...address, timing, fetch, requestsPerMinute: 6000 });
  const reading = aReading(budgetMs);
  const pages = Array.from({ length: count }, (_unused, page) => new URL(`/roster?page=${page}`, server.origin));
  return Promise.allSettled(pages.map(async (url) => await http.getJson(url, reading)));
}

function aClock(): VirtualTiming {
  return virtualTiming(createGuardedFetch({ allow: LOOPBACK.allow }));
}

function fulfilled(results: readonly PromiseSettledResult<unknown>[]): number {
  return results.filter(({ status }) => status === 'fulfilled').length;
}

describe('waits', () => {
  test('case 31: after three minutes of 429 all workers finish, and had asked ever less often', async () => {
    using clock = aClock();
    const { monotonicMs } = clock.timing;
    const begin = monotonicMs();
    const minutes: number[] = [];
    await using server = await serveScript(() => {
      const elapsedMs = monotonicMs() - begin;
      if (elapsedMs > 180_000) return OK;
      const minute = Math.floor(elapsedMs / 60_000);
      minutes[minute] = (minutes[minute] ?? 0) + 1;
      return { status: 429 };
    });
    expect(fulfilled(await askPages(server, 8, clock))).toBe(8);
    const [first = 0, , third = 0] = minutes;
    expect(third).toBeLessThan(first / 2);
    // Half of 1, 2, 4 … s leave one worker seven requests in the first minute; eight that each learn for themselves, 56.
    expect(first).toBeLessThan(8 * 3);
  });

  test.each([
    ['RateLimit-Reset in seconds', '20', 20_000],
    ['X-RateLimit-Reset as a moment', String(Date.parse('2026-11-21T10:00:30Z') / 1000), 30_000],
  ])('case 32: 429 with only %s waits as told', async (name, value, waitMs) => {
    const headers = { [name.split(' ')[0] ?? '']: value, date: 'Sat, 21 Nov 2026 10:00:00 GMT' };
    await using server = await serveScript(({ attempt }) => (attempt === 1 ? { status: 429, headers } : OK));
    const { answer, timing } = ask(server);
    await answer;
    expect(timing.slept).toEqual([waitMs]);
  });

  test.each([
    ['an HTTP date', 'Sat, 21 Nov 2026 10:01:30 GMT', 90_000],
    ['a negative number: as without a header', '-5', 500],
    ['a word: as without a header', 'soon', 500],
  ])('case 33: Retry-After with %s', async (_name, value, waitMs) => {
    const headers = { 'retry-after': value, date: 'Sat, 21 Nov 2026 10:00:00 GMT' };
    await using server = await serveScript(({ attempt }) => (attempt === 1 ? { status: 429, headers } : OK));
    const { answer, timing } = ask(server);
    await answer;
    expect(timing.slept).toEqual([waitMs]);
  });

  test.each([-3_600_000, 3_600_000])('case 43: the wall clock jumps by %i ms during a wait', async (jumpMs) => {
    const clock = fakeTiming();
    // Each look at the wall clock finds it an hour further away.
    let looks = 0;
    const timing = fakeTiming({ ...clock, wallMs: () => clock.wallMs() + jumpMs * (looks += 1) });
    await using server = await serveScript(({ attempt }) =>
      attempt < 4 ? { status: 429, headers: attempt === 2 ? { 'retry-after': '30' } : {} } : OK,
    );
    expect((await ask(server, { http: { timing } }).answer).json).toEqual({ ok: true });
    expect(clock.slept).toEqual([500, 30_000, 2000]);
    expect(looks).toBeGreaterThan(0);
  });
});

/** Answers after a moment, so that requests side by side are seen as such. */
async function serveStorm(isDown: (page: string, count: number) => boolean) {
  const widths: { readonly inFlight: number; readonly down: boolean }[] = [];
  const [statuses, running] = [[500, 502, 503, 504], { count: 0 }];
  const server = await serveScript((request, response) => {
    const down = isDown(request.query.get('page') ?? '', widths.length);
    running.count += 1;
    widths.push({ inFlight: running.count, down });
    setTimeout(() => {
      running.count -= 1;
      response.writeHead(down ? (statuses[widths.length % 4] ?? 500) : 200, { 'content-type': 'application/json' });
      response.end('{}');
    }, 5);
    return undefined;
  });
  return { server, widths };
}

describe('case 34: a storm of server errors', () => {
  test('is probed by one request at a time, and all go on when one succeeds', async () => {
    const { server, widths } = await serveStorm((_page, count) => count < 20);
    await using _closing = server;
    using clock = aClock();
    expect(fulfilled(await askPages(server, 10, clock))).toBe(10);
    // Ten were under way before anybody knew.
    expect(widths.slice(10, 21).map(({ inFlight }) => inFlight)).toEqual(Array.from({ length: 11 }, () => 1));
    expect(Math.max(...widths.slice(21).map(({ inFlight }) => inFlight))).toBeGreaterThan(1);
  });

  test('that outlasts the budget ends, as a failure that says the status', async () => {
    const { server } = await serveStorm(() => true);
    await using _closing = server;
    using clock = aClock();
    const results = await askPages(server, 4, clock, 5000);
    for (const result of results) {
      expect(result).toMatchObject({
        reason: { code: 'source-unavailable', message: expect.stringMatching(/HTTP 50\d|throttling/u) },
      });
    }
    expect(server.seen.length).toBeLessThan(30);
  });

  test('of one page holds no other page up', async () => {
    const [waiting, othersDone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    // Page 0 waits for as long as the others take, which is for ever if they wait for it.
    const sleep = async () => {
      waiting.resolve();
      await othersDone.promise;
    };
    await using server = await serveScript(({ query, attempt }) =>
      query.get('page') === '0' && attempt === 1 ? { status: 500 } : OK,
    );
    const http = createHttp({ source: 'v', address: 'baseUrl', hosts: LOOPBACK, timing: { ...fakeTiming(), sleep } });
    const askPage = async (page: number) => await http.getJson(new URL(`/?page=${page}`, server.origin), aReading());
    const failing = askPage(0);
    await waiting.promise;
    expect(await Promise.all([1, 2, 3].map(askPage))).toHaveLength(3);
    othersDone.resolve();
    expect((await failing).json).toEqual({ ok: true });
  });
});

/** An address of the documentation's network, where nobody lives. */
const resolveSilent = async () => [{ address: '203.0.113.1', family: 4 }];

describe('case 35: the way to the vendor', () => {
  test('a name that is not found is asked for again, and named by its code', async () => {
    await using server = await serveScript(() => OK);
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      if (asked < 3) throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
      return [{ address: '127.0.0.1', family: 4 }];
    };
    const hosts = { vendorHosts: [], allow: ['vendor.example'] };
    const http = { hosts, fetch: createGuardedFetch({ allow: hosts.allow, resolve }) };
    const vendor = { origin: `http://vendor.example:${server.port}` };
    expect((await ask(vendor, { http }).answer).json).toEqual({ ok: true });
    asked = -100;
    const error = await failureOf(ask({ origin: 'http://vendor.example:4010' }, { http, budgetMs: 100 }).answer);
    expect(error).toMatchObject({ code: 'source-unavailable', message: expect.stringContaining('ENOTFOUND') });
  });

  test('an address that never answers costs an attempt, not the run', async () => {
    const hosts = { vendorHosts: [], configuredHost: 'vendor.example', allow: [] };
    const fetch = createGuardedFetch({ allow: [], resolve: resolveSilent });
    const http = { hosts, fetch, attemptTimeoutMs: 100, timing: undefined };
    const error = await failureOf(ask({ origin: 'https://vendor.example' }, { http, budgetMs: 150 }).answer);
    expect(error.code).toBe('source-unavailable');
  });

  test('a kept connection that the vendor drops at the next request is replaced', async () => {
    const dropped = new Set<Socket>();
    await using server = await serveScript(({ path, attempt }, response) => {
      if (path === '/first' || attempt > 1) return OK;
      const { socket } = response;
      if (socket !== null) dropped.add(socket);
      socket?.resetAndDestroy();
      return undefined;
    });
    const http = createHttp({ source: 'v', address: 'baseUrl', hosts: LOOPBACK, timing: fakeTiming() });
    await http.getJson(new URL('/first', server.origin), aReading());
    const reading = aReading();
    expect((await http.getJson(new URL('/second', server.origin), reading)).json).toEqual({ ok: true });
    expect(reading.requests).toBe(2);
    expect(dropped.size).toBe(1);
  });
});

describe('case 36: a certificate', () => {
  const authority = createAuthority();
  const yesterday = new Date(Date.now() - 24 * 3_600_000);

  test.each([
    ['of nobody known', authority.issue('127.0.0.1'), false],
    ['signed by itself', createAuthority(), false],
    ['that has ended', authority.issue('127.0.0.1', yesterday), true],
    ['of another host', authority.issue('other.example'), true],
  ])('%s: nothing is sent, and the host is named', async (_name, certificate, known) => {
    await using server = await serveScript(() => OK, certificate);
    const before = getCACertificates('default');
    if (known) setDefaultCACertificates([...before, authority.cert]);
    try {
      const { answer, reading } = ask(server, { budgetMs: 60_000 });
      const error = await failureOf(answer);
      expect(error.code).toBe('source-unavailable');
      expect(error.message).toMatch(
        /^vendor: the certificate of 127\.0\.0\.1 is not trusted \([A-Z_]+\); nothing was sent$/u,
      );
      expect(reading.requests).toBe(1);
      expect(server.seen).toHaveLength(0);
    } finally {
      setDefaultCACertificates(before);
    }
  });

  test('case 39: a redirect from https to http is refused', async () => {
    await using plain = await serveScript(() => OK);
    await using server = await serveScript(
      () => ({ status: 301, headers: { location: plain.origin } }),
      authority.issue('127.0.0.1'),
    );
    const before = getCACertificates('default');
    setDefaultCACertificates([...before, authority.cert]);
    try {
      expect((await failureOf(ask(server).answer)).message).toContain('redirect');
      expect(plain.seen).toHaveLength(0);
    } finally {
      setDefaultCACertificates(before);
    }
  });
});

/** A TCP server that speaks HTTP as the test says, one connection after the other. */
async function serveRaw(speak: (socket: Socket, connection: number) => void) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    speak(socket, sockets.length);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

const WHOLE = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}';

describe('a peer that does not go on', () => {
  test.each([
    ['case 37: headers that never end', 'HTTP/1.1 200 OK\r\nX-Slow: a'],
    ['case 37: a body of one byte now and then', 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n['],
    ['case 42: a peer that vanished before its answer', ''],
    ['case 42: a peer that vanished in the middle', WHOLE.slice(0, -1)],
  ])('%s: the attempt ends, and the next one has a connection of its own', async (_name, beginning) => {
    await using server = await serveRaw((socket, connection) => {
      socket.once('data', () => {
        socket.write(connection === 1 ? beginning : WHOLE);
        if (connection > 1 || beginning === '') return;
        const timer = setInterval(
          () => socket.write(beginning.endsWith('[') ? ' ' : beginning.endsWith('a') ? 'a' : ''),
          10,
        );
        socket.on('close', () => clearInterval(timer));
      });
    });
    const http = { attemptTimeoutMs: 200, timing: undefined };
    const { answer, reading } = ask(server, { http });
    expect((await answer).json).toEqual({});
    expect(reading.requests).toBe(2);
    // A connection that was given up is closed, not kept for the next request.
    await sleepMs(20);
    expect(server.sockets[0]?.closed).toBe(true);
  });

  test('case 37: a run whose vendor never answers ends with its budget', async () => {
    await using server = await serveRaw(() => {});
    const begin = performance.now();
    const { answer } = ask(server, { http: { attemptTimeoutMs: 100, timing: undefined }, budgetMs: 350 });
    expect(await failureOf(answer)).toMatchObject({ code: 'source-unavailable' });
    expect(performance.now() - begin).toBeLessThan(2000);
    expect(server.sockets.length).toBeLessThanOrEqual(4);
  });
});

import { execFile } from 'node:child_process';
import type { LookupAddress } from 'node:dns';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createGuardedFetch, refusalOf, type GuardOptions } from '../../../src/net/guarded-fetch.ts';
import { createAuthority } from '../../support/certificate.ts';
import { ask, failureOf, OK, tell } from '../../support/http-asking.ts';
import { serveScript } from '../../support/http-server.ts';
import { startProxy } from '../../support/proxy-server.ts';

const PUBLIC = '203.0.113.7';
const HOST = 'people.example.com';

function at(...addresses: readonly string[]): readonly LookupAddress[] {
  return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
}

/** A name server that gives another answer each time; the last one stays. */
function resolving(...answers: readonly (readonly LookupAddress[])[]) {
  const asked: string[] = [];
  return {
    asked,
    resolve: async (hostname: string) => {
      asked.push(hostname);
      return answers[Math.min(asked.length, answers.length) - 1] ?? [];
    },
  };
}

/** Asks by https for a configured host whose name leads to `port` of wherever `guard` resolves it. */
function askHost(port: number, guard: GuardOptions, budgetMs = 0) {
  const hosts = { vendorHosts: [], configuredHost: HOST, allow: guard.allow };
  const http = { hosts, fetch: createGuardedFetch(guard), attemptTimeoutMs: 300, timing: undefined };
  return ask({ origin: `https://${HOST}:${port}` }, { http, budgetMs });
}

describe('case 100: a name that resolves to a local address', () => {
  test.each([
    ['loopback', at('127.0.0.1')],
    ['IPv6 loopback', at('::1')],
    ['the metadata service', at('169.254.169.254')],
    ['a private network', at('10.1.2.3')],
    ['IPv4 mapped into IPv6', at('::ffff:127.0.0.1')],
    ['link-local with its interface', at('fe80::1%eth0')],
    ['a public and a private address', at(PUBLIC, '192.168.1.1')],
  ])('%s is refused once, and not tried again', async (_name, addresses) => {
    await using server = await serveScript(() => OK);
    const names = resolving(addresses);
    const { answer, reading } = askHost(server.port, { allow: [], resolve: names.resolve }, 3000);
    const error = await failureOf(answer);
    expect(error.code).toBe('network-refused');
    expect(error.message).toMatch(
      /^vendor: people\.example\.com resolves to .*; add people\.example\.com to network\.allow/u,
    );
    expect(tell(error)).not.toContain('canary');
    expect(reading.requests).toBe(1);
    expect(server.seen).toHaveLength(0);
  });

  test('a name without any address is a failure of the connection, not of the program', async () => {
    const names = resolving([]);
    const error = await failureOf(askHost(443, { allow: [], resolve: names.resolve }).answer);
    expect(error.code).toBe('source-unavailable');
  });

  test('a name that is public when it is judged and loopback when asked again never leads there', async () => {
    const authority = createAuthority();
    await using server = await serveScript(() => OK, authority.issue(HOST));
    const names = resolving(at(PUBLIC), at('127.0.0.1'));
    const error = await failureOf(askHost(server.port, { allow: [], resolve: names.resolve }, 3000).answer);
    // The first try went to the judged address, where nobody answers; the second was judged anew.
    expect(error.code).toBe('network-refused');
    expect(names.asked).toEqual([HOST, HOST]);
    expect(server.seen).toHaveLength(0);
  });

  test('is asked when network.allow lists the name', async () => {
    await using server = await serveScript(() => OK);
    const names = resolving(at('127.0.0.1'));
    const hosts = { vendorHosts: [], allow: [`${HOST}:${server.port}`] };
    const fetch = createGuardedFetch({ allow: hosts.allow, resolve: names.resolve });
    const origin = `http://${HOST}:${server.port}`;
    expect((await ask({ origin }, { http: { hosts, fetch } }).answer).json).toEqual({ ok: true });
    expect(names.asked).toEqual([HOST]);
  });

  test('is refused when network.allow lists it with another port', async () => {
    await using server = await serveScript(() => OK);
    const guard = { allow: [`${HOST}:1`], resolve: resolving(at('127.0.0.1')).resolve };
    expect((await failureOf(askHost(server.port, guard).answer)).code).toBe('network-refused');
  });

  test.each(['127.0.0.1', '[::1]'])('an address itself is judged too, whatever judged it before: %s', async (host) => {
    const fetch = createGuardedFetch({ allow: [] });
    const error: unknown = await fetch(`http://${host}:4010/`).catch((error: unknown) => error);
    expect(refusalOf(error)).toContain('network.allow');
  });
});

describe('proxies', () => {
  const LOGIN = 'http://jane:proxy-canary%40-1@';

  test('what is asked by https goes through the proxy, which resolves the name', async () => {
    const names = resolving(at('127.0.0.1'));
    await using proxy = await startProxy({ status: 502 });
    const guard = { allow: [], proxies: { https: `${LOGIN}${proxy.host}/` }, resolve: names.resolve };
    const error = await failureOf(askHost(443, guard).answer);
    expect(error.message).toContain('the proxy answered HTTP 502');
    expect(proxy.asked[0]).toEqual({
      target: `${HOST}:443`,
      login: `Basic ${Buffer.from('jane:proxy-canary@-1').toString('base64')}`,
    });
    expect(names.asked).toEqual([]);
    expect(tell(error)).not.toMatch(/canary|127\.0\.0\.1/u);
  });

  test('a login that the proxy refuses is said at once and not repeated', async () => {
    await using proxy = await startProxy({ status: 407 });
    const guard = { allow: [], proxies: { https: `${LOGIN}${proxy.host}/` } };
    const error = await failureOf(askHost(443, guard, 3000).answer);
    expect(error.message).toBe('vendor: the proxy wants a login (HTTP 407); check HTTPS_PROXY');
    expect(proxy.asked).toHaveLength(1);
    expect(tell(error)).not.toContain('canary');
  });

  test('a proxy that is not there is a failure of the source without its login', async () => {
    const proxy = await startProxy({});
    await proxy[Symbol.asyncDispose]();
    const guard = { allow: [], proxies: { https: `${LOGIN}${proxy.host}/` } };
    const error = await failureOf(askHost(443, guard).answer);
    expect(error.message).toContain('ECONNREFUSED');
    expect(tell(error)).not.toMatch(/canary|127\.0\.0\.1/u);
  });

  test.each([
    ['the host', HOST],
    ['its domain', 'other.example, .example.com'],
    ['everything', '*'],
  ])('NO_PROXY with %s: asked directly, and judged', async (_name, except) => {
    await using proxy = await startProxy({ status: 502 });
    const names = resolving(at('10.0.0.1'));
    const guard = { allow: [], proxies: { https: `http://${proxy.host}/`, except }, resolve: names.resolve };
    expect((await failureOf(askHost(443, guard).answer)).code).toBe('network-refused');
    expect(proxy.asked).toEqual([]);
  });

  test('loopback is never asked through a proxy', async () => {
    await using server = await serveScript(() => OK);
    await using proxy = await startProxy({ status: 502 });
    const fetch = createGuardedFetch({ allow: ['127.0.0.1'], proxies: { http: `http://${proxy.host}/` } });
    expect((await ask(server, { http: { fetch } }).answer).json).toEqual({ ok: true });
    expect(proxy.asked).toEqual([]);
  });

  test('the host list applies behind a proxy', async () => {
    await using proxy = await startProxy({});
    const fetch = createGuardedFetch({ allow: [], proxies: { https: `http://${proxy.host}/` } });
    const hosts = { vendorHosts: ['api.nimble.com'], allow: [] };
    const error = await failureOf(ask({ origin: `https://${HOST}` }, { http: { hosts, fetch } }).answer);
    expect(error.code).toBe('network-refused');
    expect(proxy.asked).toEqual([]);
  });

  test("the process's own variables are not read behind the configuration's back", async () => {
    await using server = await serveScript(() => OK);
    await using proxy = await startProxy({ status: 502 });
    const before = process.env['HTTP_PROXY'];
    process.env['HTTP_PROXY'] = `http://${proxy.host}`;
    try {
      const names = resolving(at('127.0.0.1'));
      const proxies = { https: `http://${proxy.host}` };
      const fetch = createGuardedFetch({ allow: [HOST], proxies, resolve: names.resolve });
      const hosts = { vendorHosts: [], allow: [HOST] };
      const origin = `http://${HOST}:${server.port}`;
      expect((await ask({ origin }, { http: { hosts, fetch } }).answer).json).toEqual({ ok: true });
      expect(proxy.asked).toEqual([]);
    } finally {
      if (before === undefined) delete process.env['HTTP_PROXY'];
      else process.env['HTTP_PROXY'] = before;
    }
  });
});

/** What a process that trusts this file of authorities tells of one request. */
async function askInChild(authorities: string | undefined, ...args: readonly string[]): Promise<unknown> {
  const script = fileURLToPath(new URL('../../support/fetch-child.ts', import.meta.url));
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: authorities };
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], { env, timeout: 20_000 });
  return JSON.parse(stdout);
}

describe('case 36: NODE_EXTRA_CA_CERTS', () => {
  test.each([
    ['directly', false],
    ['through a proxy', true],
  ])('a certificate of an own authority is trusted with it and not without it, %s', async (_way, proxied) => {
    const authority = createAuthority();
    const host = proxied ? HOST : '127.0.0.1';
    await using server = await serveScript(() => OK, authority.issue(host));
    await using proxy = await startProxy({ port: server.port });
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-ca-'));
    try {
      const file = join(folder, 'ca.pem');
      writeFileSync(file, authority.cert);
      const args = [`https://${host}:${server.port}/roster`, proxied ? 'unused.example' : host];
      if (proxied) args.push(`http://${proxy.host}`);
      const [trusted, untrusted] = await Promise.all([askInChild(file, ...args), askInChild(undefined, ...args)]);
      expect(trusted).toEqual({ json: { ok: true }, lingeredMs: expect.toSatisfy((ms: number) => ms < 2000) });
      expect(untrusted).toMatchObject({
        code: 'source-unavailable',
        message: expect.stringContaining(`the certificate of ${host} is not trusted`),
      });
      expect(proxy.asked).toHaveLength(proxied ? 2 : 0);
      expect(server.seen).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

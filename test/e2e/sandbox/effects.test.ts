import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { describe, expect, test } from 'vitest';
import type { BombEncoding, FaultEffect } from '../../../src/sandbox/fault.ts';
import { startSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import { aWorld, type World } from '../../../src/sandbox/world.ts';
import { askSandbox, somePeople, startFaultServer, withToken } from '../../support/sandbox.ts';

const MEMBERS = '/api/v1/team/members';
const PROFILES = '/api/v1/profiles';

function withEffect(effect: FaultEffect, overrides: Partial<World> = {}): World {
  return aWorld({
    people: somePeople(7),
    faults: [
      { id: 'nimble', match: { vendor: 'nimble' }, effect },
      { id: 'namely', match: { vendor: 'namely' }, effect },
    ],
    ...overrides,
  });
}

function onlyNimble(effect: FaultEffect): World {
  return withEffect(effect, { faults: [{ id: 'nimble', match: { vendor: 'nimble' }, effect }] });
}

/** The bytes on the wire: `fetch` would decode them. */
async function fetchRaw(sandbox: Sandbox): Promise<{ readonly encoding: string; readonly bytes: Buffer }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ encoding: string; bytes: Buffer }>();
  request(`${sandbox.nimbleUrl}${MEMBERS}`, withToken('nimble'), (response) => {
    const encoding = response.headers['content-encoding'] ?? 'identity';
    buffer(response).then((bytes) => resolve({ encoding, bytes }), reject);
  })
    .on('error', reject)
    .end();
  return await promise;
}

describe('a bomb', () => {
  const DECODED_BYTES = 20_000_003;
  test.each<{ encoding: BombEncoding; decode: (bytes: Buffer) => Buffer; sentMax: number }>([
    { encoding: 'identity', decode: (bytes) => bytes, sentMax: DECODED_BYTES },
    { encoding: 'gzip', decode: (bytes) => gunzipSync(bytes), sentMax: 25_000 },
    { encoding: 'br', decode: (bytes) => brotliDecompressSync(bytes), sentMax: 25_000 },
    { encoding: 'gzip, gzip', decode: (bytes) => gunzipSync(gunzipSync(bytes)), sentMax: 1000 },
  ])('of $encoding is small on the wire, as large as it says, and still the listing', async (bomb) => {
    const { encoding, decode, sentMax } = bomb;
    const world = onlyNimble({ kind: 'bomb', encoding, decodedBytes: DECODED_BYTES });
    await using sandbox = await startFaultServer(world);
    const sent = await fetchRaw(sandbox);
    expect(sent.encoding).toBe(encoding);
    expect(sent.bytes.length).toBeLessThanOrEqual(sentMax);
    const decoded = decode(sent.bytes);
    expect(decoded.length).toBe(DECODED_BYTES);
    expect(JSON.parse(decoded.toString())).toMatchObject({ resources: { length: 7 }, meta: { total: 7 } });
  });

  test('that nobody reads to its end leaves a sandbox that answers', async () => {
    await using sandbox = await startSandbox({
      world: onlyNimble({ kind: 'bomb', encoding: 'identity', decodedBytes: 10_000_000_000 }),
    });
    const response = await fetch(`${sandbox.nimbleUrl}${MEMBERS}`, withToken('nimble'));
    await response.body?.cancel();
    expect(await askSandbox(sandbox, 'namely', PROFILES)).toMatchObject({ status: 200 });
  });
});

describe('a drip', () => {
  test('of the body sends so many bytes at a time, and all of them', async () => {
    await using sandbox = await startFaultServer(onlyNimble({ kind: 'drip', part: 'body', bytes: 100, everyMs: 2 }));
    const response = await fetch(`${sandbox.nimbleUrl}${MEMBERS}`, withToken('nimble'));
    const sizes: number[] = [];
    const text = new TextDecoder();
    let body = '';
    for await (const chunk of response.body ?? []) {
      sizes.push(chunk.length);
      body += text.decode(chunk, { stream: true });
    }
    expect(JSON.parse(body)).toMatchObject({ meta: { total: 7 } });
    expect(sizes.length).toBeGreaterThan(1);
  });

  test('of headers begins a status line and never comes to an end', async () => {
    await using sandbox = await startFaultServer(onlyNimble({ kind: 'drip', part: 'headers', bytes: 7, everyMs: 1 }));
    const { port } = new URL(sandbox.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`GET /nimble${MEMBERS} HTTP/1.1\r\nhost: sandbox\r\n\r\n`);
    let head = '';
    for await (const chunk of socket) {
      head += String(chunk);
      if (head.length > 150) break;
    }
    expect(head).toMatch(/^HTTP\/1\.1 \d+ Dripping\r\n(x-drip: drop\r\n){8}/);
    expect(head).not.toContain('\r\n\r\n');
  });

  test.each<'headers' | 'body'>(['headers', 'body'])('of %s ends when the sandbox is closed', async (part) => {
    const sandbox = await startSandbox({ world: onlyNimble({ kind: 'drip', part, bytes: 1, everyMs: 600_000 }) });
    const reading = fetch(`${sandbox.nimbleUrl}${MEMBERS}`, withToken('nimble'))
      .then(async (response) => await response.text())
      .catch((error: unknown) => String(error));
    while (sandbox.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await sandbox.close();
    expect(await reading).toMatch(/^TypeError: (fetch failed|terminated)$/);
  });
});

async function readSorted(world: World): Promise<unknown> {
  await using sandbox = await startFaultServer(world);
  return (await askSandbox(sandbox, 'namely', `${PROFILES}?sort=-updated_at`)).body;
}

describe('a server that does not look at parameters', () => {
  test('sends the same page for ever, and its log says what was asked', async () => {
    const people = somePeople(60);
    await using sandbox = await startFaultServer(withEffect({ kind: 'ignore', parameters: ['page'] }, { people }));
    for (const page of [1, 2, 3]) {
      const query = `?page=${page}&per_page=50`;
      expect(await askSandbox(sandbox, 'namely', `${PROFILES}${query}`)).toMatchObject({
        body: { profiles: { 0: { id: 'P1' }, length: 50 }, meta: { total: 60 } },
      });
      expect(await askSandbox(sandbox, 'nimble', `${MEMBERS}${query}`)).toMatchObject({
        body: { resources: { 0: { id: 'N1' }, length: 50 }, meta: { page: 1 } },
      });
    }
    expect(sandbox.requests.map(({ query }) => query['page'])).toEqual(['1', '1', '2', '2', '3', '3']);
  });

  test('keeps its own order when the sort is ignored', async () => {
    const people = [
      { namely: [{ ...PROFILE, id: 'old', updatedAt: '2026-01-01T00:00:00Z' }] },
      { namely: [{ ...PROFILE, id: 'new', updatedAt: '2026-01-02T00:00:00Z' }] },
    ];
    expect(await readSorted(aWorld({ people }))).toMatchObject({ profiles: [{ id: 'new' }, { id: 'old' }] });
    const faults = [
      { id: 'sort', match: { vendor: 'namely' }, effect: { kind: 'ignore', parameters: ['sort'] } },
    ] as const;
    expect(await readSorted(aWorld({ people, faults }))).toMatchObject({ profiles: [{ id: 'old' }, { id: 'new' }] });
  });

  test('caps the page size below what was asked, and pages what was not paged', async () => {
    await using sandbox = await startFaultServer(withEffect({ kind: 'cap', perPage: 3 }));
    expect(await askSandbox(sandbox, 'namely', `${PROFILES}?page=3&per_page=50`)).toMatchObject({
      body: { profiles: [{ id: 'P7' }], meta: { count: 1, total: 7 } },
    });
    expect(await askSandbox(sandbox, 'nimble', MEMBERS)).toMatchObject({
      body: { resources: { length: 3 }, meta: { page: 1, pages: 3, per_page: 3, total: 7 } },
    });
    expect(await askSandbox(sandbox, 'namely', `${PROFILES}?per_page=2`)).toMatchObject({
      body: { profiles: { length: 2 } },
    });
  });
});

const PROFILE = { email: 'a@example.com', givenName: 'Ann', familyName: 'Ash', status: 'active' };

describe('a throttling server', () => {
  test.each([
    { status: 406, headers: {} },
    { status: 429, headers: { 'retry-after': '7' } },
    { status: 503, headers: { 'retry-after': 'Wed, 11 Mar 2026 00:00:00 GMT', 'x-ratelimit-reset': '1' } },
  ])('answers $status with the headers it is given, then goes on', async ({ status, headers }) => {
    const match = { vendor: 'namely', path: PROFILES, attempts: { from: 2, to: 2 } } as const;
    const world = aWorld({ faults: [{ id: 'throttle', match, effect: { kind: 'status', status, headers } }] });
    await using sandbox = await startFaultServer(world);
    const seen: Response[] = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      seen.push(await fetch(`${sandbox.namelyUrl}${PROFILES}`, withToken('namely')));
    }
    expect(seen.map((response) => response.status)).toEqual([200, status, 200]);
    expect(await seen[1]?.text()).toBe('');
    expect(Object.fromEntries(seen[1]?.headers ?? [])).toMatchObject(headers);
  });
});

test('a redirect names the place and carries no body', async () => {
  const location = 'http://169.254.169.254/latest/meta-data';
  for (const status of [undefined, 307] as const) {
    await using sandbox = await startFaultServer(onlyNimble({ kind: 'redirect', location, status }));
    const response = await fetch(`${sandbox.nimbleUrl}${MEMBERS}`, { ...withToken('nimble'), redirect: 'manual' });
    expect([response.status, response.headers.get('location'), await response.text()]).toEqual([
      status ?? 302,
      location,
      '',
    ]);
  }
});

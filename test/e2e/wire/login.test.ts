import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { awaitLoginAnswer } from '../../../src/http/login-answer.ts';
import type { OAuthClient, PendingLogin, TokenReply } from '../../../src/sources/oauth/client.ts';
import { freePort } from '../../support/free-port.ts';
import { clientOf } from '../../support/oauth.ts';
import { OIDC_CLIENT, sayYes, startOidcServer, type OidcServer } from '../../support/oidc-server.ts';

const REDIRECT_URI = 'http://127.0.0.1:8976/callback';

function clientAt({ url }: OidcServer, overrides: Parameters<typeof clientOf>[2] = {}): OAuthClient {
  const [authorizeUrl, tokenUrl] = [new URL(`${url}/auth`), new URL(`${url}/token`)];
  return clientOf(url, 'nimble', {
    ...OIDC_CLIENT,
    scope: 'offline_access read_team',
    authorizeUrl,
    tokenUrl,
    redirectUri: REDIRECT_URI,
    ...overrides,
  });
}

async function exchange(client: OAuthClient, answer: URL, login: PendingLogin): Promise<TokenReply> {
  const read = client.readAnswer(answer, login);
  if (read.kind !== 'code') throw new Error(`the answer was ${read.kind}`);
  return await client.exchange(read.parameters, login);
}

describe('against a real authorization server', () => {
  test('a login gives tokens, a refresh gives others, and the token that was replaced has ended', async () => {
    await using server = await startOidcServer(REDIRECT_URI);
    const client = clientAt(server);
    const login = await client.begin();
    const reply = await exchange(client, await sayYes(login.url, server), login);
    if (reply.kind !== 'tokens') throw new Error(reply.kind);
    expect(Date.parse(reply.tokens.expiresAt) - Date.parse(reply.tokens.obtainedAt)).toBe(600_000);
    const second = await client.refresh(reply.tokens);
    if (second.kind !== 'tokens') throw new Error(second.kind);
    expect(second.tokens.access).not.toBe(reply.tokens.access);
    expect(second.tokens.refresh).not.toBe(reply.tokens.refresh);
    const third = await client.refresh(second.tokens);
    expect(third.kind).toBe('tokens');
    expect(await client.refresh(reply.tokens)).toEqual({ kind: 'ended' });
    expect(server.granted()).toEqual({ authorization_code: 1, refresh_token: 2 });
  });

  test('a wrong client secret is a matter of the configuration', async () => {
    await using server = await startOidcServer(REDIRECT_URI);
    const client = clientAt(server, { clientSecret: 'another' });
    const login = await client.begin();
    const answer = await sayYes(login.url, server);
    const failure = { code: 'source-auth', message: expect.stringMatching(/oauth\.clientId or oauth\.clientSecret/) };
    await expect(exchange(client, answer, login)).rejects.toMatchObject(failure);
  });
});

describe('case 55: answers that are not the one to this login', () => {
  test('another state is not taken', async () => {
    await using server = await startOidcServer(REDIRECT_URI);
    const client = clientAt(server);
    const [mine, other] = [await client.begin(), await client.begin()];
    const answer = await sayYes(other.url, server);
    const what = "an answer with another login's `state`";
    expect(client.readAnswer(answer, mine)).toEqual({ kind: 'stray', what });
    answer.searchParams.delete('state');
    const without = 'an answer without the `state` of this login';
    expect(client.readAnswer(answer, mine)).toEqual({ kind: 'stray', what: without });
  });

  test.each([
    { query: 'error=access_denied', kind: 'stray', said: /^a refusal \(access_denied: .*\) without the `state`/ },
    { query: 'error=access_denied&state=STATE', kind: 'refused', said: /^access_denied: nobody said yes/ },
    { query: 'error=invalid_scope&state=STATE', kind: 'refused', said: /^invalid_scope: check oauth\.scope$/ },
    { query: 'error=canary&state=STATE', kind: 'refused', said: /no standard names/ },
    { query: 'state=STATE', kind: 'stray', said: /^an answer without a code$/ },
    { query: 'state=STATE&code=', kind: 'stray', said: /^an answer without a code$/ },
    { query: 'state=STATE&code=canary-1&code=canary-2', kind: 'stray', said: /^an answer with several codes$/ },
    { query: 'code=canary', kind: 'stray', said: /^an answer without the `state`/ },
    { query: '', kind: 'stray', said: /^an answer without the `state`/ },
  ])('$query is $kind', async ({ query, kind, said }) => {
    await using server = await startOidcServer(REDIRECT_URI);
    const client = clientAt(server);
    const login = await client.begin();
    const read = client.readAnswer(new URL(`${REDIRECT_URI}?${query.replace('STATE', login.state)}`), login);
    expect(read.kind).toBe(kind);
    expect(JSON.stringify(Object.values(read)[1])).not.toContain('canary');
    expect(Object.values(read)[1]).toMatch(said);
  });

  test('an answer of another server is not taken', async () => {
    await using server = await startOidcServer(REDIRECT_URI);
    const client = clientAt(server);
    const login = await client.begin();
    const answer = await sayYes(login.url, server);
    answer.searchParams.set('iss', 'https://login.example.com');
    expect(client.readAnswer(answer, login)).toMatchObject({ kind: 'stray' });
  });

  test('a code is good once', async () => {
    await using server = await startOidcServer(REDIRECT_URI);
    const client = clientAt(server);
    const login = await client.begin();
    const answer = await sayYes(login.url, server);
    expect((await exchange(client, answer, login)).kind).toBe('tokens');
    expect(await exchange(client, answer, login)).toEqual({ kind: 'ended' });
  });

  test('a code that somebody else brought is not exchanged: its challenge is another', async () => {
    await using server = await startOidcServer(REDIRECT_URI);
    const client = clientAt(server);
    const [mine, other] = [await client.begin(), await client.begin()];
    const answer = await sayYes(other.url, server);
    answer.searchParams.set('state', mine.state);
    expect(await exchange(client, answer, mine)).toEqual({ kind: 'ended' });
  });

  test('without a challenge the server gives no code', async () => {
    await using server = await startOidcServer(REDIRECT_URI);
    const client = clientAt(server);
    const login = await client.begin();
    expect(login.url.searchParams.get('code_challenge_method')).toBe('S256');
    login.url.searchParams.delete('code_challenge');
    login.url.searchParams.delete('code_challenge_method');
    const answer = await sayYes(login.url, server);
    expect(answer.searchParams.get('code')).toBeNull();
    expect(client.readAnswer(answer, login)).toMatchObject({ kind: 'refused' });
  });

  test('a code that came to another port is not taken, and is of no use here', async () => {
    await using server = await startOidcServer(REDIRECT_URI);
    const client = clientAt(server);
    // A server may let a program on this machine choose its port (RFC 8252, 7.3).
    const login = await clientAt(server, { redirectUri: 'http://127.0.0.1:8977/callback' }).begin();
    const answer = await sayYes(login.url, server);
    const what = 'an address that is not oauth.redirectUri';
    expect(client.readAnswer(answer, login)).toEqual({ kind: 'stray', what });
    expect(await client.exchange(answer.searchParams, login).catch((error: unknown) => error)).not.toMatchObject({
      kind: 'tokens',
    });
  });

  test('the server sends nobody to another host or path', async () => {
    await using server = await startOidcServer(REDIRECT_URI);
    for (const redirectUri of ['http://127.0.0.1:8976/other', 'http://evil.example/callback']) {
      const login = await clientAt(server, { redirectUri }).begin();
      await expect(sayYes(login.url, server)).rejects.toThrow(/redirect_uri/);
    }
  });
});

async function freeUri(): Promise<URL> {
  return new URL(`http://127.0.0.1:${await freePort()}/callback`);
}

function accept(answer: URL): string | undefined {
  return answer.searchParams.get('state') === 'right' ? (answer.searchParams.get('code') ?? '') : undefined;
}

describe('where the browser comes back to', () => {
  test('refuses what is not the answer, waits on, takes the first that is, and closes', async () => {
    const uri = await freeUri();
    const waiting = awaitLoginAnswer(uri, accept, new AbortController().signal);
    const status = async (path: string, method = 'GET') => (await fetch(new URL(path, uri), { method })).status;
    expect(await status('/')).toBe(404);
    expect(await status('/favicon.ico')).toBe(404);
    expect(await status('/callback/more?state=right&code=1')).toBe(404);
    expect(await status('/callback?state=right&code=1', 'POST')).toBe(404);
    expect(await status('/callback?state=wrong&code=1')).toBe(400);
    expect(await status('/callback?code=1')).toBe(400);
    const page = await fetch(new URL('/callback?state=right&code=the-code', uri));
    expect(page.status).toBe(200);
    expect(await page.text()).not.toContain('the-code');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(await waiting).toBe('the-code');
    await expect(status('/callback?state=right&code=again')).rejects.toThrow('fetch failed');
  });

  test('ends with the signal, and the port is free again', async () => {
    const uri = await freeUri();
    const stop = new AbortController();
    const waiting = awaitLoginAnswer(uri, accept, stop.signal);
    setTimeout(() => stop.abort(), 50);
    await expect(waiting).rejects.toMatchObject({ code: 'source-auth' });
    await expect(fetch(uri)).rejects.toThrow('fetch failed');
  });

  test('a port that is taken is said with the key that changes it', async () => {
    const uri = await freeUri();
    const blocker = createServer();
    await new Promise<void>((resolve) => void blocker.listen(Number(uri.port), '127.0.0.1', resolve));
    const message = expect.stringMatching(/something listens there already; set oauth.redirectUri/);
    const signal = new AbortController().signal;
    await expect(awaitLoginAnswer(uri, accept, signal)).rejects.toMatchObject({ code: 'config-invalid', message });
    await new Promise((resolve) => void blocker.close(resolve));
  });
});

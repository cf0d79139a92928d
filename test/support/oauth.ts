import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import type { TokenSet } from '../../src/ports/credentials.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { SANDBOX_CLIENT_ID } from '../../src/sandbox/token-office.ts';
import { SANDBOX_SECRETS } from '../../src/sandbox/world.ts';
import { OAuthClient, type OAuthSettings } from '../../src/sources/oauth/client.ts';
import { Reading } from '../../src/sources/reading.ts';
import { REAL_TIMING } from '../../src/sources/timing.ts';

const REDIRECT_URI = 'http://127.0.0.1:8976/callback';
const ALLOW = ['127.0.0.1'];

export function clientOf(
  vendorUrl: string,
  vendor: 'nimble' | 'namely',
  overrides: Partial<OAuthSettings> = {},
): OAuthClient {
  const base = `${vendorUrl}${vendor === 'nimble' ? '/oauth' : '/api/v1/oauth2'}`;
  return new OAuthClient({
    source: vendor,
    clientId: SANDBOX_CLIENT_ID,
    clientSecret: SANDBOX_SECRETS.clientSecret,
    authorizeUrl: new URL(`${base}/authorize`),
    tokenUrl: new URL(`${base}/token`),
    redirectUri: REDIRECT_URI,
    hosts: { vendorHosts: [], allow: ALLOW },
    fetch: createGuardedFetch({ allow: ALLOW }),
    timing: REAL_TIMING,
    ...overrides,
  });
}

/** A person who says yes at the sandbox, without a browser. */
export async function signInAt(sandbox: Sandbox, vendor: 'nimble' | 'namely'): Promise<TokenSet> {
  const client = clientOf(vendor === 'nimble' ? sandbox.nimbleUrl : sandbox.namelyUrl, vendor);
  const login = await client.begin();
  const response = await fetch(login.url, { redirect: 'manual' });
  const answer = client.readAnswer(new URL(response.headers.get('location') ?? ''), login);
  if (answer.kind !== 'code') throw new Error('the sandbox said no');
  const reply = await client.exchange(answer.parameters, login);
  if (reply.kind !== 'tokens') throw new Error(`the sandbox gave no token: ${reply.kind}`);
  return reply.tokens;
}

/** The same tokens, ended `seconds` ago. */
export function ended(tokens: TokenSet, seconds = 1): TokenSet {
  const endMs = Date.now() - seconds * 1000;
  return { ...tokens, obtainedAt: new Date(endMs - 600_000).toISOString(), expiresAt: new Date(endMs).toISOString() };
}

export function aReading(budgetMs = 60_000, signal = new AbortController().signal): Reading {
  return new Reading({ budgetMs, signal, progress: () => undefined });
}

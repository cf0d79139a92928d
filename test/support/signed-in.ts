import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { CredentialStore, TokenSet } from '../../src/ports/credentials.ts';
import type { Fault, FaultEffect } from '../../src/sandbox/fault.ts';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { aWorld, type World } from '../../src/sandbox/world.ts';
import { OAuthTokens } from '../../src/sources/oauth/oauth-tokens.ts';
import { REAL_TIMING, type Timing } from '../../src/sources/timing.ts';
import { createCredentialStore } from '../../src/store/credentials.ts';
import { clientOf, ended, signInAt } from './oauth.ts';
import { aSpec, openTestStore, type TestStore } from './store.ts';

export type Vendor = 'nimble' | 'namely';
const NOW = new Date('2026-11-21T10:00:00Z');
const PATHS = { nimble: '/oauth/token', namely: '/api/v1/oauth2/token' } as const;
/** Waits pass at once: what is waited for is the answer. */
export const QUICK: Timing = { ...REAL_TIMING, sleep: async () => undefined };

export type Signed = {
  readonly store: TestStore;
  readonly sandbox: Sandbox;
  readonly vendor: Vendor;
  readonly key: Buffer;
  readonly credentials: CredentialStore;
  readonly first: TokenSet;
  readonly worker: (overrides?: { readonly clientSecret?: string; readonly store?: CredentialStore }) => OAuthTokens;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** A source whose person has signed in, and whose access has ended since; `faults` meet its token endpoint. */
export async function signedIn(
  vendor: Vendor,
  faults: readonly FaultEffect[] = [],
  world: Partial<World> = {},
): Promise<Signed> {
  const store = await openTestStore();
  const declared = faults.map((effect, index): Fault => {
    // The first request was the login's.
    const attempts = { from: 2 + index, to: 2 + index };
    return { id: `fault ${index}`, match: { vendor, path: PATHS[vendor], attempts }, effect };
  });
  const sandbox = await startSandbox({ world: aWorld({ ...world, faults: [...declared, ...(world.faults ?? [])] }) });
  await store.sources.syncSources([aSpec({ name: vendor, type: vendor })], NOW);
  const key = randomBytes(32);
  const credentials = createCredentialStore(store, { keys: [key], clock: () => NOW });
  const first = ended(await signInAt(sandbox, vendor));
  await credentials.signIn(vendor, first, 'test');
  sandbox.tokens.revoke(vendor, 'access');
  sandbox.forget();
  const url = vendor === 'nimble' ? sandbox.nimbleUrl : sandbox.namelyUrl;
  return {
    store,
    sandbox,
    vendor,
    key,
    credentials,
    first,
    worker: ({ store: other = credentials, ...overrides } = {}) =>
      new OAuthTokens({ source: vendor, client: clientOf(url, vendor, overrides), store: other, timing: QUICK }),
    [Symbol.asyncDispose]: async () => {
      await sandbox.close();
      await store[Symbol.asyncDispose]();
      expect(sandbox.unfired(), 'a declared fault never fired').toEqual([]);
    },
  };
}

/** Requests for a new token, since the login. */
export function refreshes({ sandbox, vendor }: Signed): number {
  return sandbox.requests.filter(({ method, path }) => method === 'POST' && path === PATHS[vendor]).length;
}

export async function storedTokens({ credentials, vendor }: Signed): Promise<TokenSet | 'ended' | undefined> {
  const stored = await credentials.load(vendor);
  return stored?.kind === 'tokens' ? stored.tokens : stored?.kind;
}

/** The access lives for twenty seconds more: it is time to renew it, and no hurry. */
export async function toDue({ credentials, vendor, first }: Signed): Promise<TokenSet> {
  const now = Date.now();
  const obtainedAt = new Date(now - 580_000).toISOString();
  const due = { ...first, obtainedAt, expiresAt: new Date(now + 20_000).toISOString() };
  await credentials.signIn(vendor, due, 'test');
  return due;
}

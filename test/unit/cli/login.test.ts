import { describe, expect, test } from 'vitest';
import { loginCommand, type LoginDeps } from '../../../src/cli/login.ts';
import type { LoginAnswer, TokenSet } from '../../../src/ports/credentials.ts';
import { createMemoryOutput } from '../../support/memory-output.ts';

const TOKENS: TokenSet = {
  access: 'canary-access',
  refresh: 'canary-refresh',
  obtainedAt: '2026-11-21T10:00:00Z',
  grantedBy: 'https://vendor.example/token client',
  expiresAt: '2026-11-21T10:10:00Z',
};

/** The vendor takes `right` for this login's state. */
function read({ searchParams }: URL): LoginAnswer {
  if (searchParams.get('state') !== 'right') return { kind: 'stray', what: 'an answer of another login' };
  if (searchParams.has('error')) return { kind: 'refused', why: 'access_denied: begin again' };
  return { kind: 'code', parameters: searchParams };
}

/** What comes to the address, in this order. */
function given(...queries: readonly string[]) {
  const stored: TokenSet[] = [];
  const exchanged: string[] = [];
  const deps: LoginDeps = {
    source: 'nimble',
    redirectUri: 'http://127.0.0.1:8976/callback',
    begin: async () => ({
      url: new URL('https://vendor.example/authorize?state=right'),
      read,
      exchange: async (code) => {
        exchanged.push(code.get('code') ?? '');
        return { kind: 'tokens', tokens: TOKENS };
      },
    }),
    listen: async (take) => {
      for (const query of queries) {
        const answer = take(new URL(`http://127.0.0.1:8976/callback?${query}`));
        if (answer !== undefined) return answer;
      }
      throw new Error('nothing has ended the wait');
    },
    readLine: async () => `http://127.0.0.1:8976/callback?${queries[0] ?? ''}`,
    store: async (tokens) => void stored.push(tokens),
  };
  const out = createMemoryOutput();
  const run = async (paste = false, json = false): Promise<number> =>
    await loginCommand(deps, { name: 'login', source: 'nimble', paste, newKey: false, json }, out);
  return { run, out, stored, exchanged };
}

describe('case 55', () => {
  test('a stray answer is said and ends nothing; the one that belongs here is taken; no code and no token is ever shown', async () => {
    const login = given(
      'code=canary-1',
      'state=wrong&code=canary-2',
      'state=right&code=canary-3',
      'state=right&code=canary-4',
    );
    expect(await login.run()).toBe(0);
    expect(login.exchanged).toEqual(['canary-3']);
    expect(login.stored).toEqual([TOKENS]);
    expect(login.out.errors().match(/Ignored: an answer of another login\. Still waiting\./g)).toHaveLength(2);
    expect(login.out.text() + login.out.errors()).not.toContain('canary');
  });

  test('a refusal that belongs here ends the wait, says why and stores nothing', async () => {
    const login = given('state=right&error=access_denied');
    const failure = {
      code: 'source-auth',
      message: 'nimble: the vendor refuses: access_denied: begin again. Nothing is stored',
    };
    await expect(login.run()).rejects.toMatchObject(failure);
    expect(login.stored).toEqual([]);
  });

  test('a page that sends a thousand answers fills no terminal', async () => {
    const login = given(...Array.from({ length: 1_000 }, () => 'state=wrong'), 'state=right&code=c');
    expect(await login.run()).toBe(0);
    expect(login.out.errors().split('Still waiting')).toHaveLength(11);
  });

  test('what is pasted and does not belong here is said, without what was pasted', async () => {
    const login = given('state=wrong&code=canary-5');
    const failure = await login.run(true).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'source-auth',
      message: expect.stringContaining('an answer of another login'),
    });
    expect(String(failure)).not.toContain('canary');
    expect(login.exchanged).toEqual([]);
  });
});

test('as JSON: who was signed in, and what is doubtful, which is said on stderr as well', async () => {
  const login = given('state=right&code=c');
  expect(await login.run(false, true)).toBe(0);
  expect(JSON.parse(login.out.text())).toEqual({ source: 'nimble', signed_in: true, warnings: [] });
});

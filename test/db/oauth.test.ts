import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { OperationalError } from '../../src/errors.ts';
import type { CredentialStore } from '../../src/ports/credentials.ts';
import type { FaultEffect } from '../../src/sandbox/fault.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { aWorld, SANDBOX_SECRETS } from '../../src/sandbox/world.ts';
import { OAuthTokens } from '../../src/sources/oauth/oauth-tokens.ts';
import { aReading, clientOf } from '../support/oauth.ts';
import { QUICK, refreshes, signedIn, storedTokens, toDue, type Signed, type Vendor } from '../support/signed-in.ts';

const CHILD = fileURLToPath(new URL('../support/token-child.ts', import.meta.url));

class Child {
  readonly #process: ChildProcessWithoutNullStreams;
  #written = '';
  constructor({ store, sandbox, key }: Signed, ...more: readonly string[]) {
    this.#process = spawn(process.execPath, [CHILD, store.url, sandbox.nimbleUrl, key.toString('base64'), ...more]);
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => void (this.#written += text));
  }
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#written)?.[0];
      if (found !== undefined) return found;
      await once(this.#process.stdout, 'data');
    }
  }
  go(): void {
    this.#process.stdin.write('go\n');
  }
  async kill(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }
  async ended(): Promise<void> {
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
  }
}

describe('case 45: two processes and ten tasks each find the token ended', () => {
  test('exactly one refresh is asked for, and all go on with what it gave', async () => {
    await using signed = await signedIn('nimble');
    const children = [new Child(signed), new Child(signed)];
    for (const child of children) await child.line(/^ready$/m);
    for (const child of children) child.go();
    const lines = await Promise.all(children.map(async (child) => await child.line(/^sandbox.*$/m)));
    await Promise.all(children.map(async (child) => await child.ended()));
    const tokens = lines.flatMap((line) => line.split(','));
    expect(tokens).toHaveLength(20);
    expect(new Set(tokens).size).toBe(1);
    expect(signed.sandbox.tokens.accepts('nimble', tokens[0], Date.now())).toBe(true);
    expect(refreshes(signed)).toBe(1);
  });
});

describe('case 46: SIGKILL between the reply and the commit', () => {
  test('outside the grace of the server the credential has ended: said once, asked once, and never in a loop', async () => {
    await using signed = await signedIn('nimble');
    const child = new Child(signed, 'stall');
    await child.line(/^ready$/m);
    child.go();
    await child.line(/^replied$/m);
    await child.kill();
    // The server has rotated, and what it gave is lost.
    expect(await storedTokens(signed)).toEqual(signed.first);
    const worker = signed.worker();
    const failure = { code: 'source-auth', message: expect.stringMatching(/re-authorisation.*rollcall login nimble/) };
    await expect(worker.current(aReading())).rejects.toMatchObject(failure);
    expect(refreshes(signed)).toBe(2);
    for (let again = 0; again < 3; again += 1) await expect(worker.current(aReading())).rejects.toMatchObject(failure);
    await expect(signed.worker().current(aReading())).rejects.toMatchObject(failure);
    expect(refreshes(signed)).toBe(2);
    expect(await storedTokens(signed)).toBe('ended');
  });

  test('inside the grace of the server the old refresh token still does', async () => {
    await using signed = await signedIn('namely');
    const { credentials, vendor } = signed;
    const asked = clientOf(signed.sandbox.namelyUrl, 'namely');
    // As the killed process did: asked, and stored nothing.
    await credentials.renew(vendor, async (stored) => {
      if (stored.kind === 'tokens') await asked.refresh(stored.tokens);
      return { kind: 'keep' };
    });
    const access = await signed.worker().current(aReading());
    expect(signed.sandbox.tokens.accepts('namely', access, Date.now())).toBe(true);
  });
});

describe('case 47: the server rotated and its reply is lost', () => {
  test('the same token is tried once more; when the server has forgotten it, the credential has ended', async () => {
    await using signed = await signedIn('nimble', [{ kind: 'cut', afterBytes: 5 }]);
    await expect(signed.worker().current(aReading())).rejects.toMatchObject({ code: 'source-auth' });
    expect(refreshes(signed)).toBe(2);
    expect(await storedTokens(signed)).toBe('ended');
  });

  test('when the server still knows it, the reading goes on', async () => {
    await using signed = await signedIn('namely', [{ kind: 'reset' }]);
    const access = await signed.worker().current(aReading());
    expect(signed.sandbox.tokens.accepts('namely', access, Date.now())).toBe(true);
    expect(refreshes(signed)).toBe(2);
  });
});

describe('case 48: a reply with and without a new refresh token', () => {
  test('without one the old stays', async () => {
    await using signed = await signedIn('namely');
    const access = await signed.worker().current(aReading());
    expect(await storedTokens(signed)).toMatchObject({ access, refresh: signed.first.refresh });
  });

  test('a new one is committed before it is used: when the database fails, nothing of it leaves, and it is not asked for again', async () => {
    await using signed = await signedIn('nimble');
    const { credentials, store } = signed;
    // Once and, when it is tried again at once, once more.
    let failures = 2;
    const failing: CredentialStore = {
      ...credentials,
      renew: async (source, decide) =>
        await credentials.renew(source, async (stored) => {
          const change = await decide(stored);
          failures -= 1;
          if (failures >= 0) {
            const sql = `select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle in transaction' and datname = current_database()`;
            await store.pool.query(sql);
          }
          return change;
        }),
    };
    const worker = signed.worker({ store: failing });
    await expect(worker.current(aReading())).rejects.toMatchObject({ code: 'database-unavailable' });
    expect(await storedTokens(signed)).toEqual(signed.first);
    const access = await worker.current(aReading());
    expect(refreshes(signed)).toBe(1);
    expect(await storedTokens(signed)).toMatchObject({ access });
    expect(signed.sandbox.tokens.accepts('nimble', access, Date.now())).toBe(true);
  });
});

describe('case 49: what the token endpoint says', () => {
  const json = { 'content-type': 'application/json' };
  test.each<{ name: string; vendor?: Vendor; effects: readonly FaultEffect[] }>([
    {
      name: '500',
      effects: [
        { kind: 'status', status: 500 },
        { kind: 'status', status: 503 },
      ],
    },
    { name: '429', effects: [{ kind: 'status', status: 429, headers: { 'retry-after': '3' } }] },
    { name: '408', effects: [{ kind: 'status', status: 408 }] },
    {
      name: '501 and 520',
      effects: [
        { kind: 'status', status: 501 },
        { kind: 'status', status: 520 },
      ],
    },
    { name: 'silence', vendor: 'namely', effects: [{ kind: 'reset' }, { kind: 'reset' }, { kind: 'reset' }] },
  ])('$name is tried again within the patience of the reading', async ({ vendor = 'nimble', effects }) => {
    await using signed = await signedIn(vendor, effects);
    const access = await signed.worker().current(aReading());
    expect(signed.sandbox.tokens.accepts(vendor, access, Date.now())).toBe(true);
    expect(refreshes(signed)).toBe(effects.length + 1);
  });

  test('429 for longer than the patience defers', async () => {
    await using signed = await signedIn('nimble', [{ kind: 'status', status: 429, headers: { 'retry-after': '600' } }]);
    await expect(signed.worker().current(aReading(5_000))).rejects.toMatchObject({ code: 'source-deferred' });
    expect(refreshes(signed)).toBe(1);
  });

  test('500 for ever ends with the patience, and the credential lives', async () => {
    const effects = Array.from({ length: 10 }, () => ({ kind: 'status', status: 500 }) as const);
    await using signed = await signedIn('nimble', effects);
    await expect(signed.worker().current(aReading(600_000))).rejects.toMatchObject({ code: 'source-unavailable' });
    expect(await storedTokens(signed)).toEqual(signed.first);
  });

  test('invalid_grant ends the credential', async () => {
    await using signed = await signedIn('nimble');
    signed.sandbox.tokens.revoke('nimble', 'refresh');
    await expect(signed.worker().current(aReading())).rejects.toMatchObject({ code: 'source-auth' });
    expect(await storedTokens(signed)).toBe('ended');
  });

  test('invalid_client is permanent and is our configuration: one request, the credential lives, no secret is said', async () => {
    await using signed = await signedIn('nimble');
    const wrong = signed.worker({ clientSecret: 'wrong-secret' });
    const failure = await wrong.current(aReading()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'source-auth', message: expect.stringContaining('oauth.clientSecret') });
    expect(String(failure)).not.toMatch(/wrong-secret|canary/);
    expect(refreshes(signed)).toBe(1);
    expect(await storedTokens(signed)).toEqual(signed.first);
  });

  test.each<{ name: string; effect: FaultEffect }>([
    { name: 'a login page', effect: { kind: 'html' } },
    { name: 'another shape', effect: { kind: 'body', body: `{"token":"${SANDBOX_SECRETS.nimbleToken}"}` } },
    { name: 'an array', effect: { kind: 'body', body: '[]' } },
    { name: 'a redirect', effect: { kind: 'redirect', location: 'https://login.example.com/' } },
    { name: 'a token with a line break', effect: { kind: 'body', body: '{"access_token":"a\\nb"}' } },
    { name: 'a body without end', effect: { kind: 'bomb', encoding: 'gzip', decodedBytes: 10_000_000 } },
    { name: 'a refusal without words', effect: { kind: 'status', status: 400, headers: json, body: '{}' } },
  ])('$name ends the reading with a sentence, without a token in it', async ({ effect }) => {
    await using signed = await signedIn('nimble', [effect]);
    const failure = await signed
      .worker()
      .current(aReading())
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'OperationalError', message: expect.stringMatching(/^nimble/) });
    expect(String(failure)).not.toContain('canary');
    expect(await storedTokens(signed)).toEqual(signed.first);
  });
});

describe('case 48: an answer that is odd but for its new refresh token', () => {
  test.each([
    { name: 'another type', more: { access_token: 'canary-new', token_type: 'mac' } },
    { name: 'no access', more: {} },
    { name: 'an access that cannot be sent', more: { access_token: 'canary new' } },
  ])('$name: the new refresh token is kept, for the old one is used up', async ({ more }) => {
    const body = JSON.stringify({ ...more, refresh_token: 'canary-rotated', expires_in: 600 });
    await using signed = await signedIn('nimble', [{ kind: 'body', body }]);
    const worker = signed.worker();
    const failure = await worker.current(aReading()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'source-contract', message: expect.stringMatching(/^nimble: the/) });
    expect(String(failure)).not.toContain('canary');
    expect(await storedTokens(signed)).toEqual({ ...signed.first, refresh: 'canary-rotated' });
    // The next attempt is made with it: the sandbox would take the old one, and does not know this one.
    await expect(worker.current(aReading())).rejects.toMatchObject({ code: 'source-auth' });
    expect(await storedTokens(signed)).toBe('ended');
  });

  test('also where the database fails once', async () => {
    const body = JSON.stringify({ refresh_token: 'canary-rotated' });
    await using signed = await signedIn('nimble', [{ kind: 'body', body }]);
    let failures = 2;
    const failing: CredentialStore = {
      ...signed.credentials,
      renew: async (source, decide) => {
        const stored = await signed.credentials.renew(source, async (found) => {
          const change = await decide(found);
          failures -= 1;
          if (failures >= 0) throw new OperationalError('database-unavailable', 'away');
          return change;
        });
        return stored;
      },
    };
    const worker = signed.worker({ store: failing });
    await expect(worker.current(aReading())).rejects.toMatchObject({ code: 'database-unavailable' });
    await expect(worker.current(aReading())).rejects.toMatchObject({ code: 'source-contract' });
    expect(await storedTokens(signed)).toEqual({ ...signed.first, refresh: 'canary-rotated' });
    expect(refreshes(signed)).toBe(1);
  });
});

describe('case 53: a reply whose lifetime is nonsense', () => {
  test.each([
    ['""', 600],
    ['0', 600],
    ['-5', 600],
    ['"899"', 899],
    ['315360000', 86_400],
    ['1', 60],
  ])('expires_in %s: used, and due after a while', async (expiresIn, seconds) => {
    const body = `{"access_token":"odd","expires_in":${expiresIn}}`;
    await using signed = await signedIn('namely', [{ kind: 'body', body }]);
    const worker = signed.worker();
    for (let task = 0; task < 5; task += 1) expect(await worker.current(aReading())).toBe('odd');
    expect(refreshes(signed)).toBe(1);
    const stored = await storedTokens(signed);
    if (typeof stored !== 'object') throw new Error('no tokens');
    expect(Date.parse(stored.expiresAt) - Date.parse(stored.obtainedAt)).toBe(seconds * 1000);
  });
});

describe('tokens that are somebody else’s', () => {
  test('of another client or endpoint are never sent, and a person is asked to sign in', async () => {
    await using signed = await signedIn('nimble');
    await using elsewhere = await startSandbox({ world: aWorld() });
    const client = clientOf(elsewhere.nimbleUrl, 'nimble');
    const worker = new OAuthTokens({ source: 'nimble', client, store: signed.credentials, timing: QUICK });
    const message = expect.stringMatching(/another tokenUrl or with another clientId; run `rollcall login nimble`/);
    await expect(worker.current(aReading())).rejects.toMatchObject({ code: 'source-auth', message });
    expect(elsewhere.requests).toEqual([]);
    expect(await storedTokens(signed)).toEqual(signed.first);
  });
});

describe('leaving', () => {
  test('waits until what the vendor has given is stored', async () => {
    await using signed = await signedIn('nimble', [{ kind: 'slow', delayMs: 700 }]);
    const stop = new AbortController();
    const reading = signed
      .worker()
      .current(aReading(60_000, stop.signal))
      .catch((error: unknown) => error);
    setTimeout(() => stop.abort(), 200);
    expect(await reading).toMatchObject({ code: 'source-unavailable' });
    expect(await storedTokens(signed)).toEqual(signed.first);
    await signed.credentials.settled();
    expect(await storedTokens(signed)).not.toEqual(signed.first);
  });
});

describe('ahead of time', () => {
  test('a token that is due but lives is used on when the endpoint fails, without waiting', async () => {
    await using signed = await signedIn('nimble', [{ kind: 'status', status: 500 }]);
    const due = await toDue(signed);
    const worker = signed.worker();
    for (let task = 0; task < 5; task += 1) expect(await worker.current(aReading(0))).toBe(due.access);
    expect(refreshes(signed)).toBe(1);
  });

  test.each<{ name: string; effect: FaultEffect }>([
    { name: 'a login page', effect: { kind: 'html' } },
    { name: '404', effect: { kind: 'status', status: 404 } },
    { name: '408', effect: { kind: 'status', status: 408 } },
    { name: '501', effect: { kind: 'status', status: 501 } },
    { name: '520', effect: { kind: 'status', status: 520 } },
    { name: 'a page with 403', effect: { kind: 'status', status: 403, body: '<html>' } },
    { name: '400 without JSON', effect: { kind: 'status', status: 400, body: 'oops' } },
    { name: 'invalid_client', effect: { kind: 'status', status: 401, body: '{"error":"invalid_client"}' } },
    { name: 'another type', effect: { kind: 'body', body: '{"access_token":"a","token_type":"mac"}' } },
  ])('$name does not fail a reading whose token still lives', async ({ effect }) => {
    await using signed = await signedIn('nimble', [effect]);
    const due = await toDue(signed);
    const worker = signed.worker();
    for (let task = 0; task < 3; task += 1) expect(await worker.current(aReading(0))).toBe(due.access);
    expect(refreshes(signed)).toBe(1);
    expect(await storedTokens(signed)).toEqual(due);
  });

  test('a right that was taken back ends the reading although the token still lives', async () => {
    await using signed = await signedIn('nimble');
    await toDue(signed);
    signed.sandbox.tokens.revoke('nimble', 'refresh');
    await expect(signed.worker().current(aReading())).rejects.toMatchObject({ code: 'source-auth' });
    expect(await storedTokens(signed)).toBe('ended');
  });

  test('nobody has signed in: said, and nothing is asked', async () => {
    await using signed = await signedIn('nimble');
    await signed.store.pool.query('delete from rollcall.credential');
    const message = expect.stringMatching(/nobody has signed in yet; run `rollcall login nimble`/);
    await expect(signed.worker().current(aReading())).rejects.toMatchObject({ code: 'source-auth', message });
    expect(refreshes(signed)).toBe(0);
  });

  test('a reading that is stopped does not wait for the endpoint, and what the endpoint gave is stored', async () => {
    await using signed = await signedIn('nimble', [{ kind: 'slow', delayMs: 500 }]);
    const stop = new AbortController();
    const worker = signed.worker();
    const first = worker.current(aReading(60_000, stop.signal));
    setTimeout(() => stop.abort(), 100);
    await expect(first).rejects.toMatchObject({ code: 'source-unavailable' });
    expect(await worker.current(aReading())).toMatch(/access/);
    expect(refreshes(signed)).toBe(1);
  });
});

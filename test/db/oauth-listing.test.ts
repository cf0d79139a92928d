import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ListingEnd } from '../../src/core/listing.ts';
import type { SourceSpec } from '../../src/ports/sources.ts';
import type { Fault } from '../../src/sandbox/fault.ts';
import { SANDBOX_SECRETS } from '../../src/sandbox/world.ts';
import { createNamelySource } from '../../src/sources/namely/client.ts';
import { createNimbleSource } from '../../src/sources/nimble/client.ts';
import type { Tokens } from '../../src/sources/tokens.ts';
import { checkKeys, createCredentialStore } from '../../src/store/credentials.ts';
import { NO_POLICY } from '../support/builders.ts';
import { sweepDatabase } from '../support/canary.ts';
import { collect } from '../support/listing.ts';
import { aReading } from '../support/oauth.ts';
import { QUICK, refreshes, signedIn, storedTokens, type Signed } from '../support/signed-in.ts';
import { aSpec } from '../support/store.ts';
import { somePeople } from '../support/sandbox.ts';

const PEOPLE = somePeople(120);
const NIMBLE = { sources: [aSpec()], among: [aSpec()] };
const clock = (): Date => new Date('2026-11-21T10:00:00Z');

async function listNamely(
  { sandbox }: Signed,
  token: Tokens,
): Promise<{ readonly ids: number; readonly end: ListingEnd }> {
  const settings = { name: 'namely', token, baseUrl: sandbox.namelyUrl, allow: ['127.0.0.1'], policy: NO_POLICY };
  const { rows, end } = await collect(createNamelySource({ ...settings, timing: QUICK }));
  return { ids: new Set(rows.map(({ externalId }) => externalId)).size, end };
}

function onPage(page: number, status: number, attempts: { readonly from: number; readonly to?: number }): Fault {
  const match = { vendor: 'namely', path: '/api/v1/profiles', page, attempts } as const;
  return { id: `page ${page}: ${status}`, match, effect: { kind: 'status', status } };
}

describe('case 50: 401 in the middle of a listing', () => {
  test.each([401, 403])('%d: one refresh, the same page again, and the listing is whole', async (status) => {
    await using signed = await signedIn('namely', [], {
      people: PEOPLE,
      faults: [onPage(2, status, { from: 1, to: 1 })],
    });
    const { ids, end } = await listNamely(signed, signed.worker());
    expect({ ids, outcome: end.outcome.kind }).toEqual({ ids: 120, outcome: 'ended' });
    // One because the first access had ended, one because of the page.
    expect(refreshes(signed)).toBe(2);
  });

  test('four pages at once that are all refused lead to one refresh', async () => {
    const faults = [2, 3].map((page) => onPage(page, 401, { from: 1, to: 1 }));
    await using signed = await signedIn('namely', [], { people: PEOPLE, faults });
    const { ids, end } = await listNamely(signed, signed.worker());
    expect({ ids, outcome: end.outcome.kind }).toEqual({ ids: 120, outcome: 'ended' });
    expect(refreshes(signed)).toBe(2);
  });

  test.each([
    [401, 'source-auth'],
    [403, 'source-forbidden'],
  ])('a second %d stops: the listing is broken, and nobody is asked a third time', async (status, code) => {
    await using signed = await signedIn('namely', [], { people: PEOPLE, faults: [onPage(2, status, { from: 1 })] });
    const { end } = await listNamely(signed, signed.worker());
    expect(end.outcome).toMatchObject({ kind: 'broken', code });
    const asked = signed.sandbox.requests.filter(
      ({ path, query }) => path === '/api/v1/profiles' && query['page'] === '2',
    );
    expect(asked).toHaveLength(2);
    expect(refreshes(signed)).toBe(2);
  });

  test('a token that was copied is not renewed: the first refusal counts', async () => {
    await using signed = await signedIn('namely', [], { people: PEOPLE, faults: [onPage(2, 401, { from: 1 })] });
    const settings = { name: 'namely', baseUrl: signed.sandbox.namelyUrl, allow: ['127.0.0.1'], policy: NO_POLICY };
    const { end } = await collect(
      createNamelySource({ ...settings, token: SANDBOX_SECRETS.namelyToken, timing: QUICK }),
    );
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-auth' });
    expect(refreshes(signed)).toBe(0);
  });
});

describe('case 51: a right that is missing', () => {
  test('403 after a refresh names it, and the listing is broken', async () => {
    const match = { vendor: 'nimble', path: '/api/v1/team/members' } as const;
    const faults = [{ id: '403', match, effect: { kind: 'status', status: 403 } as const }];
    await using signed = await signedIn('nimble', [], { people: PEOPLE, faults });
    const settings = { name: 'nimble', baseUrl: signed.sandbox.nimbleUrl, allow: ['127.0.0.1'], policy: NO_POLICY };
    const { rows, end } = await collect(createNimbleSource({ ...settings, token: signed.worker(), timing: QUICK }));
    expect(rows).toEqual([]);
    const detail = expect.stringMatching(/may not read the roster/);
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-forbidden', detail });
  });
});

describe('case 51: one renewal a reading after 403', () => {
  const settings = { name: 'namely', allow: ['127.0.0.1'], policy: NO_POLICY, timing: QUICK, concurrency: 1 } as const;

  test('a page that is forbidden after another page has had the token renewed leads to no other', async () => {
    const faults = [onPage(2, 403, { from: 1, to: 1 }), onPage(3, 403, { from: 1 })];
    await using signed = await signedIn('namely', [], { people: PEOPLE, faults });
    const source = createNamelySource({ ...settings, token: signed.worker(), baseUrl: signed.sandbox.namelyUrl });
    const { end } = await collect(source);
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-forbidden' });
    // One because the first access had ended, one because of page 2.
    expect(refreshes(signed)).toBe(2);
  });

  test.each([1, 5, 20])('%d profiles that are forbidden, each read by itself', async (count) => {
    const ids = Array.from({ length: count }, (_unused, at) => `P${at + 1}`);
    const faults = ids.map((id): Fault => {
      const match = { vendor: 'namely', path: `/api/v1/profiles/${id}` } as const;
      return { id: `403 ${id}`, match, effect: { kind: 'status', status: 403 } };
    });
    await using signed = await signedIn('namely', [], { people: PEOPLE, faults });
    const worker = { token: signed.worker(), baseUrl: signed.sandbox.namelyUrl };
    const source = createNamelySource({ ...settings, ...worker, concurrency: 4 });
    const hinted = await collect(source, { mode: 'hint', ids });
    expect(hinted.end.warnings).toEqual([`profiles that were hinted at and cannot be read: ${count}`]);
    expect(refreshes(signed)).toBe(2);
    // Another reading may ask once more: the right may have been given meanwhile.
    const full = await collect(source, { mode: 'full', missing: async () => ids });
    expect(full.end.unproven).toHaveLength(count);
    expect(refreshes(signed)).toBe(3);
  });
});

describe('case 54: the database is stolen', () => {
  test('no token is in it, in any column and any coding', async () => {
    await using signed = await signedIn('nimble');
    await signed.worker().current(aReading());
    const stored = await storedTokens(signed);
    expect(stored).toMatchObject({
      access: expect.stringContaining('canary'),
      refresh: expect.stringContaining('canary'),
    });
    const client = await signed.store.pool.connect();
    const swept = await sweepDatabase(client).finally(() => client.release());
    expect(swept.columns).toBeGreaterThan(50);
    expect(swept.found).toEqual([]);
  });

  test('a wrong key is refused, and says what to do', async () => {
    await using signed = await signedIn('nimble');
    const refusal = {
      code: 'config-invalid',
      message: expect.stringMatching(/nimble.*ROLLCALL_KEY_PREVIOUS.*rollcall login nimble/),
    };
    await expect(checkKeys(signed.store, { keys: [randomBytes(32)], clock, ...NIMBLE })).rejects.toMatchObject(refusal);
    const other = createCredentialStore(signed.store, { keys: [randomBytes(32)], clock });
    await expect(other.load('nimble')).rejects.toMatchObject(refusal);
    await expect(other.renew('nimble', async () => ({ kind: 'end' }))).rejects.toMatchObject(refusal);
    expect(await storedTokens(signed)).toEqual(signed.first);
    expect([await other.sealedByOthers(), await signed.credentials.sealedByOthers()]).toEqual([['nimble'], []]);
    const both = createCredentialStore(signed.store, { keys: [randomBytes(32), signed.key], clock });
    expect(await both.sealedByOthers()).toEqual([]);
    // The remedy works although what is there does not open.
    await other.signIn('nimble', signed.first, 'test');
    expect(await other.load('nimble')).toEqual({ kind: 'tokens', tokens: signed.first });
  });

  test('a new key takes over what the old one sealed; afterwards the old one is not needed', async () => {
    await using signed = await signedIn('nimble');
    const key = randomBytes(32);
    await checkKeys(signed.store, { keys: [key, signed.key], clock, ...NIMBLE });
    const renewed = createCredentialStore(signed.store, { keys: [key], clock });
    expect(await renewed.load('nimble')).toEqual({ kind: 'tokens', tokens: signed.first });
    await expect(signed.credentials.load('nimble')).rejects.toMatchObject({ code: 'config-invalid' });
    // Nothing to do is no write.
    const version = async () => (await signed.store.pool.query('select xmin::text from rollcall.credential')).rows;
    const before = await version();
    await checkKeys(signed.store, { keys: [key, signed.key], clock, ...NIMBLE });
    expect(await version()).toEqual(before);
  });

  test('a new key takes over also in the start that renames the source', async () => {
    await using signed = await signedIn('nimble');
    const key = randomBytes(32);
    const renamed = aSpec({ name: 'crm', type: 'nimble', formerly: 'nimble' });
    await checkKeys(signed.store, { keys: [key, signed.key], clock, sources: [renamed], among: [renamed] });
    await signed.store.sources.syncSources([renamed], clock());
    const renewed = createCredentialStore(signed.store, { keys: [key], clock });
    expect(await renewed.load('crm')).toEqual({ kind: 'tokens', tokens: signed.first });
  });

  test('a former name that is another source’s by now is that one’s matter', async () => {
    await using signed = await signedIn('nimble');
    const renamed = aSpec({ name: 'crm', type: 'nimble', formerly: 'nimble' });
    const keys = [randomBytes(32)];
    const check = async (...among: readonly SourceSpec[]) =>
      await checkKeys(signed.store, { keys, clock, sources: [renamed], among });
    await expect(check(renamed)).rejects.toMatchObject({ code: 'config-invalid' });
    await check(renamed, aSpec({ name: 'nimble' }));
    // Or was, before this one was known by its new name.
    await signed.store.sources.syncSources([aSpec({ name: 'crm' }), aSpec({ name: 'nimble' })], clock());
    await check(renamed);
  });

  test('what has ended, or belongs to a source that was taken out, says nothing of the key; what waits for its first reading does', async () => {
    await using signed = await signedIn('nimble');
    const { pool, sources } = signed.store;
    const other = createCredentialStore(signed.store, { keys: [randomBytes(32)], clock });
    await pool.query(`update rollcall.credential set state = 'ended'`);
    expect(await other.sealedByOthers()).toEqual([]);
    await pool.query(`update rollcall.credential set state = 'live'`);
    await sources.syncSources([aSpec({ name: 'directory' })], new Date());
    expect(await other.sealedByOthers()).toEqual([]);
    const fresh = aSpec({ name: 'fresh' });
    await signed.credentials.signIn(await sources.introduce(fresh, [fresh], new Date()), signed.first, 'test');
    expect(await other.sealedByOthers()).toEqual(['fresh']);
  });

  test('a sealed token that was moved to another source does not open there', async () => {
    await using signed = await signedIn('nimble');
    const { pool, sources } = signed.store;
    await sources.syncSources([aSpec({ name: 'nimble' }), aSpec({ name: 'other' })], clock());
    await pool.query(`insert into rollcall.credential select s.id, c.ciphertext, c.nonce, c.tag, c.key_id, c.state, c.expires_at, c.updated_at
      from rollcall.credential c, rollcall.source s where s.name = 'other'`);
    await expect(signed.credentials.load('other')).rejects.toMatchObject({ code: 'config-invalid' });
  });
});

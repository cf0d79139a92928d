import { describe, expect, test, vi } from 'vitest';
import type { ListProgress } from '../../src/ports/sources.ts';
import { Reading } from '../../src/sources/reading.ts';
import { createCredentialStore } from '../../src/store/credentials.ts';
import { openTestDatabase } from '../support/database.ts';
import { aReading } from '../support/oauth.ts';
import { refreshes, signedIn, toDue, type Signed } from '../support/signed-in.ts';
import { aSpec } from '../support/store.ts';

/** Workers whose wait for the lock is over in a moment, while somebody else has it until `release`. */
async function held(signed: Signed) {
  const database = openTestDatabase(signed.store.url);
  database.pool.options.max = 1;
  await database.pool.query('set lock_timeout = 200');
  const holder = await signed.store.pool.connect();
  await holder.query('begin; select from rollcall.credential for update');
  const credentials = createCredentialStore(database, { keys: [signed.key], clock: () => new Date() });
  return {
    worker: () => signed.worker({ store: credentials }),
    release: async () => {
      await holder.query('rollback');
      holder.release();
    },
    [Symbol.asyncDispose]: () => database.close(),
  };
}

describe('a credential that another process holds', () => {
  test('is waited for within the patience of the reading, and the wait has its name', async () => {
    await using signed = await signedIn('nimble');
    await using given = await held(signed);
    const waits: string[] = [];
    const told = (step: ListProgress): void => void (step.kind === 'wait' && waits.push(step.reason));
    const signal = new AbortController().signal;
    const reading = given.worker().current(new Reading({ budgetMs: 600_000, signal, progress: told }));
    await vi.waitFor(() => expect(waits).not.toEqual([]), { timeout: 20_000 });
    await given.release();
    expect(signed.sandbox.tokens.accepts('nimble', await reading, Date.now())).toBe(true);
    expect(waits[0]).toMatch(/nimble: another process is renewing the token/);
    expect(refreshes(signed)).toBe(1);
  });

  test('for longer is said as what it is, and the database is not to blame', async () => {
    await using signed = await signedIn('nimble');
    await using given = await held(signed);
    const failure = { code: 'source-unavailable', message: expect.stringMatching(/another process is renewing/) };
    await expect(given.worker().current(aReading(100))).rejects.toMatchObject(failure);
    await given.release();
  });

  test('does not fail a reading whose token still lives', async () => {
    await using signed = await signedIn('nimble');
    const due = await toDue(signed);
    await using given = await held(signed);
    expect(await given.worker().current(aReading(0))).toBe(due.access);
    await given.release();
    expect(refreshes(signed)).toBe(0);
  });
});

test('sources that all renew at once leave connections to the others', async () => {
  await using signed = await signedIn('nimble');
  const { store, key, first } = signed;
  const names = Array.from({ length: 12 }, (_unused, at) => `crm-${at}`);
  await store.sources.syncSources(
    names.map((name) => aSpec({ name })),
    new Date(),
  );
  const database = openTestDatabase(store.url);
  database.pool.options.max = 4;
  const credentials = createCredentialStore(database, { keys: [key], clock: () => new Date() });
  for (const name of names) await credentials.signIn(name, first, 'test');
  const release = Promise.withResolvers<void>();
  let asking = 0;
  let most = 0;
  const renewals = names.map(async (name) => {
    return await credentials.renew(name, async () => {
      asking += 1;
      most = Math.max(most, asking);
      await release.promise;
      asking -= 1;
      return { kind: 'keep' };
    });
  });
  await vi.waitFor(() => expect(asking).toBeGreaterThan(0));
  const startedMs = performance.now();
  await database.pool.query('select 1');
  expect(performance.now() - startedMs).toBeLessThan(2_000);
  release.resolve();
  expect(await Promise.all(renewals)).toHaveLength(12);
  expect(most).toBe(2);
  await database.close();
});

test('a renewal that has not begun when the process ends is not begun', async () => {
  await using signed = await signedIn('nimble');
  const release = Promise.withResolvers<void>();
  const { sources } = signed.store;
  await sources.syncSources(
    ['nimble', 'second', 'third'].map((name) => aSpec({ name })),
    new Date(),
  );
  for (const name of ['second', 'third']) await signed.credentials.signIn(name, signed.first, 'test');
  const begun: string[] = [];
  const renewals = ['nimble', 'second', 'third'].map(async (name) => {
    return await signed.credentials.renew(name, async () => {
      begun.push(name);
      await release.promise;
      return { kind: 'keep' };
    });
  });
  await vi.waitFor(() => expect(begun).toHaveLength(2));
  const settled = signed.credentials.settled();
  release.resolve();
  const ends = await Promise.allSettled(renewals);
  await settled;
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(begun).toHaveLength(2);
});

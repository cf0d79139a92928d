import { expect, test } from 'vitest';
import { keepLedger } from '../../../../src/http/page/ledger.ts';
import { createMemoryPages } from '../../../support/memory-pages.ts';
import { createMemoryReader } from '../../../support/memory-reader.ts';
import { aFinding } from '../../../support/view-rows.ts';

function watched(overrides: { readonly fails?: boolean } = {}) {
  const state = { stamp: '1/1', nowMs: 0, reads: 0, fails: overrides.fails === true };
  const pages = createMemoryPages(createMemoryReader({ findings: [aFinding()] }));
  const ledger = keepLedger(
    {
      ...pages,
      stamp: async () => state.stamp,
      live: async (limit) => {
        state.reads += 1;
        if (state.fails) throw new Error('away');
        return pages.live(limit);
      },
    },
    () => new Date(state.nowMs),
  );
  return { state, ledger };
}

test('is read once for all who look, and again when it has changed', async () => {
  const { state, ledger } = watched();
  await Promise.all([ledger(), ledger(), ledger()]);
  expect((await ledger()).live).toHaveLength(1);
  expect(state.reads).toBeLessThanOrEqual(3);
  const before = state.reads;
  await ledger();
  expect(state.reads).toBe(before);
  state.stamp = '2/1';
  await ledger();
  expect(state.reads).toBe(before + 1);
});

test('is read again after half a minute, though no finding has changed', async () => {
  const { state, ledger } = watched();
  await ledger();
  state.nowMs = 29_999;
  await ledger();
  expect(state.reads).toBe(1);
  state.nowMs = 30_000;
  await ledger();
  expect(state.reads).toBe(2);
});

test('a failure is not kept', async () => {
  const { state, ledger } = watched({ fails: true });
  await expect(ledger()).rejects.toThrow('away');
  state.fails = false;
  expect((await ledger()).rules).toEqual([{ rule: 'leaver_account', findings: 1, subjects: 1 }]);
});

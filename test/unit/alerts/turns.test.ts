import { expect, test } from 'vitest';
import { createTurns } from '../../../src/alerts/turns.ts';
import type { ChannelStore } from '../../../src/ports/alerts.ts';

const NOW = new Date('2026-11-21T09:00:00Z');
const OTHERS: ChannelStore = {
  takeTurn: async () => await Promise.resolve({ kind: 'wait', ms: 5_000 }),
  settle: async () => await Promise.resolve(0),
  standing: async () => await Promise.resolve({ failingMs: 0 }),
};

test('who has to end while it waits for its turn leaves the message to the next at once: nothing has failed', async () => {
  const ending = new AbortController();
  const turn = createTurns(OTHERS, () => NOW).take(ending.signal);
  ending.abort();

  await expect(turn).rejects.toMatchObject({ code: 'slack-unavailable', notBefore: NOW });
});

import type { LiveFinding, PageReader, SourceStateRow } from '../../src/ports/page.ts';
import type { Reader } from '../../src/ports/reading.ts';

/** A PageReader over given answers; what lives is what the other reader has. */
export function createMemoryPages(reader: Pick<Reader, 'findings'>, given: Partial<PageReader> = {}): PageReader {
  return {
    stamp: async () => '1/1',
    live: async (limit) => {
      const rows = await reader.findings({ statuses: ['open', 'held', 'waived'], limit });
      return rows.map((row): LiveFinding => {
        if (row.status === 'resolved') throw new Error('what is resolved does not live');
        const isLeaver = row.rule === 'leaver_account';
        return { ...row, status: row.status, person: isLeaver ? row.identity_id : null, left_on: null };
      });
    },
    findings: async (ids) => (await reader.findings({})).filter(({ id }) => ids.includes(id)),
    sourceStates: async () => [],
    seats: async () => [],
    openBreakers: async () => [],
    trend: async () => [],
    clock: async () => [],
    source: async () => undefined,
    person: async () => undefined,
    ...given,
  };
}

export function aSourceState(overrides: Partial<SourceStateRow> = {}): SourceStateRow {
  return {
    source: 'nimble',
    type: 'nimble',
    authoritative: false,
    stale: false,
    breaker: null,
    last_complete_at: '2026-11-21T08:57:00.000Z',
    complete_ids: 412,
    complete_total: 412,
    latest_verdict: 'complete',
    latest_mode: 'full',
    latest_at: '2026-11-21T08:57:00.000Z',
    latest_reason: null,
    latest_ids: 412,
    latest_total: 412,
    forgotten_usable: 0,
    ...overrides,
  };
}

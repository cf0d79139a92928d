import type { FindingRow } from '../../src/core/views.ts';
import type { LiveGroup, PageReader, SourceStateRow } from '../../src/ports/page.ts';
import type { Reader } from '../../src/ports/reading.ts';

type Lives = (until?: string) => Promise<readonly (FindingRow & LiveGroup)[]>;

/** A PageReader over given answers; what lives is what the other reader has. */
export function createMemoryPages(reader: Pick<Reader, 'findings'>, given: Partial<PageReader> = {}): PageReader {
  const lives: Lives = async (until) => {
    const rows = await reader.findings({});
    return rows.flatMap((row) =>
      row.status === 'resolved' || (until !== undefined && row.first_detected_at > until)
        ? []
        : [{ ...row, status: row.status }],
    );
  };
  return {
    live: async (until) => (await lives(until)).map((row) => ({ ...row, findings: 1 })),
    leaverPeople: async () => new Set((await lives()).filter(isOpenLeaver).map((row) => row.identity_id)).size,
    passed: async (place, until) =>
      (await lives(until)).filter((row) => isSameGroup(row, place) && row.id <= place.id).length,
    list: async (groups, until) => {
      const rows = (await lives(until)).toSorted((a, b) => a.id - b.id);
      return groups.flatMap((group) =>
        rows.filter((row) => isSameGroup(row, group) && row.id > group.after).slice(0, group.limit),
      );
    },
    firstLeavers: async () => [],
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

function isSameGroup(a: LiveGroup, b: LiveGroup): boolean {
  return a.severity === b.severity && a.rule === b.rule && a.source === b.source && a.status === b.status;
}

function isOpenLeaver({ rule, status }: LiveGroup): boolean {
  return rule === 'leaver_account' && status === 'open';
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

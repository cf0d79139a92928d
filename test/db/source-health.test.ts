import { describe, expect, test } from 'vitest';
import type { Mode, Verdict } from '../../src/core/listing.ts';
import { aRow } from '../support/builders.ts';
import { aSpec, openTestStore, read, type TestStore } from '../support/store.ts';

// Contract §7, column by column: what was read, and what the view says of it now.

const HOUR_MS = 3_600_000;
const ago = (hours: number): Date => new Date(Date.now() - hours * HOUR_MS);
const CUT: Verdict = { kind: 'incomplete', reason: 'cut', code: 'source-unavailable' };
const ROWS = ['a', 'b', 'c', 'd'].map((externalId) => aRow({ externalId, email: `${externalId}@example.com` }));

type Reading = {
  readonly hoursAgo: number;
  readonly mode?: Mode;
  readonly cut?: boolean;
  readonly rows?: number;
  readonly modifiedHoursAgo?: number;
};
type Health = {
  readonly complete: number | null;
  readonly last_verdict: string | null;
  readonly stale: boolean;
  readonly breaker: string | null;
  readonly accounts: number;
};
type Scenario = {
  readonly name: string;
  readonly maxAgeHours?: number;
  readonly readings: readonly Reading[];
  readonly after?: (store: TestStore) => Promise<unknown>;
  /** `complete`: hours since the last complete listing. */
  readonly expected: Health;
};

const GOOD: Health = { complete: 2, last_verdict: 'complete', stale: false, breaker: null, accounts: 4 };

const scenarios: readonly Scenario[] = [
  {
    name: 'never read',
    readings: [],
    expected: { complete: null, last_verdict: null, stale: true, breaker: null, accounts: 0 },
  },
  { name: 'read in full', readings: [{ hoursAgo: 2 }], maxAgeHours: 3, expected: GOOD },
  { name: 'as old as maxAge', readings: [{ hoursAgo: 2 }], maxAgeHours: 2, expected: { ...GOOD, stale: true } },
  { name: 'older than it may be, and never too old', readings: [{ hoursAgo: 2 }], expected: GOOD },
  {
    name: 'a file that was written long before it was read',
    maxAgeHours: 24,
    readings: [{ hoursAgo: 2, modifiedHoursAgo: 30 }],
    expected: { ...GOOD, stale: true },
  },
  {
    name: 'cut since then: old rows count, and the time is that of the complete one',
    maxAgeHours: 3,
    readings: [{ hoursAgo: 2 }, { hoursAgo: 1, cut: true, rows: 1 }],
    expected: { ...GOOD, last_verdict: 'incomplete' },
  },
  {
    name: 'only ever cut',
    readings: [{ hoursAgo: 2, cut: true, rows: 3 }],
    expected: { complete: null, last_verdict: 'incomplete', stale: true, breaker: null, accounts: 3 },
  },
  {
    name: 'changes in order make no full listing younger',
    maxAgeHours: 2,
    readings: [{ hoursAgo: 2 }, { hoursAgo: 1, mode: 'delta', rows: 1 }],
    expected: { ...GOOD, stale: true },
  },
  {
    name: 'a hint in order takes no doubt away',
    readings: [{ hoursAgo: 2 }, { hoursAgo: 1, cut: true, rows: 1 }, { hoursAgo: 0, mode: 'hint', rows: 1 }],
    expected: { ...GOOD, last_verdict: 'incomplete' },
  },
  {
    name: 'emptied: a breaker, and nobody gone',
    readings: [{ hoursAgo: 2 }, { hoursAgo: 1, rows: 0 }],
    expected: { ...GOOD, last_verdict: 'suspicious', breaker: 'source' },
  },
  {
    name: 'one gone, believed',
    readings: [{ hoursAgo: 3 }, { hoursAgo: 2, rows: 3 }],
    expected: { ...GOOD, accounts: 3 },
  },
  {
    name: 'other key settings: not usable until a person has released them, and not until they have been read',
    readings: [{ hoursAgo: 2 }],
    after: async (store) => {
      await store.sources.syncSources([aSpec({ keyDigest: 'key-2' })], ago(1));
      await store.pool.query(`update rollcall.breaker set closed_at = $1, closed_by = 'kim', released = true`, [
        ago(0.5),
      ]);
    },
    expected: { ...GOOD, stale: true },
  },
  {
    name: 'several breakers',
    readings: [{ hoursAgo: 2 }, { hoursAgo: 1, rows: 0 }],
    after: async (store) => {
      await store.sources.syncSources([aSpec({ keyDigest: 'key-2' })], ago(0.5));
      await store.pool.query(
        `insert into rollcall.breaker (source_id, kind, tripped_at, evidence, closed_at) values (1, 'conclusion', now(), '{}', now())`,
      );
    },
    expected: { ...GOOD, last_verdict: 'suspicious', breaker: 'baseline, source' },
  },
];

describe('source_health', () => {
  test.each(scenarios.map((each) => [each.name, each] as const))('%s', async (_name, scenario) => {
    const { maxAgeHours, readings, after, expected } = scenario;
    await using store = await openTestStore();
    const maxAgeMs = maxAgeHours === undefined ? undefined : maxAgeHours * HOUR_MS;
    const [source] = await store.sources.syncSources([aSpec({ maxAgeMs })], ago(100));
    if (source === undefined) throw new Error('no source');
    for (const { hoursAgo, mode, cut, rows, modifiedHoursAgo } of readings) {
      const modifiedAt = modifiedHoursAgo === undefined ? undefined : ago(modifiedHoursAgo).toISOString();
      await read(store, source, {
        mode,
        at: ago(hoursAgo),
        batches: [ROWS.slice(0, rows ?? ROWS.length)],
        end: { modifiedAt },
        ...(cut === true ? { verdict: CUT } : {}),
      });
    }
    await after?.(store);

    const { rows } = await store.pool.query<object>(
      `select source, type, authoritative, round(extract(epoch from now() - last_complete_at) / 3600, 1)::float as complete,
              last_verdict, stale, breaker, accounts, open_findings, seat_cost_at_risk from rollcall.source_health`,
    );

    const rest = { source: 'nimble', type: 'nimble', authoritative: false, open_findings: 0, seat_cost_at_risk: null };
    expect(rows).toEqual([{ ...rest, ...expected }]);
  });

  test('counts open findings alone', async () => {
    await using store = await openTestStore();
    await store.sources.syncSources([aSpec()], ago(1));
    for (const status of ['open', 'open', 'held', 'waived', 'resolved']) {
      await store.pool.query(
        `insert into rollcall.finding (fingerprint, source_id, rule, subject, severity, status, summary, evidence, charge_digest,
                first_detected_at, opened_at, resolved_at, resolution, report_id)
         values (gen_random_uuid(), 1, 'orphaned_account', 'x', 'high', $1, 's', '{}', 'd', now(), now(),
                 case $1 when 'resolved' then now() end, null, 1)`,
        [status],
      );
    }

    const { rows } = await store.pool.query('select open_findings from rollcall.source_health');

    expect(rows).toEqual([{ open_findings: 2 }]);
  });
});

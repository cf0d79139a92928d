import { describe, expect, test } from 'vitest';
import type { PoolClient } from 'pg';
import type { RosterViewRow } from '../../src/core/views.ts';
import { createReader } from '../../src/store/reader/reader.ts';
import { collect, insertLink, insertRow, insertRun, insertSources } from '../support/reconcile-world.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const AT = '2026-11-21T10:00:00Z';

type World = TestStore & { readonly directory: number; readonly nimble: number };

async function openWorld(build: (client: PoolClient, world: World) => Promise<void> = async () => {}): Promise<World> {
  const store = await openTestStore();
  const client = await store.pool.connect();
  try {
    const [directory = 0, nimble = 0] = await insertSources(client, [
      { name: 'directory', authoritative: true },
      { name: 'nimble' },
    ]);
    const world = { ...store, directory, nimble };
    await build(client, world);
    return world;
  } finally {
    client.release();
  }
}

type Stored = {
  readonly rule?: string;
  readonly subject?: string;
  readonly severity?: string;
  readonly status?: string;
  readonly reportId?: number;
  readonly identity?: string;
};
async function insertFinding(client: PoolClient, world: World, finding: Stored): Promise<void> {
  const { rule = 'orphaned_account', subject = 'n-1', severity = 'high', status = 'open', reportId = 1 } = finding;
  await client.query(
    `insert into rollcall.finding
            (fingerprint, source_id, rule, subject, severity, status, account_id, identity_source_id, identity_id, summary,
             evidence, charge_digest, first_detected_at, opened_at, resolved_at, resolution, report_id)
     values ($1::int || ':' || $2 || ':' || $3, $1, $2, $3, $4, $5, $3, case when $6::text is not null then $7::int end, $6,
             's', '{"a": 1}', 'd', $8, $8, case when $5 = 'resolved' then $8::timestamptz end,
             case when $5 = 'resolved' then 'linked' end, $9)`,
    [world.nimble, rule, subject, severity, status, finding.identity ?? null, world.directory, AT, reportId],
  );
}
async function insertReport(client: PoolClient, opened: number): Promise<void> {
  await client.query(
    `insert into rollcall.drift_report
            (started_at, finished_at, verdicts, withheld, opened, reopened, resolved, undecided, open, held, waived, baseline)
     values ($1, $1, '{}', '[]', $2, 1, 0, 0, 0, 0, 0, '{nimble/orphaned_account}')`,
    [AT, opened],
  );
}

describe('reports', () => {
  test('the latest, one by its id, and the newest first; none where there is none', async () => {
    await using world = await openWorld();
    const reader = createReader(world);
    expect(await reader.report()).toBeUndefined();
    const client = await world.pool.connect();
    for (const opened of [1, 2, 3]) await insertReport(client, opened);
    client.release();
    expect(await reader.report()).toEqual({
      id: 3,
      started_at: AT,
      finished_at: AT,
      verdicts: {},
      withheld: [],
      opened: 4,
      resolved: 0,
      open: 0,
      held: 0,
      waived: 0,
      baseline: ['nimble/orphaned_account'],
    });
    expect((await reader.report(1))?.opened).toBe(2);
    expect(await reader.report(9)).toBeUndefined();
    expect((await reader.reports(2)).map((report) => report.id)).toEqual([3, 2]);
  });
});

const withFindings = (): Promise<World> =>
  openWorld(async (client, given) => {
    await insertFinding(client, given, { subject: 'low', severity: 'low', reportId: 2 });
    await insertFinding(client, given, { subject: 'critical', severity: 'critical' });
    await insertFinding(client, given, { subject: 'held', status: 'held', rule: 'leaver_account' });
    await insertFinding(client, given, { subject: 'over', status: 'resolved' });
  });

describe('findings', () => {
  const cases = [
    { name: 'all, the most severe first', filter: {}, expected: ['critical', 'held', 'over', 'low'] },
    { name: 'by status', filter: { statuses: ['open'] as const }, expected: ['critical', 'low'] },
    { name: 'by rule', filter: { rules: ['leaver_account'] as const }, expected: ['held'] },
    { name: 'by source', filter: { sources: ['nimble'] }, expected: ['critical', 'held', 'over', 'low'] },
    { name: 'of a source that has none', filter: { sources: ['directory'] }, expected: [] },
    { name: 'at most so many', filter: { limit: 2 }, expected: ['critical', 'held'] },
    { name: 'by several at once', filter: { statuses: ['open'] as const, limit: 1 }, expected: ['critical'] },
    { name: 'with hostile text, which stays text', filter: { sources: [`'; drop table x; --`] }, expected: [] },
  ];
  test.each(cases)('$name', async ({ filter, expected }) => {
    await using given = await withFindings();
    const found = await createReader(given).findings(filter);
    expect(found.map((finding) => finding.account_id)).toEqual(expected);
  });

  test('that a report announced: new, graver, or back after more than a day', async () => {
    const histories: Readonly<Record<string, readonly (readonly [string, number, number, object?])[]>> = {
      opened: [['opened', 2, 21]],
      earlier: [['opened', 1, 20]],
      graver: [
        ['opened', 1, 20],
        ['updated', 2, 21, { severity: 'critical', severity_before: 'high' }],
      ],
      reworded: [
        ['opened', 1, 20],
        ['updated', 2, 21, {}],
      ],
      back: [
        ['opened', 1, 18],
        ['resolved', 1, 19],
        ['reopened', 2, 21],
      ],
      flapping: [
        ['opened', 1, 18],
        ['resolved', 1, 20],
        ['reopened', 2, 20],
      ],
    };
    await using given = await openWorld(async (client, world) => {
      for (const [index, [subject, events]] of Object.entries(histories).entries()) {
        await insertFinding(client, world, { subject });
        for (const [event, reportId, day, detail = {}] of events) {
          await client.query(
            'insert into rollcall.finding_event (finding_id, at, event, report_id, detail) values ($1, $2, $3, $4, $5)',
            [index + 1, `2026-11-${day}T10:00:00Z`, event, reportId, JSON.stringify(detail)],
          );
        }
      }
    });
    const told = await createReader(given).findings({ announcedIn: 2 });
    expect(told.map((finding) => finding.account_id)).toEqual(['opened', 'graver', 'back']);
  });

  test('a row has the columns of the view, instants with Z, numbers as numbers', async () => {
    await using given = await withFindings();
    const [finding] = await createReader(given).findings({ statuses: ['resolved'] });
    expect(finding).toEqual({
      id: 4,
      fingerprint: `${given.nimble}:orphaned_account:over`,
      source: 'nimble',
      rule: 'orphaned_account',
      severity: 'high',
      status: 'resolved',
      account_id: 'over',
      account_email: null,
      account_name: null,
      identity_id: null,
      identity_source: null,
      identity_email: null,
      summary: 's',
      evidence: { a: 1 },
      first_detected_at: AT,
      last_detected_at: AT,
      resolved_at: AT,
      resolution: 'linked',
      waived_until: null,
      report_id: 1,
    });
  });

  test('counts by kind of what is not resolved', async () => {
    await using given = await withFindings();
    expect(await createReader(given).countFindings()).toEqual([
      { source: 'nimble', rule: 'leaver_account', severity: 'high', status: 'held', count: 1 },
      { source: 'nimble', rule: 'orphaned_account', severity: 'critical', status: 'open', count: 1 },
      { source: 'nimble', rule: 'orphaned_account', severity: 'low', status: 'open', count: 1 },
    ]);
  });
});

describe('explain', () => {
  test('shows the records, the link, the other accounts, the listings and the history', async () => {
    await using world = await openWorld(async (client, given) => {
      const person = await insertRow(client, given.directory, { externalId: 'p-1', status: 'inactive' });
      for (const externalId of ['n-1', 'n-2']) {
        await insertLink(client, await insertRow(client, given.nimble, { externalId }), person);
      }
      await insertRun(client, given.nimble);
      await insertRun(client, given.nimble, { verdict: 'incomplete' });
      await insertRun(client, given.directory);
      await insertFinding(client, given, { rule: 'leaver_account', identity: 'p-1' });
      await client.query(
        `insert into rollcall.finding_event (finding_id, at, event, report_id, detail) values
           (1, $1, 'opened', 1, '{}'), (1, $1, 'updated', 2, '{"severity": "critical"}')`,
        [AT],
      );
    });
    const told = await createReader(world).explain(1);
    expect(told).toMatchObject({
      finding: { id: 1, rule: 'leaver_account', identity_source: 'directory' },
      account: { source: 'nimble', external_id: 'n-1', situation: 'linked' },
      identity: { source: 'directory', external_id: 'p-1', status: 'inactive' },
      others: [{ external_id: 'n-2' }],
      link: { rule: 'email', evidence: {} },
      runs: [
        { source: 'nimble', verdict: 'complete', distinct_ids: 3, declared_total: 3 },
        { source: 'nimble', verdict: 'incomplete' },
        { source: 'directory', verdict: 'complete' },
      ],
      events: [
        { at: AT, event: 'opened', report_id: 1, detail: {} },
        { at: AT, event: 'updated', report_id: 2, detail: { severity: 'critical' } },
      ],
    });
    expect(told?.link?.since).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  test('of a finding without identity says so, and of none says nothing', async () => {
    await using world = await openWorld((client, given) =>
      insertFinding(client, given, { rule: 'lifecycle_conflict' }),
    );
    const reader = createReader(world);
    expect(await reader.explain(1)).toMatchObject({
      account: null,
      identity: null,
      others: [],
      link: null,
      runs: [],
      events: [],
    });
    expect(await reader.explain(2)).toBeUndefined();
  });
});

describe('sources and runs', () => {
  test('health of each configured source, authorities first; the latest run of each', async () => {
    await using world = await openWorld(async (client, given) => {
      await insertSources(client, [{ name: 'former', retired: true }]);
      await insertRow(client, given.nimble, { externalId: 'n-1' });
      await insertRun(client, given.nimble);
      await insertRun(client, given.nimble, { mode: 'delta', verdict: 'incomplete', reason: 'half' });
    });
    const reader = createReader(world);
    expect(await reader.sources()).toMatchObject([
      {
        source: 'directory',
        authoritative: true,
        last_complete_at: null,
        last_verdict: null,
        stale: true,
        accounts: 0,
      },
      {
        source: 'nimble',
        last_complete_at: '2026-11-21T09:00:00Z',
        last_verdict: 'incomplete',
        breaker: null,
        accounts: 1,
      },
    ]);
    expect(await reader.latestRuns()).toMatchObject([
      { source: 'nimble', mode: 'delta', verdict: 'incomplete', reason: 'half' },
    ]);
  });

  test.each([
    { hint: 'complete', told: 'incomplete' },
    { hint: 'incomplete', told: 'incomplete' },
    { hint: 'suspicious', told: 'suspicious' },
  ])('after a hint that was $hint the latest run is $told', async ({ hint, told }) => {
    await using world = await openWorld(async (client, given) => {
      await insertRun(client, given.nimble, { mode: 'delta', verdict: 'incomplete', reason: 'half' });
      await insertRun(client, given.nimble, { mode: 'hint', verdict: hint });
    });
    expect(await createReader(world).latestRuns()).toMatchObject([{ source: 'nimble', verdict: told }]);
  });

  test('breakers that are open, those that are closed, one by its id, and what it showed', async () => {
    await using world = await openWorld(async (client, given) => {
      await client.query(
        `insert into rollcall.breaker (source_id, kind, tripped_at, evidence, closed_at, closed_by) values
           ($1, 'source', $2, '{"lost": 2}', null, null), ($1, 'conclusion', $2, '{}', $2, 'kim')`,
        [given.nimble, AT],
      );
      await client.query(`insert into rollcall.breaker_loss values (1, 'b'), (1, 'a'), (1, 'c')`);
    });
    const reader = createReader(world);
    expect(await reader.breakers(true)).toEqual([
      {
        id: 1,
        source: 'nimble',
        kind: 'source',
        tripped_at: AT,
        closed_at: null,
        closed_by: null,
        reason: null,
        evidence: { lost: 2 },
      },
    ]);
    expect((await reader.breakers(false)).map((breaker) => breaker.id)).toEqual([2]);
    expect((await reader.breaker(2))?.closed_by).toBe('kim');
    expect(await reader.breaker(3)).toBeUndefined();
    expect(await reader.breakerLosses(1, 2)).toEqual(['a', 'b']);
  });
});

describe('roster', () => {
  test('comes in batches, ordered, as it is or as it was', async () => {
    await using world = await openWorld(async (client, given) => {
      for (let n = 0; n < 1_001; n += 1) {
        await insertRow(client, given.nimble, { externalId: `n-${String(n).padStart(4, '0')}`, gone: n === 3 });
      }
      await client.query(`update rollcall.account_version set valid_from = $1`, [AT]);
    });
    const reader = createReader(world);
    const batches: (readonly RosterViewRow[])[] = [];
    for await (const batch of reader.roster('nimble')) batches.push(batch);
    expect(batches.map((batch) => batch.length)).toEqual([1_000, 1]);
    expect(batches[0]?.[3]).toMatchObject({ source: 'nimble', external_id: 'n-0003', email: 'jane.doe@example.com' });
    expect(batches[0]?.[3]?.['gone_at']).toMatch(/Z$/);
    const before = reader.roster('nimble', '2026-11-21T09:59:59Z');
    await expect(collect(before)).rejects.toMatchObject({
      code: 'not-found',
      message: 'what nimble held at 2026-11-21 09:59:59 UTC is not known: it was not read to its end yet',
    });
    const then = await collect(reader.roster('nimble', AT));
    expect(then).toHaveLength(1_001);
    expect(then[0]).toMatchObject({ source: 'nimble', external_id: 'n-0000', valid_from: AT });
    expect(await collect(reader.roster('nobody'))).toEqual([]);
  });

  test('before its first complete reading a source is unknown, and after it empty when it was empty', async () => {
    await using world = await openWorld(async (client, given) => {
      await insertRun(client, given.nimble);
      await client.query(`update rollcall.sync_run set finished_at = $1 where source_id = $2`, [AT, given.nimble]);
    });
    const reader = createReader(world);
    await expect(collect(reader.roster('nimble', '2026-11-21T09:59:59Z'))).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('its first complete reading ended at 2026-11-21 10:00:00 UTC'),
    });
    expect(await collect(reader.roster('nimble', AT))).toEqual([]);
  });

  test('a reader that stops early gives its connection back', async () => {
    await using world = await openWorld(async (client, given) => {
      for (let n = 0; n < 1_001; n += 1) await insertRow(client, given.nimble, { externalId: `n-${n}` });
    });
    for (let round = 0; round < 8; round += 1) {
      for await (const batch of createReader(world).roster('nimble')) {
        expect(batch).toHaveLength(1_000);
        break;
      }
    }
    expect(world.pool.waitingCount).toBe(0);
    expect(world.pool.totalCount).toBe(world.pool.idleCount);
  });

  test('a moment that is none is refused without its text', async () => {
    await using world = await openWorld();
    const end = collect(createReader(world).roster('nimble', 'canary-4711'));
    await expect(end).rejects.toMatchObject({ code: 'database-failed' });
    await expect(end).rejects.not.toThrow('canary');
  });
});

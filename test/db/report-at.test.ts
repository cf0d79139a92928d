import fc from '../support/property.ts';
import { describe, expect, test } from 'vitest';
import { FINDING_STATUSES } from '../../src/core/case.ts';
import type { RosterRow } from '../../src/core/row.ts';
import type { FindingRow } from '../../src/core/views.ts';
import { createReader } from '../../src/store/reader/reader.ts';
import { findingsAt } from '../../src/store/reader/findings-at.ts';
import { sourcesAt } from '../../src/store/reader/sources-at.ts';
import { aRow } from '../support/builders.ts';
import { openWorkerWorld, type WorkerWorld } from '../support/worker.ts';

const T0 = Date.parse('2026-01-05T08:00:00Z');
const HOUR_MS = 3_600_000;
const PEOPLE = 9;

// ---------------------------------------------------------------- what may happen

type Person = {
  readonly listed: boolean;
  readonly left: 'no' | 'status' | 'date';
  readonly account: 'none' | 'active' | 'inactive' | 'privileged';
  readonly name: string;
};
type Step = {
  readonly hours: number;
  readonly people: readonly Person[];
  readonly cut: boolean;
  readonly decision: 'waive' | 'unwaive' | 'release';
};

const somePerson: fc.Arbitrary<Person> = fc.record({
  listed: fc.constantFrom(true, true, true, false),
  left: fc.constantFrom('no', 'no', 'status', 'date'),
  account: fc.constantFrom('none', 'active', 'active', 'inactive', 'privileged'),
  name: fc.constantFrom('Jane', 'Janet'),
});
/** Everybody's last day was long ago: more new findings than a conclusion breaker lets pass. */
const flood = (people: readonly Person[]): readonly Person[] =>
  people.map((person) => ({ ...person, listed: true, left: 'date', account: 'active' }));
const somePeople = fc
  .tuple(fc.array(somePerson, { minLength: PEOPLE, maxLength: PEOPLE }), fc.constantFrom(false, false, true))
  .map(([people, isFlood]) => (isFlood ? flood(people) : people));
const someStep: fc.Arbitrary<Step> = fc.record({
  hours: fc.integer({ min: 1, max: 60 }),
  people: somePeople,
  cut: fc.constantFrom(false, false, false, true),
  decision: fc.constantFrom('waive', 'unwaive', 'release', 'release'),
});

const identityOf = ({ left, name }: Person, n: number): RosterRow =>
  aRow({
    externalId: `p-${n}`,
    email: `p${n}@example.com`,
    givenName: name,
    status: left === 'status' ? 'inactive' : 'active',
    endDate: left === 'date' ? '2026-01-02' : undefined,
  });
const accountOf = ({ account }: Person, n: number): RosterRow =>
  aRow({
    externalId: `n-${n}`,
    email: `p${n}@example.com`,
    status: account === 'inactive' ? 'inactive' : 'active',
    privileged: account === 'privileged',
  });
/** Rows that are always there: some listings lose too much, and most do not. */
const CROWD = Array.from({ length: 12 }, (_, n) => aRow({ externalId: `c-${n}`, email: `c${n}@example.com` }));

async function readRosters(world: WorkerWorld, { people, cut }: Step, at: string): Promise<void> {
  world.identities = [...CROWD, ...people.flatMap((person, n) => (person.listed ? [identityOf(person, n)] : []))];
  world.accounts = [
    ...CROWD,
    ...people.flatMap((person, n) => (person.account === 'none' ? [] : [accountOf(person, n)])),
  ];
  world.identitiesEnd = cut ? { outcome: { kind: 'broken', code: 'source-unavailable', detail: 'cut' } } : {};
  await world.run(at);
}

const WAIVE = `
  with chosen as (
    update rollcall.finding set status = 'waived'
     where id = (select min(id) from rollcall.finding where status = 'open') returning id, fingerprint),
  kept as (
    insert into rollcall.waiver (fingerprint, reason, author, until, created_at)
    select fingerprint, 'r', 'kim', '2026-12-31', $1 from chosen on conflict do nothing)
  insert into rollcall.finding_event (finding_id, at, event, report_id, detail) select id, $1, 'waived', null, '{}' from chosen`;
const UNWAIVE = `
  with chosen as (
    update rollcall.finding set status = 'open'
     where id = (select min(id) from rollcall.finding where status = 'waived') returning id, fingerprint),
  ended as (
    update rollcall.waiver w set ended_at = $1, ended_because = 'unwaived'
      from chosen c where w.fingerprint = c.fingerprint and w.ended_at is null)
  insert into rollcall.finding_event (finding_id, at, event, report_id, detail) select id, $1, 'reopened', null, '{"from": "waived"}' from chosen`;

async function decide(world: WorkerWorld, decision: Step['decision'], at: string): Promise<void> {
  if (decision === 'waive') await world.store.pool.query(WAIVE, [at]);
  if (decision === 'unwaive') await world.store.pool.query(UNWAIVE, [at]);
  if (decision !== 'release') return;
  const [breaker] = await createReader(world.store).breakers(true);
  if (breaker !== undefined) await world.release(breaker.id, at);
}

// ---------------------------------------------------------------- what is compared

/** `days_exposed` grows with the day on which the view is read. */
function stable({ evidence, ...finding }: FindingRow): unknown {
  const { days_exposed: _days, ...words } = evidence;
  return { ...finding, evidence: words };
}

const byId = (a: FindingRow, b: FindingRow): number => a.id - b.id;

type Snapshot = {
  readonly at: string;
  readonly reportId: number | undefined;
  readonly findings: readonly unknown[];
  readonly sources: readonly unknown[];
};

async function takeSnapshot(world: WorkerWorld, at: string): Promise<Snapshot> {
  const reader = createReader(world.store);
  const sources = await reader.sources();
  return {
    at,
    reportId: (await reader.report())?.id,
    findings: (await reader.findings({})).toSorted(byId).map(stable),
    // Whether it is stale depends on the day on which the view is read; who was forgotten then, nobody knows any more.
    sources: sources.map(({ stale: _stale, forgotten_usable: _forgotten, ...source }) => source),
  };
}

async function replay(world: WorkerWorld, at: string): Promise<Snapshot> {
  const { pool } = world.store;
  const report = await createReader(world.store).reportAt(at);
  const moment = { reportId: report?.id ?? 0, at };
  const { findings, laterWords } = await findingsAt(pool, moment, FINDING_STATUSES);
  expect(laterWords).toEqual([]);
  const sources = await sourcesAt(pool, moment);
  return {
    at,
    reportId: report?.id,
    findings: findings.toSorted(byId).map(stable),
    sources: sources.map(({ stale: _stale, forgotten_usable: _forgotten, ...source }) => source),
  };
}

const SEEN = { held: 0, released: 0, waived: 0, resolved: 0, updated: 0, reopened: 0, withheld: 0 };

async function holds(steps: readonly Step[], seen: Record<string, number>): Promise<void> {
  await using world = await openWorkerWorld();
  const snapshots: Snapshot[] = [];
  let now = T0;
  for (const step of steps) {
    now += step.hours * HOUR_MS;
    const at = new Date(now).toISOString();
    await readRosters(world, step, at);
    snapshots.push(await takeSnapshot(world, at));
    const decidedAt = new Date(now + HOUR_MS / 2).toISOString();
    await decide(world, step.decision, decidedAt);
    snapshots.push(await takeSnapshot(world, decidedAt));
  }
  for (const snapshot of snapshots) expect(await replay(world, snapshot.at)).toEqual(snapshot);
  await count(world, seen);
}

async function aLeaver(world: WorkerWorld): Promise<void> {
  world.identities = [...CROWD, aRow({ externalId: 'p-1', status: 'on_leave', endDate: '2026-01-31' })];
  world.accounts = [...CROWD, aRow({ role: 'viewer' })];
  await world.run('2026-02-01T08:00:00Z');
  world.accounts = [...CROWD, aRow({ role: 'admin', privileged: true })];
  await world.run('2026-02-04T08:00:00Z');
  world.accounts = CROWD;
  await world.run('2026-02-09T08:00:00Z');
}

describe('what was known at a moment', () => {
  const history = fc.array(someStep, { minLength: 4, maxLength: 6 });

  test('is what the views showed at that moment, whatever happened since', { timeout: 240_000 }, async () => {
    const seen = { ...SEEN };
    await fc.assert(
      fc.asyncProperty(history, (steps) => holds(steps, seen)),
      { numRuns: 5, seed: 5, endOnFailure: true },
    );
    // Histories in which one of these never happened would prove nothing of it.
    expect(Object.entries(seen).filter(([, times]) => times === 0)).toEqual([]);
    await fc.assert(
      fc.asyncProperty(history, (steps) => holds(steps, seen)),
      { numRuns: 2, endOnFailure: true },
    );
  });

  test('severity, words and days are those of then', async () => {
    await using world = await openWorkerWorld({ timezone: 'Pacific/Auckland' });
    await aLeaver(world);
    const reader = createReader(world.store);
    const at = async (reportId: number, moment: string) =>
      (await reader.reportThen(reportId, moment)).findings.map(({ severity, status, evidence }) => [
        severity,
        status,
        Object(evidence['account'])['role'],
        evidence['days_exposed'],
      ]);

    expect(await at(1, '2026-02-01T08:00:00Z')).toEqual([['high', 'open', 'viewer', 1]]);
    // Noon in Auckland is still the day before in UTC.
    expect(await at(1, '2026-02-02T23:00:00Z')).toEqual([['high', 'open', 'viewer', 3]]);
    expect(await at(2, '2026-02-04T08:00:00Z')).toEqual([['critical', 'open', 'admin', 4]]);
    expect(await at(3, '2026-02-09T08:00:00Z')).toEqual([]);
    expect(await reader.reportAt('2026-02-01T07:59:59.999999Z')).toBeUndefined();
    expect((await reader.reportAt('2026-02-01T08:00:00Z'))?.id).toBe(1);
    expect((await reader.reportAt('2026-02-09T07:59:59Z'))?.id).toBe(2);
    expect((await reader.firstReport())?.id).toBe(1);
  });

  test('words that were not kept are those of later, and that is said; the severity was kept before', async () => {
    await using world = await openWorkerWorld();
    await aLeaver(world);
    await world.store.pool.query(`update rollcall.finding_event set detail = detail - 'before'`);

    const then = await createReader(world.store).reportThen(1, '2026-02-01T08:00:00Z');

    expect(then.findings).toMatchObject([{ id: 1, severity: 'high', evidence: { account: { role: 'admin' } } }]);
    expect(then.laterWords).toEqual([1]);
  });

  test('a report that is still being made changes nothing of the one before', async () => {
    await using world = await openWorkerWorld();
    await aLeaver(world);
    // The third began at eight and ended a minute later.
    await world.store.pool.query(
      `update rollcall.drift_report set finished_at = finished_at + interval '1 minute' where id = 3`,
    );
    const reader = createReader(world.store);
    const moment = '2026-02-09T08:00:30Z';

    const report = await reader.reportAt(moment);

    expect(report?.id).toBe(2);
    expect((await reader.reportThen(2, moment)).findings).toHaveLength(1);
  });

  test('a source that was added later is not there, one that was retired since is, and listings are those of then', async () => {
    await using world = await openWorkerWorld();
    const [directory, crm] = world.specs;
    if (directory === undefined || crm === undefined) throw new Error('no specs');
    world.specs = [directory];
    world.identities = CROWD;
    await world.run('2026-02-01T08:00:00Z');
    world.specs = [directory, crm];
    world.accounts = CROWD;
    await world.run('2026-02-02T08:00:00Z');
    world.specs = [{ ...directory, maxAgeMs: 60_000 }];
    world.identitiesEnd = { outcome: { kind: 'broken', code: 'source-unavailable', detail: 'cut' } };
    await world.run('2026-02-03T08:00:00Z');
    const reader = createReader(world.store);
    const shown = async (id: number, at: string) => {
      const { sources, runs } = await reader.reportThen(id, at);
      return [
        sources.map(({ source, stale }) => [source, stale]),
        runs.map(({ source, verdict }) => [source, verdict]),
      ];
    };

    expect(await shown(1, '2026-02-01T08:00:00Z')).toEqual([[['directory', false]], [['directory', 'complete']]]);
    expect(await shown(2, '2026-02-02T08:00:00Z')).toEqual([
      [
        ['directory', false],
        ['crm', false],
      ],
      [
        ['crm', 'complete'],
        ['directory', 'complete'],
      ],
    ]);
    expect(await shown(3, '2026-02-03T08:00:00Z')).toEqual([[['directory', true]], [['directory', 'incomplete']]]);
  });
});

async function count(world: WorkerWorld, seen: Record<string, number>): Promise<void> {
  const { rows } = await world.store.pool.query<{ event: string; count: number }>(
    `select event, count(*) as count from rollcall.finding_event group by event
     union all select 'withheld', count(*) from rollcall.drift_report where withheld <> '[]'`,
  );
  for (const { event, count: times } of rows) if (event in seen) seen[event] = (seen[event] ?? 0) + times;
}

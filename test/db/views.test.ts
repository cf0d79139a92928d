import { expect, test } from 'vitest';
import type { StoredSource } from '../../src/ports/store.ts';
import { aRow } from '../support/builders.ts';
import { aSpec, openTestStore, read, type TestStore } from '../support/store.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ago = (ms: number): Date => new Date(Date.now() - ms);
/** As Postgres writes it: no zeros at the end of the fraction. */
const iso = (date: Date): string =>
  date
    .toISOString()
    .replace(/(\.\d*?)0+Z$/, '$1Z')
    .replace('.Z', 'Z');

/** Contract §7, word for word. */
const CONTRACT = {
  drift_findings:
    'id, fingerprint, source, rule, severity, status, account_id, account_email, account_name, identity_id, identity_source, identity_email, summary, evidence, first_detected_at, last_detected_at, resolved_at, resolution, waived_until, report_id',
  drift_reports: 'id, started_at, finished_at, verdicts, withheld, opened, resolved, open, held, waived, baseline',
  roster:
    'source, external_id, email, aliases, employee_id, given_name, family_name, display_name, status, kind, role, privileged, title, department, manager_id, start_date, end_date, last_active_at, source_created_at, source_updated_at, situation, identity_id, link_rule, first_seen_at, last_seen_at, gone_at',
  sync_runs:
    'id, source, mode, verdict, reason, started_at, finished_at, pages, requests, rows_seen, distinct_ids, declared_total, rows_changed, rows_gone, digest, previous_digest',
  leaver_clock:
    'source, account_id, identity_id, left_on, first_detected_at, access_removed_at, hours_exposed, breach, finding_id',
  source_health:
    'source, type, authoritative, last_complete_at, last_verdict, stale, breaker, accounts, open_findings, seat_cost_at_risk, seat_currency, seats_at_risk, forgotten_usable',
};

test.each(Object.entries(CONTRACT))('%s has the columns of the contract', async (view, columns) => {
  await using store = await openTestStore();

  const { rows } = await store.pool.query<{ names: string }>(
    `select string_agg(column_name, ', ' order by ordinal_position) as names
       from information_schema.columns where table_schema = 'rollcall' and table_name = $1`,
    [view],
  );

  expect(rows[0]?.names).toBe(columns);
});

test('every column of the interface and every table has a comment', async () => {
  await using store = await openTestStore();

  const { rows } = await store.pool.query<{ name: string }>(
    `select c.relname || '.' || a.attname as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where n.nspname = 'rollcall' and (c.relkind = 'v' or c.relname = 'account_version')
        and col_description(c.oid, a.attnum) is null
     union all
     select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'rollcall' and c.relkind in ('r', 'v') and obj_description(c.oid) is null`,
  );

  expect(rows).toEqual([]);
});

async function twoSources(store: TestStore, maxAgeMs?: number): Promise<readonly [StoredSource, StoredSource]> {
  const specs = [aSpec({ name: 'directory', type: 'file', authoritative: true, maxAgeMs }), aSpec()];
  const [directory, nimble] = await store.sources.syncSources(specs, ago(10 * DAY_MS));
  if (directory === undefined || nimble === undefined) throw new Error('no sources');
  return [directory, nimble];
}

test('roster: situation and link, and when each row was last seen without a write', async () => {
  await using store = await openTestStore();
  const [directory, nimble] = await twoSources(store);
  const people = ['a', 'b', 'c'].map((externalId) => aRow({ externalId }));
  const [t1, t2, t3] = [ago(3 * HOUR_MS), ago(2 * HOUR_MS), ago(HOUR_MS)];
  await read(store, directory, { batches: [[aRow({ externalId: 'p-1' })]], at: t1 });
  await read(store, nimble, { batches: [people], at: t1 });
  await read(store, nimble, { batches: [people], at: t2 });
  await read(store, nimble, { batches: [people.slice(0, 2)], at: t3 });
  await store.pool.query(
    `insert into rollcall.link (source_id, external_id, identity_source_id, identity_external_id, rule, evidence, created_at)
     values ($1, 'a', $2, 'p-1', 'email', '{}', now()), ($1, 'b', $2, 'p-1', 'denied', '{}', now())`,
    [nimble.id, directory.id],
  );

  const { rows } = await store.pool.query(
    `select external_id, situation, identity_id, link_rule, first_seen_at, last_seen_at, gone_at
       from rollcall.roster order by external_id`,
  );

  const [first, second, third] = [iso(t1), iso(t2), iso(t3)];
  expect(rows.map(Object.values)).toEqual([
    ['a', 'linked', 'p-1', 'email', first, third, null],
    ['b', 'unmatched', null, null, first, third, null],
    ['c', 'unmatched', null, null, first, second, third],
    ['p-1', 'identity', null, null, first, first, null],
  ]);
});

test('source_health: fresh, stale and never read; breakers by kind; retired sources are left out', async () => {
  await using store = await openTestStore();
  const [directory, nimble] = await twoSources(store, HOUR_MS);
  const health = async () =>
    (
      await store.pool.query(
        'select source, last_verdict, stale, breaker, accounts from rollcall.source_health order by source',
      )
    ).rows.map(Object.values);
  await read(store, directory, { batches: [[aRow()]], at: ago(HOUR_MS / 2) });
  expect(await health()).toEqual([
    ['directory', 'complete', false, null, 1],
    ['nimble', null, true, null, 0],
  ]);

  await read(store, nimble, { batches: [[aRow(), aRow({ externalId: 'n-2' })]], at: ago(3 * HOUR_MS) });
  await read(store, nimble, { batches: [], at: ago(2 * HOUR_MS) });
  await store.pool.query(`update rollcall.source set max_age_ms = 60000 where name = 'directory'`);
  expect(await health()).toEqual([
    ['directory', 'complete', true, null, 1],
    ['nimble', 'suspicious', false, 'source', 2],
  ]);

  await store.sources.syncSources([aSpec()], ago(0));
  expect((await health()).map(([source]) => source)).toEqual(['nimble']);
});

async function aReport(store: TestStore, finishedAt: Date): Promise<number> {
  const { rows } = await store.pool.query<{ id: number }>(
    `insert into rollcall.drift_report
       (started_at, finished_at, verdicts, withheld, opened, reopened, resolved, undecided, open, held, waived, baseline)
     values ($1, $1, '{}', '[]', 2, 1, 0, 0, 3, 0, 0, '{}') returning id`,
    [finishedAt],
  );
  return rows[0]?.id ?? 0;
}

type Stored = {
  readonly subject: string;
  readonly evidence?: object;
  readonly openedAt: Date;
  readonly resolvedAt?: Date;
};

async function aStoredFinding(
  store: TestStore,
  ids: readonly [StoredSource, StoredSource],
  reportId: number,
  of: Stored,
) {
  await store.pool.query(
    `insert into rollcall.finding (fingerprint, source_id, rule, subject, severity, status, account_id, identity_source_id,
       identity_id, summary, evidence, charge_digest, first_detected_at, opened_at, resolved_at, resolution, report_id)
     values ($1, $2, 'leaver_account', $1, 'high', case when $5::timestamptz is null then 'open' else 'resolved' end, $1, $3,
       'p-1', 's', $4, 'd', $6, $6, $5, case when $5::timestamptz is null then null else 'access removed' end, $7)`,
    [of.subject, ids[1].id, ids[0].id, of.evidence ?? {}, of.resolvedAt, of.openedAt, reportId],
  );
}

test('drift_findings: days exposed and last detection are made when they are read', async () => {
  await using store = await openTestStore();
  const sources = await twoSources(store);
  const [r1, r2, r3] = [ago(3 * DAY_MS), ago(2 * DAY_MS), ago(DAY_MS)];
  const reports = [await aReport(store, r1), await aReport(store, r2), await aReport(store, r3)];
  const last = reports[2] ?? 0;
  await store.pool.query(`insert into rollcall.rule_state values ($1, 'leaver_account', $2, $3)`, [
    sources[1].id,
    reports[0],
    last,
  ]);
  const leftOn = ago(5 * DAY_MS)
    .toISOString()
    .slice(0, 10);
  await aStoredFinding(store, sources, reports[0] ?? 0, { subject: 'a', openedAt: r1, evidence: { left_on: leftOn } });
  await aStoredFinding(store, sources, last, {
    subject: 'b',
    openedAt: r1,
    resolvedAt: r3,
    evidence: { left_on: leftOn },
  });

  const { rows } = await store.pool.query(
    `select account_id, source, identity_source, (evidence->>'days_exposed')::int as days, last_detected_at
       from rollcall.drift_findings order by account_id`,
  );

  expect(rows.map(Object.values)).toEqual([
    ['a', 'nimble', 'directory', 5, iso(r3)],
    ['b', 'nimble', 'directory', 4, iso(r2)],
  ]);
  expect((await store.pool.query('select opened from rollcall.drift_reports limit 1')).rows).toEqual([{ opened: 3 }]);
});

test('leaver_clock: from the end of left_on in the company zone to the run that saw the account off', async () => {
  await using store = await openTestStore();
  const sources = await twoSources(store);
  await store.pool.query(`update rollcall.setting set timezone = 'Pacific/Auckland'`);
  const account = aRow({ externalId: 'a' });
  const others = ['x', 'y', 'z'].map((externalId) => aRow({ externalId }));
  await read(store, sources[1], { batches: [[account, ...others]], at: new Date('2026-06-01T00:00:00Z') });
  await read(store, sources[1], { batches: [others], at: new Date('2026-06-12T12:00:00Z') });
  const reportId = await aReport(store, new Date('2026-06-11T00:00:00Z'));
  await aStoredFinding(store, sources, reportId, {
    subject: 'a',
    openedAt: new Date('2026-06-11T00:00:00Z'),
    resolvedAt: new Date('2026-06-12T12:05:00Z'),
    evidence: { left_on: '2026-06-10', left_by: 'end_date' },
  });

  const { rows } = await store.pool.query('select * from rollcall.leaver_clock');

  // The tenth ends in Auckland (UTC+12) at noon UTC: two days before the run that no longer showed the account.
  expect(rows).toEqual([
    {
      source: 'nimble',
      account_id: 'a',
      identity_id: 'p-1',
      left_on: '2026-06-10',
      first_detected_at: '2026-06-11T00:00:00Z',
      access_removed_at: '2026-06-12T12:00:00Z',
      hours_exposed: 48,
      breach: true,
      finding_id: 1,
    },
  ]);
});

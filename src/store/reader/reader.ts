import type pg from 'pg';
import type { Instant } from '../../core/row.ts';
import type { BreakerRow, ReportRow, SourceHealthRow, SyncRunRow } from '../../core/views.ts';
import type { Reader, ReportRange, ReportThen } from '../../ports/reading.ts';
import type { Database } from '../database.ts';
import { named } from '../errors.ts';
import { BREAKER_COLUMNS, HEALTH_COLUMNS, REPORT_COLUMNS, RUN_COLUMNS } from './columns.ts';
import { loadChanges } from './changes.ts';
import { loadDiff } from './diff.ts';
import { explain } from './explain.ts';
import { findingsAt, type LedgerMoment } from './findings-at.ts';
import { countFindings, countResolved, findings } from './findings.ts';
import { readRoster } from './roster.ts';
import { listingsAt, sourcesAt } from './sources-at.ts';
import { loadMeanwhile } from './meanwhile.ts';
import { countBack, countWaiversEnding, loadWaiverNews } from './waivers.ts';

/** Closed breakers that a list shows. */
const CLOSED_BREAKERS_MAX = 200;

/** Read-only questions over the views of contract §7: what the commands, the pages and the alert texts show. */
export function createReader({ pool }: Pick<Database, 'pool'>): Reader {
  return {
    report: (id) => named('read a report', loadReport(pool, id)),
    reportAt: (at) => named('find the report of a time', loadReportAt(pool, at)),
    firstReport: () => named('read the first report', loadFirstReport(pool)),
    reportThen: (reportId, at) => named('read what a report showed', loadReportThen(pool, { reportId, at })),
    diff: (before, after) => named('compare two reports', loadDiff(pool, before, after)),
    reports: (limit) => named('read the reports', loadReports(pool, limit)),
    findings: (filter) => named('read the findings', findings(pool, filter)),
    countFindings: () => named('count the findings', countFindings(pool)),
    waiversEnding: (days) => named('count the waivers that end', countWaiversEnding(pool, days)),
    countResolved: (reportId) => named('count what was resolved', countResolved(pool, reportId)),
    countBack: (reportId) => named('count what is back', countBack(pool, only(reportId))),
    changes: (reportId) => named('read what a report changed', loadChanges(pool, reportId)),
    waiverNews: (reportId) => named('read the waivers', loadWaiverNews(pool, only(reportId))),
    meanwhile: (reports) => named('read what happened meanwhile', loadMeanwhile(pool, reports)),
    explain: (findingId) => named('explain a finding', explain(pool, findingId)),
    sources: () => named('read the state of the sources', loadHealth(pool)),
    latestRuns: () => named('read the latest runs', loadLatestRuns(pool)),
    roster: (source, at) => readRoster(pool, source, at),
    breakers: (open) => named('read the breakers', loadBreakers(pool, open)),
    breaker: (id) => named('read a breaker', loadBreaker(pool, id)),
    breakerLosses: (id, limit) => named('read what a breaker shows', loadLosses(pool, id, limit)),
  };
}

function only(reportId: number): ReportRange {
  return { from: reportId, to: reportId };
}

async function loadReport(pool: pg.Pool, id: number | undefined): Promise<ReportRow | undefined> {
  const { rows } = await pool.query<ReportRow>(
    `select ${REPORT_COLUMNS} from rollcall.drift_reports
      where $1::bigint is null or id = $1 order by id desc limit 1`,
    [id ?? null],
  );
  return rows[0];
}

// By id where two end in the same moment: reconciliations are one at a time.
async function loadReportAt(pool: pg.Pool, at: Instant): Promise<ReportRow | undefined> {
  const { rows } = await pool.query<ReportRow>(
    `select ${REPORT_COLUMNS} from rollcall.drift_reports where finished_at <= $1 order by id desc limit 1`,
    [at],
  );
  return rows[0];
}

async function loadFirstReport(pool: pg.Pool): Promise<ReportRow | undefined> {
  const { rows } = await pool.query<ReportRow>(
    `select ${REPORT_COLUMNS} from rollcall.drift_reports order by id limit 1`,
  );
  return rows[0];
}

async function loadReportThen(pool: pg.Pool, moment: LedgerMoment): Promise<ReportThen> {
  const [{ findings: shown, laterWords }, sources, runs] = await Promise.all([
    findingsAt(pool, moment, ['open', 'held']),
    sourcesAt(pool, moment),
    listingsAt(pool, moment),
  ]);
  return { findings: shown, laterWords, sources, runs };
}

async function loadReports(pool: pg.Pool, limit: number): Promise<readonly ReportRow[]> {
  const { rows } = await pool.query<ReportRow>(
    `select ${REPORT_COLUMNS} from rollcall.drift_reports order by id desc limit $1`,
    [limit],
  );
  return rows;
}

async function loadHealth(pool: pg.Pool): Promise<readonly SourceHealthRow[]> {
  const { rows } = await pool.query<SourceHealthRow>(
    `select ${HEALTH_COLUMNS} from rollcall.source_health order by authoritative desc, source`,
  );
  return rows;
}

/** Of configured sources: a retired one is not read any more, and its last run says nothing of today. */
async function loadLatestRuns(pool: pg.Pool): Promise<readonly SyncRunRow[]> {
  const { rows } = await pool.query<SyncRunRow>(
    `select ${RUN_COLUMNS} from rollcall.sync_runs
      where id in (
            select r.id from rollcall.source s
             cross join lateral (
                   select id from rollcall.sync_run
                    where source_id = s.id and (mode <> 'hint' or verdict = 'suspicious') order by id desc limit 1) r
             where s.retired_at is null)
      order by source`,
  );
  return rows;
}

/** The open ones, else the closed ones; newest first. */
async function loadBreakers(pool: pg.Pool, open: boolean): Promise<readonly BreakerRow[]> {
  const { rows } = await pool.query<BreakerRow>(
    `select ${BREAKER_COLUMNS} from rollcall.breaker b join rollcall.source s on s.id = b.source_id
      where (b.closed_at is null) = $1 order by b.id desc limit ${CLOSED_BREAKERS_MAX}`,
    [open],
  );
  return rows;
}

async function loadBreaker(pool: pg.Pool, id: number): Promise<BreakerRow | undefined> {
  const { rows } = await pool.query<BreakerRow>(
    `select ${BREAKER_COLUMNS} from rollcall.breaker b join rollcall.source s on s.id = b.source_id where b.id = $1`,
    [id],
  );
  return rows[0];
}

async function loadLosses(pool: pg.Pool, id: number, limit: number): Promise<readonly string[]> {
  const { rows } = await pool.query<{ external_id: string }>(
    'select external_id from rollcall.breaker_loss where breaker_id = $1 order by external_id limit $2',
    [id, limit],
  );
  return rows.map((row) => row.external_id);
}

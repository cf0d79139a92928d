import { Counter, Gauge, type Registry } from '@prometheus-io/client';
import type { FindingStatus } from '../core/case.ts';
import type { ReportRow, SourceHealthRow, SyncRunRow } from '../core/views.ts';
import type { DeadLetter, QueueDepth, Standing } from '../ports/alerts.ts';
import type { FindingCount } from '../ports/reading.ts';
import type { TickCount } from '../ports/ticks.ts';

/** What the metrics of the database are made of, read at one scrape. */
export type Samples = {
  readonly sources: readonly SourceHealthRow[];
  readonly runs: readonly SyncRunRow[];
  readonly counts: readonly FindingCount[];
  readonly report: ReportRow | undefined;
  readonly waiting: number;
  readonly dead: readonly DeadLetter[];
  readonly depths: readonly QueueDepth[];
  readonly schedules: readonly TickCount[];
  readonly channel: Standing | undefined;
  /** Waivers that end within a week. */
  readonly ending: readonly { readonly source: string; readonly count: number }[];
};

type Value = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** Puts one scrape's figures into an empty registry. */
export function setSamples(registry: Registry, samples: Samples): void {
  const gauge = (name: string, help: string, values: readonly Value[]): void => {
    // A gauge without labels starts at 0; one without values must not be there at all.
    if (values.length === 0) return;
    const labelNames = Object.keys(values[0]?.labels ?? {});
    const made = new Gauge({ name: `rollcall_${name}`, help, labelNames, registers: [registry] });
    for (const { labels, value } of values) made.set(labels, value);
  };
  setSources(gauge, samples.sources);
  setRuns(gauge, samples.runs);
  gauge('findings_open', 'Open findings.', countsOf(samples.counts, 'open'));
  gauge('findings_held', 'Findings held back by a conclusion breaker.', countsOf(samples.counts, 'held'));
  gauge('findings_waived', 'Findings that a person has accepted for a time.', countsOf(samples.counts, 'waived'));
  gauge(
    'waivers_ending',
    'Waivers that end within seven days: their findings open again.',
    samples.ending.map(({ source, count }) => ({ labels: { source }, value: count })),
  );
  gauge('jobs_waiting', 'Alerts that wait to be sent.', [{ labels: {}, value: samples.waiting }]);
  const given = samples.dead.reduce((sum, { count }) => sum + count, 0);
  gauge('jobs_failed', 'Jobs that were given up and not made up for.', [{ labels: {}, value: given }]);
  setQueues(gauge, samples);
  setSchedules(registry, gauge, samples.schedules);
  if (samples.channel !== undefined) setChannel(gauge, samples.channel);
  if (samples.report !== undefined) setReport(gauge, samples.report);
}

function setQueues(gauge: SetGauge, { dead, depths }: Samples): void {
  gauge(
    'dead_letters',
    'Jobs that were given up and not made up for, by queue and code.',
    dead.map(({ queue, code, count }) => ({ labels: { queue, code }, value: count })),
  );
  gauge(
    'queue_depth',
    'Jobs that wait, those to be tried again included.',
    depths.map(({ queue, waiting }) => ({ labels: { queue }, value: waiting })),
  );
  gauge(
    'queue_oldest_seconds',
    'How long the oldest job that is due waits to be taken.',
    depths.map(({ queue, oldestSeconds }) => ({ labels: { queue }, value: oldestSeconds })),
  );
}

/** Counted in the database, by all workers and over restarts: a counter of a process would be born with what that process makes up for. */
function setSchedules(registry: Registry, gauge: SetGauge, schedules: readonly TickCount[]): void {
  const counter = (name: string, help: string, valueOf: (tick: TickCount) => number): void => {
    if (schedules.length === 0) return;
    const labelNames = ['source', 'schedule'];
    const made = new Counter({ name: `rollcall_${name}`, help, labelNames, registers: [registry] });
    for (const tick of schedules) made.inc({ source: tick.source, schedule: tick.schedule }, valueOf(tick));
  };
  counter('missed_fires_total', 'Fires of a schedule that came too late or not at all.', ({ missed }) => missed);
  counter(
    'coalesced_fires_total',
    'Fires of a schedule that came while its source was being read, or about to be.',
    ({ coalesced }) => coalesced,
  );
  gauge(
    'schedule_last_fire_timestamp_seconds',
    'Last fire of a schedule that a worker has taken.',
    schedules.map(({ source, schedule, lastFire }) => ({ labels: { source, schedule }, value: toSeconds(lastFire) })),
  );
}

type SetGauge = (name: string, help: string, values: readonly Value[]) => void;

function setSources(gauge: SetGauge, sources: readonly SourceHealthRow[]): void {
  gauge(
    'source_last_complete_timestamp_seconds',
    'Last complete listing of a source.',
    sources.flatMap(({ source, last_complete_at: at }) =>
      at === null ? [] : [{ labels: { source }, value: toSeconds(at) }],
    ),
  );
  gauge(
    'source_accounts',
    'Rows present in a source: accounts, or identities if it is authoritative.',
    sources.map(({ source, authoritative, accounts }) => ({
      labels: { source, authoritative: String(authoritative) },
      value: accounts,
    })),
  );
  gauge(
    'source_stale',
    '1 while the last complete listing of a source is older than its maxAge.',
    sources.map(({ source, stale }) => ({ labels: { source }, value: Number(stale) })),
  );
  gauge(
    'breaker_open',
    '1 while a breaker of a source waits for a person.',
    sources.map(({ source, breaker }) => ({ labels: { source }, value: Number(breaker !== null) })),
  );
}

function setRuns(gauge: SetGauge, runs: readonly SyncRunRow[]): void {
  gauge(
    'source_last_run_timestamp_seconds',
    'Last listing of a source, whatever its verdict.',
    runs.map(({ source, finished_at: at }) => ({ labels: { source }, value: toSeconds(at) })),
  );
  gauge(
    'source_last_run_verdict',
    '1 for the verdict of the last listing of a source.',
    runs.map(({ source, verdict }) => ({ labels: { source, verdict }, value: 1 })),
  );
  const ofRun = (name: string, help: string, valueOf: (run: SyncRunRow) => number): void =>
    gauge(
      `source_last_run_${name}`,
      help,
      runs.map((run) => ({ labels: { source: run.source }, value: valueOf(run) })),
    );
  ofRun('duration_seconds', 'How long the last listing of a source took, waits included.', (run) =>
    secondsBetween(run.started_at, run.finished_at),
  );
  ofRun('rows', 'Rows that the last listing of a source has shown.', (run) => run.rows_seen);
  ofRun(
    'changed_rows',
    'Rows that were new, changed or gone in the last listing of a source.',
    (run) => run.rows_changed + run.rows_gone,
  );
  ofRun('requests', 'Requests that the last listing of a source took.', (run) => run.requests);
}

function setReport(gauge: SetGauge, report: ReportRow): void {
  const withheld = new Set(report.withheld.map(({ source }) => source)).size;
  gauge('last_report_timestamp_seconds', 'Last reconciliation.', [
    { labels: {}, value: toSeconds(report.finished_at) },
  ]);
  gauge('last_report_duration_seconds', 'How long the last reconciliation took.', [
    { labels: {}, value: secondsBetween(report.started_at, report.finished_at) },
  ]);
  gauge('report_withheld_sources', 'Sources whose rules the last reconciliation withheld.', [
    { labels: {}, value: withheld },
  ]);
}

/** From the database: each worker says the same, and a restart forgets nothing. */
function setChannel(gauge: SetGauge, { deadSince, failingMs }: Standing): void {
  gauge('slack_dead', '1 while Slack refuses the webhook for good: a person must make a new one.', [
    { labels: {}, value: Number(deadSince !== undefined) },
  ]);
  gauge('slack_failing_seconds', 'For how long no message could be sent; 0 while they can.', [
    { labels: {}, value: Math.round(failingMs / 1_000) },
  ]);
}

function countsOf(counts: readonly FindingCount[], wanted: FindingStatus): readonly Value[] {
  return counts.flatMap(({ source, rule, severity, status, count }) =>
    status === wanted ? [{ labels: { source, rule, severity }, value: count }] : [],
  );
}

function secondsBetween(from: string, to: string): number {
  return Math.max(0, toSeconds(to) - toSeconds(from));
}

function toSeconds(at: string): number {
  return new Date(at).getTime() / 1000;
}

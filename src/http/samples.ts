import { Gauge, type Registry } from '@prometheus-io/client';
import type { FindingStatus } from '../core/case.ts';
import type { ReportRow, SourceHealthRow, SyncRunRow } from '../core/views.ts';
import type { Standing } from '../ports/alerts.ts';
import type { FindingCount } from '../ports/reading.ts';

/** What the metrics of the database are made of, read at one scrape. */
export type Samples = {
  readonly sources: readonly SourceHealthRow[];
  readonly runs: readonly SyncRunRow[];
  readonly counts: readonly FindingCount[];
  readonly report: ReportRow | undefined;
  readonly waiting: number;
  readonly failed: number;
  readonly channel: Standing | undefined;
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
  gauge('jobs_waiting', 'Alerts that wait to be sent.', [{ labels: {}, value: samples.waiting }]);
  gauge('jobs_failed', 'Jobs that were given up.', [{ labels: {}, value: samples.failed }]);
  if (samples.channel !== undefined) setChannel(gauge, samples.channel);
  if (samples.report !== undefined) setReport(gauge, samples.report);
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
}

function setReport(gauge: SetGauge, report: ReportRow): void {
  const withheld = new Set(report.withheld.map(({ source }) => source)).size;
  gauge('last_report_timestamp_seconds', 'Last reconciliation.', [
    { labels: {}, value: toSeconds(report.finished_at) },
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

function toSeconds(at: string): number {
  return new Date(at).getTime() / 1000;
}

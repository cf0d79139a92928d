import { collectDefaultMetrics, Counter, Gauge, Registry } from '@prometheus-io/client';
import type { VerdictKind } from '../core/listing.ts';
import { type ErrorCode, OperationalError } from '../errors.ts';
import type { Queue, Standing } from '../ports/alerts.ts';
import type { Reader } from '../ports/reading.ts';
import type { TickStore } from '../ports/ticks.ts';
import { runChecks, type HealthCheck } from './health.ts';
import { setSamples, type Samples } from './samples.ts';
import { WEBHOOK_RESULTS, type WebhookResult } from './webhook.ts';

export type MetricsDeps = {
  readonly version: string;
  readonly reader: Pick<Reader, 'sources' | 'latestRuns' | 'countFindings' | 'report' | 'waiversEnding'>;
  readonly queue: Pick<Queue, 'waitingAlerts' | 'deadLetters' | 'depths'>;
  readonly ticks: Pick<TickStore, 'counts'>;
  readonly checks: readonly HealthCheck[];
  /** Of the way to people; absent where nobody is told. */
  readonly standing?: (() => Promise<Standing>) | undefined;
};

/** What Prometheus is told. Labels are names of sources, rules, checks and verdicts; never of a person. */
export interface Metrics {
  readonly contentType: string;
  render(): Promise<string>;
  /** `code`: why it is not complete, where that has one. */
  countRun(source: string, verdict: VerdictKind | 'failed', code?: string): void;
  countWebhook(result: WebhookResult): void;
  /** There is a webhook: its series begin at 0, so that a first refusal is seen. */
  expectWebhooks(): void;
  countTickFailure(): void;
  /** What a reading has cost; 0 and 0 make the series begin, so that a first increase is seen. */
  countReading(source: string, cost: { readonly requests?: number; readonly waitMs?: number }): void;
}

/** A series that begins with its first event hides it: Prometheus sees no increase. */
const VERDICTS = ['complete', 'incomplete', 'deferred', 'suspicious', 'failed'] as const;

/** A waiver that ends so soon is told in Slack, too. */
const ENDING_DAYS = 7;

const REFUSALS: ReadonlySet<string> = new Set(['source-auth', 'source-forbidden'] satisfies readonly ErrorCode[]);

/**
 * Most is read from the database at each scrape, so that every worker says the same and a restart forgets nothing; the
 * counter, the checks and Node's own figures are of this process.
 */
export function createMetrics(deps: MetricsDeps): Metrics {
  const registry = new Registry();
  watchNode(registry);
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Gauge<Label> =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  gauge('rollcall_build_info', 'Version of the program.', ['version']).set({ version: deps.version }, 1);
  const checkOk = gauge('rollcall_check_ok', '1 while a health check passes.', ['check']);
  const runs = new Counter({
    name: 'rollcall_runs_total',
    help: 'Listings judged by this process, by verdict.',
    labelNames: ['source', 'verdict'],
    registers: [registry],
  });
  const refused = gauge(
    'rollcall_credential_refused',
    '1 while the vendor refuses the credential of a source, in the listings judged by this process.',
    ['source'],
  );
  const webhooks = new Counter({
    name: 'rollcall_webhooks_total',
    help: 'Calls of /webhooks/namely to this process, by what came of them.',
    labelNames: ['result'],
    registers: [registry],
  });
  const tickFailures = new Counter({
    name: 'rollcall_tick_failures_total',
    help: 'Times that this process could not ask the database which ticks are due.',
    registers: [registry],
  });
  const perSource = (name: string, help: string): Counter<'source'> =>
    new Counter({ name, help, labelNames: ['source'], registers: [registry] });
  const requests = perSource('rollcall_source_requests_total', 'Requests of this process to a source, by listing.');
  const waits = perSource(
    'rollcall_source_wait_seconds_total',
    'Time that this process was asked to wait by a source, or waited before another try.',
  );
  const collect = async (): Promise<string> => {
    for (const { name, ok } of await runChecks(deps.checks)) checkOk.set({ check: name }, Number(ok));
    return (await registry.metrics()) + (await renderSamples(deps));
  };
  let scrape: Promise<string> | undefined;
  return {
    contentType: registry.contentType,
    // Scrapers that ask together get one answer: they must not multiply the queries.
    render: () => {
      scrape ??= collect().finally(() => {
        scrape = undefined;
      });
      return scrape;
    },
    countRun: (source, verdict, code) => {
      runs.inc({ source, verdict });
      const isRefused = code !== undefined && REFUSALS.has(code);
      // Only a vendor that answered with rows has taken the credential; a timeout in between says nothing of it.
      if (isRefused || verdict === 'complete' || verdict === 'suspicious') refused.set({ source }, Number(isRefused));
    },
    countWebhook: (result) => webhooks.inc({ result }),
    expectWebhooks: () => {
      for (const result of WEBHOOK_RESULTS) webhooks.inc({ result }, 0);
    },
    countTickFailure: () => tickFailures.inc(),
    countReading: (source, { requests: count = 0, waitMs = 0 }) => {
      for (const verdict of VERDICTS) runs.inc({ source, verdict }, 0);
      requests.inc({ source }, count);
      waits.inc({ source }, waitMs / 1_000);
    },
  };
}

/**
 * In a registry of their own, made anew: without the database these series are absent, neither old nor zero, and a source
 * that was taken out of the configuration is gone at once.
 */
async function renderSamples(deps: MetricsDeps): Promise<string> {
  const samples = await loadSamples(deps);
  if (samples === undefined) return '';
  const registry = new Registry();
  setSamples(registry, samples);
  return registry.metrics();
}

async function loadSamples({ reader, queue, ticks, standing }: MetricsDeps): Promise<Samples | undefined> {
  try {
    const [sources, runs, counts, report, waiting, dead, depths, schedules, channel, ending] = await Promise.all([
      reader.sources(),
      reader.latestRuns(),
      reader.countFindings(),
      reader.report(),
      queue.waitingAlerts(),
      queue.deadLetters(),
      queue.depths(),
      ticks.counts(),
      standing?.(),
      reader.waiversEnding(ENDING_DAYS),
    ]);
    return { sources, runs, counts, report, waiting, dead, depths, schedules, channel, ending };
  } catch (error) {
    // That the database is away is said by rollcall_check_ok; the figures of the process must stay readable then.
    if (error instanceof OperationalError) return undefined;
    throw error;
  }
}

const SAMPLE_MS = 1_000;

/**
 * By default the delay of Node's event loop is sampled every 10 ms and its use every 100, which woke an idle worker 110 times a second. The
 * delay includes the time between two samples, so with one a second its quantiles would tell of a second: they are left out, and
 * `nodejs_eventloop_lag_seconds` is measured at the scrape.
 */
function watchNode(registry: Registry): void {
  collectDefaultMetrics({
    register: registry,
    eventLoopMonitoringPrecision: SAMPLE_MS,
    eventLoopUtilizationTimeout: SAMPLE_MS,
  });
  for (const part of ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99']) {
    registry.removeSingleMetric(`nodejs_eventloop_lag_${part}_seconds`);
  }
}

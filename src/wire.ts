import { hostname } from 'node:os';
import path from 'node:path';
import { composeAlert, composeTrouble } from './alerts/compose.ts';
import { createLogChannel } from './alerts/log-channel.ts';
import { createSlackChannel } from './alerts/slack-webhook.ts';
import type { Config, SourceConfig } from './config/config.ts';
import { countReadings } from './counted-source.ts';
import { createMetrics, type Metrics } from './http/metrics.ts';
import { createGuardedFetch } from './net/guarded-fetch.ts';
import { startHttpServer } from './http/server.ts';
import type { HealthCheck } from './http/health.ts';
import { digestDueOf } from './digest-due.ts';
import { describeDeadLetters } from './dead-letters.ts';
import type { AlertChannel, Queue, Standing } from './ports/alerts.ts';
import type { CredentialStore } from './ports/credentials.ts';
import type { PageReader } from './ports/page.ts';
import type { Eraser } from './ports/erasure.ts';
import type { EvidenceStore } from './ports/evidence.ts';
import type { Operator, Reader } from './ports/reading.ts';
import type { Source } from './ports/sources.ts';
import type { Alert, Rehearsal } from './ports/store.ts';
import type { Clock, Log } from './ports/surroundings.ts';
import { prepareDatabase, type Prepare } from './prepare-database.ts';
import { createChannelStore } from './store/alert-channel.ts';
import { openDatabase, type Database } from './store/database.ts';
import { checkWritable } from './store/check-writable.ts';
import { createEvidenceStore } from './store/evidence/snapshot.ts';
import { createEraser } from './store/forget/forget.ts';
import { openEmbeddedPostgres } from './store/embedded/open.ts';
import { createOperator } from './store/operator.ts';
import { createQueue } from './store/queue.ts';
import { createPageReader } from './store/reader/page/page-reader.ts';
import { createReader } from './store/reader/reader.ts';
import { createRehearsal } from './store/rehearsal.ts';
import { createReconcileStore } from './store/reconcile/store.ts';
import { createRetentionStore } from './store/retention.ts';
import { createSourceStore } from './store/sources.ts';
import { createTickStore } from './store/ticks.ts';
import { settlesWithin } from './store/within.ts';
import { VERSION } from './version.ts';
import { openCredentials, openSource } from './wire-sources.ts';
import { watchDatabase } from './worker/database-watch.ts';
import type { ScheduledDeps, WorkerDeps } from './worker/deps.ts';
import { askHints } from './worker/hint.ts';

/** Sources read at once, their heartbeats, the reconciliation and a scrape each need a connection at the same time. */
const POOL_MAX = 10;
/** A token endpoint has 15 s to answer, and what it gives must be stored before the database is left. */
export const RENEWAL_MS = 20_000;

export type Surroundings = {
  readonly clock: Clock;
  readonly log: Log;
  /** Lines for the person at the terminal. */
  readonly say: (line: string) => void;
  /** Ends the opening: a migration may wait for a lock. */
  readonly signal?: AbortSignal | undefined;
};

export type OpenDatabase = {
  readonly database: Database;
  readonly url: string;
  /** Safe to call twice. */
  close(): Promise<void>;
};

/** Connects to the configured Postgres, or starts the embedded one beside the configuration. */
export async function openStore(config: Config, { log, say }: Surroundings): Promise<OpenDatabase> {
  const embedded =
    config.database.url === undefined
      ? await openEmbeddedPostgres({ directory: path.join(config.directory, '.rollcall'), say })
      : undefined;
  const url = config.database.url ?? embedded?.url ?? '';
  const database = openDatabase({ url, poolMax: POOL_MAX, log, applicationName: 'rollcall' });
  const close = async (): Promise<void> => {
    await database.close();
    await embedded?.close();
  };
  let closing: Promise<void> | undefined;
  return { database, url, close: () => (closing ??= close()) };
}

export type App = {
  readonly config: Config;
  readonly store: OpenDatabase;
  readonly worker: ScheduledDeps;
  readonly rehearsal: Rehearsal;
  readonly reader: Reader;
  readonly pages: PageReader;
  readonly operator: Operator;
  readonly evidence: EvidenceStore;
  readonly eraser: Eraser;
  readonly queue: Queue;
  readonly credentials: CredentialStore;
  readonly prepare: () => Promise<void>;
  readonly watch: () => { stop(): void };
  readonly serve: () => Promise<{ readonly url: string; close(): Promise<void> }>;
  close(): Promise<void>;
};

/** Joins configuration and adapters. The caller closes what is returned. */
export async function openApp(config: Config, surroundings: Surroundings, prepare: Prepare): Promise<App> {
  const { signal } = surroundings;
  const store = await openStore(config, surroundings);
  const cut = (): void => void store.close();
  signal?.addEventListener('abort', cut);
  try {
    signal?.throwIfAborted();
    const { database } = store;
    await prepareDatabase(config, database, prepare);
    signal?.throwIfAborted();
    return joinApp(config, surroundings, store);
  } catch (error) {
    await store.close();
    throw error;
  } finally {
    signal?.removeEventListener('abort', cut);
  }
}

function joinApp(config: Config, surroundings: Surroundings, store: OpenDatabase): App {
  const { clock, log } = surroundings;
  const { database } = store;
  const credentials = openCredentials(config, store, clock);
  const queue = createQueue(database, log);
  const [reader, pages] = [createReader(database), createPageReader(database)];
  const channel = openChannel(config, surroundings, database);
  const checks: readonly HealthCheck[] = [
    { name: 'database', required: true, check: () => isWritable(database) },
    { name: 'job queue', required: true, check: async () => queue.trouble() },
    { name: 'slack', required: false, check: async () => channel.refusal?.() },
    { name: 'failed jobs', required: false, check: () => deadLettersOf(queue) },
  ];
  const ticks = createTickStore(database);
  const metrics = createMetrics({ version: VERSION, reader, queue, ticks, checks, standing: channel.standing });
  const worker: ScheduledDeps = {
    clock,
    log,
    version: VERSION,
    specs: config.sources,
    sources: openSources(config, credentials, metrics),
    sourceStore: createSourceStore(database),
    reconcileStore: createReconcileStore(database),
    retention: { store: createRetentionStore(database), days: config.retention },
    queue,
    ticks,
    tickFailed: () => metrics.countTickFailure(),
    policy: {
      timezone: config.timezone,
      breakerRatio: config.policy.breakerRatio,
      leaverGraceDays: config.policy.rules.leaver_account.graceDays,
      leaverSlaHours: config.policy.rules.leaver_account.slaHours,
      disabledRules: config.policy.disabledRules,
      serviceAccounts: config.policy.serviceAccounts,
      ruleOptions: config.policy.ruleOptions,
    },
    judged: (source, verdict, code) => metrics.countRun(source, verdict, code),
    holder: `${hostname()}/${process.pid}/${clock().getTime()}`,
    deliver: (alert, signal) => deliver(alert, { reader, channel, log }, signal),
    digestDue: digestDueOf(config),
    silentMs: async () => (await channel.standing?.())?.failingMs ?? 0,
  };
  return {
    config,
    store,
    worker,
    rehearsal: createRehearsal({ url: store.url, log }),
    reader,
    pages,
    operator: createOperator(database),
    ...openRecords(database, worker),
    queue,
    credentials,
    prepare: () => prepareDatabase(config, database, 'work'),
    watch: () =>
      watchDatabase({
        check: () => checkWritable(database.pool),
        tell: (what, signal) => channel.send(composeTrouble(what), signal),
        log,
      }),
    serve: () => serve(config.http, worker, { reader, pages, clock, metrics, checks, log }),
    close: async () => {
      await settlesWithin(credentials.settled(), RENEWAL_MS);
      await store.close();
    },
  };
}

function openSources(config: Config, credentials: CredentialStore, metrics: Metrics): ReadonlyMap<string, Source> {
  const open = (source: SourceConfig): Source => countReadings(openSource(source, config, credentials), metrics);
  return new Map(config.sources.map((source) => [source.name, open(source)]));
}

/** What is kept of people, to be shown to an auditor or removed. */
function openRecords(database: Database, { sourceStore, holder }: ScheduledDeps): Pick<App, 'evidence' | 'eraser'> {
  return { evidence: createEvidenceStore(database), eraser: createEraser(database, sourceStore, holder) };
}

type Served = Omit<Parameters<typeof startHttpServer>[0], 'bind' | 'port' | 'token' | 'webhook'>;

function serve(http: Config['http'], worker: WorkerDeps, served: Served): ReturnType<App['serve']> {
  const { bind, port, token, webhookSecrets: secrets, webhook: scheme } = http;
  const webhook = { ...scheme, secrets, clock: served.clock, hint: (ids: readonly string[]) => askHints(worker, ids) };
  return startHttpServer({ bind, port, token, ...served, ...(secrets.length === 0 ? {} : { webhook }) });
}

type OpenChannel = AlertChannel & {
  readonly refusal?: () => Promise<string | undefined>;
  readonly standing?: (() => Promise<Standing>) | undefined;
};

/** Without a webhook nobody is told; the alerts are settled, not kept for a channel that may never come. */
function openChannel(config: Config, { clock, log }: Surroundings, database: Database): OpenChannel {
  const { webhookUrl } = config.slack;
  if (webhookUrl === undefined) return createLogChannel(log);
  const channel = createChannelStore(database, webhookUrl);
  const fetch = createGuardedFetch(config.network);
  return { ...createSlackChannel({ webhookUrl, clock, log, fetch, channel }), standing: () => channel.standing() };
}

type Delivery = { readonly reader: Reader; readonly channel: AlertChannel; readonly log: Log };

async function deliver(alert: Alert, { reader, channel, log }: Delivery, signal: AbortSignal): Promise<void> {
  const message = await composeAlert(alert, reader);
  if (message === undefined) return;
  await channel.send(message, signal);
  log.info({ alert: alert.kind, channel: channel.name }, 'alert delivered');
}

async function isWritable({ pool }: Database): Promise<undefined> {
  await checkWritable(pool);
}

async function deadLettersOf(queue: Queue): Promise<string | undefined> {
  return describeDeadLetters(await queue.deadLetters());
}

import { composeAlert } from '../../../src/alerts/compose.ts';
import { createSlackChannel } from '../../../src/alerts/slack-webhook.ts';
import { createGuardedFetch } from '../../../src/net/guarded-fetch.ts';
import type { AlertChannel } from '../../../src/ports/alerts.ts';
import type { ListProgress, Source } from '../../../src/ports/sources.ts';
import type { Alert } from '../../../src/ports/store.ts';
import type { Log } from '../../../src/ports/surroundings.ts';
import { startSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import { SANDBOX_SECRETS, type World } from '../../../src/sandbox/world.ts';
import { createFileSource, type FileSettings } from '../../../src/sources/file/client.ts';
import { createNamelySource, type NamelySettings } from '../../../src/sources/namely/client.ts';
import { createNimbleSource, type NimbleSettings } from '../../../src/sources/nimble/client.ts';
import type { Timing } from '../../../src/sources/timing.ts';
import { createChannelStore } from '../../../src/store/alert-channel.ts';
import { createOperator } from '../../../src/store/operator.ts';
import { createQueue } from '../../../src/store/queue.ts';
import { createReader } from '../../../src/store/reader/reader.ts';
import { createReconcileStore } from '../../../src/store/reconcile/store.ts';
import { createSourceStore } from '../../../src/store/sources.ts';
import type { WorkerDeps } from '../../../src/worker/deps.ts';
import { runOnce, type RunResult } from '../../../src/worker/run.ts';
import { migrateUrl, openTestDatabase } from '../../support/database.ts';
import { fakeTiming, NO_POLICY } from '../../support/listing.ts';
import { createMigratedDatabase } from '../../support/postgres.ts';
import { aSpec, openTestStore, type TestStore } from '../../support/store.ts';
import { BASELINE_AT, BEFORE, type SourceName } from './people.ts';
import { DEFAULT_OPTIONS } from '../../../src/core/rule-options.ts';

const MAX_AGE_MS = 26 * 3_600_000;
const BUDGET_MS = 600_000;

export type Clients = {
  readonly directory?: Partial<FileSettings> | undefined;
  readonly nimble?: Partial<NimbleSettings> | undefined;
  readonly namely?: Partial<NamelySettings> | undefined;
  readonly timing?: Partial<Timing> | undefined;
  /** Alerts go to the sandbox's Slack by the real channel. */
  readonly slack?: boolean | undefined;
};

export type RunOptions = {
  readonly at: string;
  /** Full listings; else changes alone where they would do. */
  readonly full?: boolean | undefined;
  readonly budgetMs?: number | undefined;
  /** Whether alerts are sent: between two of them a second passes. */
  readonly notify?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((source: string, step: ListProgress) => void) | undefined;
};

/** The real worker with its real clients and store, and the sandbox as all its vendors; waits take no time. */
export class Company implements AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly store: TestStore;
  /** Everything that was logged or told: one text to search for what must not be there. */
  readonly told: string[] = [];
  readonly alerts: Alert['kind'][] = [];
  /** Every wait of the clients. */
  readonly slept: number[] = [];
  #now = new Date(0);
  #deps: WorkerDeps;

  constructor(sandbox: Sandbox, store: TestStore, clients: Clients) {
    this.sandbox = sandbox;
    this.store = store;
    this.#deps = this.#join(clients);
  }

  /** What a new process would have: nothing but the database. */
  restart(clients: Clients = {}): void {
    this.#deps = this.#join(clients);
  }

  /** The next run meets this world; what the vendors have seen is forgotten. */
  show(world: World): void {
    this.sandbox.setWorld(world);
    this.sandbox.forget();
  }

  async run({
    at,
    full = true,
    budgetMs = BUDGET_MS,
    notify = false,
    signal,
    progress,
  }: RunOptions): Promise<RunResult> {
    this.#now = new Date(at);
    return await runOnce(this.#deps, {
      only: [],
      full,
      notify,
      budgetMs,
      signal: signal ?? new AbortController().signal,
      progress: (step) => {
        if (step.kind === 'source') progress?.(step.source, step.step);
      },
    });
  }

  /** Findings that are open or held, as `source rule account`. */
  async findings(): Promise<readonly string[]> {
    const rows = await createReader(this.store).findings({ statuses: ['open', 'held'] });
    return rows.map((row) => `${row.source} ${row.rule} ${row.account_id ?? row.identity_id ?? ''}`).toSorted();
  }

  /** Ids of the rows of a source that are believed to be there. */
  async present(source: SourceName): Promise<readonly string[]> {
    const rows = await this.query<{ id: string }>(
      `select external_id as id from rollcall.roster where source = '${source}' and gone_at is null`,
    );
    return rows.map(({ id }) => id).toSorted();
  }

  async query<T extends Readonly<Record<string, unknown>>>(sql: string): Promise<readonly T[]> {
    return (await this.store.pool.query<T>(sql)).rows;
  }

  async release(breakerId: number, at: string): Promise<void> {
    await createOperator(this.store).releaseBreaker(breakerId, 'test', 'checked', new Date(at));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
    await this.sandbox.close();
  }

  #join(clients: Clients): WorkerDeps {
    const reader = createReader(this.store);
    return {
      clock: () => this.#now,
      version: '0.0.0-test',
      log: this.#log(),
      specs: SPECS,
      sources: new Map(this.#openSources(clients).map((source) => [source.name, source])),
      sourceStore: this.store.sources,
      reconcileStore: createReconcileStore(this.store),
      queue: createQueue(this.store, this.#log()),
      policy: {
        timezone: 'UTC',
        breakerRatio: 0.2,
        leaverGraceDays: 0,
        leaverSlaHours: 24,
        disabledRules: new Set(),
        serviceAccounts: [],
        ruleOptions: DEFAULT_OPTIONS,
      },
      judged: () => undefined,
      holder: 'test',
      deliver: async (alert, signal) => {
        this.alerts.push(alert.kind);
        const message = await composeAlert(alert, reader);
        this.told.push(JSON.stringify(message));
        if (clients.slack === true && message !== undefined) await this.#slack().send(message, signal);
      },
    };
  }

  #slack(): AlertChannel {
    const fetch = createGuardedFetch({ allow: ['127.0.0.1'] });
    const webhookUrl = this.sandbox.slackUrl;
    const channel = createChannelStore(this.store, webhookUrl);
    return createSlackChannel({ webhookUrl, clock: () => this.#now, log: this.#log(), fetch, channel });
  }

  #openSources({ directory, nimble, namely, timing: overrides }: Clients): readonly Source[] {
    const fake = fakeTiming();
    const sleep: Timing['sleep'] = async (ms, signal) => {
      this.slept.push(ms);
      await fake.sleep(ms, signal);
    };
    const timing = { ...fake, sleep, wallMs: () => this.#now.getTime(), ...overrides };
    const shared = { allow: ['127.0.0.1'], policy: NO_POLICY, timing };
    const pace = { requestsPerMinute: 6_000 };
    return [
      createFileSource({ ...shared, name: 'directory', ...this.#place(directory) }),
      createNimbleSource({
        ...shared,
        ...pace,
        name: 'nimble',
        token: SANDBOX_SECRETS.nimbleToken,
        baseUrl: this.sandbox.nimbleUrl,
        ...nimble,
      }),
      createNamelySource({
        ...shared,
        ...pace,
        name: 'namely',
        token: SANDBOX_SECRETS.namelyToken,
        baseUrl: this.sandbox.namelyUrl,
        ...namely,
      }),
    ];
  }

  /** A `url` of the sandbox may be given without its origin. */
  #place(directory: Partial<FileSettings> | undefined): Partial<FileSettings> {
    if (directory?.path !== undefined) return directory;
    return { ...directory, url: new URL(directory?.url ?? 'identities.csv', this.sandbox.url).href };
  }

  #log(): Log {
    const keep = (data: object, message: string): void => {
      this.told.push(`${message} ${JSON.stringify(data, (_key, value: unknown) => describe(value))}`);
    };
    return { debug: keep, info: keep, warn: keep, error: keep };
  }
}

const SPECS = [
  aSpec({ name: 'directory', type: 'file', authoritative: true, credential: false, maxAgeMs: MAX_AGE_MS }),
  aSpec({ name: 'nimble', type: 'nimble', maxAgeMs: MAX_AGE_MS }),
  aSpec({ name: 'namely', type: 'namely', maxAgeMs: MAX_AGE_MS }),
];

/** Nothing was read yet. */
export async function openNewCompany(world: World, clients: Clients = {}): Promise<Company> {
  return new Company(await startSandbox({ world }), await openTestStore(), clients);
}

/** Everything of the day before was read once, completely: copied from a database in which that was done. */
export async function openCompany(clients: Clients = {}): Promise<Company> {
  const sandbox = await startSandbox({ world: BEFORE });
  const database = await createMigratedDatabase(readBaseline, 'reliability');
  return new Company(
    sandbox,
    openStore(database.url, () => database[Symbol.asyncDispose]()),
    clients,
  );
}

async function readBaseline(url: string): Promise<void> {
  await migrateUrl(url);
  const sandbox = await startSandbox({ world: BEFORE });
  await using company = new Company(sandbox, openStore(url), {});
  await company.run({ at: BASELINE_AT });
}

function openStore(url: string, drop: () => Promise<void> = async () => undefined): TestStore {
  const opened = openTestDatabase(url);
  const dispose = async (): Promise<void> => {
    await opened.close();
    await drop();
  };
  return { ...opened, url, sources: createSourceStore(opened), [Symbol.asyncDispose]: dispose };
}

/** JSON shows nothing of an error. */
function describe(value: unknown): unknown {
  return value instanceof Error ? `${value.message} ${value.stack ?? ''} ${JSON.stringify(value.cause)}` : value;
}

import { composeAlert } from '../../src/alerts/compose.ts';
import type { RosterRow } from '../../src/core/row.ts';
import type { Rule } from '../../src/core/rule.ts';
import type { ListingEnd } from '../../src/core/listing.ts';
import type { Queue } from '../../src/ports/alerts.ts';
import type { ServiceEntry } from '../../src/core/service-accounts.ts';
import { DEFAULT_OPTIONS, type RuleOptions } from '../../src/core/rule-options.ts';
import type { TokenOwner, Source, SourceSpec } from '../../src/ports/sources.ts';
import type { Alert } from '../../src/ports/store.ts';
import { createOperator } from '../../src/store/operator.ts';
import { createQueue } from '../../src/store/queue.ts';
import { createReader } from '../../src/store/reader/reader.ts';
import { createReconcileStore } from '../../src/store/reconcile/store.ts';
import { createRehearsal } from '../../src/store/rehearsal.ts';
import { createRetentionStore } from '../../src/store/retention.ts';
import { createTickStore } from '../../src/store/ticks.ts';
import type { ScheduledDeps, WorkerDeps } from '../../src/worker/deps.ts';
import { rehearseRun, type Rehearsed } from '../../src/worker/rehearse.ts';
import { runOnce, type RunResult } from '../../src/worker/run.ts';
import { aListingEnd } from './builders.ts';
import { SILENT } from './database.ts';
import { aSpec, openTestStore, type TestStore } from './store.ts';

/** Two rosters that a test writes by hand, read by the real worker on the real store at a moment that the test chooses. */
export type WorkerWorld = {
  readonly store: TestStore;
  readonly queue: Queue;
  readonly told: readonly Alert[];
  /** What people read: the first line of each message that had something to say. */
  readonly messages: readonly string[];
  /** What the next run is configured with. */
  specs: readonly SourceSpec[];
  disabledRules: readonly Rule[];
  /** Settings that are edited between two runs. */
  edited: Partial<Pick<WorkerDeps['policy'], 'leaverGraceDays' | 'timezone' | 'breakerRatio'>>;
  serviceAccounts: readonly ServiceEntry[];
  ruleOptions: RuleOptions;
  identities: readonly RosterRow[];
  accounts: readonly RosterRow[];
  /** How the next listings end. */
  accountsEnd: Partial<ListingEnd>;
  /** Whose the token of the application is; a failure, or undefined: the vendor does not say. */
  tokenOwner: TokenOwner | Error | undefined;
  identitiesEnd: Partial<ListingEnd>;
  /** Reads all sources, or only these, and reconciles. */
  run(at: string, only?: readonly string[]): Promise<RunResult>;
  /** The same as a dry run. */
  rehearse(at: string, only?: readonly string[]): Promise<Rehearsed>;
  /** What a worker of this world is given, at this moment. */
  deps(at: string): ScheduledDeps;
  /** The adapter of a source under another name, as the configuration gives it one. */
  rename(from: string, to: string): void;
  release(breakerId: number, at: string): Promise<void>;
  /** `rule subject status resolution`, sorted. */
  findings(): Promise<readonly string[]>;
  [Symbol.asyncDispose](): Promise<void>;
};

export const DIRECTORY = aSpec({ name: 'directory', type: 'file', authoritative: true, credential: false });
export const CRM = aSpec({ name: 'crm' });

export type WorkerOptions = {
  readonly graceDays?: number;
  readonly timezone?: string;
  /** Instead of the application written by hand. */
  readonly crm?: Source;
  /** Another database than a new one of its own, or another way to it. */
  readonly store?: TestStore;
};

export async function openWorkerWorld(options: WorkerOptions = {}): Promise<WorkerWorld> {
  const store = options.store ?? (await openTestStore());
  const queue = createQueue(store, SILENT);
  const reader = createReader(store);
  const told: Alert[] = [];
  const messages: string[] = [];
  let now = new Date(0);
  const clock = (): Date => now;
  const world: WorkerWorld = {
    store,
    queue,
    told,
    messages,
    specs: [DIRECTORY, CRM],
    disabledRules: [],
    edited: {},
    serviceAccounts: [],
    ruleOptions: DEFAULT_OPTIONS,
    identities: [],
    accounts: [],
    accountsEnd: {},
    tokenOwner: undefined,
    identitiesEnd: {},
    run: async (at, only = []) => {
      const signal = new AbortController().signal;
      return runOnce(world.deps(at), {
        only,
        full: false,
        notify: true,
        budgetMs: 0,
        signal,
        progress: () => undefined,
      });
    },
    rehearse: async (at, only = []) => {
      const rehearsal = createRehearsal({ url: store.url, log: SILENT, waitMs: 1_000 });
      const signal = new AbortController().signal;
      const request = { only, full: false, budgetMs: 0, signal, progress: () => undefined };
      return rehearseRun({ worker: world.deps(at), rehearsal }, request);
    },
    deps: (at) => {
      now = new Date(at);
      const policy = {
        ...deps.policy,
        ...world.edited,
        disabledRules: new Set(world.disabledRules),
        serviceAccounts: world.serviceAccounts,
        ruleOptions: world.ruleOptions,
      };
      return { ...deps, specs: world.specs, policy };
    },
    rename: (from, to) => {
      const source = sources.get(from);
      if (source === undefined) throw new Error(`no source ${from}`);
      sources.set(to, source);
    },
    release: async (id, at) => {
      await createOperator(store).releaseBreaker(id, 'test', 'seen', new Date(at));
    },
    findings: async () => {
      const rows = await reader.findings({});
      return rows
        .map((row) =>
          [row.rule, row.account_id ?? row.identity_id, row.status, row.resolution].filter(Boolean).join(' '),
        )
        .toSorted();
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
  const sources = new Map<string, Source>([
    ['directory', aSource('directory', () => ({ rows: world.identities, end: world.identitiesEnd }))],
    [
      'crm',
      options.crm ?? {
        ...aSource('crm', () => ({ rows: world.accounts, end: world.accountsEnd })),
        whoami: async () => answerOf(world.tokenOwner),
      },
    ],
  ]);
  const deps: ScheduledDeps = {
    clock,
    version: '0.0.0-test',
    log: SILENT,
    specs: [],
    sources,
    sourceStore: store.sources,
    reconcileStore: createReconcileStore(store),
    retention: { store: createRetentionStore(store), days: { versionsDays: 400, runsDays: 400 } },
    queue,
    ticks: createTickStore(store),
    tickFailed: () => undefined,
    policy: {
      timezone: options.timezone ?? 'UTC',
      breakerRatio: 0.2,
      leaverGraceDays: options.graceDays ?? 0,
      leaverSlaHours: 24,
      disabledRules: new Set(),
      serviceAccounts: [],
      ruleOptions: DEFAULT_OPTIONS,
    },
    judged: () => undefined,
    holder: 'test',
    deliver: async (alert) => {
      told.push(alert);
      const message = await composeAlert(alert, reader);
      if (message !== undefined) messages.push(message.text.split('\n')[0] ?? '');
    },
  };
  return world;
}

function aSource(
  name: string,
  roster: () => { readonly rows: readonly RosterRow[]; readonly end: Partial<ListingEnd> },
): Source {
  return {
    name,
    list: async function* list() {
      const { rows, end } = roster();
      yield rows;
      return aListingEnd({ rowsSeen: rows.length, ...end });
    },
  };
}

async function answerOf(owner: WorkerWorld['tokenOwner']): Promise<TokenOwner | undefined> {
  if (owner instanceof Error) throw owner;
  return owner;
}

import type { RosterRow } from '../../src/core/row.ts';
import type { ListingEnd } from '../../src/core/listing.ts';
import type { Alert, Queue, Source, SourceSpec } from '../../src/ports.ts';
import { createOperator } from '../../src/store/operator.ts';
import { createQueue } from '../../src/store/queue.ts';
import { createReader } from '../../src/store/reader/reader.ts';
import { createReconcileStore } from '../../src/store/reconcile/store.ts';
import type { WorkerDeps } from '../../src/worker/deps.ts';
import { runOnce, type RunResult } from '../../src/worker/run.ts';
import { aListingEnd } from './builders.ts';
import { SILENT } from './database.ts';
import { aSpec, openTestStore, type TestStore } from './store.ts';

/** Two rosters that a test writes by hand, read by the real worker on the real store at a moment that the test chooses. */
export type WorkerWorld = {
  readonly store: TestStore;
  readonly queue: Queue;
  readonly told: readonly Alert[];
  identities: readonly RosterRow[];
  accounts: readonly RosterRow[];
  /** How the next listings of the application end. */
  accountsEnd: Partial<ListingEnd>;
  run(at: string): Promise<RunResult>;
  release(breakerId: number, at: string): Promise<void>;
  /** `rule subject status resolution`, sorted. */
  findings(): Promise<readonly string[]>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type WorkerOptions = { readonly graceDays?: number; readonly timezone?: string };

export async function openWorkerWorld(options: WorkerOptions = {}): Promise<WorkerWorld> {
  const store = await openTestStore();
  const queue = createQueue(store, SILENT);
  const reader = createReader(store);
  const told: Alert[] = [];
  let now = new Date(0);
  const clock = (): Date => now;
  const specs: readonly SourceSpec[] = [
    aSpec({ name: 'directory', type: 'file', authoritative: true, credential: false }),
    aSpec({ name: 'crm' }),
  ];
  const world: WorkerWorld = {
    store,
    queue,
    told,
    identities: [],
    accounts: [],
    accountsEnd: {},
    run: async (at) => {
      now = new Date(at);
      const signal = new AbortController().signal;
      return runOnce(deps, { only: [], notify: true, budgetMs: 0, signal, progress: () => undefined });
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
  const deps: WorkerDeps = {
    clock,
    log: SILENT,
    specs,
    sources: new Map([
      ['directory', aSource('directory', () => ({ rows: world.identities, end: {} }))],
      ['crm', aSource('crm', () => ({ rows: world.accounts, end: world.accountsEnd }))],
    ]),
    sourceStore: store.sources,
    reconcileStore: createReconcileStore(store),
    queue,
    policy: {
      timezone: options.timezone ?? 'UTC',
      breakerRatio: 0.2,
      leaverGraceDays: options.graceDays ?? 0,
      leaverSlaHours: 24,
      disabledRules: new Set(),
    },
    judged: () => undefined,
    holder: 'test',
    deliver: async (alert) => void told.push(alert),
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

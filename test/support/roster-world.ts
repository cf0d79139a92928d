import type { RosterRow } from '../../src/core/row.ts';
import { DEFAULT_OPTIONS, type RuleOptions } from '../../src/core/rule-options.ts';
import type { ServiceEntry } from '../../src/core/service-accounts.ts';
import type { SourceSpec } from '../../src/ports/sources.ts';
import { createQueue } from '../../src/store/queue.ts';
import { createReconcileStore } from '../../src/store/reconcile/store.ts';
import type { WorkerDeps } from '../../src/worker/deps.ts';
import { reconcile } from '../../src/worker/reconcile.ts';
import { syncSource } from '../../src/worker/sync.ts';
import { aListingEnd } from './builders.ts';
import { SILENT } from './database.ts';
import { openTestStore, type TestStore } from './store.ts';

export type Rosters = Readonly<Record<string, readonly RosterRow[]>>;

/** Any number of rosters, read by the real worker on the real store; all listings are complete, and no breaker is in the way. */
export type RosterWorld = {
  readonly store: TestStore;
  /** What the reconciliations said they looked at. */
  readonly looked: readonly string[];
  readonly deps: WorkerDeps;
  /** Reads every source that has changed and reconciles. */
  run(rosters: Rosters, at: string, full: boolean): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function openRosterWorld(
  specs: readonly SourceSpec[],
  serviceAccounts: readonly ServiceEntry[] = [],
  ruleOptions: RuleOptions = DEFAULT_OPTIONS,
): Promise<RosterWorld> {
  const store = await openTestStore();
  let rosters: Rosters = {};
  let now = new Date(0);
  const looked: string[] = [];
  const deps: WorkerDeps = {
    clock: () => now,
    version: '0.0.0-test',
    log: { ...SILENT, info: (fields) => void looked.push(String(Object(fields)['looked'])) },
    specs,
    sources: new Map(specs.map(({ name }) => [name, { name, list: () => listOf(rosters[name] ?? []) }])),
    sourceStore: store.sources,
    reconcileStore: createReconcileStore(store),
    queue: createQueue(store, SILENT),
    policy: {
      timezone: 'UTC',
      breakerRatio: 1,
      leaverGraceDays: 0,
      leaverSlaHours: 24,
      disabledRules: new Set(),
      serviceAccounts,
      ruleOptions,
    },
    judged: () => undefined,
    holder: 'test',
    deliver: async () => {},
  };
  return {
    store,
    looked,
    deps,
    run: async (given, at, full) => {
      now = new Date(at);
      const { signal } = new AbortController();
      for (const stored of await store.sources.syncSources(specs, now)) {
        if (given[stored.name] === rosters[stored.name]) continue;
        rosters = { ...rosters, [stored.name]: given[stored.name] ?? [] };
        await syncSource(deps, { stored, full: true, budgetMs: 0, signal, progress: () => undefined });
      }
      await reconcile(deps, { notify: false, full });
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

async function* listOf(rows: readonly RosterRow[]) {
  yield rows;
  return aListingEnd({ rowsSeen: rows.length });
}

import type { Charge, Transition } from '../../src/core/case.ts';
import { fingerprintOf } from '../../src/core/ledger.ts';
import type { RulePlan } from '../../src/core/policy.ts';
import type { Reconciliation, Scope, ScopeRequest } from '../../src/ports/store.ts';
import { createReconcileStore } from '../../src/store/reconcile/store.ts';
import { insertSources } from './reconcile-world.ts';
import { openTestStore, type TestStore } from './store.ts';

// Reconciliations on a store of one's own, without the worker: what the statements of one step do.

export const TODAY = '2026-11-21';
export const AT = new Date('2026-11-21T10:00:00Z');
export const LATER = new Date('2026-11-22T10:00:00Z');
const OPTIONS = { timezone: 'Europe/Rome', leaverSlaHours: 24 };
export const NO_PLAN: RulePlan = { runs: [], withheld: [] };

/** Everything, as a first reconciliation does. */
export const ALL: Scope = { kind: 'all' };

export function judgedBy(plan: RulePlan, overrides: Partial<ScopeRequest> = {}): ScopeRequest {
  return { plan, today: TODAY, ruleSet: 'rules', ruleSetFacts: {}, serviceAccounts: [], full: false, ...overrides };
}

export type World = TestStore & { readonly directory: number; readonly nimble: number };

/** `directory` is the authority, `nimble` the application; both have been read in full. */
export async function openWorld(): Promise<World> {
  const store = await openTestStore();
  const ids = await onClient(store, (client) =>
    insertSources(client, [{ name: 'directory', authoritative: true }, { name: 'nimble' }]),
  );
  const [directory = 0, nimble = 0] = ids;
  return { ...store, directory, nimble };
}

export async function onClient<T>(
  store: TestStore,
  work: (client: Parameters<typeof insertSources>[0]) => Promise<T>,
): Promise<T> {
  const client = await store.pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

export function reconcile<T>(store: TestStore, work: (step: Reconciliation) => Promise<T>): Promise<T> {
  return createReconcileStore(store).reconcile(OPTIONS, work);
}

export async function rowsOf(store: TestStore, sql: string, values: unknown[] = []): Promise<readonly unknown[]> {
  return (await store.pool.query(sql, values)).rows;
}

function charge(store: World, subject: string, overrides: Partial<Charge> = {}): Charge {
  return {
    rule: 'orphaned_account',
    severity: 'high',
    subject,
    account: { sourceId: store.nimble, externalId: subject },
    accountEmail: `${subject}@example.com`,
    accountName: 'Jane Doe',
    summary: `${subject} is nobody`,
    evidence: { searched: [subject] },
    ...overrides,
  };
}
export function change(
  store: World,
  kind: 'open' | 'reopen' | 'update',
  subject: string,
  overrides: Partial<Charge> = {},
): { readonly sourceId: number; readonly transition: Transition } {
  const made = charge(store, subject, overrides);
  const fingerprint = fingerprintOf(store.nimble, made.rule, subject);
  return { sourceId: store.nimble, transition: { kind, fingerprint, charge: made } };
}
export function resolve(store: World, subject: string): { readonly sourceId: number; readonly transition: Transition } {
  const fingerprint = fingerprintOf(store.nimble, 'orphaned_account', subject);
  return { sourceId: store.nimble, transition: { kind: 'resolve', fingerprint, resolution: 'linked' } };
}

import type { VerdictKind } from '../core/listing.ts';
import type { Rule } from '../core/rule.ts';
import type { RuleOptions } from '../core/rule-options.ts';
import type { ServiceEntry } from '../core/service-accounts.ts';
import type { Queue } from '../ports/alerts.ts';
import type { Source, SourceSpec } from '../ports/sources.ts';
import type { Alert, ReconcileStore, RetentionDays, RetentionStore, SourceStore } from '../ports/store.ts';
import type { TickStore } from '../ports/ticks.ts';
import type { Clock, Log } from '../ports/surroundings.ts';

/** What the worker is given by wire.ts. It knows no adapter, no client library and no environment. */
export type WorkerDeps = {
  readonly clock: Clock;
  readonly log: Log;
  /** Of the program: another one may judge otherwise. */
  readonly version: string;
  readonly specs: readonly SourceSpec[];
  readonly sources: ReadonlyMap<string, Source>;
  readonly sourceStore: SourceStore;
  readonly reconcileStore: ReconcileStore;
  /** Absent: nothing is ever removed. */
  readonly retention?: { readonly store: RetentionStore; readonly days: RetentionDays } | undefined;
  readonly queue: Queue;
  readonly policy: WorkerPolicy;
  /** Told of every attempt to read a source, for metrics; `code`: why it is not complete. */
  readonly judged: (source: string, verdict: VerdictKind | 'failed', code?: string) => void;
  /** Names this process in a claim: host, pid and start. */
  readonly holder: string;
  /** Composes an alert from the store and sends it. Throws OperationalError as AlertChannel does. */
  readonly deliver: (alert: Alert, signal: AbortSignal) => Promise<void>;
  /** When the digest of a report made at `now` is told; absent: at once. */
  readonly digestDue?: ((now: Date) => Date) | undefined;
  /** For how long nobody could be told; 0 while that works. Absent: it always does. */
  readonly silentMs?: (() => Promise<number>) | undefined;
};

/** What `start` needs besides: a `run` has no schedule. */
export type ScheduledDeps = WorkerDeps & {
  /** Which fires of the schedules were taken. */
  readonly ticks: TickStore;
  /** Told each time that the database could not be asked which fires are due, for metrics. */
  readonly tickFailed: () => void;
};

type WorkerPolicy = {
  readonly timezone: string;
  readonly breakerRatio: number;
  readonly leaverGraceDays: number;
  readonly leaverSlaHours: number;
  readonly disabledRules: ReadonlySet<Rule>;
  readonly serviceAccounts: readonly ServiceEntry[];
  readonly ruleOptions: RuleOptions;
};

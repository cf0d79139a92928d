import { type Database, openDatabase } from '../../src/store/database.ts';
import { createReconcileStore } from '../../src/store/reconcile/store.ts';
import { createSourceStore } from '../../src/store/sources.ts';
import { createQueue } from '../../src/store/queue.ts';
import type { WorkerDeps } from '../../src/worker/deps.ts';
import { reconcile } from '../../src/worker/reconcile.ts';
import { SILENT } from './database.ts';
import { peakRssBytes } from './peak.ts';
import { Stopwatch } from './repeat.ts';
import { type Answer, Command, WORKER_NAME } from './worker-process.ts';
import { DEFAULT_OPTIONS } from '../../src/core/rule-options.ts';

// Started by `worker-process.ts`: takes commands one at a time and answers each.

let opened: { readonly database: Database; readonly deps: WorkerDeps } | undefined;

process.on('message', (message) => {
  void answer(message).then((said) => {
    if (said !== undefined) process.send?.(said);
  });
});
// Nobody asks any more: the parent has died.
process.on('disconnect', () => void close());

async function answer(message: unknown): Promise<Answer | undefined> {
  try {
    const command = Command.parse(message);
    if (command.kind === 'open') return open(command.url);
    if (command.kind === 'reconcile') return await reconcileOnce(command.full);
    await close();
    process.disconnect();
    return undefined;
  } catch (error) {
    return { error: error instanceof Error ? `${error.message}; ${String(error.cause)}` : String(error) };
  }
}

function open(url: string): Answer {
  const database = openDatabase({ url, poolMax: 2, log: SILENT, applicationName: WORKER_NAME });
  opened = { database, deps: depsOf(database) };
  return { ms: 0, opened: 0, resolved: 0, peakRssBytes: peakRssBytes() };
}

async function reconcileOnce(full: boolean): Promise<Answer> {
  if (opened === undefined) throw new Error('not opened');
  const { deps } = opened;
  const stopwatch = new Stopwatch();
  const done = await stopwatch.time(() => reconcile(deps, { notify: false, full }));
  return { ms: stopwatch.ms, opened: done.opened, resolved: done.resolved, peakRssBytes: peakRssBytes() };
}

async function close(): Promise<void> {
  await opened?.database.close();
  opened = undefined;
}

function depsOf(database: Database): WorkerDeps {
  return {
    clock: () => new Date(),
    version: '0.0.0-test',
    log: SILENT,
    specs: [],
    sources: new Map(),
    sourceStore: createSourceStore(database),
    reconcileStore: createReconcileStore(database),
    queue: createQueue(database, SILENT),
    policy: {
      timezone: 'UTC',
      breakerRatio: 0.2,
      leaverGraceDays: 0,
      leaverSlaHours: 24,
      disabledRules: new Set(),
      serviceAccounts: [],
      ruleOptions: DEFAULT_OPTIONS,
    },
    judged: () => {},
    holder: 'bench',
    deliver: () => Promise.resolve(),
  };
}

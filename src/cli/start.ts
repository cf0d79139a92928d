import type { Log } from '../ports/surroundings.ts';
import { awaitDatabase } from '../worker/await-database.ts';
import type { ScheduledDeps } from '../worker/deps.ts';
import { type RunningWorker, startWorker } from '../worker/start.ts';

export type StartDeps = {
  readonly worker: ScheduledDeps;
  readonly budgetMs: number;
  readonly graceMs: number;
  readonly log: Log;
  /** Makes the database ready for work. Tried again while the database is away; what a person must mend ends the start. */
  readonly prepare: () => Promise<void>;
  /** Looks after the database from the first moment to the last. */
  readonly watch: () => { stop(): void };
  /** Serves health, metrics and the page, also while the database is waited for; closed after the work has ended. */
  readonly serve: () => Promise<{ readonly url: string; close(): Promise<void> }>;
  /** Asks to end: jobs may drain for `graceMs`. */
  readonly signal: AbortSignal;
  /** Asks again: running jobs are aborted. */
  readonly hurry?: AbortSignal | undefined;
};

/** `rollcall start`: works until it is asked to end. The exit code is that of the signal (main.ts). */
export async function startCommand(deps: StartDeps): Promise<number> {
  const { log, graceMs, signal, hurry } = deps;
  const server = await deps.serve();
  const watch = deps.watch();
  try {
    const asked = whenAborted(signal);
    const starting = begin(deps);
    const worker = await Promise.race([starting, asked]);
    if (worker !== undefined) {
      log.info({ sources: deps.worker.specs.map(({ name }) => name), http: server.url }, 'worker started');
      await asked;
    }
    // What still starts fails on the queue that is stopped or on the pool that is closed.
    starting.catch(() => undefined);
    log.info({ graceMs }, 'draining');
    const ended = await (worker ?? deps.worker.queue).stop(graceMs, hurry);
    log.info({ ended }, 'worker stopped');
    return 0;
  } finally {
    watch.stop();
    await server.close();
  }
}

async function begin({ worker, budgetMs, log, prepare, signal }: StartDeps): Promise<RunningWorker> {
  await awaitDatabase(prepare, { log, signal });
  return await startWorker(worker, budgetMs, signal);
}

async function whenAborted(signal: AbortSignal): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  signal.addEventListener('abort', () => resolve(undefined));
  if (signal.aborted) resolve(undefined);
  return await promise;
}

import type { Log } from '../ports/surroundings.ts';
import type { ScheduledDeps } from '../worker/deps.ts';
import { startWorker } from '../worker/start.ts';

export type StartDeps = {
  readonly worker: ScheduledDeps;
  readonly budgetMs: number;
  readonly graceMs: number;
  readonly log: Log;
  /** Serves health, metrics and the page; closed after the work has ended. */
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
  try {
    const starting = startWorker(deps.worker, deps.budgetMs, signal);
    const asked = whenAborted(signal);
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
    await server.close();
  }
}

async function whenAborted(signal: AbortSignal): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  signal.addEventListener('abort', () => resolve(undefined));
  if (signal.aborted) resolve(undefined);
  return await promise;
}

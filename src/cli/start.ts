import type { Log } from '../ports.ts';
import type { WorkerDeps } from '../worker/deps.ts';
import { startWorker } from '../worker/start.ts';

export type StartDeps = {
  readonly worker: WorkerDeps;
  readonly budgetMs: number;
  readonly graceMs: number;
  readonly log: Log;
  /** Serves health, metrics and the page; closed after the work has ended. */
  readonly serve: () => Promise<{ readonly url: string; close(): Promise<void> }>;
};

/** What ends a process from outside, and the exit code that says so (contract §2). */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * `rollcall start`: works until a signal. The first one drains within `shutdownGrace`; a second one ends at once, because a
 * person who asks twice means it.
 */
export async function startCommand(deps: StartDeps): Promise<number> {
  const asked = Promise.withResolvers<number>();
  const listeners = listen((code) => asked.resolve(code));
  const server = await deps.serve();
  try {
    const worker = await startWorker(deps.worker, deps.budgetMs);
    deps.log.info({ sources: deps.worker.specs.map(({ name }) => name), http: server.url }, 'worker started');
    const code = await asked.promise;
    deps.log.info({ graceMs: deps.graceMs }, 'draining');
    const forced = Promise.withResolvers<'forced'>();
    const again = listen(() => forced.resolve('forced'));
    const ended = await Promise.race([worker.stop(deps.graceMs).then(() => 'drained' as const), forced.promise]);
    again();
    deps.log.info({ ended }, 'worker stopped');
    return code;
  } finally {
    listeners();
    await server.close();
  }
}

function listen(take: (code: number) => void): () => void {
  const offs = Object.entries(SIGNALS).map(([signal, code]) => {
    const listener = (): void => take(code);
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => {
    for (const off of offs) off();
  };
}

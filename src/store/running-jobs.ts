import { OperationalError } from '../errors.ts';
import type { Stopped } from '../ports/alerts.ts';
import { settlesWithin } from './within.ts';

/** What a handler needs after its abort to release a claim and to roll back. */
const ABORT_MS = 3_000;

/**
 * The jobs that this process has in hand. pg-boss's own stop settles an aborted job at once, with an error of its own and its
 * stack, while the handler still goes on; here a stop waits for the handlers, so that the pool is closed after them.
 */
export class RunningJobs {
  readonly #running = new Set<Promise<unknown>>();
  readonly #abort = new AbortController();
  readonly #abandoned = Promise.withResolvers<'stopped'>();
  #stopping = false;

  get count(): number {
    return this.#running.size;
  }

  /** What the handler returned, or `stopped` when it did not end as it should because this process is being stopped. */
  async run<T>(signal: AbortSignal, handle: (signal: AbortSignal) => Promise<T>): Promise<T | 'stopped'> {
    if (this.#stopping) return 'stopped';
    const work = handle(AbortSignal.any([signal, this.#abort.signal]));
    this.#running.add(work);
    try {
      return await Promise.race([work, this.#abandoned.promise]);
    } catch (error) {
      if (this.#abort.signal.aborted) return 'stopped';
      throw error;
    } finally {
      this.#running.delete(work);
    }
  }

  /** Begins no job any more, and waits for those that run: for `graceMs` or until `hurry`, then they are aborted. */
  async stop(graceMs: number, hurry?: AbortSignal): Promise<Stopped> {
    this.#stopping = true;
    if (await settlesWithin(Promise.allSettled(this.#running), graceMs, hurry)) return 'drained';
    this.#abort.abort(new OperationalError('busy', 'stopped: the worker is being ended'));
    await settlesWithin(Promise.allSettled(this.#running), ABORT_MS);
    this.#abandoned.resolve('stopped');
    return 'cut';
  }
}

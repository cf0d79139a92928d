import { OperationalError } from './errors.ts';

/** What ends a process from outside, and the exit code that says so (contract §2). */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export type Ending = {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Aborted by the second one: a person who asks twice means it. */
  readonly hurry: AbortSignal;
  /** The exit code of the first one. */
  readonly code: () => number | undefined;
};

/**
 * Listens from the first moment on: as PID 1 of a container a process without a listener does not hear a signal at all. After
 * `heard` signals the system's own way applies again.
 */
export function listenForEnd(heard: 1 | 2): Ending {
  const ended = new AbortController();
  const hurried = new AbortController();
  const offs: (() => void)[] = [];
  let code: number | undefined;
  let count = 0;
  const take = (of: number): void => {
    count += 1;
    code ??= of;
    if (count >= heard) for (const off of offs) off();
    if (count > 1) hurried.abort();
    else ended.abort(new OperationalError('usage', 'stopped by a signal'));
  };
  for (const [name, of] of Object.entries(SIGNALS)) {
    const listener = (): void => take(of);
    process.on(name, listener);
    offs.push(() => void process.off(name, listener));
  }
  return { signal: ended.signal, hurry: hurried.signal, code: () => code };
}

type Cut = { readonly graceMs: number; readonly signal: AbortSignal; readonly cut: () => Promise<void> };

/** A signal aborts a run; what has not ended by itself when the grace is over loses its database, and fails. */
export async function cutAfter<T>(running: Promise<T>, { graceMs, signal, cut }: Cut): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer = setTimeout(() => void cut(), graceMs);
  };
  signal.addEventListener('abort', begin, { once: true });
  if (signal.aborted) begin();
  try {
    return await running;
  } finally {
    signal.removeEventListener('abort', begin);
    clearTimeout(timer);
  }
}

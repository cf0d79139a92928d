import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import type { BenchDatabase } from './database.ts';
import { imageNode } from './image.ts';

/** What its connections call themselves. */
export const WORKER_NAME = 'rollcall bench worker';

/** What `worker-child.ts` is told. */
export const Command = z.union([
  z.strictObject({ kind: z.literal('open'), url: z.string() }),
  /** `full`: whatever has changed. */
  z.strictObject({ kind: z.literal('reconcile'), full: z.boolean() }),
  z.strictObject({ kind: z.literal('close') }),
]);
export type Command = z.infer<typeof Command>;

/** What it answers, once a command. */
const Answer = z.union([
  z.strictObject({
    ms: z.number(),
    opened: z.number(),
    resolved: z.number(),
    /** Of the whole life of the process. */
    peakRssBytes: z.number(),
  }),
  z.strictObject({ error: z.string() }),
]);
export type Answer = z.infer<typeof Answer>;
type Reconciled = Exclude<Answer, { error: string }>;

/** A process that does nothing but reconcile, so that its memory is the worker's and not the benchmark's. */
export type WorkerProcess = {
  /** With the program loaded, before it has done anything. */
  readonly idleRssBytes: number;
  /** Of its whole life, as it last said. */
  readonly peakRssBytes: number;
  reconcile(full: boolean): Promise<Reconciled>;
  close(): Promise<void>;
};

export async function startWorkerProcess(database: Pick<BenchDatabase, 'url' | 'folder'>): Promise<WorkerProcess> {
  const { flags, env } = await imageNode(database);
  const child = fork(new URL('worker-child.ts', import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [...flags],
    env: { ...process.env, ...env },
  });
  const { peakRssBytes: idleRssBytes } = await ask(child, { kind: 'open', url: database.url });
  let peak = idleRssBytes;
  return {
    idleRssBytes,
    get peakRssBytes() {
      return peak;
    },
    reconcile: async (full) => {
      const done = await ask(child, { kind: 'reconcile', full });
      peak = done.peakRssBytes;
      return done;
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.send({ kind: 'close' } satisfies Command);
      await ended;
    },
  };
}

async function ask(child: ChildProcess, command: Command): Promise<Reconciled> {
  const ended = new AbortController();
  const onExit = (): void => ended.abort(new Error('the worker process has ended'));
  child.once('exit', onExit);
  try {
    const answered = once(child, 'message', { signal: ended.signal });
    child.send(command);
    const [message] = z
      .tuple([z.unknown()])
      .rest(z.unknown())
      .parse(await answered);
    const answer = Answer.parse(message);
    if ('error' in answer) throw new Error(`the worker process failed: ${answer.error}`);
    return answer;
  } finally {
    child.off('exit', onExit);
  }
}

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type SteadyQuestion = {
  readonly id: number;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
};
export type SteadyAnswer = { readonly id: number; readonly code: number };

const CHILD = fileURLToPath(new URL('steady-child.ts', import.meta.url));

/** A process that runs commands of the program one after the other, so that their modules are loaded once. */
export class SteadyProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (code: number) => void>();
  readonly #ended: Promise<unknown>;
  #asked = 0;

  constructor() {
    this.#child = fork(CHILD, { stdio: 'ignore' });
    this.#ended = once(this.#child, 'exit');
    this.#child.on('message', (answer: SteadyAnswer) => {
      this.#waiting.get(answer.id)?.(answer.code);
      this.#waiting.delete(answer.id);
    });
  }

  /** The exit code; rejects when the process has died. */
  async run(question: Omit<SteadyQuestion, 'id'>): Promise<number> {
    this.#asked += 1;
    const id = this.#asked;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#waiting.set(id, resolve);
    this.#child.send({ ...question, id } satisfies SteadyQuestion);
    const died = this.#ended.then(() => {
      throw new Error('the process that runs commands has died');
    });
    return await Promise.race([promise, died]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Readable } from 'node:stream';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const TIMEOUT_MS = 60_000;
/** Variables of the test's own environment that the program may see; everything else could hide a fault. */
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'NODE_COMPILE_CACHE'] as const;

export type CliOptions = {
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  readonly timeoutMs?: number | undefined;
};
export type CliResult = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** Runs `rollcall ARGS` as a process of its own, with this Node, and waits for its end. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  await using running = startCli(args, options);
  return await running.ended;
}

/** Starts `rollcall ARGS` and leaves it running; disposing of it kills it. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: options.cwd,
    env: { ...toPassedOn(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new RunningCli(child, options.timeoutMs ?? TIMEOUT_MS);
}

type Child = ChildProcessByStdio<null, Readable, Readable>;
type Waiter = { readonly pattern: RegExp; readonly resolve: (line: string) => void };

export class RunningCli implements AsyncDisposable {
  readonly #child: Child;
  readonly #written = { stdout: '', stderr: '' };
  readonly #waiters = new Set<Waiter>();
  /** Resolves when the process has ended and all its output was read. */
  readonly ended: Promise<CliResult>;

  constructor(child: Child, timeoutMs: number) {
    this.#child = child;
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8');
      child[stream].on('data', (text: string) => this.#take(stream, text));
    }
    const { promise, resolve, reject } = Promise.withResolvers<CliResult>();
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, ...this.#written });
    });
    this.ended = promise;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }
  get output(): { readonly stdout: string; readonly stderr: string } {
    return { ...this.#written };
  }

  /** The first line of stdout or stderr, past or future, that matches; rejects when the process ends without one. */
  async line(pattern: RegExp): Promise<string> {
    const known = this.#find(pattern);
    if (known !== undefined) return known;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const waiter = { pattern, resolve };
    this.#waiters.add(waiter);
    this.ended.then(
      ({ code, stderr }) => reject(new Error(`ended with ${code} before ${String(pattern)}; stderr: ${stderr}`)),
      reject,
    );
    try {
      return await promise;
    } finally {
      this.#waiters.delete(waiter);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.ended.catch(() => undefined);
  }

  #take(stream: 'stdout' | 'stderr', text: string): void {
    this.#written[stream] += text;
    for (const waiter of this.#waiters) {
      const line = this.#find(waiter.pattern);
      if (line !== undefined) waiter.resolve(line);
    }
  }

  #find(pattern: RegExp): string | undefined {
    const lines = `${this.#written.stdout}\n${this.#written.stderr}`.split('\n');
    return lines.find((line) => pattern.test(line));
  }
}

function toPassedOn(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

import { spawn } from 'node:child_process';

/** The unprivileged user that Postgres runs as when we are root: it refuses to run as root itself. */
export type RunAs = { readonly uid: number; readonly gid: number };
export type ProgramResult = { readonly ok: boolean; readonly output: string };

/** Nothing of our own environment: it holds vendor tokens, and a server's environment is readable in /proc. */
const PROGRAM_ENV = {
  LC_ALL: 'C',
  TZ: 'UTC',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
};

const PROGRAM_TIMEOUT_MS = 90_000;
const OUTPUT_CHARACTERS_MAX = 4_000;

/** Options that every program of ours gets: `/` is a folder that everybody may enter; its own group, so that Ctrl-C stays with us. */
export function programOptions(runAs: RunAs | undefined): {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly detached: true;
  readonly uid?: number;
  readonly gid?: number;
} {
  return { cwd: '/', env: PROGRAM_ENV, detached: true, ...runAs };
}

/** Runs a short program to its end. That it cannot be started, fails or takes too long is a result, not an exception. */
export async function runProgram(
  file: string,
  args: readonly string[],
  runAs: RunAs | undefined,
): Promise<ProgramResult> {
  return await new Promise((resolve) => {
    const child = spawn(file, args, { ...programOptions(runAs), stdio: ['ignore', 'pipe', 'pipe'] });
    // Not spawn's own `timeout`: when the program cannot be started, its timer goes on and holds our process for all of it.
    const timer = setTimeout(() => child.kill('SIGKILL'), PROGRAM_TIMEOUT_MS);
    const end = (result: ProgramResult): void => {
      clearTimeout(timer);
      resolve(result);
    };
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-OUTPUT_CHARACTERS_MAX);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error: NodeJS.ErrnoException) => end({ ok: false, output: error.code ?? error.message }));
    child.on('close', (code) => end({ ok: code === 0, output: output.trim() }));
  });
}

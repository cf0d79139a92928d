import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** How the image is meant to be run; docker-compose.yml has the same. */
export const HARDENED = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--tmpfs=/tmp'] as const;

const COMMAND_TIMEOUT_MS = 300_000;
const OUTPUT_BYTES_MAX = 20_000_000;
const WAIT_PAUSE_MS = 250;

export type DockerResult = { readonly code: number; readonly stdout: string; readonly stderr: string };
type Env = Readonly<Record<string, string>>;

/** Runs a command of the engine to its end, whatever its exit code. */
export async function tryCommand(file: string, args: readonly string[], env: Env = {}): Promise<DockerResult> {
  return await new Promise((resolve, reject) => {
    const options = {
      cwd: ROOT,
      // The classic builder, where the engine has no BuildKit client: the Dockerfile needs nothing newer.
      env: { ...process.env, DOCKER_BUILDKIT: process.env['DOCKER_BUILDKIT'] ?? '0', ...env },
      timeout: COMMAND_TIMEOUT_MS,
      maxBuffer: OUTPUT_BYTES_MAX,
    };
    execFile(file, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') resolve({ code, stdout, stderr });
      else reject(error ?? new Error('no exit code'));
    });
  });
}

/** Runs `docker ARGS`; its stdout, or a failure with its stderr. */
export async function docker(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await tryCommand('docker', args);
  if (code !== 0) throw new Error(`docker ${args[0] ?? ''} ended with ${code}: ${stderr}`);
  return stdout.trim();
}

/** A name that no other run has. */
export function uniqueName(kind: string): string {
  return `rollcall-test-${kind}-${randomBytes(4).toString('hex')}`;
}

/** Asks until the answer is no longer undefined. */
export async function waitFor<T>(what: string, timeoutMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(WAIT_PAUSE_MS);
  }
  throw new Error(`${what}: not after ${timeoutMs / 1000} s`);
}

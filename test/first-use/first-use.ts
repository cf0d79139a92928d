import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCli } from '../support/cli.ts';

const README = fileURLToPath(new URL('../../README.md', import.meta.url));
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** What the README writes; the sandbox of the script takes a free port. */
const PORT_IN_README = 'http://127.0.0.1:8090';
const STEP_TIMEOUT_MS = 120_000;

export type Step = { readonly command: string; readonly ms: number; readonly stdout: string };

/** Does what the README tells a stranger, word for word, in an empty folder: the demo, then `init` and a first run against the sandbox. */
export async function followReadme(): Promise<readonly Step[]> {
  const commands = commandsOf(await readFile(README, 'utf8'));
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-first-use-'));
  // The embedded Postgres of root runs as another user, who must get here.
  await chmod(folder, 0o755);
  try {
    const demo = await shell('npx rollcall demo', folder);
    await using sandbox = startCli(['sandbox', '--port', '0'], { cwd: folder, timeoutMs: 2 * STEP_TIMEOUT_MS });
    const url = (await sandbox.line(/^sandbox on /)).replace('sandbox on ', '');
    const steps: Step[] = [demo];
    const exported: string[] = [];
    for (const command of commands) {
      if (command === 'npx rollcall sandbox &') continue;
      if (command.startsWith('export ')) exported.push(command);
      else steps.push(await shell(command.replaceAll(PORT_IN_README, url), folder, exported));
    }
    return steps;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The lines between the marks, with continued ones joined. */
function commandsOf(readme: string): readonly string[] {
  const marked = /<!-- first-use:begin -->\s*```sh\n(?<block>[\s\S]*?)```\s*<!-- first-use:end -->/u.exec(readme);
  const lines = (marked?.groups?.['block'] ?? '').replaceAll(/\\\n\s*/gu, '').split('\n');
  const commands = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  if (!commands.some((command) => command.startsWith('npx rollcall init'))) {
    throw new Error('the README has no first use between its marks');
  }
  return commands;
}

/** The command as a shell takes it; `npx rollcall` is this checkout. Throws with what it said when it does not end with 0. */
async function shell(command: string, cwd: string, exported: readonly string[] = []): Promise<Step> {
  const script = [
    'set -eu',
    // A folder that is no checkout has no `rollcall` for npx.
    'npx() { test "$1" = rollcall; shift; "$NODE" "$MAIN" "$@"; }',
    ...exported,
    command,
  ].join('\n');
  const { PATH, HOME, TMPDIR } = process.env;
  const started = performance.now();
  const child = spawn('bash', ['-c', script], {
    cwd,
    env: { PATH, HOME, TMPDIR, NODE: process.execPath, MAIN, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: STEP_TIMEOUT_MS,
  });
  const written = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (written.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (written.stderr += text));
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  const code = await promise;
  if (code !== 0) throw new Error(`${command} ended with ${code}:\n${written.stderr}${written.stdout}`);
  return { command, ms: performance.now() - started, stdout: written.stdout };
}

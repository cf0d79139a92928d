import { parseCommand } from '../../../src/cli/command.ts';
import { dispatch } from '../../../src/dispatch/dispatch.ts';
import { ERROR_CODES, OperationalError } from '../../../src/errors.ts';
import { VERSION } from '../../../src/version.ts';
import type { SteadyAnswer, SteadyQuestion } from './steady.ts';

// Commands of the real program, one after the other or side by side in one process: what a sweep starts again is not what it
// breaks off, and a process for each would cost it half of its time.

const out = {
  stdout: async () => await Promise.resolve(),
  stderr: async () => await Promise.resolve(),
  isTerminal: false,
  columns: 80,
  color: false,
};

process.on('message', (question: SteadyQuestion) => void answer(question));

async function answer({ id, args, env, cwd }: SteadyQuestion): Promise<void> {
  const reply: SteadyAnswer = { id, code: await codeOf({ args, env, cwd }) };
  process.send?.(reply);
}

async function codeOf({ args, env, cwd }: Omit<SteadyQuestion, 'id'>): Promise<number> {
  const parsed = parseCommand(args, VERSION);
  if (parsed.kind === 'text' || parsed.command.name === 'healthcheck') return 64;
  try {
    return await dispatch({ ...parsed, command: parsed.command, env, cwd, out, signal: new AbortController().signal });
  } catch (error) {
    return error instanceof OperationalError ? ERROR_CODES[error.code].exit : 1;
  }
}

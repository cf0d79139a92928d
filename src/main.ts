#!/usr/bin/env node
import { parseCommand } from './cli/command.ts';
import { createOutput } from './cli/output.ts';
import { dispatch } from './dispatch.ts';
import { ERROR_CODES, OperationalError } from './errors.ts';
import { VERSION } from './wire.ts';

const BUG = 1;

process.exitCode = await main();

async function main(): Promise<number> {
  const color = process.env['NO_COLOR'] === undefined || process.env['NO_COLOR'] === '';
  const out = createOutput(process, { color });
  const parsed = parseCommand(process.argv.slice(2), VERSION);
  if (parsed.kind === 'text') {
    await (parsed.code === 0 ? out.stdout : out.stderr)(parsed.text);
    return parsed.code;
  }
  const ended = new AbortController();
  let exitCode: number | undefined;
  // `start` drains by its own listeners; for the others a signal aborts what runs, and a second one ends the process.
  if (parsed.command.name !== 'start') {
    process.once('SIGINT', () => stop(130));
    process.once('SIGTERM', () => stop(143));
  }
  const stop = (code: number): void => {
    exitCode = code;
    ended.abort(new OperationalError('usage', 'stopped by a signal'));
  };
  try {
    const code = await dispatch({ ...parsed, env: process.env, cwd: process.cwd(), out, signal: ended.signal });
    return exitCode ?? code;
  } catch (error) {
    if (exitCode !== undefined) return exitCode;
    if (!(error instanceof OperationalError)) {
      // A bug ends the run with its stack; the class and place of it, as messages of client libraries may hold data.
      await out.stderr(`rollcall: a bug. Please report this:\n${describeBug(error)}\n`);
      return BUG;
    }
    await out.stderr(`rollcall: ${error.message} [${error.code}]\n`);
    return ERROR_CODES[error.code].exit;
  }
}

function describeBug(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [error.name, ...frames].join('\n');
}

#!/usr/bin/env node
import { parseCommand } from './cli/command.ts';
import { createOutput, type Output } from './cli/output.ts';
import { dispatch } from './dispatch.ts';
import { ERROR_CODES, OperationalError } from './errors.ts';
import { VERSION } from './wire.ts';

const BUG = 1;

const noColor = process.env['NO_COLOR'];
const out = createOutput(process, { color: noColor === undefined || noColor === '' });
const ended = new AbortController();
let endedBy: number | undefined;

try {
  process.exitCode = await main(out);
} catch (error) {
  process.exitCode = await explainFailure(error);
}

async function main({ stdout, stderr }: Output): Promise<number> {
  const parsed = parseCommand(process.argv.slice(2), VERSION);
  if (parsed.kind === 'text') {
    await (parsed.code === 0 ? stdout : stderr)(parsed.text);
    return parsed.code;
  }
  // `start` drains by its own listeners; for the others a signal aborts what runs, and a second one ends the process.
  if (parsed.command.name !== 'start') {
    process.once('SIGINT', () => end(130));
    process.once('SIGTERM', () => end(143));
    process.once('SIGHUP', () => end(129));
  }
  const code = await dispatch({ ...parsed, env: process.env, cwd: process.cwd(), out, signal: ended.signal });
  return endedBy ?? code;
}

function end(code: number): void {
  endedBy = code;
  ended.abort(new OperationalError('usage', 'stopped by a signal'));
}

async function explainFailure(error: unknown): Promise<number> {
  if (endedBy !== undefined) return endedBy;
  if (error instanceof OperationalError) {
    await out.stderr(`rollcall: ${error.message} [${error.code}]\n`);
    return ERROR_CODES[error.code].exit;
  }
  // Class and place only: messages of client libraries may hold a URL with a secret, or a person.
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  const name = error instanceof Error ? error.name : typeof error;
  await out.stderr(`rollcall: a bug. Please report this:\n${[name, ...frames].join('\n')}\n`);
  return BUG;
}

#!/usr/bin/env node
import { type Parsed, parseCommand } from './cli/command.ts';
import { createOutput, type Output } from './cli/output.ts';
import { describeFailure, describeUsage, wantsJson } from './failure.ts';
import { type Ending, listenForEnd } from './signals.ts';
import { VERSION } from './version.ts';

const argv = process.argv.slice(2);
const out = createOutput(process, process.env);
let ending: Ending | undefined;

try {
  process.exitCode = await main(out);
} catch (error) {
  process.exitCode = await explainFailure(error);
}

async function main({ stdout, stderr }: Output): Promise<number> {
  const parsed = parseCommand(argv, VERSION);
  if (parsed.kind === 'text') {
    await (parsed.code === 0 ? stdout(parsed.text) : stderr(describeUsage(parsed.text, wantsJson(argv))));
    return parsed.code;
  }
  // A signal aborts what runs, and a second one ends the process; `start` drains at the first and hurries at the second.
  ending = listenForEnd(parsed.command.name === 'start' ? 2 : 1);
  const code = await obey(parsed, ending);
  return ending.code() ?? code;
}

/**
 * What does the work is loaded after the listeners are there: as PID 1 of a container a process hears no signal before. And the health check
 * loads little.
 */
async function obey(
  { command, configPath }: Extract<Parsed, { kind: 'command' }>,
  { signal, hurry }: Ending,
): Promise<number> {
  const call = { configPath, env: process.env, cwd: process.cwd(), out };
  if (command.name === 'healthcheck') {
    const { askHealth } = await import('./ask-health.ts');
    return askHealth(command, call);
  }
  const { dispatch } = await import('./dispatch/dispatch.ts');
  return dispatch({ ...call, command, signal, hurry });
}

async function explainFailure(error: unknown): Promise<number> {
  const endedBy = ending?.code();
  if (endedBy !== undefined) return endedBy;
  const { text, exit } = describeFailure(error, wantsJson(argv));
  await out.stderr(text);
  return exit;
}

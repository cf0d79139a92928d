import type { Reader } from '../ports/reading.ts';
import type { WorkerDeps } from '../worker/deps.ts';
import { exitCodeOf } from '../worker/outcome.ts';
import { runOnce, type RunResult } from '../worker/run.ts';
import { OperationalError } from '../errors.ts';
import type { Output } from './output.ts';
import { createProgress } from './progress.ts';
import { printReport } from './report.ts';
import { toTerminalText } from '../words/inert-text.ts';
import type { Command } from './command.ts';

export type RunDeps = { readonly worker: WorkerDeps; readonly reader: Reader; readonly budgetMs: number };
export type RunArgs = Extract<Command, { name: 'run' }>;

/** `rollcall run`: collect and reconcile once, deliver what waits, print the report. Exit codes: contract §2. */
export async function runCommand(deps: RunDeps, args: RunArgs, out: Output, signal: AbortSignal): Promise<number> {
  checkNames(
    args.only,
    deps.worker.specs.map(({ name }) => name),
  );
  const result = await runWatched(deps, args, signal);
  const { reportId: id, doubts } = result.reconciled;
  for (const doubt of doubts) await out.stderr(`warning: ${toTerminalText(doubt)}\n`);
  const failed = failedSources(result);
  await printReport(deps.reader, { id, format: args.json ? 'json' : 'table', failed }, out);
  const waiting = describeUndelivered(result.undelivered);
  if (waiting !== undefined) await out.stderr(`${waiting}\n`);
  const open = await deps.reader.findings({ statuses: ['open'] });
  const breakers = await deps.reader.breakers(true);
  return exitCodeOf({
    outcomes: result.outcomes,
    withheld: result.reconciled.plan.withheld.length > 0 || breakers.length > 0,
    openFindings: open.length,
    detailed: args.detailed,
  });
}

/** A source that could not be read at all has no run row: the report learns of it here. */
export function failedSources({ outcomes }: Pick<RunResult, 'outcomes'>): readonly string[] {
  return outcomes.filter(({ kind }) => kind === 'failed').map(({ source }) => source);
}

/** Nothing when nothing waits, else how many alerts do and why. */
export function describeUndelivered(undelivered: RunResult['undelivered']): string | undefined {
  const { count, because } = undelivered;
  if (count === 0) return undefined;
  const alerts = count === 1 ? '1 alert waits' : `${count} alerts wait`;
  if (because === 'not-tried') return `${alerts}: --no-notify sends nothing. The next run without it tells Slack.`;
  if (because === 'refused') return `${alerts} for a later run: ${undelivered.reason}`;
  return `${alerts}: another process is sending, or the time for it was over. The next run goes on.`;
}

/** The run with its progress on stderr. */
export async function runWatched(
  deps: RunDeps,
  args: Pick<RunArgs, 'only' | 'full' | 'notify'>,
  signal: AbortSignal,
): Promise<RunResult> {
  const names = deps.worker.specs.map(({ name }) => name);
  const shown = args.only.length > 0 ? args.only : names;
  const progress = createProgress(shown, process.stderr);
  try {
    return await runOnce(deps.worker, { ...args, budgetMs: deps.budgetMs, signal, progress: progress.step });
  } finally {
    await progress.end();
  }
}

/** `usage` for a name with a typo: nothing would be read, and all would look well. */
export function checkNames(only: readonly string[], names: readonly string[]): void {
  for (const name of only) {
    if (names.includes(name)) continue;
    throw new OperationalError('usage', `no source is called "${name}"; configured are: ${names.join(', ')}`);
  }
}

import { exitCodeOf } from '../worker/outcome.ts';
import { rehearseRun, type RehearseDeps, type Rehearsed } from '../worker/rehearse.ts';
import type { Output } from './output.ts';
import { createProgress } from './progress.ts';
import { renderDryRun, renderDryRunJson } from './render/dry-run-text.ts';
import { checkNames, failedSources, type RunArgs } from './run.ts';

export type DryRunDeps = RehearseDeps & { readonly budgetMs: number };

/** `rollcall run --dry-run`: what a run now would change, and nothing is changed. Exit codes as of `run`. */
export async function dryRunCommand(
  deps: DryRunDeps,
  args: RunArgs,
  out: Output,
  signal: AbortSignal,
): Promise<number> {
  const names = deps.worker.specs.map(({ name }) => name);
  checkNames(args.only, names);
  const rehearsed = await rehearseWatched(deps, args, signal);
  const page = { width: out.columns, now: deps.worker.clock() };
  const parts = { ...rehearsed, failed: failedSources(rehearsed) };
  await out.stdout(args.json ? renderDryRunJson(rehearsed) : renderDryRun(parts, page));
  return exitCodeOf({
    outcomes: rehearsed.outcomes,
    withheld: rehearsed.reconciled.plan.withheld.length > 0 || rehearsed.breakers.length > 0,
    openFindings: rehearsed.openCount,
    detailed: args.detailed,
  });
}

async function rehearseWatched(deps: DryRunDeps, { only, full }: RunArgs, signal: AbortSignal): Promise<Rehearsed> {
  const names = deps.worker.specs.map(({ name }) => name);
  const progress = createProgress(only.length > 0 ? only : names, process.stderr);
  try {
    return await rehearseRun(deps, { only, full, budgetMs: deps.budgetMs, signal, progress: progress.step });
  } finally {
    await progress.end();
  }
}

import type { Command } from '../cli/command.ts';
import { dryRunCommand } from '../cli/dry-run.ts';
import { type RunArgs, runCommand } from '../cli/run.ts';
import { startCommand } from '../cli/start.ts';
import { oauthOf } from '../config/oauth-of.ts';
import { cutAfter } from '../signals.ts';
import { checkKeys } from '../store/credentials.ts';
import type { App } from '../wire.ts';
import { type Call, withApp } from './call.ts';

/** `start` and `run`: what reads the vendors. */
export async function work(call: Call, command: Extract<Command, { name: 'start' | 'run' }>): Promise<number> {
  if (command.name === 'start') return start(call);
  const { dryRun } = command;
  return withApp(call, dryRun ? 'rehearse' : 'work', async (app) => {
    const { worker, reader, config } = app;
    await checkKeysOf(app, dryRun);
    if (dryRun) return rehearse(app, command, call);
    const { shutdownGraceMs: graceMs, retryBudget } = config;
    const { signal } = call;
    const running = runCommand({ worker, reader, budgetMs: retryBudget.runMs }, command, call.out, signal);
    return cutAfter(running, { graceMs, signal, cut: () => app.store.close() });
  });
}

/** `run --dry-run`, also at the end of `init`. */
export function rehearse({ worker, rehearsal, config }: App, command: RunArgs, { out, signal }: Call): Promise<number> {
  return dryRunCommand({ worker, rehearsal, budgetMs: config.retryBudget.runMs }, command, out, signal);
}

/** Health is served before the database is: whoever asks is told why there is no work yet. */
async function start(call: Call): Promise<number> {
  return withApp(call, 'later', async (app) => {
    const { worker, serve, config } = app;
    const { signal, hurry } = call;
    const prepare = async (): Promise<void> => {
      await app.prepare();
      await checkKeysOf(app, false);
    };
    const times = { budgetMs: config.retryBudget.startMs, graceMs: config.shutdownGraceMs };
    return startCommand({ worker, ...times, log: worker.log, prepare, watch: app.watch, serve, signal, hurry });
  });
}

async function checkKeysOf({ config, store, worker }: App, keep: boolean): Promise<void> {
  const { keys, sources: among } = config;
  const sources = among.filter((each) => oauthOf(each) !== undefined);
  await checkKeys(store.database, { keys, clock: worker.clock, sources, among, keep });
}

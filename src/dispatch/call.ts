import type { Command } from '../cli/command.ts';
import type { Output } from '../cli/output.ts';
import type { Config } from '../config/config.ts';
import { loadConfig, type LoadedConfig } from '../config/load.ts';
import type { Prepare } from '../prepare-database.ts';
import { openLog } from '../watched-log.ts';
import { openApp, type App, type Surroundings } from '../wire.ts';

/** One command, and where it runs. */
export type Call = {
  /** The health check has a way of its own (ask-health.ts). */
  readonly command: Exclude<Command, { name: 'healthcheck' }>;
  readonly configPath?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly out: Output;
  /** Ends a running command from outside. */
  readonly signal: AbortSignal;
  /** Cuts the drain of `start` short. */
  readonly hurry?: AbortSignal | undefined;
};

/** Opens what the command needs, as its configuration says, and closes it again whatever comes of it. */
export async function withApp(call: Call, prepare: Prepare, use: (app: App) => Promise<number>): Promise<number> {
  const isReading = prepare === 'read' || prepare === 'views';
  const loaded = load(call, isReading ? 'database' : 'everything');
  if (!isReading) for (const warning of loaded.warnings) await call.out.stderr(`warning: ${warning}\n`);
  // A reader wants its answer; how the embedded Postgres runs is news for those who let it work.
  const quiet = isReading ? { say: () => undefined } : {};
  const app = await openApp(loaded.config, { ...surroundingsOf(loaded, call), ...quiet, signal: call.signal }, prepare);
  try {
    return await use(app);
  } finally {
    await app.close();
  }
}

export function load(call: Pick<Call, 'env' | 'cwd' | 'configPath'>, needs?: 'everything' | 'database'): LoadedConfig {
  return loadConfig({ env: call.env, cwd: call.cwd, configPath: call.configPath, needs });
}

export function surroundingsOf(loaded: LoadedConfig, call: Call, level?: Config['logLevel']): Surroundings {
  const log = openLog(loaded, call, level);
  return { clock: () => new Date(), log, say: (line) => void call.out.stderr(`${line}\n`) };
}

/** In UTC, for what is made up: the demo's people, and the dates that `init` proposes. */
export function today(): string {
  return new Date().toISOString().slice(0, 'YYYY-MM-DD'.length);
}

import type { Config } from './config/config.ts';
import type { LoadedConfig } from './config/load.ts';
import { createLog } from './log.ts';
import type { Log } from './ports/surroundings.ts';

type Watched = {
  readonly command: { readonly name: string };
  readonly env: Readonly<Record<string, string | undefined>>;
};

/**
 * The log of a command. Who watches live lines is told by them: what is written between two of them would tear them, so the log says less then,
 * and goes by the stream that holds it back until they have ended.
 */
export function openLog({ config, secrets }: LoadedConfig, { command, env }: Watched, level?: Config['logLevel']): Log {
  const isWatched = command.name === 'run' && process.stderr.isTTY;
  const usual = isWatched && (env['LOG_LEVEL'] ?? '') === '' ? 'warn' : config.logLevel;
  return createLog({ level: level ?? usual, secrets, destination: isWatched ? process.stderr : undefined });
}

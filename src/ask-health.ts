import type { Command } from './cli/command.ts';
import { healthcheckCommand, livezUrl } from './cli/healthcheck.ts';
import type { Output } from './cli/output.ts';
import { loadConfig } from './config/load.ts';

type Asked = Extract<Command, { name: 'healthcheck' }>;
export type HealthCall = {
  readonly configPath?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly out: Output;
};

/**
 * `rollcall healthcheck`, beside `dispatch` and not in it: in a container it starts every 30 s within the worker's memory limit, and
 * with the database, the vendors and the HTTP server loaded it takes twice as much of it.
 */
export async function askHealth({ url }: Asked, { out, ...options }: HealthCall): Promise<number> {
  return healthcheckCommand({ url: url ?? workerUrl(options) }, out);
}

function workerUrl(options: Omit<HealthCall, 'out'>): string {
  const { bind, port } = loadConfig(options).config.http;
  return livezUrl(bind, port);
}

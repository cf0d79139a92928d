import path from 'node:path';
import { createEnvironmentReader } from '../config/environment.ts';
import { loadConfig } from '../config/load.ts';
import { readSettings } from '../config/settings.ts';
import type { Gathered, InitDeps } from '../cli/init.ts';
import type { InitCommand } from '../cli/init-command.ts';
import { createGuardedFetch } from '../net/guarded-fetch.ts';
import { readListHeaders } from '../sources/file/client.ts';
import { proposeColumns } from '../sources/propose-columns.ts';
import { type InitAnswers, isUrl, neededSecrets, WANTED_SECRETS } from './answers.ts';
import { readFlags } from './flags.ts';
import { type AskedList, type ProposedList, gatherAnswers } from './gather.ts';
import { openPrompt, type Prompt } from './prompt.ts';
import { renderEnvironment, renderInitialConfig } from './render.ts';
import { alreadyThere, isThere, writeWhole } from './write.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export type InitPlace = {
  readonly env: Environment;
  readonly cwd: string;
  readonly configPath?: string | undefined;
  readonly today: string;
  readonly signal: AbortSignal;
};

export type PreparedInit = Pick<InitDeps, 'makeRoom' | 'gather'> & {
  readonly configPath: string;
  /** With the secrets that were typed in. */
  readonly env: () => Environment;
};

const READ_TIMEOUT_MS = 25_000;
const OWNER_ALONE = 0o600;

/** What `init` does before anything is asked of a vendor. */
export function prepareInit(args: InitCommand, place: InitPlace): PreparedInit {
  const { cwd, signal } = place;
  const asked = place.configPath ?? place.env['ROLLCALL_CONFIG'];
  const name = asked === undefined || asked === '' ? 'rollcall.yaml' : asked;
  const configPath = path.resolve(cwd, name);
  let env = place.env;
  return {
    configPath,
    env: () => env,
    makeRoom: async () => {
      if (!args.force && (await isThere(configPath))) throw alreadyThere(configPath);
    },
    gather: async () => {
      // Flags that will not do are said before anybody is asked for the rest.
      const given = readFlags(args);
      using prompt = args.yes ? undefined : openTerminal(signal);
      const read = async (list: AskedList) => await propose(list, place);
      const answers = await gatherAnswers(given, args.yes, { prompt, zone: localZone(), proposeColumns: read });
      const typed = prompt === undefined ? new Map<string, string>() : await askSecrets(answers, prompt, env);
      env = { ...env, ...Object.fromEntries(typed) };
      const written = await writeAll(answers, { args, place: { ...place, env }, name, configPath, typed });
      const missing = neededSecrets(answers).filter((secret) => !isSet(secret.name, env));
      return { written, missing, option: name === 'rollcall.yaml' ? '' : ` --config ${name}` };
    },
  };
}

function openTerminal(signal: AbortSignal): (Prompt & Disposable) | undefined {
  const { stdin: input, stderr: output } = process;
  return input.isTTY && output.isTTY ? openPrompt({ input, output }, signal) : undefined;
}

function localZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function isSet(name: string, env: Environment): boolean {
  return [env[name], env[`${name}_FILE`]].some((value) => value !== undefined && value !== '');
}

async function askSecrets(answers: InitAnswers, prompt: Prompt, env: Environment): Promise<Map<string, string>> {
  const typed = new Map<string, string>();
  const open = [...neededSecrets(answers), ...WANTED_SECRETS].filter(({ name }) => !isSet(name, env));
  if (open.length === 0) return typed;
  await prompt.say(
    'Secrets are not shown while you type. They go to rollcall.env, which you alone\ncan read. An empty line leaves one for later.',
  );
  for (const { name, where } of open) {
    const value = (await prompt.secret(`${name} (${where})`)).trim();
    if (value !== '') typed.set(name, value);
  }
  return typed;
}

type Writing = {
  readonly args: InitCommand;
  readonly place: InitPlace;
  readonly name: string;
  readonly configPath: string;
  readonly typed: ReadonlyMap<string, string>;
};

async function writeAll(answers: InitAnswers, writing: Writing): Promise<Gathered['written']> {
  const { args, place, name, configPath, typed } = writing;
  const directory = path.dirname(configPath);
  const relative = (to: string): string => relativeTo(directory, path.resolve(place.cwd, to), to);
  const text = renderInitialConfig(answers, { today: place.today, relative });
  const env = withPlaceholders(answers, place.env);
  const check = (temporary: string): void => void loadConfig({ env, cwd: place.cwd, configPath: temporary });
  place.signal.throwIfAborted();
  await writeWhole(configPath, text, { force: args.force, mode: 0o644, check });
  const envPath = path.join(directory, 'rollcall.env');
  // Somebody's secrets are not replaced by blanks.
  if (typed.size === 0 && (await isThere(envPath))) return [name];
  if (!args.force && (await isThere(envPath))) return [`${name} (rollcall.env was there and stays as it is)`];
  await writeWhole(envPath, renderEnvironment(answers, typed), { force: args.force, mode: OWNER_ALONE });
  return [name, path.join(path.dirname(name), 'rollcall.env')];
}

function relativeTo(directory: string, target: string, asGiven: string): string {
  if (path.isAbsolute(asGiven)) return asGiven;
  const way = path.relative(directory, target);
  return way.startsWith('..') ? way : `./${way}`;
}

/** The file is right also where a token is still to come. */
function withPlaceholders(answers: InitAnswers, env: Environment): Environment {
  const open = neededSecrets(answers).filter(({ name }) => !isSet(name, env));
  return { ...env, ...Object.fromEntries(open.map(({ name }) => [name, 'to-come'])) };
}

async function propose({ list, format, allow }: AskedList, { env, cwd, signal }: InitPlace): Promise<ProposedList> {
  const { proxies } = readSettings(env, createEnvironmentReader(env, cwd));
  const place = isUrl(list) ? { url: list } : { path: path.resolve(cwd, list) };
  const policy = { privilegedRoles: new Set<string>(), serviceAccounts: new Set<string>() };
  const fetch = createGuardedFetch({ allow, proxies });
  const ended = AbortSignal.any([signal, AbortSignal.timeout(READ_TIMEOUT_MS)]);
  const headers = await readListHeaders({ name: 'identities', format, policy, allow, fetch, ...place }, ended);
  const proposed = proposeColumns(headers);
  // A list without a header begins with a person.
  const shown = headers.some((header) => header.includes('@')) ? [] : headers;
  return { ...proposed, columns: toTexts(proposed.columns), headers: shown };
}

function toTexts(columns: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(columns).flatMap(([field, header]) => (header === undefined ? [] : [[field, header]])),
  );
}

import { LOG_LEVELS, type LogLevel } from './config.ts';
import type { Environment, EnvironmentReader } from './environment.ts';
import type { Fault } from './faults.ts';
import { suggestion } from './nearest.ts';
import { readProxies, type ProxySettings } from './proxies.ts';

/** What the environment alone says. */
export type Settings = {
  readonly logLevel: LogLevel;
  /** The newest first: it encrypts, each of them decrypts. */
  readonly keys: readonly Uint8Array[];
  readonly proxies: ProxySettings['proxies'];
  /** What of it may appear nowhere. */
  readonly secrets: readonly string[];
  readonly faults: readonly Fault[];
};

export function readSettings(env: Environment, environment: EnvironmentReader): Settings {
  const faults: Fault[] = [];
  const level = parseLogLevel(environment.read('LOG_LEVEL'));
  if (level === undefined) {
    const guess = suggestion(environment.read('LOG_LEVEL') ?? '', LOG_LEVELS);
    faults.push({ path: [], variable: 'LOG_LEVEL', message: `must be one of ${LOG_LEVELS.join(', ')}${guess}` });
  }
  const keys = readKeys(environment);
  faults.push(...keys.faults);
  // With it anybody between us and the vendor could read the tokens and invent a roster.
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    const message =
      'switches off the check of certificates; unset it, and name your own authority in NODE_EXTRA_CA_CERTS';
    faults.push({ path: [], variable: 'NODE_TLS_REJECT_UNAUTHORIZED', message });
  }
  const { proxies, secrets, faults: proxyFaults } = readProxies(environment);
  faults.push(...proxyFaults);
  return {
    logLevel: level ?? 'info',
    keys: keys.keys,
    proxies,
    secrets: [...keys.secrets, ...secrets],
    faults,
  };
}

/** The level that LOG_LEVEL asks for; undefined for an unknown word. */
function parseLogLevel(text: string | undefined): LogLevel | undefined {
  if (text === undefined || text === '') return 'info';
  return LOG_LEVELS.find((level) => level === text.trim().toLowerCase());
}

const KEY_VARIABLES = ['ROLLCALL_KEY', 'ROLLCALL_KEY_PREVIOUS'] as const;

function readKeys(environment: EnvironmentReader): Pick<Settings, 'keys' | 'secrets' | 'faults'> {
  const given = KEY_VARIABLES.map((variable) => ({ variable, text: environment.read(variable) }));
  const faults: Fault[] = [];
  const keys: Uint8Array[] = [];
  for (const { variable, text } of given) {
    const key = text === undefined ? undefined : parseKey(text);
    if (key !== undefined) keys.push(key);
    const message = 'must be 32 bytes in base64; `openssl rand -base64 32` makes one';
    if (text !== undefined && key === undefined) faults.push({ path: [], variable, message });
  }
  if (given[0]?.text === undefined && given[1]?.text !== undefined) {
    const message = 'is not set, although ROLLCALL_KEY_PREVIOUS is; give the new key too';
    faults.push({ path: [], variable: 'ROLLCALL_KEY', message });
  }
  return { keys, faults, secrets: given.flatMap(({ text }) => text ?? []) };
}

const KEY_BYTES = 32;

function parseKey(text: string): Uint8Array | undefined {
  // Buffer skips what is no base64 without a word, so the form is checked first.
  if (!/^[A-Za-z0-9+/]{43}=?$/.test(text.trim())) return undefined;
  const bytes = Buffer.from(text.trim(), 'base64');
  return bytes.length === KEY_BYTES ? new Uint8Array(bytes) : undefined;
}

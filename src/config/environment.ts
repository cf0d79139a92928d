import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Fault } from './faults.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

type Variable = {
  readonly name: string;
  /** A sentence for the tables; README, docs and `.env.example` are compared with this list. */
  readonly meaning: string;
};

/** Every variable the program reads by itself; `${NAME}` in the file may name any other. */
export const VARIABLES = [
  { name: 'IDENTITIES', meaning: 'Path or https URL of the identity list, CSV or JSON' },
  { name: 'NIMBLE_TOKEN', meaning: 'API token of Nimble' },
  { name: 'NAMELY_COMPANY', meaning: 'The `acme` of `https://acme.namely.com`' },
  { name: 'NAMELY_TOKEN', meaning: 'API token of Namely' },
  { name: 'SLACK_WEBHOOK_URL', meaning: 'Incoming webhook that is told; without it nobody is' },
  { name: 'DATABASE_URL', meaning: 'PostgreSQL 15 or newer; without it the embedded Postgres' },
  { name: 'ROLLCALL_KEY', meaning: '32 bytes in base64 that encrypt stored OAuth tokens' },
  { name: 'ROLLCALL_KEY_PREVIOUS', meaning: 'The key before; what it encrypted is encrypted anew at start' },
  { name: 'ROLLCALL_HTTP_TOKEN', meaning: 'What `/`, `/api/*` and `/metrics` ask for' },
  { name: 'ROLLCALL_CONFIG', meaning: 'Path of the configuration file; default `./rollcall.yaml`' },
  { name: 'ROLLCALL_AUTHOR', meaning: 'Who decides, for the audit table; default the system user' },
  { name: 'HTTPS_PROXY', meaning: 'HTTP proxy for https, such as `http://proxy.example.com:3128`' },
  { name: 'HTTP_PROXY', meaning: 'The same for http, and for https where `HTTPS_PROXY` is not set' },
  { name: 'NO_PROXY', meaning: 'Hosts asked directly: `intranet.example.com, .corp.example.com`' },
  {
    name: 'LOG_LEVEL',
    meaning: '`debug`, `info` (default; `warn` for `run` on a terminal), `warn`, `error` or `silent`',
  },
] as const satisfies readonly Variable[];
export type VariableName = (typeof VARIABLES)[number]['name'];

/** Reads `NAME` or the file that `NAME_FILE` points to, and remembers what was asked and what was wrong. */
export type EnvironmentReader = {
  /** Unset and empty are the same: absent. */
  readonly read: (name: string) => string | undefined;
  readonly wasRead: (name: string) => boolean;
  readonly faults: () => readonly Fault[];
};

export function createEnvironmentReader(env: Environment, cwd: string): EnvironmentReader {
  const answers = new Map<string, Answer>();
  const lookUp = (name: string): Answer => {
    const known = answers.get(name);
    if (known !== undefined) return known;
    const answer = readVariable(name, env, cwd);
    answers.set(name, answer);
    return answer;
  };
  return {
    read: (name) => lookUp(name).value,
    wasRead: (name) => answers.has(name),
    faults: () => [...answers.values()].flatMap(({ fault }) => fault ?? []),
  };
}

type Answer = { readonly value?: string | undefined; readonly fault?: Fault | undefined };

// A secret, a URL or a certificate; not a roster given by mistake.
const FILE_BYTES_MAX = 65_536;

function readVariable(name: string, env: Environment, cwd: string): Answer {
  const direct = env[name];
  const variable = `${name}_FILE`;
  const file = env[variable];
  if (file === undefined || file === '') return direct === undefined || direct === '' ? {} : { value: direct };
  if (direct !== undefined && direct !== '') {
    return { fault: { path: [], variable: name, message: `is set, and ${variable} too; keep one of them` } };
  }
  const path = resolve(cwd, file);
  try {
    if (statSync(path).size > FILE_BYTES_MAX) return { fault: unreadable(variable, 'is larger than 64 KiB') };
    const value = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return value === '' ? {} : { value };
  } catch {
    // The cause holds nothing but the path, which the person who set the variable knows.
    return { fault: unreadable(variable, 'cannot be read; check that it exists and that this user may read it') };
  }
}

function unreadable(variable: string, reason: string): Fault {
  return { path: [], variable, message: `the file it names ${reason}` };
}

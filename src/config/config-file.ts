import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { EnvironmentReader } from './environment.ts';
import type { Fault } from './faults.ts';

/** `name` as the person wrote it, for messages; `path` absolute. */
export type ConfigText = { readonly name: string; readonly path: string; readonly text: string };

const DEFAULT_NAME = 'rollcall.yaml';
const BYTES_MAX = 1_048_576;

/** The file that `--config`, ROLLCALL_CONFIG or the working directory gives; neither file nor fault: there is none. */
export function findConfigFile(
  options: { readonly cwd: string; readonly configPath?: string | undefined },
  environment: EnvironmentReader,
): { readonly file?: ConfigText | undefined; readonly fault?: Fault | undefined } {
  const fromEnvironment = options.configPath === undefined ? environment.read('ROLLCALL_CONFIG') : undefined;
  const asked = options.configPath ?? fromEnvironment;
  const name = asked ?? DEFAULT_NAME;
  const read = readText(resolve(options.cwd, name));
  if (read.kind === 'text') return { file: { name, path: resolve(options.cwd, name), text: read.text } };
  if (read.kind === 'absent' && asked === undefined) return {};
  const message = read.kind === 'absent' ? 'there is no such file' : read.message;
  return { fault: { path: [], variable: fromEnvironment === undefined ? name : 'ROLLCALL_CONFIG', message } };
}

type ReadText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly message: string };

function readText(path: string): ReadText {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return { kind: 'absent' };
    if (!found.isFile()) return { kind: 'failed', message: 'is not a file' };
    if (found.size > BYTES_MAX) return { kind: 'failed', message: 'is larger than 1 MiB' };
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)) };
  } catch (cause) {
    const unreadable = 'cannot be read; check that this user may read it';
    return { kind: 'failed', message: cause instanceof TypeError ? 'is not UTF-8 text' : unreadable };
  }
}

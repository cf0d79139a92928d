import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, type LoadedConfig } from '../../../src/config/load.ts';
import { OperationalError } from '../../../src/errors.ts';

export type Given = {
  /** Text of rollcall.yaml; absent: no file. */
  readonly yaml?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Other files of the folder. */
  readonly files?: Readonly<Record<string, string | Uint8Array>> | undefined;
  readonly configPath?: string | undefined;
  /** What the command needs; absent: everything. */
  readonly needs?: 'database' | undefined;
};

/** What loading said: the result, or the lines of the one error that is expected. */
export type Outcome = { readonly loaded?: LoadedConfig; readonly lines: readonly string[]; readonly folder: string };

export function load({ yaml, env = {}, files = {}, configPath, needs }: Given): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-config-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    if (yaml !== undefined) writeFileSync(join(folder, 'rollcall.yaml'), yaml);
    return { loaded: loadConfig({ env, cwd: folder, configPath, needs }), lines: [], folder };
  } catch (error) {
    if (!(error instanceof OperationalError) || error.code !== 'config-invalid') throw error;
    return { lines: error.message.split('\n  ').slice(1), folder };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function loadWell(given: Given): LoadedConfig {
  const { loaded, lines } = load(given);
  if (loaded === undefined) throw new Error(`unexpected faults:\n${lines.join('\n')}`);
  return loaded;
}

/** A file with nothing wrong, to put one fault in; its last line is 5. */
export const GOOD_YAML = `sources:
  - { name: directory, type: file, authoritative: true, path: ./identities.csv }
  - name: nimble
    type: nimble
    token: abc
`;

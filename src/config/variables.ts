import type { EnvironmentReader, VariableName } from './environment.ts';
import { pathKey, textAt, blockAt, withValue, type Block } from './tree.ts';
import type { Path } from './faults.ts';

/** A tree with what the environment adds; `origins` says which variable stands behind a path. */
export type VariableTree = { readonly tree: Block; readonly origins: ReadonlyMap<string, string> };

/** A key of the file whose value a variable took the place of. */
export type Replaced = { readonly path: Path; readonly variable: VariableName };

// Environment before file (contract §1), for the keys that have a variable of their own whatever the sources are called.
const KEYS = [
  ['DATABASE_URL', ['database', 'url']],
  ['SLACK_WEBHOOK_URL', ['slack', 'webhookUrl']],
  ['ROLLCALL_HTTP_TOKEN', ['http', 'token']],
] as const satisfies readonly (readonly [VariableName, readonly [string, string]])[];

/** Puts the variables that outrank the file into the tree; `replaced`: where the file said something else. */
export function applyVariables(
  tree: Block,
  environment: EnvironmentReader,
): VariableTree & { readonly replaced: readonly Replaced[] } {
  const origins = new Map<string, string>();
  const replaced: Replaced[] = [];
  let result = tree;
  for (const [name, path] of KEYS) {
    const value = environment.read(name);
    const written = textAt(blockAt(tree, path[0]), path[1]);
    if (value === undefined || value === written) continue;
    if (written !== undefined) replaced.push({ path, variable: name });
    origins.set(pathKey(path), name);
    result = withValue(result, path, value);
  }
  return { tree: result, origins, replaced };
}

/** The set-up without a file: the sources that the variables name. */
export function sourcesFromVariables(environment: EnvironmentReader): VariableTree {
  const sources: Block[] = [];
  const origins = new Map<string, string>();
  const add = (source: Block, variables: Readonly<Record<string, VariableName>>): void => {
    const index = sources.push(source) - 1;
    for (const [key, variable] of Object.entries(variables)) origins.set(pathKey(['sources', index, key]), variable);
    const [first] = Object.values(variables);
    if (first !== undefined) origins.set(pathKey(['sources', index]), first);
  };

  const identities = environment.read('IDENTITIES');
  if (identities !== undefined) {
    const location = /^https?:\/\//i.test(identities) ? { url: identities } : { path: identities };
    const source = { name: 'identities', type: 'file', authoritative: true, ...location };
    add(source, { path: 'IDENTITIES', url: 'IDENTITIES' });
  }
  const nimbleToken = environment.read('NIMBLE_TOKEN');
  if (nimbleToken !== undefined) add({ name: 'nimble', type: 'nimble', token: nimbleToken }, { token: 'NIMBLE_TOKEN' });

  const company = environment.read('NAMELY_COMPANY');
  const namelyToken = environment.read('NAMELY_TOKEN');
  if (company !== undefined || namelyToken !== undefined) {
    const source = { name: 'namely', type: 'namely', company, token: namelyToken };
    add(source, { company: 'NAMELY_COMPANY', token: 'NAMELY_TOKEN' });
  }
  return { tree: sources.length === 0 ? {} : { sources }, origins };
}

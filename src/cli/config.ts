import type { Command } from './command.ts';
import type { Output } from './output.ts';
import { renderJson } from './render/json.ts';

export type ConfigDeps = {
  /** JSON Schema of rollcall.yaml. */
  readonly schema: () => object;
  /** The effective configuration, secrets masked; throws `config-invalid` with all faults. */
  readonly print: (format: 'yaml' | 'json') => Promise<string> | string;
  /** Throws `config-invalid` with all faults, else sentences about what is allowed but doubtful. */
  readonly check: () => Promise<readonly string[]> | readonly string[];
};

/** `config schema|print|check`. */
export async function configCommand(
  deps: ConfigDeps,
  args: Pick<Extract<Command, { readonly name: 'config' }>, 'action' | 'json'>,
  out: Output,
): Promise<number> {
  if (args.action === 'schema') await out.stdout(renderJson(deps.schema()));
  else if (args.action === 'print') await out.stdout(await deps.print(args.json ? 'json' : 'yaml'));
  else {
    const warnings = await deps.check();
    for (const warning of args.json ? [] : warnings) await out.stderr(`warning: ${warning}\n`);
    await out.stdout(args.json ? renderJson({ ok: true, warnings }) : 'The configuration is in order.\n');
  }
  return 0;
}

import type { Command } from './command.ts';
import type { Output } from './output.ts';
import { renderJson } from './render/json.ts';

export type MigrateDeps = {
  /** What `apply` would do, in order; changes nothing. */
  readonly plan: () => Promise<readonly string[]>;
  /** Brings the database to this version; returns what was done. */
  readonly apply: () => Promise<readonly string[]>;
  /** Creates and grants the roles, idempotently; returns their names. */
  readonly grantRoles: () => Promise<readonly string[]>;
};

type Asked = Pick<Extract<Command, { readonly name: 'migrate' }>, 'plan' | 'roles' | 'json'>;

/** `migrate [--plan] [--roles] [--json]`. `migrations`: what was done, or with `plan` would be. Safe to repeat, and from several machines at once. */
export async function migrateCommand(deps: MigrateDeps, args: Asked, out: Output): Promise<number> {
  const steps = await (args.plan ? deps.plan() : deps.apply());
  const roles = args.roles && !args.plan ? await deps.grantRoles() : [];
  if (args.json) await out.stdout(renderJson({ plan: args.plan, migrations: steps, roles }));
  else await out.stdout(toText(args, steps, roles));
  return 0;
}

function toText({ plan, roles: asked }: Asked, steps: readonly string[], roles: readonly string[]): string {
  const lines = steps.map((step) => `${plan ? 'would apply' : 'applied'} ${step}`);
  if (steps.length === 0) lines.push('The database is up to date.');
  if (asked) lines.push(plan ? 'would create and grant the roles' : `roles are in place: ${roles.join(', ')}`);
  return `${lines.join('\n')}\n`;
}

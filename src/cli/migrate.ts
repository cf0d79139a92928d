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

/** `migrate [--plan] [--roles] [--json]`. `migrations`: what was done, or with `plan` would be. Safe to repeat, and from several machines at once. */
export async function migrateCommand(
  deps: MigrateDeps,
  args: Pick<Extract<Command, { readonly name: 'migrate' }>, 'plan' | 'roles' | 'json'>,
  out: Output,
): Promise<number> {
  const steps = await (args.plan ? deps.plan() : deps.apply());
  if (args.json) {
    const roles = args.roles && !args.plan ? await deps.grantRoles() : [];
    await out.stdout(renderJson({ plan: args.plan, migrations: steps, roles }));
    return 0;
  }
  if (steps.length === 0) await out.stdout('The database is up to date.\n');
  const verb = args.plan ? 'would apply' : 'applied';
  for (const step of steps) await out.stdout(`${verb} ${step}\n`);
  if (args.roles && args.plan) await out.stdout('would create and grant the roles\n');
  if (args.roles && !args.plan) {
    const roles = await deps.grantRoles();
    await out.stdout(`roles are in place: ${roles.join(', ')}\n`);
  }
  return 0;
}

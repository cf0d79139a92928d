import type { Command as Program } from 'commander';
import { parseId, parseReason } from './arguments.ts';

type OfBreaker = { readonly name: 'breaker'; readonly json: boolean };
export type BreakerCommand =
  | (OfBreaker & { readonly action: 'list' })
  | (OfBreaker & { readonly action: 'show'; readonly id: number })
  | (OfBreaker & { readonly action: 'release'; readonly id: number; readonly reason: string });

type Options = { readonly json?: boolean };

/** `breaker list|show|release`. */
export function addBreaker(program: Program, take: (command: BreakerCommand) => void): void {
  const breaker = program.command('breaker').description('listings and conclusions that were not believed');
  breaker
    .command('list')
    .description('those that are open')
    .option('--json', 'as JSON')
    .action((o: Options) => take({ name: 'breaker', action: 'list', json: o.json === true }));
  breaker
    .command('show')
    .description('what was not believed, and what a release would mean')
    .argument('<id>', 'id of the breaker', parseId)
    .option('--json', 'as JSON')
    .action((id: number, o: Options) => take({ name: 'breaker', action: 'show', id, json: o.json === true }));
  breaker
    .command('release')
    .description('it is right: believe it')
    .argument('<id>', 'id of the breaker', parseId)
    .requiredOption('--reason <text>', 'why this is right; kept for the auditor', parseReason)
    .option('--json', 'as JSON')
    .action((id: number, o: Options & { readonly reason: string }) =>
      take({ name: 'breaker', action: 'release', id, reason: o.reason, json: o.json === true }),
    );
}

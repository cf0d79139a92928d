import type { Command as Program } from 'commander';
import { parseId, parseReason } from './arguments.ts';

export type BreakerCommand =
  | { readonly name: 'breaker'; readonly action: 'list'; readonly json: boolean }
  | { readonly name: 'breaker'; readonly action: 'show'; readonly id: number; readonly json: boolean }
  | { readonly name: 'breaker'; readonly action: 'release'; readonly id: number; readonly reason: string };

/** `breaker list|show|release`. */
export function addBreaker(program: Program, take: (command: BreakerCommand) => void): void {
  const breaker = program.command('breaker').description('listings and conclusions that were not believed');
  breaker
    .command('list')
    .option('--json', 'as JSON')
    .action((o: { json?: boolean }) => take({ name: 'breaker', action: 'list', json: o.json === true }));
  breaker
    .command('show')
    .argument('<id>', 'id of the breaker', parseId)
    .option('--json', 'as JSON')
    .action((id: number, o: { json?: boolean }) =>
      take({ name: 'breaker', action: 'show', id, json: o.json === true }),
    );
  breaker
    .command('release')
    .argument('<id>', 'id of the breaker', parseId)
    .requiredOption('--reason <text>', 'why this is right; kept for the auditor', parseReason)
    .action((id: number, o: { reason: string }) => take({ name: 'breaker', action: 'release', id, reason: o.reason }));
}

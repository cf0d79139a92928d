import type { Command as Program } from 'commander';
import { parseReason } from './arguments.ts';

export type ForgetCommand = {
  readonly name: 'forget';
  readonly person: string;
  readonly reason: string;
  readonly dryRun: boolean;
  readonly json: boolean;
};

/** `forget PERSON`. */
export function addForget(program: Program, take: (command: ForgetCommand) => void): void {
  program
    .command('forget')
    .description('remove every record of a person who has left; nothing brings it back')
    .argument('<person>', 'SOURCE/ID of a row, or an e-mail')
    .requiredOption('--reason <text>', 'why this is right; kept for the auditor, without the person', parseReason)
    .option('--dry-run', 'say what would be removed, and remove nothing')
    .option('--json', 'as JSON')
    .action((person: string, o: { reason: string; dryRun?: boolean; json?: boolean }) =>
      take({ name: 'forget', person, reason: o.reason, dryRun: o.dryRun === true, json: o.json === true }),
    );
}

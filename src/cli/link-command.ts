import type { Command as Program } from 'commander';
import { parseReason } from './arguments.ts';

export type LinkCommand = {
  readonly name: 'link';
  readonly action: 'add' | 'deny' | 'clear';
  readonly source: string;
  readonly account: string;
  readonly identity?: string | undefined;
  readonly reason: string;
  readonly json: boolean;
};

type Options = { readonly reason: string; readonly json?: boolean };

const ACTIONS = [
  { action: 'add', identity: '<identity>', says: 'this account belongs to this identity, whatever the rules say' },
  { action: 'deny', identity: '<identity>', says: 'this account never belongs to this identity' },
  { action: 'clear', identity: '[identity]', says: 'take back what was said, and let the rules decide anew' },
] as const;

/** `link add|deny|clear`. */
export function addLink(program: Program, take: (command: LinkCommand) => void): void {
  const link = program.command('link').description('say whose an account is, or is not');
  for (const { action, identity, says } of ACTIONS) {
    link
      .command(action)
      .description(says)
      .argument('<source>', 'the application, by its name in the configuration')
      .argument('<account>', 'id of the account there, or an e-mail that only one has')
      .argument(identity, 'id or e-mail of an identity; SOURCE/ID where several sources have it')
      .requiredOption('--reason <text>', 'why this is right; kept for the auditor', parseReason)
      .option('--json', 'as JSON')
      .action((source: string, account: string, named: string | undefined, o: Options) =>
        take({ name: 'link', action, source, account, identity: named, reason: o.reason, json: o.json === true }),
      );
  }
}

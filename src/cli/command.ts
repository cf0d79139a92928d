import { Command as Program, CommanderError } from 'commander';
import type { PlainDate } from '../core/row.ts';
import { addBreaker, type BreakerCommand } from './breaker-command.ts';
import { addInit, type InitCommand } from './init-command.ts';
import { addEvidence, type EvidenceCommand } from './evidence-command.ts';
import { addForget, type ForgetCommand } from './forget-command.ts';
import { addLink, type LinkCommand } from './link-command.ts';
import { addReading, type ReadingCommand } from './reading-command.ts';
import { parseAskedUrl, parseDay, parseId, parsePort, parseReason } from './arguments.ts';

/** What a person asked for, parsed and checked; nothing is done yet. */
export type Command =
  | { readonly name: 'start' }
  | {
      readonly name: 'run';
      readonly only: readonly string[];
      readonly full: boolean;
      /** Write nothing and tell nobody: show what would change. */
      readonly dryRun: boolean;
      readonly notify: boolean;
      readonly detailed: boolean;
      readonly json: boolean;
    }
  | InitCommand
  | { readonly name: 'doctor'; readonly json: boolean }
  | ReadingCommand
  | BreakerCommand
  | {
      readonly name: 'waive';
      readonly id: number;
      readonly until: PlainDate;
      readonly reason: string;
      readonly json: boolean;
    }
  | { readonly name: 'unwaive'; readonly id: number; readonly reason?: string | undefined; readonly json: boolean }
  | LinkCommand
  | { readonly name: 'config'; readonly action: 'schema' | 'print' | 'check'; readonly json: boolean }
  | { readonly name: 'migrate'; readonly plan: boolean; readonly roles: boolean; readonly json: boolean }
  | EvidenceCommand
  | ForgetCommand
  | {
      readonly name: 'login';
      readonly source: string;
      readonly paste: boolean;
      readonly newKey: boolean;
      readonly json: boolean;
    }
  | { readonly name: 'mcp' }
  | { readonly name: 'demo' }
  | { readonly name: 'sandbox'; readonly bind: string; readonly port: number }
  | { readonly name: 'healthcheck'; readonly url?: string | undefined };

export type Parsed =
  | { readonly kind: 'command'; readonly command: Command; readonly configPath?: string | undefined }
  /** Help or version asked for (code 0), or wrong usage (64): print and end. */
  | { readonly kind: 'text'; readonly text: string; readonly code: 0 | 64 };

/** argv without node and script → what to do. Pure: commander's own output and exit are caught here. */
export function parseCommand(argv: readonly string[], version: string): Parsed {
  let command: Command | undefined;
  let text = '';
  const take = (parsed: Command): void => {
    command = parsed;
  };
  const program = new Program('rollcall')
    .description('Who still has an account, and should not?')
    .version(version)
    .option('--config <path>', 'configuration file (default: ROLLCALL_CONFIG or ./rollcall.yaml)')
    .configureOutput({ writeOut: (part) => void (text += part), writeErr: (part) => void (text += part) })
    .exitOverride();
  addWork(program, take);
  addReading(program, take);
  addWaiving(program, take);
  addOperating(program, take);
  addInit(program, take);
  for (const each of program.commands) inheritSettings(program, each);
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: 'text', text, code: error.exitCode === 0 ? 0 : 64 };
  }
  const { config } = program.opts<{ config?: string }>();
  if (command === undefined) return { kind: 'text', text: program.helpInformation(), code: 64 };
  return { kind: 'command', command, configPath: config };
}

function inheritSettings(program: Program, child: Program): void {
  child.copyInheritedSettings(program);
  for (const each of child.commands) inheritSettings(child, each);
}

type Take = (command: Command) => void;

type RunOptions = {
  readonly source?: string[];
  readonly full?: boolean;
  readonly dryRun?: boolean;
  readonly notify: boolean;
  readonly detailedExitcode?: boolean;
  readonly json?: boolean;
};

function addWork(program: Program, take: Take): void {
  program
    .command('start')
    .description('run the worker: schedules, jobs, HTTP')
    .action(() => take({ name: 'start' }));
  program
    .command('run')
    .description('collect and reconcile once, then print the report')
    .option('--source <name...>', 'read only these sources')
    .option('--full', 'force full listings where changes alone would do')
    .option('--dry-run', 'write nothing and tell nobody: show what would change')
    .option('--no-notify', 'tell nobody: neither record nor deliver alerts of this run')
    .option('--detailed-exitcode', 'exit 2 when findings are open')
    .option('--json', 'print the report as JSON')
    .action((o: RunOptions) =>
      take({
        name: 'run',
        only: o.source ?? [],
        full: o.full === true,
        dryRun: o.dryRun === true,
        notify: o.notify,
        detailed: o.detailedExitcode === true,
        json: o.json === true,
      }),
    );
  program
    .command('mcp')
    .description('answer an assistant on stdin and stdout (Model Context Protocol); only reads')
    .action(() => take({ name: 'mcp' }));
  program
    .command('demo')
    .description('show drift in a simulated company: embedded Postgres, simulated Nimble, Namely and Slack')
    .action(() => take({ name: 'demo' }));
  program
    .command('sandbox')
    .description('serve a simulated Nimble, Namely and Slack')
    .option('--bind <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on', parsePort, 8090)
    .action((o: { bind: string; port: number }) => take({ name: 'sandbox', bind: o.bind, port: o.port }));
}

function addWaiving(program: Program, take: Take): void {
  program
    .command('waive')
    .description('accept a finding until the end of a day; then it opens again')
    .argument('<id>', 'id of the finding, as `findings` lists it', parseId)
    .requiredOption('--until <date>', 'its last day in the company’s time zone, YYYY-MM-DD', parseDay)
    .requiredOption('--reason <text>', 'why this is right; kept for the auditor', parseReason)
    .option('--json', 'the finding and its waiver as JSON')
    .action((id: number, o: { until: PlainDate; reason: string; json?: boolean }) =>
      take({ name: 'waive', id, until: o.until, reason: o.reason, json: o.json === true }),
    );
  program
    .command('unwaive')
    .description('take a waiver back: the finding opens again')
    .argument('<id>', 'id of the finding', parseId)
    .option('--reason <text>', 'why; kept for the auditor', parseReason)
    .option('--json', 'the finding and its waiver as JSON')
    .action((id: number, o: { reason?: string; json?: boolean }) =>
      take({ name: 'unwaive', id, reason: o.reason, json: o.json === true }),
    );
}

function addOperating(program: Program, take: Take): void {
  addBreaker(program, take);
  addLink(program, take);
  addEvidence(program, take);
  addForget(program, take);
  const config = program.command('config').description('the configuration');
  for (const action of ['schema', 'print', 'check'] as const) {
    config
      .command(action)
      .option('--json', 'as JSON')
      .action((o: { json?: boolean }) => take({ name: 'config', action, json: o.json === true }));
  }
  program
    .command('migrate')
    .description('bring the database to this version')
    .option('--plan', 'say what would be done')
    .option('--roles', 'also create and grant rollcall_owner, rollcall_worker and rollcall_reader')
    .option('--json', 'as JSON')
    .action((o: { plan?: boolean; roles?: boolean; json?: boolean }) =>
      take({ name: 'migrate', plan: o.plan === true, roles: o.roles === true, json: o.json === true }),
    );
  program
    .command('login <source>')
    .description('sign in at a vendor with a browser, for a source with `oauth`')
    .option('--paste', 'read the address that the browser ended at from standard input, where it cannot come here')
    .option('--new-key', 'the ROLLCALL_KEY of the worker is lost: begin with another one')
    .option('--json', 'who was signed in, as JSON')
    .action((source: string, o: { paste?: boolean; newKey?: boolean; json?: boolean }) =>
      take({ name: 'login', source, paste: o.paste === true, newKey: o.newKey === true, json: o.json === true }),
    );
  program
    .command('doctor')
    .description('check configuration, database, credentials and Slack')
    .option('--json', 'as JSON')
    .action((o: { json?: boolean }) => take({ name: 'doctor', json: o.json === true }));
  program
    .command('healthcheck')
    .description('ask a running worker whether it lives (for containers)')
    .option('--url <url>', 'what to ask (default: /livez on the configured port)', parseAskedUrl)
    .action((o: { url?: string }) => take({ name: 'healthcheck', url: o.url }));
}

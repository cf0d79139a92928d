import type { Command as Program } from 'commander';
import type { InitFlags } from '../init/flags.ts';

export type InitCommand = InitFlags & {
  readonly name: 'init';
  readonly force: boolean;
  /** Ask nothing: what flags do not say has its default. */
  readonly yes: boolean;
  /** Look at what was written, and show the first report. */
  readonly check: boolean;
};

type InitOptions = {
  readonly identities?: string;
  readonly column?: string[];
  readonly nimble?: boolean;
  readonly nimbleUrl?: string;
  readonly namelyCompany?: string;
  readonly namelyUrl?: string;
  readonly nimbus?: string;
  readonly scimUrl?: string;
  readonly timezone?: string;
  readonly allow?: string[];
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly check: boolean;
};

/** `init`, whose flags say what it asks at a terminal. */
export function addInit(program: Program, take: (command: InitCommand) => void): void {
  program
    .command('init')
    .description('write a commented rollcall.yaml, check it, and show the first report as a dry run')
    .option('--identities <list>', 'who works here: path or https URL of a CSV or JSON list')
    .option('--column <field=header...>', 'columns of the list, where their names are not recognised')
    .option('--nimble', 'read Nimble; NIMBLE_TOKEN has the token')
    .option('--nimble-url <url>', 'the same at another address')
    .option('--namely-company <name>', 'read Namely at https://NAME.namely.com; NAMELY_TOKEN has the token')
    .option('--namely-url <url>', 'the same at another address')
    .option('--nimbus <file>', 'the Employees grid of Nimbus as CSV')
    .option('--scim-url <url>', 'read a SCIM directory; SCIM_TOKEN has the token')
    .option('--timezone <zone>', 'in which days end, such as America/New_York')
    .option('--allow <host...>', 'hosts of the above that are private or not encrypted, and meant')
    .option('--yes', 'ask nothing: what is not said has its default')
    .option('--force', 'write over what is there, which stays as rollcall.yaml.old')
    .option('--no-check', 'only write: ask no vendor, show no report')
    .action((o: InitOptions) =>
      take({
        name: 'init',
        identities: o.identities,
        columns: o.column ?? [],
        nimble: o.nimble === true,
        nimbleUrl: o.nimbleUrl,
        namelyCompany: o.namelyCompany,
        namelyUrl: o.namelyUrl,
        nimbus: o.nimbus,
        scimUrl: o.scimUrl,
        timezone: o.timezone,
        allow: o.allow ?? [],
        force: o.force === true,
        yes: o.yes === true,
        check: o.check,
      }),
    );
}

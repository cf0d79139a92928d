import type { Command as Program } from 'commander';
import type { PlainDate } from '../core/row.ts';
import { parseDay } from './arguments.ts';

export type EvidenceCommand =
  | {
      readonly name: 'evidence';
      readonly action: 'export';
      readonly from: PlainDate;
      readonly to: PlainDate;
      readonly out: string;
      readonly json: boolean;
    }
  | {
      readonly name: 'evidence';
      readonly action: 'verify';
      readonly folder: string;
      readonly digest?: string | undefined;
      readonly json: boolean;
    };

type Options = {
  readonly from?: PlainDate;
  readonly to?: PlainDate;
  readonly out?: string;
  readonly json?: boolean;
};

/** `evidence --from … --to … --out …` and `evidence verify DIR`. */
export function addEvidence(program: Program, take: (command: EvidenceCommand) => void): void {
  const evidence = program
    .command('evidence')
    .description('what an auditor needs of a period: listings, leavers, decisions and rosters, with digests')
    // Not required by commander, which would ask `verify` for them too.
    .option('--from <date>', 'first day, in the company’s time zone, YYYY-MM-DD', parseDay)
    .option('--to <date>', 'last day; today is taken up to now', parseDay)
    .option('--out <dir>', 'a folder that does not exist yet, or is empty')
    .option('--json', 'the manifest as JSON')
    .action(({ from, to, out, json = false }: Options, self: Program) => {
      if (from === undefined || to === undefined || out === undefined) {
        self.error('error: evidence needs --from DATE, --to DATE and --out DIR');
      } else if (from > to) self.error('error: --from is after --to');
      else take({ name: 'evidence', action: 'export', from, to, out, json });
    });
  evidence
    .command('verify')
    .description('compute every digest of an evidence folder anew; needs neither configuration nor database')
    .argument('<dir>', 'the folder')
    .option('--digest <hex>', 'the digest that was noted when it was made')
    .option('--json', 'as JSON')
    .action((folder: string, _own: unknown, self: Program) => {
      // `--json` is known to `evidence` too, and commander gives it to either.
      const { digest, json = false } = self.optsWithGlobals<{ digest?: string; json?: boolean }>();
      take({ name: 'evidence', action: 'verify', folder, digest, json });
    });
}

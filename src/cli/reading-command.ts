import { type Command as Program, Option } from 'commander';
import { FINDING_STATUSES, type FindingStatus } from '../core/case.ts';
import { RULES, type Rule } from '../core/rule.ts';
import { type AskedTime, parseAskedTime, parseId } from './arguments.ts';

/** Of findings and rosters. */
type ListFormat = 'table' | 'json' | 'ndjson' | 'csv' | 'md';
export type ReportFormat = ListFormat | 'html';
const FORMATS: readonly ListFormat[] = ['table', 'json', 'ndjson', 'csv', 'md'];

type FindingsFilter = {
  readonly statuses: readonly FindingStatus[];
  readonly rules: readonly Rule[];
  readonly sources: readonly string[];
};

export type ReadingCommand =
  | {
      readonly name: 'report';
      readonly id?: number | undefined;
      readonly at?: AskedTime | undefined;
      /** Two reports: what changed from one to the other. */
      readonly diff?: readonly number[] | undefined;
      readonly format: ReportFormat;
      readonly out?: string | undefined;
    }
  | ({ readonly name: 'findings'; readonly format: ListFormat; readonly out?: string | undefined } & FindingsFilter)
  | { readonly name: 'explain'; readonly id: number; readonly json: boolean }
  | {
      readonly name: 'roster';
      readonly source: string;
      readonly at?: AskedTime | undefined;
      readonly format: ListFormat;
      readonly out?: string | undefined;
    };

type Take = (command: ReadingCommand) => void;

type Printed<Format> = { format: Format; json?: boolean; out?: string };

function printing<Format extends ReportFormat>({
  format,
  json,
  out,
}: Printed<Format>): {
  readonly format: Format | 'json';
  readonly out?: string | undefined;
} {
  return { format: json === true ? 'json' : format, out };
}

function format(formats: readonly ReportFormat[] = FORMATS): Option {
  return new Option('--format <format>', 'how to print').choices(formats).default('table');
}

/** Every command that prints a result has it. */
function asJson(): Option {
  return new Option('--json', 'the same as --format json').conflicts('format');
}

/** `report`, `findings`, `explain` and `roster`: what is known, printed. */
export function addReading(program: Program, take: Take): void {
  program
    .command('report')
    .description('print a drift report (default: the latest)')
    .addOption(new Option('--report <id>', 'this one, as it was').argParser(parseId).conflicts('at'))
    .option('--at <time>', 'as it was: ISO 8601 moment with a zone, or a date (its end in `timezone`)', parseAskedTime)
    .addOption(
      new Option('--diff <reports...>', 'what changed between two of them, and why (table or json)')
        .argParser((text, before: readonly number[] | undefined) => [...(before ?? []), parseId(text)])
        .conflicts(['at', 'report']),
    )
    .addOption(format([...FORMATS, 'html']))
    .addOption(asJson())
    .option('--out <file>', 'write to a file')
    .action((o: Printed<ReportFormat> & Asked, self: Program) => {
      const printed = printing(o);
      const objection = objectionToDiff(o.diff, printed.format);
      if (objection !== undefined) self.error(`error: ${objection}`);
      else take({ name: 'report', id: o.report, at: o.at, diff: o.diff, ...printed });
    });
  program
    .command('findings')
    .description('list findings (default: open and held)')
    .addOption(new Option('--status <status...>', 'only these').choices(FINDING_STATUSES))
    .addOption(new Option('--rule <rule...>', 'only these').choices(RULES))
    .option('--source <name...>', 'only these')
    .addOption(format())
    .addOption(asJson())
    .option('--out <file>', 'write to a file')
    .action((o: Printed<ListFormat> & { status?: FindingStatus[]; rule?: Rule[]; source?: string[] }) =>
      take({
        name: 'findings',
        statuses: o.status ?? ['open', 'held'],
        rules: o.rule ?? [],
        sources: o.source ?? [],
        ...printing(o),
      }),
    );
  program
    .command('explain')
    .description('why a finding is there, on what it rests, and what would clear it')
    .argument('<id>', 'id of the finding, as `findings` lists it', parseId)
    .option('--json', 'the same as JSON')
    .action((id: number, o: { json?: boolean }) => take({ name: 'explain', id, json: o.json === true }));
  program
    .command('roster <source>')
    .description('the rows of a source, now or at a time')
    .option('--at <time>', 'as it was: ISO 8601 moment with a zone, or a date (its end in `timezone`)', parseAskedTime)
    .addOption(format())
    .addOption(asJson())
    .option('--out <file>', 'write to a file')
    .action((source: string, o: Printed<ListFormat> & { at?: AskedTime }) =>
      take({ name: 'roster', source, at: o.at, ...printing(o) }),
    );
}

type Asked = { readonly report?: number; readonly at?: AskedTime; readonly diff?: readonly number[] };

function objectionToDiff(reports: readonly number[] | undefined, printed: ReportFormat): string | undefined {
  if (reports === undefined) return undefined;
  if (new Set(reports).size !== 2) return '--diff takes the ids of two reports, such as --diff 12 15';
  return printed === 'table' || printed === 'json'
    ? undefined
    : `--diff is printed as table or json, not as ${printed}`;
}

import { unknownSource } from '../errors.ts';
import type { Json } from '../core/case.ts';
import { CONTENT_FIELDS, INSTANT_FIELDS } from '../core/record-fields.ts';
import type { RosterViewRow } from '../core/views.ts';
import type { Reader } from '../ports/reading.ts';
import type { Clock } from '../ports/surroundings.ts';
import { toPastMoment } from './asked-moment.ts';
import type { Command } from './command.ts';
import type { ReportFormat } from './reading-command.ts';
import type { Output } from './output.ts';
import { printTo } from './output-file.ts';
import { renderCsv } from './render/csv.ts';
import { renderJsonLine, renderNdjson } from './render/json.ts';
import { renderMarkdownHead, renderMarkdownRows } from './render/markdown.ts';
import { fitColumns, layOut, renderHead, renderRows, type Column } from './render/table.ts';

type Args = Omit<Extract<Command, { readonly name: 'roster' }>, 'name'>;
type RosterDeps = { readonly reader: Reader; readonly clock: Clock; readonly timezone: string };

/** Columns of view `roster` (contract §7), for the header of an empty roster. */
const ROSTER_COLUMNS = [
  'source',
  ...CONTENT_FIELDS,
  ...INSTANT_FIELDS,
  'situation',
  'identity_id',
  'link_rule',
  'first_seen_at',
  'last_seen_at',
  'gone_at',
] as const;

/** Prints the rows of a source, now (gone ones too) or as they were present at a time; in pieces, whatever their number. */
export async function rosterCommand(deps: RosterDeps, args: Args, out: Output): Promise<number> {
  const { timezone, clock } = deps;
  const at = args.at && toPastMoment(args.at, { timezone, now: clock(), instead: 'the roster as it is' });
  const known = (await deps.reader.sources()).map((source) => source.source);
  if (!known.includes(args.source)) throw unknownSource(args.source, known);
  const printer = toPrinter(args.format, out.columns);
  await printTo(out, args.out, async (write) => {
    let first = true;
    for await (const rows of deps.reader.roster(args.source, at)) {
      if (rows.length === 0) continue;
      await write(printer.piece(rows, first));
      first = false;
    }
    await write(printer.end(first));
  });
  return 0;
}

type Printer = {
  readonly piece: (rows: readonly RosterViewRow[], first: boolean) => string;
  /** What follows the last piece; `empty` when there was none. */
  readonly end: (empty: boolean) => string;
};

function toPrinter(format: ReportFormat, width: number): Printer {
  if (format === 'table') return tablePrinter(width);
  if (format === 'csv') return csvPrinter();
  if (format === 'md') return markdownPrinter();
  if (format === 'ndjson') return { piece: renderNdjson, end: () => '' };
  return {
    piece: (rows, first) => (first ? '[\n' : ',\n') + rows.map((row) => `  ${renderJsonLine(row)}`).join(',\n'),
    end: (empty) => (empty ? '[]\n' : '\n]\n'),
  };
}

function csvPrinter(): Printer {
  let columns: readonly string[] = ROSTER_COLUMNS;
  return {
    piece: (rows, first) => {
      // `roster_at` has fewer columns than the view: its first row tells which.
      if (first) columns = Object.keys(rows[0] ?? {});
      return renderCsv(columns, rows, first);
    },
    end: (empty) => (empty ? renderCsv(columns, []) : ''),
  };
}

/** A table that is printed while it is read cannot know the rest: a column grows where a later piece needs it. */
function tablePrinter(width: number): Printer {
  let columns = TABLE;
  let widths: readonly number[] = [];
  return {
    piece: (rows, first) => {
      if (first) columns = fitColumns(TABLE, rows, width);
      widths = layOut(columns, rows, width, widths);
      return (first ? renderHead(columns, widths) : '') + renderRows(columns, widths, rows);
    },
    end: (empty) => (empty ? 'No rows.\n' : ''),
  };
}

function markdownPrinter(): Printer {
  const head = renderMarkdownHead(TABLE.map(({ title }) => title));
  return {
    piece: (rows, first) =>
      (first ? head : '') + renderMarkdownRows(rows.map((row) => TABLE.map((column) => column.text(row)))),
    end: (empty) => (empty ? 'No rows.\n' : ''),
  };
}

const TABLE: readonly Column<RosterViewRow>[] = [
  { title: 'ID', text: (row) => cell(row['external_id']) },
  { title: 'E-MAIL', text: (row) => cell(row['email']), shrinkTo: 16 },
  { title: 'NAME', text: (row) => fullName(row), shrinkTo: 12, spare: 3 },
  { title: 'STATUS', text: (row) => (absent(row['gone_at']) ? cell(row['status']) : 'gone') },
  { title: 'KIND', text: (row) => cell(row['kind']), spare: 5 },
  { title: 'ROLE', text: (row) => cell(row['role']), shrinkTo: 8, spare: 4 },
  { title: 'SITUATION', text: (row) => cell(row['situation']), spare: 1 },
  { title: 'IDENTITY', text: (row) => cell(row['identity_id']), spare: 2 },
];

function fullName(row: RosterViewRow): string {
  if (!absent(row['display_name'])) return cell(row['display_name']);
  const parts = [row['given_name'], row['family_name']].filter((part) => !absent(part));
  return parts.length > 0 ? parts.map(cell).join(' ') : '-';
}

function cell(value: Json | undefined): string {
  if (absent(value)) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function absent(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '';
}

import type { Instant } from '../core/row.ts';
import type { ReportRow } from '../core/views.ts';
import { OperationalError } from '../errors.ts';
import type { PageReader } from '../ports/page.ts';
import type { Reader } from '../ports/reading.ts';
import type { Clock } from '../ports/surroundings.ts';
import { toPastMoment } from './asked-moment.ts';
import type { Command } from './command.ts';
import type { Output } from './output.ts';
import { printTo } from './output-file.ts';
import { makeReportFile } from './report-file.ts';
import type { ReportParts } from '../words/report-summary.ts';
import { renderMoment } from '../words/time.ts';
import { renderReport, type TextFormat } from './render/report.ts';
import { renderDiffJson, renderDiffText } from './render/report-diff.ts';

type Args = Omit<Extract<Command, { readonly name: 'report' }>, 'name'>;
type Printing = Pick<Args, 'out'> & { readonly format: TextFormat };
type ReportDeps = {
  readonly reader: Reader;
  readonly pages: PageReader;
  readonly clock: Clock;
  readonly timezone: string;
};

/** `rollcall report`: the latest as it is; by an id or a time, a report with its findings and sources as they were then. */
export async function reportCommand(deps: ReportDeps, args: Args, out: Output): Promise<number> {
  const now = deps.clock();
  if (args.diff !== undefined) return printDiff(deps.reader, args, args.diff, out);
  const parts = await loadAsked(deps, args, now);
  if (args.format === 'html') {
    const text = await makeReportFile(deps, parts, now);
    await printTo(out, args.out, (write) => write(text));
  } else await print(parts, { ...args, format: args.format }, out, now);
  const later = parts.past?.laterWords.length ?? 0;
  if (later > 0) {
    const findings = later === 1 ? '1 finding is' : `${later} findings are`;
    await out.stderr(`${findings} shown in later words: it has changed since, before what was said earlier was kept\n`);
  }
  return 0;
}

/** `run` and `demo` print the report that they have just made, and what they could not read (`failed`). */
export async function printReport(
  reader: Reader,
  args: Printing & Pick<ReportParts, 'failed'> & { readonly id: number },
  out: Output,
): Promise<void> {
  const newest = await loadNewest(reader);
  const isNewest = newest.id === args.id;
  const parts = isNewest ? await loadPresent(reader, newest) : await loadById(reader, args.id);
  await print({ ...parts, failed: args.failed }, args, out, new Date());
}

/** The older one first, however they were named. */
async function printDiff(
  reader: Reader,
  args: Pick<Args, 'format' | 'out'>,
  asked: readonly number[],
  out: Output,
): Promise<number> {
  const [first = 0, second = 0] = asked.toSorted((a, b) => a - b);
  const before = await loadReport(reader, first);
  const after = await loadReport(reader, second);
  const parts = { before, after, ...(await reader.diff(before, after)) };
  const text = args.format === 'json' ? renderDiffJson(parts) : renderDiffText(parts, out.columns);
  await printTo(out, args.out, async (write) => write(text));
  return 0;
}

async function print(parts: ReportParts, args: Printing, out: Output, now: Date): Promise<void> {
  const color = out.color && args.out === undefined;
  const text = renderReport(parts, { format: args.format, width: out.columns, now, color });
  await printTo(out, args.out, async (write) => write(text));
}

async function loadAsked({ reader, timezone }: ReportDeps, { id, at }: Args, now: Date): Promise<ReportParts> {
  if (at !== undefined) return loadAt(reader, toPastMoment(at, { timezone, now, instead: 'the latest report' }));
  return id === undefined ? loadPresent(reader, await loadNewest(reader)) : loadById(reader, id);
}

async function loadPresent(reader: Reader, report: ReportRow): Promise<ReportParts> {
  const [sources, runs, findings] = await Promise.all([
    reader.sources(),
    reader.latestRuns(),
    reader.findings({ statuses: ['open', 'held'] }),
  ]);
  return { report, sources, runs, findings };
}

async function loadById(reader: Reader, id: number): Promise<ReportParts> {
  const report = await loadReport(reader, id);
  return loadPast(reader, report, report.finished_at);
}

async function loadReport(reader: Reader, id: number): Promise<ReportRow> {
  const report = await reader.report(id);
  if (report !== undefined) return report;
  const newest = await loadNewest(reader);
  throw new OperationalError('not-found', `there is no report ${id}: the latest is report ${newest.id}`);
}

async function loadAt(reader: Reader, at: Instant): Promise<ReportParts> {
  const report = await reader.reportAt(at);
  if (report !== undefined) return loadPast(reader, report, at);
  const first = await reader.firstReport();
  if (first === undefined) throw noReport();
  const began = `report ${first.id} of ${renderMoment(first.finished_at)}`;
  throw new OperationalError('not-found', `there was no report yet at ${renderMoment(at)}: the first is ${began}`);
}

async function loadPast(reader: Reader, report: ReportRow, at: Instant): Promise<ReportParts> {
  const { laterWords, ...then } = await reader.reportThen(report.id, at);
  return { report, ...then, past: { at, laterWords } };
}

async function loadNewest(reader: Reader): Promise<ReportRow> {
  const newest = await reader.report();
  if (newest === undefined) throw noReport();
  return newest;
}

function noReport(): OperationalError {
  return new OperationalError('not-found', 'there is no report yet: `rollcall run` makes one');
}

import { OperationalError } from '../errors.ts';
import type { Reader } from '../ports/reading.ts';
import type { Clock } from '../ports/surroundings.ts';
import type { Command } from './command.ts';
import type { Output } from './output.ts';
import { printTo } from './output-file.ts';
import type { ReportParts } from './render/report-text.ts';
import { renderReport } from './render/report.ts';

type Args = Omit<Extract<Command, { readonly name: 'report' }>, 'name'>;

/** `rollcall report`: prints a drift report, the latest without an id. */
export async function reportCommand(
  deps: { readonly reader: Reader; readonly clock: Clock },
  args: Args,
  out: Output,
): Promise<number> {
  await printReport(deps.reader, args, out, deps.clock());
  return 0;
}

/** `run` and `demo`, which know what they could not read (`failed`), print their report with it too. `not-found` when there is none. */
export async function printReport(
  reader: Reader,
  args: Args & Pick<ReportParts, 'failed'>,
  out: Output,
  now = new Date(),
): Promise<void> {
  const parts = { ...(await loadReport(reader, args.id)), failed: args.failed };
  const text = renderReport(parts, { format: args.format, width: out.columns, now });
  await printTo(out, args.out, async (write) => write(text));
}

async function loadReport(reader: Reader, id?: number): Promise<ReportParts> {
  const newest = await reader.report();
  if (newest === undefined) throw new OperationalError('not-found', 'there is no report yet: `rollcall run` makes one');
  const report = id === undefined || id === newest.id ? newest : await reader.report(id);
  if (report === undefined) {
    throw new OperationalError('not-found', `there is no report ${id}: the latest is report ${newest.id}`);
  }
  const latest = report.id === newest.id;
  const [sources, runs, findings] = await Promise.all([
    reader.sources(),
    reader.latestRuns(),
    reader.findings(latest ? { statuses: ['open', 'held'] } : { changedIn: report.id }),
  ]);
  return { report, sources, runs, findings, latest };
}

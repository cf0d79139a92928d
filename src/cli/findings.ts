import type { Clock, Reader } from '../ports.ts';
import type { Command } from './command.ts';
import type { Output } from './output.ts';
import { printTo } from './output-file.ts';
import { renderFindings } from './render/report.ts';

type Args = Omit<Extract<Command, { readonly name: 'findings' }>, 'name'>;

/** Lists findings. An empty list of rules or sources means all of them. */
export async function findingsCommand(
  deps: { readonly reader: Reader; readonly clock: Clock },
  args: Args,
  out: Output,
): Promise<number> {
  const findings = await deps.reader.findings({
    statuses: args.statuses,
    rules: args.rules.length > 0 ? args.rules : undefined,
    sources: args.sources.length > 0 ? args.sources : undefined,
  });
  const text = renderFindings(findings, { format: args.format, width: out.columns, now: deps.clock() });
  await printTo(out, args.out, async (write) => write(text));
  return 0;
}

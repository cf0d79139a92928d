import { unknownSource } from '../errors.ts';
import type { Reader } from '../ports/reading.ts';
import type { Clock } from '../ports/surroundings.ts';
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
  await checkSources(deps.reader, args.sources);
  const findings = await deps.reader.findings({
    statuses: args.statuses,
    rules: args.rules.length > 0 ? args.rules : undefined,
    sources: args.sources.length > 0 ? args.sources : undefined,
  });
  const color = out.color && args.out === undefined;
  const text = renderFindings(findings, { format: args.format, width: out.columns, now: deps.clock(), color });
  await printTo(out, args.out, async (write) => write(text));
  return 0;
}

/** A name with a typo has no findings either, and "no finding matches" would be the wrong comfort. */
async function checkSources(reader: Reader, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const known = (await reader.sources()).map(({ source }) => source);
  for (const name of names.filter((each) => !known.includes(each))) {
    // A source that was taken out of the configuration keeps its resolved findings.
    if ((await reader.findings({ sources: [name], limit: 1 })).length > 0) continue;
    throw unknownSource(name, known);
  }
}

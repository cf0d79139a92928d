import { OperationalError } from '../errors.ts';
import type { Reader } from '../ports/reading.ts';
import type { Clock } from '../ports/surroundings.ts';
import type { Command } from './command.ts';
import type { Output } from './output.ts';
import { renderExplanation } from './render/explain-text.ts';
import { toExplained } from '../words/explained.ts';
import { renderJson } from './render/json.ts';

type Args = Omit<Extract<Command, { readonly name: 'explain' }>, 'name'>;

/** Why a finding is there: the rule, both records, the link, the listings, the history, and what would clear it. */
export async function explainCommand(
  deps: { readonly reader: Reader; readonly clock: Clock },
  args: Args,
  out: Output,
): Promise<number> {
  const explanation = await deps.reader.explain(args.id);
  if (explanation === undefined) {
    throw new OperationalError('not-found', `there is no finding ${args.id}: \`rollcall findings\` lists them`);
  }
  const now = deps.clock();
  const explained = toExplained(explanation, now);
  await out.stdout(args.json ? renderJson(explained) : renderExplanation(explained, { width: out.columns, now }));
  return 0;
}

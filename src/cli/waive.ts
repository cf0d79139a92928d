import { addDays } from '../core/dates.ts';
import type { FindingRow, WaiverRow } from '../core/views.ts';
import { subjectLabel } from '../core/subject-label.ts';
import type { Operator } from '../ports/reading.ts';
import type { Clock } from '../ports/surroundings.ts';
import type { Command } from './command.ts';
import type { Output } from './output.ts';
import { renderJson } from './render/json.ts';
import { toTerminalText } from '../words/inert-text.ts';

export type WaiveDeps = {
  readonly operator: Pick<Operator, 'waive' | 'unwaive'>;
  readonly clock: Clock;
  /** Who waives, for the audit table. */
  readonly author: () => string;
};

/** `rollcall unwaive` may leave the reason out; the audit row says that it was. */
const NO_REASON = 'none given';

/** `rollcall waive`: `not-found` for an id without a finding to waive, `usage` for a day that cannot be its last. */
export async function waiveCommand(
  deps: WaiveDeps,
  args: Extract<Command, { readonly name: 'waive' }>,
  out: Output,
): Promise<number> {
  const { id: findingId, until, reason } = args;
  const request = { findingId, until, reason, author: deps.author() };
  const { finding, waiver, replaced } = await deps.operator.waive(request, deps.clock());
  const instead =
    replaced === undefined ? '' : ` It replaces the waiver of ${replaced.author} until ${replaced.until}.`;
  const sentence = `is waived until ${waiver.until} by ${waiver.author}, and opens again on ${addDays(waiver.until, 1)}.${instead}`;
  await say({ finding, waiver, sentence }, args.json, out);
  return 0;
}

/** `rollcall unwaive`: `not-found` where no waiver is in force. */
export async function unwaiveCommand(
  deps: WaiveDeps,
  args: Extract<Command, { readonly name: 'unwaive' }>,
  out: Output,
): Promise<number> {
  const request = { findingId: args.id, reason: args.reason ?? NO_REASON, author: deps.author() };
  const { finding, waiver } = await deps.operator.unwaive(request, deps.clock());
  const state = finding.status === 'open' ? 'is open again' : `stays ${finding.status}`;
  const sentence = `${state}: the waiver of ${waiver.author} until ${waiver.until} has ended.`;
  await say({ finding, waiver, sentence }, args.json, out);
  return 0;
}

type Said = { readonly finding: FindingRow; readonly waiver: WaiverRow; readonly sentence: string };

async function say({ finding, waiver, sentence }: Said, json: boolean, out: Output): Promise<void> {
  if (json) return out.stdout(renderJson({ finding, waiver }));
  const what = `Finding ${finding.id} (${finding.rule}, ${subjectLabel(finding)} in ${finding.source})`;
  return out.stdout(`${toTerminalText(`${what} ${sentence}`)}\n`);
}

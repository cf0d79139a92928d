import type { LinkChange, LinkOperator } from '../ports/reading.ts';
import type { Clock } from '../ports/surroundings.ts';
import type { LinkCommand } from './link-command.ts';
import type { Output } from './output.ts';
import { renderJson } from './render/json.ts';
import { toTerminalText } from '../words/inert-text.ts';

export type LinkDeps = {
  readonly operator: LinkOperator;
  readonly clock: Clock;
  /** Who says so, for the link and the audit table. */
  readonly author: () => string;
};

const WHEN = 'The next reconciliation goes by it: `rollcall run` does so now.';

/** `link add|deny|clear`: one line that says what is so now, and when it counts. */
export async function linkCommand(deps: LinkDeps, args: LinkCommand, out: Output): Promise<number> {
  const { action, source, account, identity, reason } = args;
  const author = deps.author();
  const now = deps.clock();
  const change = await deps.operator.changeLink({ action, source, account, identity, author, reason, now });
  await out.stdout(
    args.json ? renderJson({ ...change, author, reason }) : `${toTerminalText(renderChange(change, author))}\n`,
  );
  return 0;
}

function renderChange(change: LinkChange, author: string): string {
  const state = stateOf(change);
  if (!change.changed) return `Nothing changed: ${state} already.`;
  const removed = change.removed === 0 ? '' : ` ${countOf(change.removed)} taken away.`;
  const reuse = change.reuse_decided ? ' That settles reused_account.' : '';
  return `${state} (${author}).${removed}${reuse} ${WHEN}`;
}

function stateOf({ action, ...change }: LinkChange): string {
  const account = `${change.account_label} in ${change.source}`;
  const isSelf = change.identity_source === change.source && change.identity_id === change.account_id;
  if (isSelf || (change.identity_id === null && action !== 'clear')) return selfState(action, account);
  const identity = `${change.identity_label ?? ''} in ${change.identity_source ?? ''}`;
  if (action === 'add') return `${account} is pinned to ${identity}`;
  if (action === 'deny') return `${account} is never linked to ${identity}`;
  return change.identity_id === null
    ? `${account} is left to the rules`
    : `${account} and ${identity} are left to the rules`;
}

/** An identity row about which it was asked whether it is still the same person. */
function selfState(action: LinkChange['action'], account: string): string {
  if (action === 'add') return `${account} is the same person as before`;
  return action === 'deny' ? `${account} is another person than before` : `${account} is left to the rules`;
}

function countOf(links: number): string {
  return links === 1 ? '1 link or denial was' : `${links} links or denials were`;
}

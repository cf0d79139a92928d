import type { Explanation } from '../core/views.ts';
import { toCell } from './cells.ts';
import { toTerminalText } from './inert-text.ts';
import { toShellWord } from './shell-word.ts';
import { renderMoment } from './time.ts';

export type Linking = Pick<Explanation, 'link' | 'denied' | 'account' | 'identity' | 'finding'>;
export type Asking = Pick<Explanation, 'finding' | 'suggestions' | 'account'>;

/** To whom the account is linked and by whom, and to whom never. */
export function linkSentences({ link, denied, account, identity, finding }: Linking): readonly string[] {
  if (finding.account_id === null) return [];
  const sentences = denied.map(
    (each) =>
      `Never linked to ${each.identity_id} in ${each.identity_source}, since ${renderMoment(each.since)}${wordOf(each)}.`,
  );
  if (link !== null) sentences.unshift(linkSentence(link));
  else if (account !== null && account['situation'] !== 'identity') {
    const named = identity === null ? '' : ' The finding names the identity for another reason.';
    sentences.unshift(`This account is linked to no identity.${named}`);
  }
  return sentences;
}

function linkSentence(link: NonNullable<Explanation['link']>): string {
  const why = Object.entries(link.evidence).map(([key, value]) => `${key} ${toCell(value)}`);
  const because = why.length === 0 ? '' : ` Because of: ${why.join(', ')}.`;
  return `Linked by rule “${link.rule}” since ${renderMoment(link.since)}${wordOf(link)}.${because}`;
}

/** Who said so and why, where a person did. */
function wordOf({ author, reason }: { readonly author: string | null; readonly reason: string | null }): string {
  return author === null ? '' : `, by ${author}: ${reason ?? 'no reason given'}`;
}

/** A command, and when it is the right one. */
export type Advised = { readonly lead: string; readonly command: string };

/** What says that it is the first of those that it could be; or, where only a person can end a doubt about an id, whose it is. */
export function askCommand({ finding, suggestions, account }: Asking): Advised | undefined {
  const [first] = suggestions;
  if (first !== undefined)
    return toCommand('If it is the first', 'add', finding, `${first.source}/${first.external_id}`);
  if (finding.rule !== 'reused_account' || finding.status === 'resolved' || finding.account_id === null)
    return undefined;
  const isIdentity = account !== null && account['situation'] === 'identity';
  // Of an identity by naming its row twice.
  return isIdentity
    ? toCommand('If it is the same person', 'add', finding, `${finding.source}/${finding.account_id}`)
    : toCommand('If you know whose it is', 'add', finding, 'IDENTITY');
}

/** What takes back that it is never somebody's. */
export function takeBackCommand({ denied, finding }: Pick<Linking, 'denied' | 'finding'>): Advised | undefined {
  const [never] = denied;
  if (never === undefined || finding.account_id === null) return undefined;
  return toCommand('To take that back', 'clear', finding, `${never.identity_source}/${never.identity_id}`);
}

function toCommand(lead: string, action: 'add' | 'clear', finding: Linking['finding'], identity: string): Advised {
  const words = [finding.source, finding.account_id ?? '', identity].map(toShellWord).join(' ');
  const why = action === 'add' ? 'how you know' : 'why';
  return { lead, command: toTerminalText(`rollcall link ${action} ${words} --reason "${why}"`) };
}

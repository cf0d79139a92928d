import type { Explanation } from '../../core/views.ts';
import { indent, section, toCell, type Page } from './sections.ts';
import { toShellWord } from './shell-word.ts';
import { renderTable, type Column } from './table.ts';
import { toTerminalText } from './text.ts';
import { renderMoment } from './time.ts';

type Linking = Pick<Explanation, 'link' | 'denied' | 'account' | 'identity' | 'finding'>;
type Shown = Explanation['suggestions'][number];

/** To whom the account is linked and by whom, and to whom never. */
export function renderLink({ link, denied, account, identity, finding }: Linking, page: Page): string {
  if (finding.account_id === null) return '';
  const sentences = denied.map(
    (each) =>
      `Never linked to ${each.identity_id} in ${each.identity_source}, since ${renderMoment(each.since)}${wordOf(each)}.`,
  );
  if (link !== null) sentences.unshift(linkSentence(link));
  else if (account !== null && account['situation'] !== 'identity') {
    const named = identity === null ? '' : ' The finding names the identity for another reason.';
    sentences.unshift(`This account is linked to no identity.${named}`);
  }
  if (sentences.length === 0) return '';
  const [never] = denied;
  const back = never === undefined ? '' : command('To take that back', 'clear', finding, refOf(never));
  return `${section('LINK', sentences.join(' '), page)}${back}`;
}

function refOf(each: { readonly identity_source: string; readonly identity_id: string }): string {
  return `${each.identity_source}/${each.identity_id}`;
}

/** In a line of its own and never broken: it is there to be copied. */
function command(lead: string, action: 'add' | 'clear', finding: Linking['finding'], identity: string): string {
  const words = [finding.source, finding.account_id ?? '', identity].map(toShellWord).join(' ');
  const why = action === 'add' ? 'how you know' : 'why';
  return indent(`${lead}: ${toTerminalText(`rollcall link ${action} ${words} --reason "${why}"`)}\n`);
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

/** Whom it could be of, with the command that says so. Names never link; a person does. */
export function renderSuggestions({ finding, suggestions, account }: Explanation, page: Page): string {
  const [first] = suggestions;
  if (first === undefined) return renderQuestion(finding, account);
  const columns: readonly Column<Shown>[] = [
    { title: 'SOURCE', text: (row) => row.source, shrinkTo: 10 },
    { title: 'ID', text: (row) => row.external_id, shrinkTo: 12 },
    { title: 'NAME', text: (row) => row.name ?? '-', shrinkTo: 12 },
    { title: 'E-MAIL', text: (row) => row.email ?? '-', shrinkTo: 16 },
    { title: 'STATUS', text: (row) => row.status },
    { title: 'WHY', text: (row) => row.reasons.join(', '), shrinkTo: 16 },
  ];
  const add = command('If it is the first', 'add', finding, `${first.source}/${first.external_id}`);
  return `WHO IT COULD BE\n${indent(renderTable(columns, suggestions, page.width - 2))}${add}`;
}

/** Only a person can end a doubt about an id; of an identity by naming its row twice. */
function renderQuestion(finding: Explanation['finding'], account: Explanation['account']): string {
  if (finding.rule !== 'reused_account' || finding.status === 'resolved' || finding.account_id === null) return '';
  const isIdentity = account !== null && account['situation'] === 'identity';
  const identity = isIdentity ? `${finding.source}/${finding.account_id}` : 'IDENTITY';
  const lead = isIdentity ? 'If it is the same person' : 'If you know whose it is';
  return `WHO IT COULD BE\n${command(lead, 'add', finding, identity)}`;
}

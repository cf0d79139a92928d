import type { Explanation } from '../../core/views.ts';
import { indent, section, toCell, type Page } from './sections.ts';
import { toShellWord } from './shell-word.ts';
import { renderTable, type Column } from './table.ts';
import { toTerminalText } from './text.ts';
import { renderMoment } from './time.ts';

type Linking = Pick<Explanation, 'link' | 'denied' | 'account' | 'identity' | 'finding'>;
type Asking = Pick<Explanation, 'finding' | 'suggestions'>;
type Shown = Explanation['suggestions'][number];

export function renderLink(linking: Linking, page: Page): string {
  const sentences = linkSentences(linking);
  return sentences.length === 0 ? '' : section('LINK', sentences.join(' '), page);
}

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

/** Whom it could be of, with the command that says so. Names never link; a person does. */
export function renderSuggestions(explanation: Asking, page: Page): string {
  const command = suggestionCommand(explanation);
  if (command === undefined) return '';
  const { suggestions } = explanation;
  const columns: readonly Column<Shown>[] = [
    { title: 'SOURCE', text: (row) => row.source, shrinkTo: 10 },
    { title: 'ID', text: (row) => row.external_id, shrinkTo: 12 },
    { title: 'NAME', text: (row) => row.name ?? '-', shrinkTo: 12 },
    { title: 'E-MAIL', text: (row) => row.email ?? '-', shrinkTo: 16 },
    { title: 'STATUS', text: (row) => row.status },
    { title: 'WHY', text: (row) => row.reasons.join(', '), shrinkTo: 16 },
  ];
  // In a line of its own and never broken: it is there to be copied.
  return `WHO IT COULD BE\n${indent(renderTable(columns, suggestions, page.width - 2))}${indent(`If it is the first: ${command}\n`)}`;
}

/** What says that it is the first of those that it could be. */
export function suggestionCommand({ finding, suggestions }: Asking): string | undefined {
  const [first] = suggestions;
  if (first === undefined) return undefined;
  const named = [finding.source, finding.account_id ?? '', `${first.source}/${first.external_id}`].map(toShellWord);
  return toTerminalText(`rollcall link add ${named.join(' ')} --reason "how you know"`);
}

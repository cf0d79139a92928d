import type { Explanation } from '../../core/views.ts';
import { indent, type Page, section } from './sections.ts';
import {
  askCommand,
  type Asking,
  type Advised,
  type Linking,
  linkSentences,
  takeBackCommand,
} from '../../words/link-sentences.ts';
import { renderTable, type Column } from './table.ts';

type Shown = Explanation['suggestions'][number];

export function renderLink(linking: Linking, page: Page): string {
  const sentences = linkSentences(linking);
  if (sentences.length === 0) return '';
  const back = takeBackCommand(linking);
  return `${section('LINK', sentences.join(' '), page)}${back === undefined ? '' : commandLine(back)}`;
}

/** Whom it could be of, with the command that says so. Names never link; a person does. */
export function renderSuggestions(explanation: Asking, page: Page): string {
  const asked = askCommand(explanation);
  if (asked === undefined) return '';
  const { suggestions } = explanation;
  const line = commandLine(asked);
  if (suggestions.length === 0) return `WHO IT COULD BE\n${line}`;
  const columns: readonly Column<Shown>[] = [
    { title: 'SOURCE', text: (row) => row.source, shrinkTo: 10 },
    { title: 'ID', text: (row) => row.external_id, shrinkTo: 12 },
    { title: 'NAME', text: (row) => row.name ?? '-', shrinkTo: 12 },
    { title: 'E-MAIL', text: (row) => row.email ?? '-', shrinkTo: 16 },
    { title: 'STATUS', text: (row) => row.status },
    { title: 'WHY', text: (row) => row.reasons.join(', '), shrinkTo: 16 },
  ];
  return `WHO IT COULD BE\n${indent(renderTable(columns, suggestions, page.width - 2))}${line}`;
}

/** In a line of its own and never broken: it is there to be copied. */
export function commandLine({ lead, command }: Advised): string {
  return indent(`${lead}: ${command}\n`);
}

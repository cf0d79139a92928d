import { html } from 'hono/html';
import { tokenOwnerId } from '../core/rule-words.ts';
import type { Severity } from '../core/rule.ts';
import type { FindingLine } from '../core/views.ts';
import type { Links } from './links.ts';
import { inert, inertName, type Html } from './words.ts';

/** The word first, in a colour that repeats it. */
export function severityTag(severity: Severity): Html {
  return html`<span class="tag ${severity}">${severity}</span>`;
}

export function sourceName(name: string, links: Links): Html {
  return linked(links.source(name), inert(name));
}

export function linked(href: string | undefined, text: Html): Html {
  return href === undefined ? text : html`<a href="${href}">${text}</a>`;
}

/** Whom or what a finding is about: the name, and under it the address. */
export function subjectOf(finding: FindingLine): { readonly name: string; readonly more?: string | undefined } {
  const email = finding.account_email ?? finding.identity_email;
  const name = finding.account_name ?? email ?? finding.account_id ?? finding.identity_id ?? tokenOwnerId(finding);
  return { name: name ?? `finding ${finding.id}`, more: email !== null && email !== name ? email : undefined };
}

/** A command in a line of its own, to be copied. */
export function commandLine(command: string): Html {
  return html`<pre><code>${command}</code></pre>`;
}

export type TableColumn<Row> = {
  readonly title: string;
  readonly cell: (row: Row) => Html | string;
  /** Of the cells: `num`, `short` (never broken), `wide` (left out on a phone), `word` (room for a word of a vendor's). */
  readonly as?: string | undefined;
};

/** With fewer it holds the fields of one thing, which are read down and not across. */
const COLUMNS_OF_A_LIST = 4;

/** A table whose first column names its rows. Cells that are texts are made inert here, whatever a caller forgot. */
export function dataTable<Row>(
  caption: Html | string,
  columns: readonly TableColumn<Row>[],
  rows: readonly Row[],
): Html {
  return html`<table class="${columns.length < COLUMNS_OF_A_LIST ? 'compact' : ''}">
    <caption>
      ${caption}
    </caption>
    <thead>
      <tr>
        ${columns.map(({ title, as }) => html`<th scope="col" class="${as ?? ''}">${title}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            ${columns.map((column, at) => renderCell(column, row, at === 0))}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function renderCell<Row>({ cell, as = '' }: TableColumn<Row>, row: Row, isName: boolean): Html {
  const content = cell(row);
  const shown = typeof content === 'string' ? inertName(content) : content;
  return isName ? html`<th scope="row" class="${as}">${shown}</th>` : html`<td class="${as}">${shown}</td>`;
}

import { html } from 'hono/html';
import { toCell } from '../words/cells.ts';
import { renderMoment } from '../words/time.ts';
import { CONTENT_FIELDS, INSTANT_FIELDS } from '../core/record-fields.ts';
import type { RosterViewRow } from '../core/views.ts';
import type { LinkedRecord, PersonView } from '../ports/page.ts';
import { renderDocument } from './document.ts';
import { renderFindingsList } from './findings.ts';
import { PAGE_LINKS } from './links.ts';
import { dataTable, type TableColumn } from './parts.ts';
import { fieldName, fieldText, peopleColumns, renderPeople } from './records.ts';
import { inert, inertName, type Html } from './words.ts';

const BACK = html`<nav aria-label="Back"><a href="/">Report</a></nav>`;

/** One person: who they are, every account across the sources, and what was found of them. */
export function renderPersonPage(person: PersonView, now: Date): Html {
  const { identity, accounts, findings } = person;
  const live = findings.filter(({ status }) => status !== 'resolved');
  const past = findings.filter(({ status }) => status === 'resolved');
  const name = nameOf(person);
  const body = html`<h1>${inertName(name)}</h1>
    <p class="lede">${standing(person)}</p>
    <h2>Accounts</h2>
    ${accounts.length === 0 ? html`<p>No account in any application is linked to this person.</p>` : renderAccounts(accounts)}
    <h2>Open findings</h2>
    ${live.length === 0 ? html`<p>None.</p>` : renderFindingsList('The most severe first', live, PAGE_LINKS, now)}
    ${
      past.length === 0
        ? ''
        : html`<h2>Resolved findings</h2>
            ${renderFindingsList('What was found before', past, PAGE_LINKS, now)}`
    }
    ${person.more ? html`<p>There is more than is shown here: the views of the database have it all.</p>` : ''}
    ${
      identity.length === 0
        ? ''
        : html`<h2>On the identity list</h2>
            ${renderPeople('Records that are this person', identity, PAGE_LINKS)}`
    }
    <h2>Records in full</h2>
    ${[...identity, ...accounts.map(({ row }) => row)].map(renderRecord)}`;
  return renderDocument({ title: name, body, nav: BACK });
}

function nameOf({ identity, accounts }: PersonView): string {
  const rows = [...identity, ...accounts.map(({ row }) => row)];
  const names = rows.flatMap((row) => [row['display_name'] ?? fullName(row), row['email'], row['external_id']]);
  return names.find((name): name is string => typeof name === 'string' && name !== '') ?? 'Nobody';
}

function fullName(row: RosterViewRow): string {
  return [row['given_name'], row['family_name']].filter((part) => typeof part === 'string').join(' ');
}

function standing({ identity, accounts }: PersonView): string {
  if (identity.length === 0) {
    const isDisputed = accounts.some(({ row }) => row['situation'] === 'disputed');
    return isDisputed
      ? 'This account could be of several people: its finding says of whom.'
      : 'This account belongs to nobody we know: no identity has its address.';
  }
  const [first] = identity;
  if (first === undefined) return '';
  if (identity.every((row) => toCell(row['gone_at']) !== '-')) return 'Not on the identity list any more.';
  const ends = toCell(first['end_date']);
  const starts = toCell(first['start_date']);
  const dates = [starts === '-' ? '' : `starts ${starts}`, ends === '-' ? '' : `last day ${ends}`].filter(
    (each) => each !== '',
  );
  return [`On the identity list: ${toCell(first['status'])}`, ...dates].join(', ');
}

function renderAccounts(accounts: readonly LinkedRecord[]): Html {
  const columns: readonly TableColumn<LinkedRecord>[] = [
    ...peopleColumns(PAGE_LINKS).map((column) => ({ ...column, cell: ({ row }: LinkedRecord) => column.cell(row) })),
    { title: 'Linked by', cell: linkText },
  ];
  return dataTable('Across all sources; those that are gone last', columns, accounts);
}

function linkText({ link, row }: LinkedRecord): string {
  if (link === null) return row['situation'] === 'identity' ? '-' : 'not linked';
  const who = link.author === null ? '' : `, by ${link.author}: ${link.reason ?? 'no reason given'}`;
  return `${link.rule} since ${renderMoment(link.since).slice(0, 10)}${who}`;
}

const FIELDS = [...CONTENT_FIELDS, ...INSTANT_FIELDS, 'first_seen_at', 'gone_at', 'left_on'] as const;

function renderRecord(row: RosterViewRow): Html {
  const known = FIELDS.filter((field) => fieldText(field, row) !== '-');
  const columns: readonly TableColumn<string>[] = [
    { title: 'Field', cell: fieldName },
    { title: 'Value', cell: (field) => inert(fieldText(field, row)) },
  ];
  return html`<details>
    <summary>${inertName(`${toCell(row['external_id'])} in ${toCell(row['source'])}`)}</summary>
    ${dataTable('All that is kept of it', columns, known)}
  </details>`;
}

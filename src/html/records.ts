import { html } from 'hono/html';
import { toCell } from '../words/cells.ts';
import { renderMoment } from '../words/time.ts';
import type { ComparedField } from '../core/compare-records.ts';
import { INSTANT_FIELDS } from '../core/record-fields.ts';
import type { RosterViewRow } from '../core/views.ts';
import type { Links } from './links.ts';
import { dataTable, linked, sourceName, type TableColumn } from './parts.ts';
import { inert, type Html } from './words.ts';

const MOMENTS: readonly string[] = [...INSTANT_FIELDS, 'first_seen_at', 'last_seen_at', 'gone_at'];

/** A field of a record: moments to the minute. */
export function fieldText(field: string, row: RosterViewRow): string {
  const value = row[field];
  return MOMENTS.includes(field) && typeof value === 'string' ? renderMoment(value) : toCell(value);
}

type Comparison = {
  readonly left: string | null;
  readonly right: string | null;
  readonly fields: readonly ComparedField[];
};

/** Two records side by side. That they differ is a word, in bold. */
export function renderComparison({ left, right, fields }: Comparison): Html | string {
  if (left === null) return '';
  const columns: TableColumn<ComparedField>[] = [
    { title: 'Field', cell: ({ field }) => fieldName(field) },
    { title: left, cell: (each) => inert(fieldText(each.field, { [each.field]: each.left })) },
  ];
  if (right !== null) {
    columns.push({ title: right, cell: (each) => inert(fieldText(each.field, { [each.field]: each.right })) });
    columns.push({ title: 'Compared', cell: renderSays });
  }
  return dataTable(right === null ? 'The record' : 'Both records, field by field', columns, fields);
}

function renderSays({ says }: ComparedField): Html {
  return says === 'differs' ? html`<span class="differs">differs</span>` : html`${says ?? ''}`;
}

/** `given name` of `given_name`. */
export function fieldName(field: string): string {
  return field.replaceAll('_', ' ');
}

/** People or accounts, one a row. */
export function renderPeople(caption: string, rows: readonly RosterViewRow[], links: Links): Html {
  return dataTable(caption, peopleColumns(links), rows);
}

export function peopleColumns(links: Links): readonly TableColumn<RosterViewRow>[] {
  return [
    { title: 'Id', cell: (row) => renderId(row, links) },
    { title: 'Source', cell: (row) => sourceName(toCell(row['source']), links), as: 'short' },
    { title: 'E-mail', cell: (row) => toCell(row['email']) },
    { title: 'Status', cell: statusText, as: 'short' },
    { title: 'Role', cell: (row) => toCell(row['role']), as: 'wide word' },
    { title: 'Ends', cell: (row) => toCell(row['end_date']), as: 'short wide' },
  ];
}

function renderId(row: RosterViewRow, links: Links): Html {
  const [source, id] = [row['source'], row['external_id']];
  if (typeof source !== 'string' || typeof id !== 'string') return inert(toCell(id));
  return linked(links.person(source, id), inert(id));
}

function statusText(row: RosterViewRow): string {
  return toCell(row['gone_at']) === '-' ? toCell(row['status']) : 'gone';
}

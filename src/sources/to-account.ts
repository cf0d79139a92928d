import { KINDS, type Flag, type Kind, type Status } from '../core/row.ts';
import type { ReadRow } from './row-tally.ts';
import { parseStatusWord } from './status-words.ts';
import type { Columns, Field } from './columns.ts';

/**
 * Contract §3, identity file: one row, of which `at` gives the cell in a place: text from a CSV or anything from JSON. In a file with
 * an id column a blank id is no id: the e-mail in its stead would be another id, and the person's own would look gone.
 */
export function toAccount(columns: Columns, at: (place: number) => unknown): ReadRow {
  const cell = (field: Field): unknown => {
    const place = columns.get(field);
    return place === undefined ? undefined : at(place);
  };
  const status = readStatus(cell('status'));
  const kind = readKind(cell('kind'));
  const flags: Flag[] = [...kind.flags, ...status.flags];
  return {
    raw: {
      externalId: cell('id'),
      idRequired: columns.has('id'),
      email: cell('email'),
      aliases: toAliases(cell('aliases')),
      employeeId: cell('employee_id'),
      givenName: cell('given_name'),
      familyName: cell('family_name'),
      displayName: isBlank(cell('display_name')) ? cell('name') : cell('display_name'),
      status: status.status,
      kind: kind.kind,
      role: cell('role'),
      title: cell('title'),
      department: cell('department'),
      managerId: cell('manager_id'),
      startDate: cell('start_date'),
      endDate: cell('end_date'),
      lastActiveAt: cell('last_active_at'),
      sourceCreatedAt: cell('source_created_at'),
      sourceUpdatedAt: cell('source_updated_at'),
      flags,
    },
    unknownStatus: status.unknownWord,
  };
}

function isBlank(cell: unknown): boolean {
  return cell === undefined || cell === null || (typeof cell === 'string' && cell.trim() === '');
}

/** One cell with `;` or `|` between them, or a list in JSON. */
function toAliases(cell: unknown): readonly unknown[] | undefined {
  if (isBlank(cell)) return undefined;
  if (Array.isArray(cell)) return cell.map((alias: unknown) => alias);
  return typeof cell === 'string' ? cell.split(/[;|]/u).filter((alias) => !isBlank(alias)) : [cell];
}

type StatusReading = {
  readonly status: Status;
  readonly unknownWord?: string | undefined;
  readonly flags: readonly Flag[];
};

/** Being on the list is what makes a row without a status active. */
function readStatus(cell: unknown): StatusReading {
  if (isBlank(cell)) return { status: 'active', flags: [] };
  if (typeof cell !== 'string' && typeof cell !== 'boolean' && typeof cell !== 'number') {
    return { status: 'unknown', flags: ['field_unreadable'] };
  }
  const word = String(cell);
  const status = parseStatusWord(word);
  if (status !== undefined) return { status, flags: [] };
  return { status: 'unknown', unknownWord: word, flags: ['status_unknown_word'] };
}

function readKind(cell: unknown): { readonly kind: Kind | undefined; readonly flags: readonly Flag[] } {
  if (isBlank(cell)) return { kind: undefined, flags: [] };
  const word = typeof cell === 'string' ? cell.trim().toLowerCase() : '';
  const kind = KINDS.find((known) => known === word);
  return kind === undefined ? { kind: 'unknown', flags: ['field_unreadable'] } : { kind, flags: [] };
}

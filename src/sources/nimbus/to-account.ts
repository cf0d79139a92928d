import { parseEmail } from '../../core/email.ts';
import type { Flag, Kind, Status } from '../../core/row.ts';
import type { ReadRow } from '../row-tally.ts';
import type { Grid, GridColumn } from './grid.ts';

/** Contract §3, Nimbus: one row of the Employees grid. */
export function toAccount(grid: Grid, record: readonly string[]): ReadRow {
  const cell = (column: GridColumn): string | undefined => {
    const place = grid.get(column);
    return place === undefined ? undefined : record[place];
  };
  const loginCode = cell('loginCode') ?? '';
  const kind = readKind(cell('apiUser'));
  const status = readStatus(cell('allowLogin'));
  return {
    raw: {
      externalId: loginCode,
      idRequired: true,
      email: cell('email'),
      // Employees that Xero Practice Manager brings have their address as login code (Nimbus help, page 855867409, read 2026-11).
      aliases: parseEmail(loginCode) === undefined ? [] : [loginCode],
      givenName: cell('givenName'),
      familyName: cell('familyName'),
      status: status.status,
      kind: kind.kind,
      flags: [...kind.flags, ...status.flags],
    },
    unknownStatus: status.unknownWord,
  };
}

/**
 * A tick of the grid: `undefined` for a word that is neither yes nor no. The words for "no" beyond the blank cell are those that can
 * mean nothing else.
 */
function readTick(cell: string): boolean | undefined {
  return TICKS.get(cell.trim().toLowerCase());
}

const TICKS: ReadonlyMap<string, boolean> = new Map([
  ...['yes', 'true', '1', 'x', 'ticked'].map((word) => [word, true] as const),
  ...['', 'no', 'false', '0', 'unticked'].map((word) => [word, false] as const),
]);

function readKind(cell: string | undefined): { readonly kind: Kind; readonly flags: readonly Flag[] } {
  if (cell === undefined) return { kind: 'unknown', flags: [] };
  const ticked = readTick(cell);
  if (ticked === undefined) return { kind: 'unknown', flags: ['field_unreadable'] };
  return { kind: ticked ? 'service' : 'human', flags: [] };
}

type StatusReading = {
  readonly status: Status;
  readonly unknownWord?: string | undefined;
  readonly flags: readonly Flag[];
};

/** A leaver in Nimbus loses the tick and stays on the grid: to be listed is no sign of life here. */
function readStatus(cell: string | undefined): StatusReading {
  if (cell === undefined) return { status: 'unknown', flags: [] };
  const ticked = readTick(cell);
  if (ticked === undefined) return { status: 'unknown', unknownWord: cell, flags: ['status_unknown_word'] };
  return { status: ticked ? 'active' : 'inactive', flags: [] };
}

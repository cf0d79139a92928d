import type { IdentityRow, LeftBy, RowRef, Standing } from './case.ts';
import { addDays } from './dates.ts';
import { parseEmail } from './email.ts';
import { displayNameOf, foldedFullName } from './person.ts';
import type { PlainDate } from './row.ts';

/** Rows of different authoritative sources that are one person (contract §4); at least one row, the one that names it first. */
export type Identity = {
  readonly ref: RowRef;
  readonly sourceName: string;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly rows: readonly IdentityRow[];
};

/** How and when an identity left, and from which day a leaver's account is charged (contract §6). */
export type Leaving = { readonly leftOn: PlainDate; readonly leftBy: LeftBy; readonly dueOn: PlainDate };

/** Contract §6: current if any row is; left if all rows have; no rows tell nothing. */
export function standingOf(rows: readonly IdentityRow[], today: PlainDate): Standing {
  const standings = rows.map((row) => standingOfRow(row, today));
  if (standings.includes('current')) return 'current';
  return standings.length > 0 && standings.every((standing) => standing === 'left') ? 'left' : 'neither';
}

/** Every current row has started: where sources disagree, the later start counts, so that nobody is charged too early. */
export function hasStarted(rows: readonly IdentityRow[], today: PlainDate): boolean {
  const current = rows.filter((row) => standingOfRow(row, today) === 'current');
  return current.every(({ row }) => row.startDate === undefined || row.startDate <= today);
}

export function isPending(rows: readonly IdentityRow[], today: PlainDate): boolean {
  return rows.some((row) => row.row.status === 'pending' && standingOfRow(row, today) === 'current');
}

/** The rows that speak for the identity as it is today: its current ones; of one that has none, all. */
export function decisiveRows(rows: readonly IdentityRow[], today: PlainDate): readonly IdentityRow[] {
  const current = rows.filter((row) => standingOfRow(row, today) === 'current');
  return current.length > 0 ? current : rows;
}

/** Every current row is pending or starts after `day`: where sources disagree, the one that lets somebody in counts. */
export function startsAfter(rows: readonly IdentityRow[], today: PlainDate, day: PlainDate): boolean {
  const current = rows.filter((row) => standingOfRow(row, today) === 'current');
  if (current.length === 0) return false;
  return current.every(({ row }) => row.status === 'pending' || (row.startDate !== undefined && row.startDate > day));
}

/** Of an identity that has left: its last row to leave decides. Undefined for any other. */
export function leavingOf(rows: readonly IdentityRow[], today: PlainDate, graceDays: number): Leaving | undefined {
  if (standingOf(rows, today) !== 'left') return undefined;
  // In the order of the config: of two that left at once the first decides, whatever order they come in.
  const leavings = rows.toSorted(compareRows).map((row) => leavingOfRow(row, today, graceDays));
  return leavings.toSorted((a, b) => compareText(b.dueOn, a.dueOn) || compareText(b.leftOn, a.leftOn))[0];
}

/**
 * Groups rows of different sources with the same normalised e-mail. Two rows of one source stay two, and then no row of
 * another source is merged with either. In the order of the config, whatever the order given.
 */
export function mergeIdentities(rows: readonly IdentityRow[]): readonly Identity[] {
  const byEmail = new Map<string, IdentityRow[]>();
  const identities: Identity[] = [];
  for (const row of rows.toSorted(compareRows)) {
    const email = row.row.email === undefined ? undefined : parseEmail(row.row.email);
    if (email === undefined) identities.push(toIdentity(row, []));
    else byEmail.set(email, [...(byEmail.get(email) ?? []), row]);
  }
  for (const group of byEmail.values()) {
    const [first, ...others] = group;
    const isOnePerSource = new Set(group.map((row) => row.ref.sourceId)).size === group.length;
    if (first !== undefined && isOnePerSource && !group.some(({ alone }) => alone === true))
      identities.push(toIdentity(first, others));
    else identities.push(...group.map((row) => toIdentity(row, [])));
  }
  return identities.toSorted((a, b) => compareRows(firstRow(a), firstRow(b)));
}

/**
 * Whom several rows speak of: whoever is current, where a rehire's old row is beside the new one, and of several the one who stays longest; where
 * all have left the last one to leave. So whoever is named belongs to the day that is told. Undefined without a row.
 */
export function currentFirst(rows: readonly IdentityRow[], today: PlainDate): Identity | undefined {
  const identities = mergeIdentities(rows);
  const current = identities.filter((identity) => standingOf(identity.rows, today) === 'current');
  if (current.length > 0) return latest(current, (identity) => lastDayOf(identity.rows, today) ?? FOR_EVER);
  const leftOn = (identity: Identity): string => {
    const leaving = leavingOf(identity.rows, today, 0);
    return leaving === undefined ? '' : `${leaving.dueOn} ${leaving.leftOn}`;
  };
  return standingOf(rows, today) === 'left' ? latest(identities, leftOn) : identities[0];
}

/** The last day of a current identity; undefined while one of the rows that make it current has none. A row that has left has no say. */
export function lastDayOf(rows: readonly IdentityRow[], today: PlainDate): PlainDate | undefined {
  const current = rows.filter((row) => standingOfRow(row, today) === 'current');
  const days = current.flatMap(({ row }) => row.endDate ?? []);
  return days.length < current.length ? undefined : days.toSorted(compareText).at(-1);
}

/** After every day as text. */
const FOR_EVER = '~';

/** The first of equals. */
function latest(identities: readonly Identity[], dayOf: (identity: Identity) => string): Identity | undefined {
  return identities.toSorted((a, b) => compareText(dayOf(b), dayOf(a)))[0];
}

/** Folded, for comparison; undefined where no row has a name, which is never equal to anything. */
export function nameOf({ rows }: Identity): string | undefined {
  return rows.map(({ row }) => foldedFullName(row)).find((name) => name !== undefined);
}

export function isSameRef(a: RowRef, b: RowRef): boolean {
  return a.sourceId === b.sourceId && a.externalId === b.externalId;
}

/** By code units: the same on every machine, unlike a locale. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function standingOfRow({ row, present, reused }: IdentityRow, today: PlainDate): Standing {
  if (reused === true) return 'neither';
  const hasEnded = row.endDate !== undefined && row.endDate < today;
  if (!present || row.status === 'inactive' || hasEnded) return 'left';
  return row.status === 'unknown' ? 'neither' : 'current';
}

/** The store sets `leftOn`; without it (a row seen to leave in this very reconciliation) it is what the store would set. */
function leavingOfRow(of: IdentityRow, today: PlainDate, graceDays: number): Leaving {
  const { endDate } = of.row;
  const hasEnded = endDate !== undefined && endDate < today;
  const leftOn = of.leftOn ?? (hasEnded ? endDate : today);
  const leftBy = of.leftBy ?? (hasEnded ? 'end_date' : leftByWithoutDate(of));
  // The end date is still a day of work; a listing that shows somebody gone or inactive speaks of now.
  return { leftOn, leftBy, dueOn: addDays(leftOn, leftBy === 'end_date' ? 1 + graceDays : graceDays) };
}

function leftByWithoutDate({ present }: IdentityRow): LeftBy {
  return present ? 'status' : 'absence';
}

function toIdentity(first: IdentityRow, others: readonly IdentityRow[]): Identity {
  const rows = [first, ...others];
  return {
    ref: first.ref,
    sourceName: first.sourceName,
    name: rows.map(({ row }) => displayNameOf(row)).find((name) => name !== undefined),
    email: rows.map(({ row }) => row.email).find((email) => email !== undefined),
    rows,
  };
}

function compareRows(a: IdentityRow, b: IdentityRow): number {
  return (
    a.sourceRank - b.sourceRank || a.ref.sourceId - b.ref.sourceId || compareText(a.ref.externalId, b.ref.externalId)
  );
}

function firstRow(identity: Identity): IdentityRow {
  const [row] = identity.rows;
  if (row === undefined) throw new RangeError('an identity has at least one row');
  return row;
}

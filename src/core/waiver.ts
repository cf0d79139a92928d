import type { Case, Charge, IdentityRow, Known, RowRef, WaiverBreach } from './case.ts';
import { addDays } from './dates.ts';
import { isSameRef, mergeIdentities } from './identity.ts';
import type { PlainDate } from './row.ts';
import { SEVERITIES, type Severity } from './rule.ts';

/** The same day of next year, in a leap year too. What is right for longer belongs into the configuration, or into the sources. */
const WAIVER_DAYS_MAX = 366;
/** Contract §6: the digest shows a waiver the week before it ends. */
const WARNING_DAYS = 7;

/** What is wrong with the last day of a waiver, as the end of a sentence for a person; nothing when it may be that day. */
export function objectionToWaiver(until: PlainDate, today: PlainDate, timezone: string): string | undefined {
  if (until < today) return `${until} is past, it is ${today} in ${timezone}: name a day from today on`;
  const last = addDays(today, WAIVER_DAYS_MAX);
  if (until > last)
    return `${until} is too far ahead: a waiver lasts a year at most, until ${last}; then somebody looks again`;
  return undefined;
}

/** The last day of those waivers that are told of today, because they end within a week. */
export function warningHorizon(today: PlainDate): PlainDate {
  return addDays(today, WARNING_DAYS);
}

/** A waiver speaks of what a person has seen: not of a higher severity, and not of somebody else. */
export function breachOf(known: Known, charge: Charge, of: Case): WaiverBreach | undefined {
  if (rank(charge.severity) > rank(known.severity)) return 'severity rose';
  return isSamePerson(known.identity, charge.identity, of) ? undefined : 'another identity';
}

/** One person may be named by another list than before, when a list that comes first in the configuration shows the person too. */
function isSamePerson(before: RowRef | undefined, now: RowRef | undefined, of: Case): boolean {
  if (before === undefined || now === undefined) return before === now;
  if (isSameRef(before, now)) return true;
  return mergeIdentities(identityRows(of)).some(({ rows }) => has(rows, before) && has(rows, now));
}

function has(rows: readonly IdentityRow[], ref: RowRef): boolean {
  return rows.some((row) => isSameRef(row.ref, ref));
}

/** Whom the case is about; each row once, because two copies would look like two people of one list. */
function identityRows(of: Case): readonly IdentityRow[] {
  const rows = of.kind === 'account' ? [...of.linked, ...of.candidates.map(({ identity }) => identity)] : of.identity;
  return rows.filter((row, at) => rows.findIndex((other) => isSameRef(other.ref, row.ref)) === at);
}

function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

import type { RosterRow } from './row.ts';
import { foldName } from './text.ts';

/** The name to show, if the row has one. */
export function displayNameOf(row: RosterRow): string | undefined {
  if (row.displayName !== undefined) return row.displayName;
  const full = fullNameOf(row);
  return full === '' ? undefined : full;
}

/** "Jane Doe (jane@acme.com)"; without a name the address, without both the id. */
export function personLabel(person: {
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly id: string;
}): string {
  if (person.name === undefined) return person.email ?? person.id;
  return `${person.name} (${person.email ?? person.id})`;
}

export function accountLabel(row: RosterRow): string {
  return personLabel({ name: displayNameOf(row), email: row.email, id: row.externalId });
}

/** For comparison; undefined where the name is absent, which is never equal to anything. */
export function foldedGivenName(row: RosterRow): string | undefined {
  return folded(row.givenName ?? '');
}

export function foldedFullName(row: RosterRow): string | undefined {
  return folded(fullNameOf(row)) ?? folded(row.displayName ?? '');
}

function folded(text: string): string | undefined {
  const name = foldName(text);
  return name === '' ? undefined : name;
}

function fullNameOf(row: RosterRow): string {
  return [row.givenName, row.familyName].filter((part) => part !== undefined).join(' ');
}

import type { Fault, FaultEffect } from '../../../src/sandbox/fault.ts';
import type { Json, World } from '../../../src/sandbox/world.ts';

export const PROFILES = '/api/v1/profiles';
const MEMBERS = '/api/v1/team/members';
/** Namely's, at its largest. */
const PER_PAGE = 50;

type Match = Partial<Fault['match']>;

export function onProfiles(effect: FaultEffect, match: Match = {}, id = 'profiles'): Fault {
  return { id, match: { vendor: 'namely', path: PROFILES, ...match }, effect };
}

export function onMembers(effect: FaultEffect, match: Match = {}, id = 'members'): Fault {
  return { id, match: { vendor: 'nimble', path: MEMBERS, ...match }, effect };
}

export function onList(effect: FaultEffect): Fault {
  return { id: 'list', match: { vendor: 'identities' }, effect };
}

/** Every page of a company's profiles as the guide shows them, the empty one behind them included, with this `meta`. */
export function namelyPages(world: World, meta: Readonly<Record<string, Json>>): readonly Fault[] {
  const rows = world.people
    .flatMap((person) => person.namely ?? [])
    .map(({ id, email, givenName, familyName, status, updatedAt }) => ({
      id,
      email,
      first_name: givenName,
      last_name: familyName,
      user_status: status,
      updated_at: updatedAt ?? null,
    }));
  const pages = Math.ceil(rows.length / PER_PAGE) + 1;
  return Array.from({ length: pages }, (_unused, at) => {
    const body = JSON.stringify({ profiles: rows.slice(at * PER_PAGE, (at + 1) * PER_PAGE), meta });
    return onProfiles({ kind: 'body', body }, { page: at + 1 }, `page ${at + 1}`);
  });
}

export function nimbleBody(world: World, meta: Readonly<Record<string, Json>>): string {
  const resources = world.people
    .flatMap((person) => person.nimble ?? [])
    .map(({ id, email, givenName, familyName }) => ({
      id,
      email,
      name: { first_name: givenName ?? null, last_name: familyName ?? null },
    }));
  return JSON.stringify({ resources, meta });
}

/** The page with another text for one field of one row; pages without the row stay. */
export function rewrite(fault: Fault, rowId: string, field: string, json: string): Fault {
  if (fault.effect.kind !== 'body') return fault;
  const row = new RegExp(`(\\{"id":"${rowId}"[^}]*"${field}":)("[^"]*"|null)`);
  const body =
    field === 'id'
      ? fault.effect.body.replace(`{"id":"${rowId}"`, `{"id":${json}`)
      : fault.effect.body.replace(row, `$1${json}`);
  return { ...fault, effect: { kind: 'body', body } };
}

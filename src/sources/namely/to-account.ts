import type { Flag, Status } from '../../core/row.ts';
import { readId, UNREADABLE } from '../fields.ts';
import type { ReadRow } from '../row-tally.ts';
import { parseStatusWord } from '../status-words.ts';
import type { Group, Profile } from './schema.ts';

/** Titles of the groups whose type is department, by group id. */
export type Departments = ReadonlyMap<string, string>;

/** Contract §3, Namely. */
export function toAccount(profile: Profile, departments: Departments): ReadRow {
  const status = readStatus(profile);
  const flags: Flag[] = [];
  if (status.unknownWord !== undefined) flags.push('status_unknown_word');
  if (hasUnreadable(profile)) flags.push('field_unreadable');
  return {
    raw: {
      externalId: profile.id,
      idRequired: true,
      email: profile.email,
      employeeId: profile.employee_id,
      givenName: profile.first_name,
      familyName: profile.last_name,
      displayName: profile.preferred_name,
      status: status.status,
      title: toTitle(profile.job_title),
      department: toDepartment(profile, departments),
      managerId: toManagerId(profile.reports_to),
      startDate: profile.start_date,
      endDate: profile.departure_date,
      sourceCreatedAt: profile.created_at,
      sourceUpdatedAt: profile.updated_at,
      flags,
    },
    unknownStatus: status.unknownWord,
  };
}

/** Groups decide the department only where the profile itself does not name one: then these are its groups. */
export function groupsForDepartment(profile: Profile): readonly string[] {
  return profile.department === undefined ? groupIds(profile) : [];
}

/**
 * The type of a group is the name that the tenant gave to it; only `Departments` and `Office Location` are the system's, and
 * the guide writes `department`.
 */
export function isDepartment(group: Group): boolean {
  return typeof group.type === 'string' && /^departments?$/iu.test(group.type.trim());
}

function readStatus(profile: Profile): { readonly status: Status; readonly unknownWord?: string | undefined } {
  const word = profile.user_status;
  if (word === UNREADABLE) return { status: 'unknown' };
  // HR always has a status: a token that may not see it must not make leavers active.
  if (word === undefined || word === null || word.trim() === '') return { status: 'unknown', unknownWord: '' };
  const status = parseStatusWord(word);
  return status === undefined ? { status: 'unknown', unknownWord: word } : { status };
}

function toTitle(value: Profile['job_title']): unknown {
  if (value === UNREADABLE || value === null) return undefined;
  return typeof value === 'object' ? value.title : value;
}

function toDepartment(profile: Profile, departments: Departments): unknown {
  if (profile.department !== undefined) return toTitle(profile.department);
  const titles = groupIds(profile).flatMap((id) => departments.get(id) ?? []);
  // The vendor keeps no order of a profile's groups: of several departments always the same one, or each read is a change.
  return titles.toSorted()[0];
}

function groupIds(profile: Profile): readonly string[] {
  const links = typeof profile.links === 'object' ? profile.links?.groups : undefined;
  return [links, profile.groups]
    .flatMap((groups) => (Array.isArray(groups) ? groups : []))
    .flatMap((group) => (group === UNREADABLE ? [] : (readId(group.id) ?? [])));
}

/** A list or one person; "nobody" is a person with a sentinel for an id, which the core knows. */
function toManagerId(value: Profile['reports_to']): string | undefined {
  const person = Array.isArray(value) ? value[0] : value;
  return typeof person === 'object' && person !== null ? readId(person.id) : readId(person);
}

function hasUnreadable(profile: Profile): boolean {
  const { user_status, job_title, department, reports_to, groups, links } = profile;
  return [user_status, job_title, department, reports_to, groups, links].includes(UNREADABLE);
}

import { parseEmail } from '../../core/email.ts';
import type { Flag, RowPolicy, Status } from '../../core/row.ts';
import { readBoolean, readId, UNREADABLE } from '../fields.ts';
import type { ReadRow } from '../row-tally.ts';
import { ENTERPRISE, type User, type Values } from './schema.ts';

/** Contract §3, SCIM. */
export function toAccount(user: User, policy: RowPolicy): ReadRow {
  const status = readStatus(user.active);
  const addresses = readAddresses(user);
  const { name, meta, [ENTERPRISE]: enterprise } = user;
  const flags: Flag[] = [];
  if (status.unknownWord !== undefined) flags.push('status_unknown_word');
  if (status.unreadable || hasUnreadable(user)) flags.push('field_unreadable');
  return {
    raw: {
      externalId: user.id,
      idRequired: true,
      email: addresses.email,
      aliases: addresses.aliases,
      ...toNames(name, user.displayName),
      status: status.status,
      role: toRole(user.roles, policy),
      title: user.title,
      ...toEmployment(enterprise),
      ...toTimes(meta),
      flags,
    },
    unknownStatus: status.unknownWord,
  };
}

type StatusReading = {
  readonly status: Status;
  readonly unknownWord?: string | undefined;
  readonly unreadable: boolean;
};

/**
 * RFC 7643 gives `active` no default, and a token that may not see it must not make leavers active: absent is unknown. As text it
 * comes from Entra, which has written "False" since before the standard; any text but the empty one is true to a careless reader.
 */
function readStatus(value: unknown): StatusReading {
  const active = readBoolean(value);
  if (active === true) return { status: 'active', unreadable: false };
  if (active === false) return { status: 'inactive', unreadable: false };
  if (active === undefined) return { status: 'unknown', unknownWord: '', unreadable: false };
  if (typeof value === 'string') return { status: 'unknown', unknownWord: value, unreadable: false };
  return { status: 'unknown', unreadable: true };
}

/** The primary address, else the first, else a `userName` that is one; all others lead to the same person. */
function readAddresses({ emails, userName }: User): { readonly email: unknown; readonly aliases: readonly unknown[] } {
  const listed = toValues(emails);
  const chosen = listed.find(({ primary }) => primary) ?? listed[0];
  const login = typeof userName === 'string' && parseEmail(userName) !== undefined ? [userName] : [];
  const others = listed.filter((each) => each !== chosen).map(({ value }) => value);
  if (chosen === undefined) return { email: login[0], aliases: [] };
  return { email: chosen.value, aliases: [...others, ...login] };
}

/**
 * One role is kept. A privileged one goes first, because one is enough to be privileged; then the primary one; then, as lists
 * have no order in SCIM, the first by name, or each reading would be a change.
 */
function toRole(roles: Values, { privilegedRoles }: RowPolicy): string | undefined {
  const listed = toValues(roles);
  const words = listed.flatMap(({ value, display }) => [value, display ?? value]);
  const privileged = words.filter((word) => privilegedRoles.has(word.trim().toLowerCase())).toSorted();
  const primary = listed.find((each) => each.primary);
  return privileged[0] ?? primary?.value ?? listed.map(({ value }) => value).toSorted()[0];
}

type Value = { readonly value: string; readonly display?: string | undefined; readonly primary: boolean };

/** Blank entries, which some servers send for what was taken away, are none. */
function toValues(values: Values): readonly Value[] {
  if (values === UNREADABLE || values === null || values === undefined) return [];
  return (Array.isArray(values) ? values : [values]).flatMap((each): readonly Value[] => {
    if (each === UNREADABLE) return [];
    if (typeof each === 'string') return each.trim() === '' ? [] : [{ value: each, primary: false }];
    const value = readId(each.value);
    if (value === undefined) return [];
    return [{ value, display: readId(each.display), primary: readBoolean(each.primary) === true }];
  });
}

function toNames(name: User['name'], displayName: unknown): Partial<ReadRow['raw']> {
  if (typeof name !== 'object' || name === null) return { displayName };
  return {
    givenName: name.givenName,
    familyName: name.familyName,
    displayName: readId(displayName) === undefined ? (name.formatted ?? displayName) : displayName,
  };
}

function toEmployment(enterprise: User[typeof ENTERPRISE]): Partial<ReadRow['raw']> {
  if (typeof enterprise !== 'object' || enterprise === null) return {};
  const { employeeNumber, department, manager } = enterprise;
  const managerId = typeof manager === 'object' && manager !== null ? manager.value : manager;
  return { employeeId: employeeNumber, department, managerId: readId(managerId) };
}

function toTimes(meta: User['meta']): Partial<ReadRow['raw']> {
  if (typeof meta !== 'object' || meta === null) return {};
  return { sourceCreatedAt: meta.created, sourceUpdatedAt: meta.lastModified };
}

function hasUnreadable(user: User): boolean {
  const { name, emails, roles, meta, [ENTERPRISE]: enterprise } = user;
  const parts: unknown[] = [name, emails, roles, meta, enterprise];
  if (Array.isArray(emails)) parts.push(...emails);
  if (Array.isArray(roles)) parts.push(...roles);
  if (typeof enterprise === 'object') parts.push(enterprise?.manager);
  return parts.includes(UNREADABLE);
}

import { parseEmail } from './email.ts';
import { readActivity, readAddress, readAliases, readDate, readInstant, readKey, readText } from './read-field.ts';
import type { Flag, RawRow, RosterRow, RowPolicy } from './row.ts';
import { cleanText, KEY_MAX } from './text.ts';

/** Contract §3: the one place where a vendor's row becomes ours. Undefined: there is no readable id. Never throws. */
export function toRow(raw: RawRow, policy: RowPolicy): RosterRow | undefined {
  const flags = new Set<Flag>(raw.flags);
  const text = (value: unknown): string | undefined => readText(value, flags);
  const email = readAddress(raw.email, 'email_unparsable', flags);
  const externalId = readId(raw, email, flags);
  if (externalId === undefined) return undefined;
  const role = text(raw.role);
  const isListedService = policy.serviceAccounts.has(externalId) || policy.serviceAccounts.has(email ?? '');
  const row = {
    externalId,
    email,
    aliases: readAliases(raw.aliases ?? [], email, flags),
    employeeId: readKey(raw.employeeId, flags),
    givenName: text(raw.givenName),
    familyName: text(raw.familyName),
    displayName: text(raw.displayName),
    status: raw.status,
    kind: isListedService ? ('service' as const) : (raw.kind ?? 'unknown'),
    role,
    privileged: role !== undefined && policy.privilegedRoles.has(role.toLowerCase()),
    title: text(raw.title),
    department: text(raw.department),
    managerId: readKey(raw.managerId, flags),
    startDate: readDate(raw.startDate, 'start_date_unreadable', flags),
    endDate: readDate(raw.endDate, 'end_date_unreadable', flags),
    lastActiveAt: readActivity(raw.lastActiveAt, flags),
    sourceCreatedAt: readInstant(raw.sourceCreatedAt, flags),
    sourceUpdatedAt: readInstant(raw.sourceUpdatedAt, flags),
  };
  return { ...row, flags: [...flags].toSorted() };
}

export type RowKey = { readonly key: string; readonly kind: 'email' | 'alias' | 'employee_id' };

/** What a row can be found by. Addresses that do not parse are never a key (contract §3). */
export function keysOf(row: RosterRow): readonly RowKey[] {
  const keys: RowKey[] = [];
  const email = row.email === undefined ? undefined : parseEmail(row.email);
  if (email !== undefined) keys.push({ key: email, kind: 'email' });
  for (const alias of row.aliases) {
    const key = parseEmail(alias);
    if (key !== undefined) keys.push({ key, kind: 'alias' });
  }
  if (row.employeeId !== undefined) keys.push({ key: row.employeeId, kind: 'employee_id' });
  return keys;
}

/**
 * What the content hash covers (contract §3): every field but `source_created_at`, `source_updated_at` and `last_active_at`, and for the
 * same reason the flag that speaks of those only. An array of fixed places in JSON: no value can be mistaken for two.
 */
export function contentText(row: RosterRow): string {
  return JSON.stringify([
    row.externalId,
    row.email,
    row.aliases,
    row.employeeId,
    row.givenName,
    row.familyName,
    row.displayName,
    row.status,
    row.kind,
    row.role,
    row.privileged,
    row.title,
    row.department,
    row.managerId,
    row.startDate,
    row.endDate,
    row.flags.filter((flag) => flag !== 'timestamp_unreadable'),
  ]);
}

/**
 * A cut id and a rounded number would be another id, perhaps somebody else's: they are none. Nor is an id that is no text replaced by the
 * e-mail, because that source does have ids.
 */
function readId(raw: RawRow, email: string | undefined, flags: Set<Flag>): string | undefined {
  if (typeof raw.externalId === 'number' && !Number.isSafeInteger(raw.externalId)) return undefined;
  const cleaned = cleanText(raw.externalId);
  if (cleaned.flags.includes('field_unreadable')) return undefined;
  for (const flag of cleaned.flags) flags.add(flag);
  if (cleaned.text !== undefined) return cleaned.text.length > KEY_MAX ? undefined : cleaned.text;
  return raw.idRequired === true || email === undefined ? undefined : parseEmail(email);
}

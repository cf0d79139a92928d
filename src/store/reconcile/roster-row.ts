import type { RowRef } from '../../core/case.ts';
import type { Flag, Kind, RosterRow, Status } from '../../core/row.ts';

/**
 * Columns of a row as a case shows it, for a statement in which `a` is `account` and `v` its current `account_version`. The
 * version is found by `version_run`, so a gone row shows its last one.
 */
export const ROW_COLUMNS = `
  a.source_id, a.external_id, a.gone_at is null as present,
  v.email, v.aliases, v.employee_id, v.given_name, v.family_name, v.display_name, v.status, v.kind, v.role, v.privileged,
  v.title, v.department, v.manager_id, v.start_date, v.end_date, v.flags,
  a.last_active_at, a.source_created_at, a.source_updated_at`;

/** Joins `v` to `a` for `ROW_COLUMNS`. */
export const JOIN_VERSION = `
  join rollcall.account_version v
    on v.source_id = a.source_id and v.external_id = a.external_id and v.from_run = a.version_run`;

export type RowRecord = {
  readonly source_id: number;
  readonly external_id: string;
  readonly present: boolean;
  readonly email: string | null;
  readonly aliases: readonly string[];
  readonly employee_id: string | null;
  readonly given_name: string | null;
  readonly family_name: string | null;
  readonly display_name: string | null;
  readonly status: Status;
  readonly kind: Kind;
  readonly role: string | null;
  readonly privileged: boolean;
  readonly title: string | null;
  readonly department: string | null;
  readonly manager_id: string | null;
  readonly start_date: string | null;
  readonly end_date: string | null;
  readonly flags: readonly Flag[];
  readonly last_active_at: string | null;
  readonly source_created_at: string | null;
  readonly source_updated_at: string | null;
};

/** SQL's `null` stops here: an absent field is an absent value. */
// oxlint-disable-next-line complexity -- thirteen optional fields, one line each
export function toRosterRow(record: RowRecord): RosterRow {
  return {
    externalId: record.external_id,
    email: record.email ?? undefined,
    aliases: record.aliases,
    employeeId: record.employee_id ?? undefined,
    givenName: record.given_name ?? undefined,
    familyName: record.family_name ?? undefined,
    displayName: record.display_name ?? undefined,
    status: record.status,
    kind: record.kind,
    role: record.role ?? undefined,
    privileged: record.privileged,
    title: record.title ?? undefined,
    department: record.department ?? undefined,
    managerId: record.manager_id ?? undefined,
    startDate: record.start_date ?? undefined,
    endDate: record.end_date ?? undefined,
    lastActiveAt: record.last_active_at ?? undefined,
    sourceCreatedAt: record.source_created_at ?? undefined,
    sourceUpdatedAt: record.source_updated_at ?? undefined,
    flags: record.flags,
  };
}

/** A row's name within one database; the first part is a number, so no two rows share one. */
export function keyOf(ref: RowRef): string {
  return `${ref.sourceId}/${ref.externalId}`;
}

/** References as the two arrays that `unnest` takes: one parameter each, however many rows. */
export function toArrays(refs: readonly RowRef[]): readonly [readonly number[], readonly string[]] {
  return [refs.map((ref) => ref.sourceId), refs.map((ref) => ref.externalId)];
}

import { boolean, customType, date, text } from 'drizzle-orm/pg-core';
import { toInstant } from '../types.ts';

/** SHA-256 of `contentText`: 32 bytes, compared by Postgres, never read by people. */
export const hash = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' });

/**
 * Instants leave Postgres as ISO text: a JavaScript `Date` would cut microseconds off a vendor's watermark. drizzle replaces
 * the pool's parsers by its own, so the column says it too.
 */
export const instant = customType<{ data: string; driverData: string }>({
  dataType: () => 'timestamp with time zone',
  fromDriver: toInstant,
});

/** Plain dates stay text end to end: the driver's `Date` shifts them by a zone. */
export const plainDate = (name: string) => date(name, { mode: 'string' });

/**
 * The fields of contract §3 that the content hash covers: what a version is. Made anew by each call, because drizzle's column
 * builders belong to one table.
 */
export function contentColumns() {
  return {
    email: text('email'),
    aliases: text('aliases').array().notNull(),
    employeeId: text('employee_id'),
    givenName: text('given_name'),
    familyName: text('family_name'),
    displayName: text('display_name'),
    status: text('status').notNull(),
    kind: text('kind').notNull(),
    role: text('role'),
    privileged: boolean('privileged').notNull(),
    title: text('title'),
    department: text('department'),
    managerId: text('manager_id'),
    startDate: plainDate('start_date'),
    endDate: plainDate('end_date'),
    flags: text('flags').array().notNull(),
  };
}

/** Refreshed in place when they differ, without a version (contract §3). */
export function volatileColumns() {
  return {
    lastActiveAt: instant('last_active_at'),
    sourceCreatedAt: instant('source_created_at'),
    sourceUpdatedAt: instant('source_updated_at'),
  };
}

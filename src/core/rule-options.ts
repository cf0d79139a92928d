import { parsePlainDate } from './dates.ts';
import { parseEmail } from './email.ts';
import { CONTENT_FIELDS } from './record-fields.ts';
import type { RosterRow } from './row.ts';
import type { Rule } from './rule.ts';
import { foldName } from './text.ts';

/** What `attribute_mismatch` can compare, in the order in which a finding names it. */
export const MISMATCH_FIELDS = ['given_name', 'family_name', 'title', 'department', 'manager'] as const;
export type MismatchField = (typeof MISMATCH_FIELDS)[number];

/**
 * Fields of contract §3 by which `missing_account` can tell whom it expects. The three instants are left out: they change without a
 * version, and nobody is expected somewhere because of when a row was written.
 */
export const EXPECTED_FIELDS = CONTENT_FIELDS;
export type ExpectedField = (typeof EXPECTED_FIELDS)[number];

/** Field → accepted values in the form they are compared in; without a field everybody is expected. Only `expectationOf` makes one. */
export type Expectation = ReadonlyMap<ExpectedField, ReadonlySet<string>>;

/** What the configuration says beside on and off. A rule that is off by default runs only where it is said here what for. */
export type RuleOptions = {
  /** Of `missing_account`, by the name of the application. */
  readonly missingAccount: ReadonlyMap<string, Expectation>;
  /** Of `attribute_mismatch`, in the order of MISMATCH_FIELDS. */
  readonly mismatchFields: readonly MismatchField[];
  /** Of `early_account`. */
  readonly preHireDays: number;
  /** Of `dormant_account`. */
  readonly dormantDays?: number | undefined;
};

/** Contract §1 without a `rules` block. */
export const DEFAULT_OPTIONS: RuleOptions = { missingAccount: new Map(), mismatchFields: [], preHireDays: 14 };
export const DORMANT_DAYS = 45;

/** Whether the options leave the rule anything to judge in this source. */
export function isConfigured(rule: Rule, source: string, options: RuleOptions): boolean {
  if (rule === 'missing_account') return options.missingAccount.has(source);
  if (rule === 'attribute_mismatch') return options.mismatchFields.length > 0;
  return rule !== 'dormant_account' || options.dormantDays !== undefined;
}

/** Values as people write them; a field outside EXPECTED_FIELDS is the configuration's fault to tell. */
export function expectationOf(fields: Readonly<Record<string, readonly string[]>>): Expectation {
  const expectation = new Map<ExpectedField, ReadonlySet<string>>();
  for (const field of EXPECTED_FIELDS) {
    const values = fields[field];
    if (values !== undefined) expectation.set(field, new Set(values.map((value) => COMPARED[field](value))));
  }
  return expectation;
}

/** What the row says of the field, as written. */
export function valuesOf(row: RosterRow, field: ExpectedField): readonly string[] {
  const value = READ[field](row);
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

/** In the form in which two values of the field are equal when they mean the same. */
export function comparedValue(field: ExpectedField, value: string): string {
  return COMPARED[field](value);
}

const READ = {
  external_id: (row) => row.externalId,
  email: (row) => row.email,
  aliases: (row) => row.aliases,
  employee_id: (row) => row.employeeId,
  given_name: (row) => row.givenName,
  family_name: (row) => row.familyName,
  display_name: (row) => row.displayName,
  status: (row) => row.status,
  kind: (row) => row.kind,
  role: (row) => row.role,
  privileged: (row) => String(row.privileged),
  title: (row) => row.title,
  department: (row) => row.department,
  manager_id: (row) => row.managerId,
  start_date: (row) => row.startDate,
  end_date: (row) => row.endDate,
} as const satisfies Record<ExpectedField, (row: RosterRow) => string | readonly string[] | undefined>;

const asWritten = (value: string): string => value;
const address = (value: string): string => parseEmail(value) ?? value;
const date = (value: string): string => parsePlainDate(value) ?? value;

/** Ids are opaque, and addresses have a normal form of their own: only words are folded. */
const COMPARED: Readonly<Record<ExpectedField, (value: string) => string>> = {
  external_id: asWritten,
  email: address,
  aliases: address,
  employee_id: asWritten,
  given_name: foldName,
  family_name: foldName,
  display_name: foldName,
  status: foldName,
  kind: foldName,
  role: foldName,
  privileged: foldName,
  title: foldName,
  department: foldName,
  manager_id: asWritten,
  start_date: date,
  end_date: date,
};

/** Compared as folded words: the store may not decide these alone, because only this program folds. */
export function isFolded(field: ExpectedField): boolean {
  return COMPARED[field] === foldName;
}

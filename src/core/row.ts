/**
 * One row of a roster, whatever its source: an account where the source is an application, an identity where it is
 * authoritative. These fields are all that Rollcall keeps of a person (contract §3); nothing else passes the edge.
 */
export type RosterRow = {
  /** Opaque text, the vendor's own id; a source without ids uses the normalised e-mail. */
  readonly externalId: string;
  /** Normal form when it parses, else as given and flagged `email_unparsable`; then it is never a key. */
  readonly email?: string | undefined;
  readonly aliases: readonly string[];
  readonly employeeId?: string | undefined;
  readonly givenName?: string | undefined;
  readonly familyName?: string | undefined;
  readonly displayName?: string | undefined;
  readonly status: Status;
  readonly kind: Kind;
  readonly role?: string | undefined;
  readonly privileged: boolean;
  readonly title?: string | undefined;
  readonly department?: string | undefined;
  /** External id of the manager's row in the same source. */
  readonly managerId?: string | undefined;
  readonly startDate?: PlainDate | undefined;
  readonly endDate?: PlainDate | undefined;
  readonly lastActiveAt?: Instant | undefined;
  readonly sourceCreatedAt?: Instant | undefined;
  readonly sourceUpdatedAt?: Instant | undefined;
  /** What was cleaned or could not be read, sorted, each once: see `Flag`. */
  readonly flags: readonly Flag[];
};

export const STATUSES = ['active', 'inactive', 'pending', 'on_leave', 'unknown'] as const;
export type Status = (typeof STATUSES)[number];

export const KINDS = ['human', 'service', 'unknown'] as const;
export type Kind = (typeof KINDS)[number];

/** `YYYY-MM-DD`, a day of the company's calendar. It stays text end to end: a driver's `Date` would shift it by a zone. */
export type PlainDate = string;

/** ISO 8601 in UTC with `Z`, 0 to 6 fraction digits kept as the vendor sent them. */
export type Instant = string;

export const FLAGS = [
  'email_unparsable',
  'alias_unparsable',
  'status_unknown_word',
  'start_date_unreadable',
  'end_date_unreadable',
  'timestamp_unreadable',
  'text_cleaned',
  'text_cut',
  'field_unreadable',
] as const;
export type Flag = (typeof FLAGS)[number];

/** What a source makes of one vendor row before `toRow` (normalise.ts) cleans it; `unknown` because vendors are. */
export type RawRow = {
  readonly externalId?: unknown;
  /** The source has ids: a row without one is not known by its e-mail instead, it has no readable id. */
  readonly idRequired?: boolean | undefined;
  readonly email?: unknown;
  readonly aliases?: readonly unknown[] | undefined;
  readonly employeeId?: unknown;
  readonly givenName?: unknown;
  readonly familyName?: unknown;
  readonly displayName?: unknown;
  /** Mapped by the adapter, which alone knows the vendor's words; an unknown word: `unknown` and the flag. */
  readonly status: Status;
  readonly kind?: Kind | undefined;
  readonly role?: unknown;
  readonly title?: unknown;
  readonly department?: unknown;
  readonly managerId?: unknown;
  readonly startDate?: unknown;
  readonly endDate?: unknown;
  readonly lastActiveAt?: unknown;
  readonly sourceCreatedAt?: unknown;
  readonly sourceUpdatedAt?: unknown;
  readonly flags?: readonly Flag[] | undefined;
};

/** The part of the configuration that a row is judged by when it is read. */
export type RowPolicy = {
  /** Lower-cased role names. */
  readonly privilegedRoles: ReadonlySet<string>;
  /** External ids or normalised e-mails listed in `serviceAccounts` for this source. */
  readonly serviceAccounts: ReadonlySet<string>;
};

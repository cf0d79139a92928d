import type { FindingStatus, Resolution } from '../../../src/core/case.ts';
import type { RawRow } from '../../../src/core/row.ts';
import type { Severity } from '../../../src/core/rule.ts';

/** A day of March 2027, 1 to 30. On the 14th the clocks of New York go forward. */
export type Day = number;
export const DAYS: readonly Day[] = Array.from({ length: 30 }, (_, at) => at + 1);

/** The order is that of the configuration: the first three are authoritative, and the first of them names an identity. */
export const SOURCES = ['directory', 'contractors', 'namely', 'nimble', 'nimbus', 'wiki'] as const;
export type SourceName = (typeof SOURCES)[number];

/** All rules of contract §6, also those that the program does not have yet. */
export const CONTRACT_RULES = [
  'orphaned_account',
  'leaver_account',
  'inactive_account',
  'duplicate_account',
  'disputed_account',
  'missing_account',
  'attribute_mismatch',
  'lifecycle_conflict',
  'early_account',
  'reused_account',
  'service_account_unowned',
  'service_account_owner_left',
  'manager_left',
  'credential_owner_at_risk',
  'dormant_account',
] as const;
export type RuleName = (typeof CONTRACT_RULES)[number];

/** The contract does not say what stands here, so it is not compared. */
export const UNSAID = '*';

/** What `drift_findings` must show of one finding, written down from the contract and not from the program's output. */
export type Expected = {
  readonly source: SourceName;
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly status: FindingStatus;
  readonly account_id: string | null;
  /** `UNSAID` as well where the contract does not say whether an identity is named. */
  readonly identity_id: string | null;
  readonly resolution: Resolution | typeof UNSAID | null;
  /** `left_on` of a leaver's evidence. */
  readonly leftOn?: Day | undefined;
};

/** A row as a source tells it, before it is cleaned. */
export type Told = { readonly source: SourceName; readonly raw: RawRow };

/** What a person does before the day's reconciliation. */
export type Decision =
  | { readonly kind: 'waive'; readonly of: Expected; readonly until: Day }
  | { readonly kind: 'unwaive'; readonly of: Expected }
  | {
      readonly kind: 'link';
      readonly action: 'add' | 'deny' | 'clear';
      readonly source: SourceName;
      readonly account: string;
      readonly identity: string;
    }
  | { readonly kind: 'release'; readonly source: SourceName };

/** From this day on: what the sources say of the story's people, and all findings there must be about them. */
export type Chapter = {
  readonly day: Day;
  /** Absent: as in the chapter before. */
  readonly rows?: readonly Told[] | undefined;
  readonly findings: readonly Expected[];
  readonly decisions?: readonly Decision[] | undefined;
};

export type Story = {
  /** A sentence of the contract, or what its near miss is. */
  readonly holds: string;
  /** A near miss of this rule: it never has a finding here. */
  readonly spares?: RuleName | undefined;
  readonly chapters: readonly Chapter[];
};

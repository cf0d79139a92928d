import type { FindingStatus, Resolution } from '../../src/core/case.ts';
import type { Rule, Severity } from '../../src/core/rule.ts';
import type { Person } from '../../src/sandbox/world.ts';

export type SourceName = 'directory' | 'nimble' | 'namely';

/** What `drift_findings` must show of one finding, written down from the contract and not from the program's output. */
export type Expected = {
  readonly source: SourceName;
  readonly rule: Rule;
  readonly severity: Severity;
  readonly status: FindingStatus;
  readonly account_id: string | null;
  readonly identity_id: string | null;
  readonly resolution: Resolution | null;
};

/** One situation: the people (or rows) it takes on a day, and all findings there must be about them then. */
export type Scene = { readonly people: readonly Person[]; readonly findings: readonly Expected[] };

/** A situation over three days of the test. A day that is absent is as the one before it. */
export type Story = {
  /** A sentence of the contract, or what its near miss is. */
  readonly holds: string;
  readonly first: Scene;
  readonly later?: Scene | undefined;
  readonly last?: Scene | undefined;
};
export const STAGES = ['first', 'later', 'last'] as const;
export type Stage = (typeof STAGES)[number];

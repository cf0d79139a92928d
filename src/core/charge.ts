import type { AccountCase, Charge, Json, RowRef } from './case.ts';
import type { Correlation } from './correlate.ts';
import type { Identity } from './identity.ts';
import { displayNameOf, personLabel } from './person.ts';
import type { Judging } from './policy.ts';
import type { RosterRow } from './row.ts';
import { RULE_POLICY, type Rule, type Severity } from './rule.ts';
import type { ServiceAccount } from './service-accounts.ts';

/** What the rules of an account look at: the case, and how it is correlated by this judgement. */
export type AccountFacts = {
  readonly of: AccountCase;
  readonly correlation: Correlation;
  readonly judging: Judging;
  /** The entry of the configuration that lists this account as no person. */
  readonly service?: ServiceAccount | undefined;
};

/** `undecided`: the answer depends on an identity of unknown status, so nothing opens and nothing resolves. */
export type RuleVerdict =
  | { readonly kind: 'charged'; readonly charge: Charge }
  | { readonly kind: 'clear' }
  | { readonly kind: 'undecided' };

export const CLEAR: RuleVerdict = { kind: 'clear' };
export const UNDECIDED: RuleVerdict = { kind: 'undecided' };

/** Contract §6: somebody can log in, as far as the source tells. */
export function isUsable(row: RosterRow): boolean {
  return row.status === 'active' || row.status === 'unknown';
}

/** Whether a finding of this rule about this account lives: where a field that a rule needs is gone, nothing opens, and it stays. */
export function hasLiving(of: AccountCase, rule: Rule): boolean {
  return of.findings.some((finding) => finding.rule === rule && finding.status !== 'resolved');
}

export function severityOf(rule: Rule, isPrivileged: boolean): Severity {
  const policy: { readonly severity: Severity; readonly privileged?: Severity } = RULE_POLICY[rule];
  return isPrivileged ? (policy.privileged ?? policy.severity) : policy.severity;
}

/** A charge against an account; its record, and the identity's if there is one, go into the evidence. */
export function chargeAccount(
  rule: Rule,
  of: AccountCase,
  says: {
    readonly summary: string;
    readonly identity?: Identity | undefined;
    readonly evidence?: Readonly<Record<string, Json | undefined>>;
  },
): RuleVerdict {
  const { row } = of;
  const { identity } = says;
  const charge: Charge = {
    rule,
    severity: severityOf(rule, row.privileged),
    subject: row.externalId,
    account: of.ref,
    accountEmail: row.email,
    accountName: displayNameOf(row),
    identity: identity?.ref,
    identityEmail: identity?.email,
    summary: says.summary,
    evidence: present({
      account: accountRecord(row),
      identity: identity === undefined ? undefined : identityRecord(identity),
      ...says.evidence,
    }),
  };
  return { kind: 'charged', charge };
}

/** Fields that change without what the rule rests on (title, last activity) stay out: each change would rewrite the finding. */
export function accountRecord(row: RosterRow): Json {
  return present({
    external_id: row.externalId,
    name: displayNameOf(row),
    email: row.email,
    status: row.status,
    role: row.role,
    privileged: row.privileged ? true : undefined,
    end_date: row.endDate,
    flags: row.flags.length > 0 ? row.flags : undefined,
  });
}

/** One record a source, the one that names the identity first. */
export function identityRecord(identity: Identity): Json {
  const [first, ...others] = identity.rows.map(({ sourceName, row, present: isPresent }) =>
    present({
      source: sourceName,
      external_id: row.externalId,
      name: displayNameOf(row),
      email: row.email,
      status: isPresent ? row.status : 'gone',
      start_date: row.startDate,
      end_date: row.endDate,
    }),
  );
  return others.length === 0 ? { ...first } : { ...first, also: others };
}

export function identityLabel(identity: Identity): string {
  return personLabel({ name: identity.name, email: identity.email, id: identity.ref.externalId });
}

/** Subject of a finding about an identity: `SOURCE_ID/EXTERNAL_ID`. */
export function identitySubject(ref: RowRef): string {
  return `${ref.sourceId}/${ref.externalId}`;
}

export function present(fields: Readonly<Record<string, Json | undefined>>): Readonly<Record<string, Json>> {
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) kept[key] = value;
  return kept;
}

/** The rules built so far; the contract's others (§6) join with a file, a policy row, a sentence and a README row each. */
export const RULES = [
  'orphaned_account',
  'leaver_account',
  'inactive_account',
  'duplicate_account',
  'disputed_account',
  'missing_account',
  'attribute_mismatch',
  'lifecycle_conflict',
  'early_account',
  'service_account_unowned',
  'service_account_owner_left',
  'manager_left',
  'credential_owner_at_risk',
  'dormant_account',
  'reused_account',
] as const;
export type Rule = (typeof RULES)[number];

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Contract §1: these run only where the configuration says what they are to look for. */
export const OFF_BY_DEFAULT: readonly Rule[] = ['missing_account', 'attribute_mismatch', 'dormant_account'];

type RulePolicy = {
  readonly severity: Severity;
  /** Severity when the account is privileged. */
  readonly privileged?: Severity;
  /** Severity when all that is known is that nobody is known. */
  readonly merelyUnknown?: Severity;
  /** `source`: reads the judged source alone. `identities`: reads every authoritative source as well. */
  readonly reads: 'source' | 'identities';
  readonly subject: 'account' | 'identity' | 'credential';
  /** Whether the rule also judges the rows of authoritative sources themselves. */
  readonly judgesIdentities: boolean;
  /** Counted by the conclusion breaker. */
  readonly concludes: boolean;
};

/** A rule without a row here does not compile. Severities from contract §6. */
export const RULE_POLICY = {
  orphaned_account: {
    severity: 'high',
    privileged: 'critical',
    reads: 'identities',
    subject: 'account',
    judgesIdentities: false,
    concludes: true,
  },
  leaver_account: {
    severity: 'high',
    privileged: 'critical',
    reads: 'identities',
    subject: 'account',
    judgesIdentities: false,
    concludes: true,
  },
  inactive_account: {
    severity: 'medium',
    reads: 'identities',
    subject: 'account',
    judgesIdentities: false,
    concludes: false,
  },
  duplicate_account: {
    severity: 'medium',
    reads: 'identities',
    subject: 'identity',
    judgesIdentities: false,
    concludes: false,
  },
  disputed_account: {
    severity: 'medium',
    reads: 'identities',
    subject: 'account',
    judgesIdentities: false,
    concludes: false,
  },
  missing_account: {
    severity: 'low',
    reads: 'identities',
    subject: 'identity',
    judgesIdentities: false,
    concludes: false,
  },
  attribute_mismatch: {
    severity: 'low',
    reads: 'identities',
    subject: 'account',
    judgesIdentities: false,
    concludes: false,
  },
  lifecycle_conflict: {
    severity: 'medium',
    reads: 'source',
    subject: 'account',
    judgesIdentities: true,
    concludes: false,
  },
  early_account: {
    severity: 'low',
    reads: 'identities',
    subject: 'account',
    judgesIdentities: false,
    concludes: false,
  },
  service_account_unowned: {
    severity: 'medium',
    reads: 'identities',
    subject: 'account',
    judgesIdentities: false,
    concludes: false,
  },
  service_account_owner_left: {
    severity: 'high',
    reads: 'identities',
    subject: 'account',
    judgesIdentities: false,
    concludes: false,
  },
  manager_left: {
    severity: 'low',
    reads: 'identities',
    subject: 'account',
    judgesIdentities: false,
    concludes: false,
  },
  credential_owner_at_risk: {
    severity: 'critical',
    merelyUnknown: 'high',
    reads: 'identities',
    subject: 'credential',
    // An authoritative source is read with a token too.
    judgesIdentities: true,
    concludes: false,
  },
  dormant_account: {
    severity: 'low',
    reads: 'source',
    subject: 'account',
    judgesIdentities: false,
    concludes: false,
  },
  reused_account: {
    severity: 'medium',
    // A row is compared with what it was itself.
    reads: 'source',
    subject: 'account',
    judgesIdentities: true,
    concludes: false,
  },
} as const satisfies Record<Rule, RulePolicy>;

/** Rules about whose an account is: of an account whose id may be somebody else's now they say nothing (contract §6, `reused_account`). */
export function isCorrelating(rule: Rule): boolean {
  return RULE_POLICY[rule].reads === 'identities' && !BY_THE_LIST.has(rule);
}

/** These go by the entry in `serviceAccounts`, whoever the row is said to be. */
const BY_THE_LIST: ReadonlySet<Rule> = new Set(['service_account_unowned', 'service_account_owner_left']);

/** About the credential that a source is read with: such a finding has a message of its own (contract §9). */
export function isOfCredential(rule: Rule): boolean {
  return RULE_POLICY[rule].subject === 'credential';
}

/** Where it runs, accounts are linked as their cases are judged. A rule of credentials only reads the links. */
export function isLinking(rule: Rule): boolean {
  return RULE_POLICY[rule].reads === 'identities' && !isOfCredential(rule);
}

export function isRule(text: string): text is Rule {
  return RULES.some((rule) => rule === text);
}

import { RULE_MEANINGS } from '../../src/words/rule-meanings.ts';
import { OFF_BY_DEFAULT, RULE_POLICY, type Rule, RULES } from '../../src/core/rule.ts';
import { RULE_WORDS } from '../../src/core/rule-words.ts';

/** What looks like a finding and is none, by rule; from the contract's examples and the tables of cases. A rule without does not compile. */
const NEAR_MISSES = {
  orphaned_account: [
    'The account is inactive or pending, or is a service account.',
    'Two people could own it: that is `disputed_account`.',
    'Its person is off the identity list now: a link once made stays, so that is `leaver_account`.',
    'It belongs to somebody who is pending or has not started.',
    'The address differs in capitals or blanks only. `jane+crm@` and `jane@`, though, are two addresses, unless one is an alias of the other.',
  ],
  leaver_account: [
    'The end date is today: the day ends at midnight in `timezone`.',
    'The person is on leave.',
    'The person has left on one list and is current on another with the same address.',
    'The status on the identity list is a word that is not known: nothing opens or resolves, and the report counts it as undecided.',
    'The account is inactive or pending, or is a service account (`service_account_owner_left` is for those).',
    'The person was hired again under another row with the same given name: the link moves there.',
  ],
  inactive_account: [
    'The person is pending or has not started.',
    'The account belongs to nobody or to several people.',
  ],
  duplicate_account: [
    'One of the two accounts is inactive.',
    'The accounts are in two applications.',
    'Two accounts have the same name and no link to the same identity.',
  ],
  disputed_account: [
    'Exactly one of the identities is current and all share address and names: the others are a rehire’s old rows, and the current one is linked.',
    'Rows of several authoritative sources with one address are one identity.',
    'The account was linked to one of them before the second appeared: the link stays.',
  ],
  missing_account: [
    'The account that is there is inactive.',
    'The person has not started.',
    'An account there could be of several people, this one among them.',
  ],
  attribute_mismatch: [
    'Capitals, accents and blanks differ.',
    'One side does not have the field.',
    'Two identity lists disagree, and the account agrees with one of them.',
  ],
  lifecycle_conflict: ['The end date is today.', 'The record is inactive or pending.'],
  early_account: [
    'The start date is within `preHireDays`.',
    'The account is inactive or pending, or is a service account.',
  ],
  service_account_unowned: ['The service account is inactive.', 'The review date is today.'],
  service_account_owner_left: ['The service account is inactive.', 'The owner is on leave.'],
  manager_left: [
    'The manager was never seen in that source.',
    'Somebody is named as their own manager.',
    'The manager has left by one list and is current by another.',
  ],
  credential_owner_at_risk: [
    'The owner leaves in fifteen days or more.',
    'The source is of another kind than Nimble or Namely: those do not say whose a token is.',
  ],
  dormant_account: [
    'The application does not say when the account was last active.',
    'The last activity is exactly `days` ago.',
  ],
  reused_account: [
    'The id stays and the given name too: jane.doe who becomes jane.smith is a change.',
    'The new row has no name: an absent name is no difference.',
    'One address or alias is on both sides of the change.',
  ],
} as const satisfies Record<Rule, readonly string[]>;

/** One line of docs/configuration.md's table of keys. */
export type Key = { readonly name: string; readonly meaning: string; readonly byDefault: string };

/** The sections of docs/rules.md, one a rule. */
export function renderRules(keys: readonly Key[]): string {
  return RULES.map((rule) => renderRule(rule, keys)).join('\n\n');
}

function renderRule(rule: Rule, keys: readonly Key[]): string {
  const { meaning, clears } = RULE_MEANINGS[rule];
  return [
    `## ${rule}`,
    `**${RULE_WORDS[rule].title}** · ${factsOf(rule)}`,
    `**Opens**: ${meaning}`,
    `**Does not open** when`,
    NEAR_MISSES[rule].map((each) => `- ${each}`).join('\n'),
    `**Do**: ${RULE_WORDS[rule].action}`,
    `**Clears**: ${clears}`,
    `**Options**: ${optionsOf(rule, keys)}`,
  ].join('\n\n');
}

type Facts = {
  readonly severity: string;
  readonly privileged?: string;
  readonly merelyUnknown?: string;
  readonly subject: 'account' | 'identity' | 'credential';
  readonly reads: 'source' | 'identities';
  readonly judgesIdentities: boolean;
  readonly concludes: boolean;
};

function factsOf(rule: Rule): string {
  const facts: Facts = RULE_POLICY[rule];
  const { subject, reads, judgesIdentities, concludes } = facts;
  return [
    severityOf(facts),
    `one finding ${SUBJECTS[subject]}`,
    reads === 'source' ? 'reads its source alone' : 'reads its source and every identity list',
    ...(judgesIdentities && subject === 'account' ? ['judges identity lists too'] : []),
    ...(concludes ? ['counted by the conclusion breaker'] : []),
    ...(OFF_BY_DEFAULT.includes(rule) ? ['off by default'] : []),
  ].join(' · ');
}

const SUBJECTS = { account: 'an account', identity: 'a person and application', credential: 'a source' } as const;

function severityOf({ severity, privileged, merelyUnknown }: Facts): string {
  if (privileged !== undefined) return `${severity}, ${privileged} if privileged`;
  return merelyUnknown === undefined ? severity : `${severity}, ${merelyUnknown} if merely unknown`;
}

function optionsOf(rule: Rule, keys: readonly Key[]): string {
  const own = keys.filter(({ name }) => name === `rules.${rule}` || name.startsWith(`rules.${rule}.`));
  return own
    .map(({ name, meaning, byDefault }) => `\`${name}\`: ${lowerFirst(meaning)} (default: ${byDefault})`)
    .join('; ');
}

function lowerFirst(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}

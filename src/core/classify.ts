import type { AccountCase, Case, CredentialCase, IdentityCase, Judgement } from './case.ts';
import { UNDECIDED, type AccountFacts, type RuleVerdict } from './charge.ts';
import { correlation, FORGOTTEN } from './correlate.ts';
import { currentFirst, standingOf } from './identity.ts';
import type { Judging } from './policy.ts';
import { recheckDay, recheckDayOfIdentity } from './recheck.ts';
import { isReused, marksOver } from './reuse.ts';
import { isCorrelating, RULE_POLICY, RULES, type Rule } from './rule.ts';
import { attributeMismatch } from './rules/attribute-mismatch.ts';
import { credentialOwnerAtRisk } from './rules/credential-owner-at-risk.ts';
import { disputedAccount } from './rules/disputed-account.ts';
import { dormantAccount } from './rules/dormant-account.ts';
import { duplicateAccount } from './rules/duplicate-account.ts';
import { earlyAccount } from './rules/early-account.ts';
import { inactiveAccount } from './rules/inactive-account.ts';
import { leaverAccount } from './rules/leaver-account.ts';
import { lifecycleConflict } from './rules/lifecycle-conflict.ts';
import { managerLeft, managersInOrder } from './rules/manager-left.ts';
import { missingAccount } from './rules/missing-account.ts';
import { orphanedAccount } from './rules/orphaned-account.ts';
import { reusedAccount } from './rules/reused-account.ts';
import { serviceAccountOwnerLeft } from './rules/service-account-owner-left.ts';
import { serviceAccountUnowned } from './rules/service-account-unowned.ts';
import { findServiceAccount, ownerOf } from './service-accounts.ts';
import { serviceOf } from './token-owner.ts';

type AccountRule = (facts: AccountFacts) => RuleVerdict;
type CredentialRule = (of: CredentialCase, judging: Judging) => RuleVerdict;
type IdentityRule = (of: IdentityCase, judging: Judging) => RuleVerdict;

type Judge =
  | { readonly account: AccountRule }
  | { readonly identity: IdentityRule }
  | { readonly credential: CredentialRule };

/** Every rule has exactly one judge: a rule without one does not compile. */
const JUDGES = {
  orphaned_account: { account: orphanedAccount },
  leaver_account: { account: leaverAccount },
  inactive_account: { account: inactiveAccount },
  duplicate_account: { identity: duplicateAccount },
  disputed_account: { account: disputedAccount },
  missing_account: { identity: missingAccount },
  attribute_mismatch: { account: attributeMismatch },
  lifecycle_conflict: { account: lifecycleConflict },
  early_account: { account: earlyAccount },
  service_account_unowned: { account: serviceAccountUnowned },
  service_account_owner_left: { account: serviceAccountOwnerLeft },
  manager_left: { account: managerLeft },
  credential_owner_at_risk: { credential: credentialOwnerAtRisk },
  dormant_account: { account: dormantAccount },
  reused_account: { account: reusedAccount },
} as const satisfies Record<Rule, Judge>;

/** Total, never throws, the same for the same case in any order. Rules switched off charge nothing. */
export function classify(of: Case, judging: Judging): Judgement {
  if (of.kind === 'account') return classifyAccount(of, judging);
  return of.kind === 'identity' ? classifyIdentity(of, judging) : classifyCredential(of, judging);
}

function classifyAccount(of: AccountCase, judging: Judging): Judgement {
  const isReuse = isJudged('reused_account', of, judging) && isReused(of);
  const found = isReuse && !of.authoritative ? FORGOTTEN : correlation(of, judging);
  const service = findServiceAccount(judging.serviceAccounts, of);
  const facts: AccountFacts = { of, correlation: found, judging, service };
  const verdicts = RULES.filter((rule) => isJudged(rule, of, judging)).map((rule) => {
    const judge = JUDGES[rule];
    if (!('account' in judge)) return { rule, verdict: undefined };
    return { rule, verdict: isReuse && isCorrelating(rule) ? UNDECIDED : judge.account(facts) };
  });
  const { identity } = found;
  const over = marksOver(of);
  return {
    link: found.decision,
    ...sum(verdicts),
    recheckOn: recheckDay(facts),
    standing: identity === undefined ? undefined : standingOf(identity.rows, judging.today),
    owner: service === undefined ? undefined : ownerOf(service, judging.today),
    managers: isJudged('manager_left', of, judging) ? managersInOrder(facts) : undefined,
    marksOver: over.length > 0 ? over : undefined,
  };
}

function classifyIdentity(of: IdentityCase, judging: Judging): Judgement {
  const verdicts = RULES.filter((rule) => !judging.disabled.has(rule)).map((rule) => {
    const judge = JUDGES[rule];
    // Without a row of the identity nothing is known of the subject, and one that may be somebody else's tells nothing: its findings stay.
    const isUnknown = of.identity.length === 0 || of.identity.some((row) => row.reused === true);
    if (!('identity' in judge)) return { rule, verdict: undefined };
    return { rule, verdict: isUnknown ? UNDECIDED : judge.identity(of, judging) };
  });
  return { link: { kind: 'keep' }, ...sum(verdicts), recheckOn: recheckDayOfIdentity(of, judging) };
}

function classifyCredential(of: CredentialCase, judging: Judging): Judgement {
  const verdicts = RULES.filter((rule) => !judging.disabled.has(rule)).map((rule) => {
    const judge = JUDGES[rule];
    return { rule, verdict: 'credential' in judge ? judge.credential(of, judging) : undefined };
  });
  const rows = serviceOf(judging.serviceAccounts, of)?.ownerRows ?? of.identity;
  const identity = currentFirst(rows, judging.today);
  const owner = identity === undefined ? undefined : { ref: identity.ref, standing: standingOf(rows, judging.today) };
  return { link: { kind: 'keep' }, ...sum(verdicts), owner };
}

/** An account that is gone is charged with nothing; rows of an authority only with what judges those. */
function isJudged(rule: Rule, of: AccountCase, { disabled }: Judging): boolean {
  if (!of.present || disabled.has(rule)) return false;
  return !of.authoritative || RULE_POLICY[rule].judgesIdentities;
}

function sum(
  verdicts: readonly { readonly rule: Rule; readonly verdict: RuleVerdict | undefined }[],
): Pick<Judgement, 'charges' | 'undecided'> {
  return {
    charges: verdicts.flatMap(({ verdict }) => (verdict?.kind === 'charged' ? [verdict.charge] : [])),
    undecided: verdicts.flatMap(({ rule, verdict }) => (verdict?.kind === 'undecided' ? [rule] : [])),
  };
}

import { chargeAccount, CLEAR, identityLabel, UNDECIDED, type AccountFacts, type RuleVerdict } from '../charge.ts';
import { hasStarted, isPending, standingOf } from '../identity.ts';

/** The account is inactive, and the person it is linked to works here, has started and is not pending. */
export function inactiveAccount({ of, correlation, judging }: AccountFacts): RuleVerdict {
  if (of.row.status !== 'inactive' || correlation.state !== 'linked') return CLEAR;
  const { identity } = correlation;
  if (identity === undefined) return UNDECIDED;
  const standing = standingOf(identity.rows, judging.today);
  if (standing === 'neither') return UNDECIDED;
  const isAtWork = hasStarted(identity.rows, judging.today) && !isPending(identity.rows, judging.today);
  if (standing === 'left' || !isAtWork) return CLEAR;
  return chargeAccount('inactive_account', of, {
    identity,
    summary: `${identityLabel(identity)} works here, and the account in ${of.sourceName} is inactive`,
    evidence: { link_rule: correlation.linkRule },
  });
}

import { chargeAccount, CLEAR, identityLabel, UNDECIDED, type AccountFacts, type RuleVerdict } from '../charge.ts';
import { currentFirst, leavingOf, standingOf } from '../identity.ts';
import { accountLabel } from '../person.ts';

/**
 * A service account, not inactive, whose owner has left. It has a password of its own: closing the owner's single sign-on leaves it open
 * to whoever knows that. No grace days: they are for people, and nobody's last working day ends with this.
 */
export function serviceAccountOwnerLeft({ of, service, judging }: AccountFacts): RuleVerdict {
  const { row } = of;
  if (row.kind !== 'service' || row.status === 'inactive' || service === undefined) return CLEAR;
  const identity = currentFirst(service.ownerRows, judging.today);
  if (identity === undefined) return CLEAR;
  const standing = standingOf(service.ownerRows, judging.today);
  if (standing === 'neither') return UNDECIDED;
  const leaving = standing === 'left' ? leavingOf(identity.rows, judging.today, 0) : undefined;
  if (leaving === undefined) return CLEAR;
  return chargeAccount('service_account_owner_left', of, {
    identity,
    summary:
      `${identityLabel(identity)} left on ${leaving.leftOn} and answers for the service account ${accountLabel(row)} ` +
      `in ${of.sourceName}; off-boarding by SSO does not close it`,
    evidence: {
      left_on: leaving.leftOn,
      left_by: leaving.leftBy,
      owner: service.owner,
      purpose: service.purpose,
      review: service.review,
    },
  });
}

import {
  chargeAccount,
  CLEAR,
  identityLabel,
  isUsable,
  UNDECIDED,
  type AccountFacts,
  type RuleVerdict,
} from '../charge.ts';
import { leavingOf, standingOf } from '../identity.ts';

/**
 * Usable, not service, linked, and the identity has left: by end date from the day after plus the grace days, by status or
 * absence at once plus the grace days. Days of exposure are counted where it is read: here they would change every day.
 */
export function leaverAccount({ of, correlation, judging }: AccountFacts): RuleVerdict {
  const { row } = of;
  if (!isUsable(row) || row.kind === 'service' || correlation.state !== 'linked') return CLEAR;
  const { identity, suggestion } = correlation;
  if (identity === undefined) return UNDECIDED;
  if (standingOf(identity.rows, judging.today) === 'neither') return UNDECIDED;
  const leaving = leavingOf(identity.rows, judging.today, judging.leaverGraceDays);
  if (leaving === undefined || leaving.dueOn > judging.today) return CLEAR;
  return chargeAccount('leaver_account', of, {
    identity,
    summary: `${identityLabel(identity)} left on ${leaving.leftOn} and still has an account in ${of.sourceName}`,
    evidence: {
      left_on: leaving.leftOn,
      left_by: leaving.leftBy,
      link_rule: correlation.linkRule,
      suggestion:
        suggestion === undefined
          ? undefined
          : { source: suggestion.sourceName, external_id: suggestion.ref.externalId, name: suggestion.name ?? null },
    },
  });
}

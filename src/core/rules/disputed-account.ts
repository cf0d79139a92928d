import { chargeAccount, CLEAR, identityRecord, isUsable, type AccountFacts, type RuleVerdict } from '../charge.ts';
import { accountLabel } from '../person.ts';

/** Usable, not service, and two or more identities could own it. Only a person can tell (`link add`). */
export function disputedAccount({ of, correlation }: AccountFacts): RuleVerdict {
  const { row } = of;
  if (!isUsable(row) || row.kind === 'service' || correlation.state !== 'disputed') return CLEAR;
  const count = correlation.disputed.length;
  return chargeAccount('disputed_account', of, {
    summary: `${accountLabel(row)} has an account in ${of.sourceName} that ${count} people could own`,
    evidence: { candidates: correlation.disputed.map(identityRecord) },
  });
}

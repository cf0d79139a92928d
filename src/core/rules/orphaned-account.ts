import { chargeAccount, CLEAR, isUsable, type AccountFacts, type RuleVerdict } from '../charge.ts';
import { accountLabel } from '../person.ts';

/** Usable, not service, unmatched: nobody in the authoritative lists has this account's address. */
export function orphanedAccount({ of, correlation }: AccountFacts): RuleVerdict {
  const { row } = of;
  if (!isUsable(row) || row.kind === 'service' || correlation.state !== 'unmatched') return CLEAR;
  return chargeAccount('orphaned_account', of, {
    summary: `${accountLabel(row)} has an account in ${of.sourceName} and is nobody we know`,
    evidence: { searched: row.email === undefined ? [...row.aliases] : [row.email, ...row.aliases] },
  });
}

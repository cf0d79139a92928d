import { chargeAccount, CLEAR, isUsable, type AccountFacts, type RuleVerdict } from '../charge.ts';
import { accountLabel } from '../person.ts';

/** Usable although its own end date is past. Reads the judged source alone, so nothing of an identity may enter it. */
export function lifecycleConflict({ of, judging }: AccountFacts): RuleVerdict {
  const { row } = of;
  if (!isUsable(row) || row.endDate === undefined || row.endDate >= judging.today) return CLEAR;
  return chargeAccount('lifecycle_conflict', of, {
    summary: `${accountLabel(row)} is ${row.status} in ${of.sourceName} although the end date there is ${row.endDate}`,
  });
}

import {
  chargeAccount,
  CLEAR,
  hasLiving,
  isUsable,
  UNDECIDED,
  type AccountFacts,
  type RuleVerdict,
} from '../charge.ts';
import { addDays, todayIn } from '../dates.ts';
import { accountLabel } from '../person.ts';

const RULE = 'dormant_account';

/**
 * Usable, and the last activity is older than `days` of the company's calendar. Without the field nothing is known: nothing opens, and what
 * is open stays. The evidence names the day alone: the instant is refreshed in place, and a finding that stays open is not written again.
 */
export function dormantAccount({ of, judging }: AccountFacts): RuleVerdict {
  const { row } = of;
  const { dormantDays } = judging.options;
  if (dormantDays === undefined || !isUsable(row)) return CLEAR;
  if (row.lastActiveAt === undefined) return hasLiving(of, RULE) ? UNDECIDED : CLEAR;
  const lastActiveOn = todayIn(judging.timezone, row.lastActiveAt);
  if (addDays(lastActiveOn, dormantDays) >= judging.today) return CLEAR;
  return chargeAccount(RULE, of, {
    summary: `${accountLabel(row)} was last active in ${of.sourceName} on ${lastActiveOn}`,
    evidence: { last_active_on: lastActiveOn, days: dormantDays },
  });
}

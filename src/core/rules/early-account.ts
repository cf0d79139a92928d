import {
  chargeAccount,
  CLEAR,
  identityLabel,
  isUsable,
  UNDECIDED,
  type AccountFacts,
  type RuleVerdict,
} from '../charge.ts';
import { addDays } from '../dates.ts';
import { decisiveRows, standingOf, startsAfter } from '../identity.ts';
import type { PlainDate } from '../row.ts';

/** Usable, not service, and the person it is linked to is `pending`, or starts more than `preHireDays` from today. */
export function earlyAccount({ of, correlation, judging }: AccountFacts): RuleVerdict {
  const { row } = of;
  if (!isUsable(row) || row.kind === 'service' || correlation.state !== 'linked') return CLEAR;
  const { identity } = correlation;
  if (identity === undefined) return UNDECIDED;
  const { today, options } = judging;
  if (standingOf(identity.rows, today) === 'neither') return UNDECIDED;
  if (!startsAfter(identity.rows, today, addDays(today, options.preHireDays))) return CLEAR;
  const startsOn = decisiveRows(identity.rows, today)
    .flatMap((each) => each.row.startDate ?? [])
    .toSorted()[0];
  return chargeAccount('early_account', of, {
    identity,
    summary: `${identityLabel(identity)} ${whenOf(startsOn, today)} and has a usable account in ${of.sourceName} already`,
    evidence: { starts_on: startsOn, link_rule: correlation.linkRule },
  });
}

/** Without a figure of days: it would be another one tomorrow. */
function whenOf(startsOn: PlainDate | undefined, today: PlainDate): string {
  return startsOn === undefined || startsOn <= today ? 'is still pending' : `starts on ${startsOn}`;
}

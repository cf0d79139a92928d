import type { AccountCase, IdentityRow } from './case.ts';
import type { Correlation } from './correlate.ts';
import { addDays } from './dates.ts';
import { compareText, leavingOf } from './identity.ts';
import type { Judging } from './policy.ts';
import type { PlainDate } from './row.ts';

/**
 * The next day on which the calendar alone could change the judgement: the day after an end date, a start date, the end of a grace
 * period. A day too many costs one look; a day forgotten is a leaver overlooked, so the days of every identity in sight count.
 */
export function recheckDay(of: AccountCase, correlation: Correlation, judging: Judging): PlainDate | undefined {
  if (!of.present) return undefined;
  const days: (PlainDate | undefined)[] = [of.row.endDate === undefined ? undefined : addDays(of.row.endDate, 1)];
  if (!of.authoritative) {
    const rows = [...of.linked, ...of.candidates.map(({ identity }) => identity)];
    for (const row of rows) days.push(...turningDays(row));
    const linkedRows = correlation.identity?.rows ?? [];
    days.push(leavingOf(linkedRows, judging.today, judging.leaverGraceDays)?.dueOn);
  }
  const ahead = days.filter((day) => day !== undefined).filter((day) => day > judging.today);
  return ahead.toSorted(compareText)[0];
}

function turningDays({ row }: IdentityRow): readonly (PlainDate | undefined)[] {
  return [row.startDate, row.endDate === undefined ? undefined : addDays(row.endDate, 1)];
}

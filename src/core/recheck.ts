import type { IdentityRow } from './case.ts';
import type { AccountFacts } from './charge.ts';
import { addDays } from './dates.ts';
import { compareText, leavingOf } from './identity.ts';
import type { PlainDate } from './row.ts';
import type { ServiceAccount } from './service-accounts.ts';

/**
 * The next day on which the calendar alone could change the judgement: the day after an end date, a start date, the end of a grace
 * period, the day after a review. A day too many costs one look; a day forgotten is a leaver overlooked, so the days of every identity in sight count.
 */
export function recheckDay({ of, correlation, judging, service }: AccountFacts): PlainDate | undefined {
  if (!of.present) return undefined;
  const days: (PlainDate | undefined)[] = [of.row.endDate === undefined ? undefined : addDays(of.row.endDate, 1)];
  if (!of.authoritative) {
    const rows = [...of.linked, ...of.candidates.map(({ identity }) => identity)];
    for (const row of rows) days.push(...turningDays(row));
    const linkedRows = correlation.identity?.rows ?? [];
    days.push(leavingOf(linkedRows, judging.today, judging.leaverGraceDays)?.dueOn);
    if (service !== undefined) days.push(...serviceDays(service));
  }
  const ahead = days.filter((day) => day !== undefined).filter((day) => day > judging.today);
  return ahead.toSorted(compareText)[0];
}

function serviceDays({ ownerRows, review }: ServiceAccount): readonly (PlainDate | undefined)[] {
  return [...ownerRows.flatMap(turningDays), review === undefined ? undefined : addDays(review, 1)];
}

function turningDays({ row }: IdentityRow): readonly (PlainDate | undefined)[] {
  return [row.startDate, row.endDate === undefined ? undefined : addDays(row.endDate, 1)];
}

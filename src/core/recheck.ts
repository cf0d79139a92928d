import type { AccountCase, IdentityCase, IdentityRow } from './case.ts';
import type { AccountFacts } from './charge.ts';
import { addDays, todayIn } from './dates.ts';
import { compareText, leavingOf } from './identity.ts';
import type { Judging } from './policy.ts';
import type { Instant, PlainDate } from './row.ts';
import type { ServiceAccount } from './service-accounts.ts';

/**
 * The next day on which the calendar alone could change the judgement: the day after an end date, a start date, the end of a grace
 * period, the day after a review, the day before which an account is too early, the day on which it is dormant. A day too many costs one look; a day forgotten is a leaver overlooked, so the days of every identity in sight count.
 */
export function recheckDay({ of, correlation, judging, service }: AccountFacts): PlainDate | undefined {
  if (!of.present) return undefined;
  const days: (PlainDate | undefined)[] = [of.row.endDate === undefined ? undefined : addDays(of.row.endDate, 1)];
  if (!of.authoritative) {
    for (const row of rowsInSight(of)) days.push(...turningDays(row), ...managerDays(row), hireDay(row, judging));
    const linkedRows = correlation.identity?.rows ?? [];
    days.push(leavingOf(linkedRows, judging.today, judging.leaverGraceDays)?.dueOn);
    if (service !== undefined) days.push(...serviceDays(service));
    days.push(dormantDay(of.row.lastActiveAt, judging));
  }
  return nextOf(days, judging.today);
}

function rowsInSight({ linked, candidates, manager }: AccountCase): readonly IdentityRow[] {
  return [...linked, ...candidates.map(({ identity }) => identity), ...(manager?.linked ?? [])];
}

function managerDays({ manager = [] }: IdentityRow): readonly (PlainDate | undefined)[] {
  return manager.flatMap(turningDays);
}

/** From then on an account may be there before the person is. */
function hireDay({ row }: IdentityRow, { options }: Judging): PlainDate | undefined {
  return row.startDate === undefined ? undefined : addDays(row.startDate, -options.preHireDays);
}

/** The same of an identity in one application: the days on which it begins or ends to be current. */
export function recheckDayOfIdentity({ identity }: IdentityCase, { today }: Judging): PlainDate | undefined {
  return nextOf(identity.flatMap(turningDays), today);
}

/** The first day on which the last activity is older than the days that are allowed. */
function dormantDay(lastActiveAt: Instant | undefined, { options, timezone }: Judging): PlainDate | undefined {
  if (lastActiveAt === undefined || options.dormantDays === undefined) return undefined;
  return addDays(todayIn(timezone, lastActiveAt), options.dormantDays + 1);
}

function nextOf(days: readonly (PlainDate | undefined)[], today: PlainDate): PlainDate | undefined {
  const ahead = days.filter((day) => day !== undefined).filter((day) => day > today);
  return ahead.toSorted(compareText)[0];
}

function serviceDays({ ownerRows, review }: ServiceAccount): readonly (PlainDate | undefined)[] {
  return [...ownerRows.flatMap(turningDays), review === undefined ? undefined : addDays(review, 1)];
}

function turningDays({ row }: IdentityRow): readonly (PlainDate | undefined)[] {
  return [row.startDate, row.endDate === undefined ? undefined : addDays(row.endDate, 1)];
}

import { lastMomentOf, todayIn } from '../core/dates.ts';
import type { Instant } from '../core/row.ts';
import { OperationalError } from '../errors.ts';
import type { AskedTime } from './arguments.ts';
import { renderMoment } from '../words/time.ts';

/** Nothing is older, and the calendars of earlier centuries are not one. */
const FIRST_DAY = '1970-01-01';

type Asking = {
  readonly timezone: string;
  readonly now: Date;
  /** What is shown without a time. */
  readonly instead: string;
};

/**
 * The moment of which `--at` asks: of a date the end of that day where the company is. What has not come yet is `usage`: what holds now is not
 * what will hold then.
 */
export function toPastMoment(asked: AskedTime, { timezone, now, instead }: Asking): Instant {
  const advice = `leave --at out for ${instead}`;
  if (asked.kind === 'instant') {
    if (Date.parse(asked.at) <= now.getTime()) return asked.at;
    throw new OperationalError('usage', `${renderMoment(asked.at)} is in the future: ${advice}`);
  }
  const today = todayIn(timezone, now.toISOString());
  if (asked.date >= today) {
    const when = asked.date === today ? 'has not ended yet' : 'is in the future';
    throw new OperationalError('usage', `${asked.date} ${when} in ${timezone}: ${advice}`);
  }
  return lastMomentOf(asked.date < FIRST_DAY ? FIRST_DAY : asked.date, timezone);
}

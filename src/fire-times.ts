import { Cron } from 'croner';

/** Fires that are counted when a worker was away; more are as many. */
const COUNTED_MAX = 500;

type Due = {
  readonly latest: Date;
  /** How many came before the latest, at most `COUNTED_MAX`. */
  readonly earlier: number;
};

export type FireTimes = {
  next(count: number, after: Date): readonly Date[];
  /** Whether this fire is the end of an hour that the clocks leave out, in the place of a time in it. */
  isMoved(fire: Date): boolean;
  /** What has fired after `last`, up to and with `now`; nothing when nothing has. */
  due(last: Date, now: Date): Due | undefined;
};

/**
 * When a schedule fires in a zone, for any span of time. node-cron, which wakes the worker, knows only the times after now, and leaves
 * out a day when its hour does not exist (spring) and an hour that comes twice (autumn). Here a fixed time in the gap comes when the
 * gap ends, one that comes twice counts the first time, and intervals go on through both. Throws for what is no schedule.
 */
export function fireTimes(expression: string, timezone: string): FireTimes {
  const cron = open(expression, timezone);
  return {
    next: (count, after) => cron.nextRuns(count, after),
    isMoved: (fire) => !cron.match(fire),
    due: (last, now) => {
      // Exclusive, and the fire of this very moment is due.
      const [latest] = cron.previousRuns(1, new Date(now.getTime() + 1));
      if (latest === undefined || latest <= last) return undefined;
      return { latest, earlier: countBetween(cron, last, latest) };
    },
  };
}

/** Whether both who fire and who count understand it; only then do they agree (a test compares them). */
export function isReadable(expression: string): boolean {
  try {
    return open(expression, 'UTC').nextRun(new Date(0)) !== null;
  } catch {
    return false;
  }
}

function open(expression: string, timezone: string): Cron {
  return new Cron(expression, { timezone, mode: '5-part', fixedTimeRule: 'no-wildcard', paused: true });
}

function countBetween(cron: Cron, last: Date, latest: Date): number {
  let from = last;
  for (let count = 0; count < COUNTED_MAX; count += 1) {
    const next = cron.nextRun(from);
    if (next === null || next >= latest) return count;
    from = next;
  }
  return COUNTED_MAX;
}

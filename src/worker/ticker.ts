import cron, { type ScheduledTask } from 'node-cron';
import { countMissed, isFromWrongClock } from '../core/tick.ts';
import { OperationalError } from '../errors.ts';
import { type FireTimes, fireTimes } from '../fire-times.ts';
import type { SourceSpec } from '../ports/sources.ts';
import type { LastFire, ScheduleKey, TickKey, TickStore } from '../ports/ticks.ts';
import type { Log } from '../ports/surroundings.ts';
import { pause } from './pause.ts';

/** How soon a fire is seen that no timer told of: timers stand still with the machine, and follow a clock that somebody sets. */
const LOOK_MS = 30_000;
/** What a look needs to end; one that hangs in the database writes nothing any more once the pool is closed. */
const STOP_MS = 1_000;

type TickerDeps = {
  readonly log: Log;
  readonly ticks: TickStore;
  readonly policy: { readonly timezone: string };
  readonly tickFailed: () => void;
};
type Scheduled = Pick<SourceSpec, 'name' | 'schedule' | 'fullSchedule'> & { readonly id: number };
type Plan = TickKey & { readonly source: string; readonly expression: string; readonly times: FireTimes };

/**
 * Turns schedules into jobs. A fire of node-cron, a start and every half minute are the same question: which fires lie between the last one
 * that anybody took and now? So a tick is taken once by all workers together, and one that nobody took, because the process was down,
 * its loop blocked, the database away, the clock set or the hour left out in spring, is made up for, however many there were, once.
 */
export function startTicker(deps: TickerDeps, sources: readonly Scheduled[]): { stop(): Promise<void> } {
  const plans = sources.flatMap((source) => plansOf(source, deps.policy.timezone));
  const looks = new Set<Promise<void>>();
  const ended = new AbortController();
  const look = async (asked: readonly Plan[]): Promise<void> => {
    const looking = takeDue(deps, asked, ended.signal);
    looks.add(looking);
    await looking;
    looks.delete(looking);
  };
  const tasks = plans.map((plan) => schedule(deps, plan, () => look([plan])));
  let isLooking = false;
  const lookAtAll = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    await look(plans);
    isLooking = false;
  };
  const timer = setInterval(() => void lookAtAll(), LOOK_MS);
  void lookAtAll();
  return {
    stop: async () => {
      ended.abort();
      clearInterval(timer);
      for (const task of tasks) await task.destroy();
      const over = new AbortController();
      await Promise.race([Promise.all(looks), pause(STOP_MS, over.signal)]);
      over.abort();
    },
  };
}

/** `schedule` reads changes where that is possible and enough, `fullSchedule` reads in full. */
function plansOf({ id, name, schedule, fullSchedule }: Scheduled, timezone: string): readonly Plan[] {
  const plan = (key: ScheduleKey, expression: string): Plan => ({
    sourceId: id,
    source: name,
    key,
    expression,
    times: fireTimes(expression, timezone),
  });
  return [plan('schedule', schedule), ...(fullSchedule === undefined ? [] : [plan('fullSchedule', fullSchedule)])];
}

function schedule(deps: TickerDeps, { source, key, expression }: Plan, fire: () => Promise<void>): ScheduledTask {
  const name = `${key} of ${source}`;
  const options = { timezone: deps.policy.timezone, noOverlap: true, name, logger: toCronLog(deps.log, name) };
  return cron.schedule(expression, fire, { ...options, suppressMissedWarning: true });
}

/** Its own writes to the console. */
export function toCronLog(log: Log, schedule: string) {
  const say = (level: 'debug' | 'warn') => (message: string | Error) =>
    log[level]({ schedule, about: message instanceof Error ? message.name : message }, 'node-cron');
  return { debug: say('debug'), info: say('debug'), warn: say('warn'), error: say('warn') };
}

async function takeDue(deps: TickerDeps, plans: readonly Plan[], ended: AbortSignal): Promise<void> {
  try {
    const { now, fires } = await deps.ticks.load(plans);
    for (const plan of plans) {
      const last = fires.find(({ sourceId, key }) => sourceId === plan.sourceId && key === plan.key);
      if (last !== undefined && !ended.aborted) await takeOne(deps, plan, last, now);
    }
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    if (ended.aborted) return;
    // Nothing is asked for that was not taken: the next look finds it due still, and without one the source goes stale, which is told.
    deps.tickFailed();
    const schedules = plans.map(({ source, key }) => `${key} of ${source}`);
    deps.log.error({ schedules, err: error }, 'ticks not taken, looking again soon');
  }
}

async function takeOne(deps: TickerDeps, plan: Plan, last: LastFire, now: string): Promise<void> {
  const { source, key, times } = plan;
  const { lastFire } = last;
  if (isFromWrongClock(lastFire, now)) {
    deps.log.warn({ source, schedule: key, lastFire, now }, 'last tick is in the future and was forgotten');
    await deps.ticks.forget(last);
    return;
  }
  const due = times.due(new Date(lastFire), new Date(now));
  if (due === undefined) return;
  const { latest: at, earlier } = due;
  const missed = countMissed({ latest: at.toISOString(), earlier }, now);
  const taken = await deps.ticks.take({ ...last, source, at, missed });
  const facts = { source, schedule: key, at: at.toISOString(), missed };
  if (taken === 'not_elected') deps.log.debug(facts, 'tick taken by another worker');
  else if (taken === 'coalesced') deps.log.info(facts, 'tick skipped: the source is being read or about to be');
  else if (missed > 0) deps.log.warn(facts, 'missed ticks made up for by one');
}

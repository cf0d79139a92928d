import type { CheckResult } from '../cli/doctor.ts';
import type { Config, SourceConfig } from '../config/config.ts';
import { fireTimes } from '../fire-times.ts';

const SHOWN = 5;
/** Of the fires ahead so many are looked at, or a year of them. */
const FIRES_MAX = 400;
const HOUR_MS = 3_600_000;

/** The next five fires of each schedule, where the company is, and what of them somebody might not expect. */
export function describeSchedules(config: Config, now: Date): readonly CheckResult[] {
  return config.sources.flatMap((source) => {
    const full = 'fullSchedule' in source ? source.fullSchedule : undefined;
    return [
      describe(source, { key: 'schedule', expression: source.schedule, timezone: config.timezone, now }),
      ...(full === undefined
        ? []
        : [describe(source, { key: 'fullSchedule', expression: full, timezone: config.timezone, now })]),
    ];
  });
}

type Asked = {
  readonly key: 'schedule' | 'fullSchedule';
  readonly expression: string;
  readonly timezone: string;
  readonly now: Date;
};

function describe({ name: source, maxAgeMs }: SourceConfig, { key, expression, timezone, now }: Asked): CheckResult {
  const name = `${key} of ${source}`;
  const times = fireTimes(expression, timezone);
  const fires = times.next(FIRES_MAX, now);
  const shown = abridge(fires.slice(0, SHOWN).map((fire) => toLocal(fire, timezone)));
  const moved = fires.find((fire) => times.isMoved(fire));
  const spring =
    moved === undefined
      ? ''
      : `; where the clocks leave its time out it fires when they go on: ${toLocal(moved, timezone)}`;
  const detail = `"${expression}" fires next at ${shown.join(', ')} (${timezone})${spring}`;
  // A tick of `schedule` reads in full what has grown too old, so that `fullSchedule` may be rarer.
  const rarestMs = key === 'schedule' ? longestWait(fires) : 0;
  if (maxAgeMs === undefined || rarestMs <= maxAgeMs) return { name, status: 'ok', detail };
  const doubt = `up to ${toHours(rarestMs)} h between two fires, and after maxAge, ${toHours(maxAgeMs)} h, rules are withheld`;
  const fix = `let it fire more often than every ${toHours(maxAgeMs)} h, or make maxAge of ${source} longer`;
  return { name, status: 'warn', detail: `${detail}; ${doubt}`, fix };
}

/** `2026-11-21 22:30-05:00, 22:45`: of each time only what differs from the one before. */
function abridge(times: readonly string[]): readonly string[] {
  return times.map((time, at) => {
    const before = times[at - 1];
    if (before === undefined || before.slice(16) !== time.slice(16)) return time;
    return before.slice(0, 10) === time.slice(0, 10) ? time.slice(11, 16) : time.slice(0, 16);
  });
}

function longestWait(fires: readonly Date[]): number {
  const waits = fires.map((fire, at) => fire.getTime() - (fires[at - 1] ?? fire).getTime());
  return Math.max(0, ...waits);
}

function toHours(ms: number): number {
  return Math.ceil(ms / HOUR_MS);
}

/** With the offset where there is one to know: in autumn an hour comes twice. */
function toLocal(at: Date, timezone: string): string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'longOffset',
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const of = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  const offset = timezone === 'UTC' ? '' : of('timeZoneName').replace('GMT', '');
  const time = `${of('year')}-${of('month')}-${of('day')} ${of('hour')}:${of('minute')}`;
  return `${time}${offset}`;
}

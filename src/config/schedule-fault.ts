import { validate } from 'node-cron';
import { isReadable } from '../fire-times.ts';

const LENGTH_MAX = 100;
const FIELDS = ['minute', 'hour', 'day of month', 'month', 'day of week'] as const;
const EXAMPLE = 'an example is "*/15 * * * *"';
const ANY_DAY = '*';

/**
 * What is wrong with a schedule, and what to write instead. Only a text that could be a schedule is repeated: what stands here by mistake may
 * be a secret.
 */
export function scheduleFault(value: string): string | undefined {
  const fields = value.trim().split(/\s+/u);
  if (value.length > LENGTH_MAX || fields.length !== FIELDS.length) {
    return `must have five fields: ${FIELDS.join(', ')} (no seconds, no @words)${withoutSeconds(fields)}`;
  }
  if (!isPlain(fields)) return `is not a cron expression; ${EXAMPLE}`;
  return dayFault(fields) ?? wordFault(fields);
}

/** Where the first field can only be seconds. */
function withoutSeconds(fields: readonly string[]): string {
  const rest = fields.slice(1);
  const isShorter = rest.length === FIELDS.length && isPlain(fields) && isUnderstood(rest);
  return isShorter ? `; without seconds it is "${rest.join(' ')}"` : '';
}

function dayFault(fields: readonly string[]): string | undefined {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  if (day === ANY_DAY) return undefined;
  return weekday === ANY_DAY
    ? neverFault(minute, hour, { day, month })
    : bothFault(minute, hour, { day, month, weekday });
}

/** node-cron would take `0 0 13 * 5` as Friday the 13th, classic cron as every 13th and every Friday. */
function bothFault(
  minute: string,
  hour: string,
  { day, month, weekday }: Readonly<Record<'day' | 'month' | 'weekday', string>>,
): string {
  const message =
    'sets both day fields; cron programs disagree whether that means "and" or "or", so leave one of them *';
  const either = [
    [minute, hour, day, month, ANY_DAY],
    [minute, hour, ANY_DAY, month, weekday],
  ];
  if (!either.every(isUnderstood)) return message;
  return `${message}: ${either.map((each) => `"${each.join(' ')}"`).join(' or ')}`;
}

/** What is refused for its month alone names a day that never comes. */
function neverFault(
  minute: string,
  hour: string,
  { day, month }: Readonly<Record<'day' | 'month', string>>,
): string | undefined {
  const isRefused = !validate([minute, hour, day, month, ANY_DAY].join(' '));
  const parts = [
    [minute, hour, ANY_DAY, month, ANY_DAY],
    [minute, hour, day, ANY_DAY, ANY_DAY],
  ];
  if (!isRefused || !/^[\d,-]+$/u.test(day) || !parts.every(isUnderstood)) return undefined;
  const last = [minute, hour, 'L', month, ANY_DAY].join(' ');
  return `never comes: month ${month} has no day ${day}; the last day of a month is L, so write "${last}"`;
}

/** node-cron also takes whole names and ranges that go backwards, and then no other program reads the same. */
function wordFault(fields: readonly string[]): string | undefined {
  if (isUnderstood(fields)) return undefined;
  if (!validate(fields.join(' '))) return `is not a cron expression; ${EXAMPLE}`;
  return `is read differently by cron programs: write names with three letters (mon, jan) and ranges upwards ("22,23,0-2", not "22-2")`;
}

function isUnderstood(fields: readonly string[]): boolean {
  const expression = fields.join(' ');
  return validate(expression) && isReadable(expression);
}

function isPlain(fields: readonly string[]): boolean {
  return fields.every((field) => /^[\dA-Za-z*,/-]+$/u.test(field));
}

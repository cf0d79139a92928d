import { dateText, dayNumber, FIRST_DAY, LAST_DAY, numberOfDay } from './calendar.ts';
import type { Instant, PlainDate } from './row.ts';

const DAY_MS = 86_400_000;

const TIME = '(\\d{2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,9}))?)?';
const ZONE = '(Z|[+-]\\d{2}(?::?\\d{2})?)';
const ISO_DATE = new RegExp(`^(\\d{4})-(\\d{2})-(\\d{2})(?:[T ]${TIME} ?${ZONE}?)?$`, 'i');
const US_DATE = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;
const ISO_INSTANT = new RegExp(`^(\\d{4})-(\\d{2})-(\\d{2})[T ]${TIME} ?${ZONE}$`, 'i');
const EPOCH = /^\d{1,16}$/;
/** Below: seconds (until year 5138). From there milliseconds (1973 to 5138), then microseconds. */
const EPOCH_MS_FROM = 1e11;
const EPOCH_US_FROM = 1e14;

/**
 * The spellings of api-facts: `YYYY-MM-DD`, `MM/DD/YYYY`, and timestamps, of which the day as written counts. A day that is not in the
 * calendar is no date.
 */
export function parsePlainDate(value: unknown): PlainDate | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  const iso = ISO_DATE.exec(text);
  if (iso !== null) return toPlainDate(iso[1], iso[2], iso[3]);
  const us = US_DATE.exec(text);
  return us === null ? undefined : toPlainDate(us[3], us[1], us[2]);
}

/** ISO 8601 with a zone, or an epoch in seconds, milliseconds or microseconds; as ISO text in UTC with the fraction digits given. */
export function parseInstant(value: unknown): Instant | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? fromEpoch(String(value)) : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (EPOCH.test(text)) return fromEpoch(text);
  const match = ISO_INSTANT.exec(text);
  return match === null ? undefined : fromIso(match);
}

/** Throws on a text that `parseInstant` did not make: a bug. */
export function epochMs(instant: Instant): number {
  const parsed = parseInstant(instant);
  const match = parsed === undefined ? null : ISO_INSTANT.exec(parsed);
  if (match === null) throw new RangeError('not an instant');
  const [, year, month, day, hour, minute, second, fraction = ''] = match;
  const days = dayNumber(Number(year), Number(month), Number(day));
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  return days * DAY_MS + seconds * 1_000 + Math.trunc(Number(fraction.padEnd(6, '0')) / 1_000);
}

/** Stays inside the years 1 to 9999: `9999-12-31` means "never" in many systems, and texts are compared as texts. */
export function addDays(date: PlainDate, days: number): PlainDate {
  return dateText(Math.min(Math.max(numberOfDay(date) + days, FIRST_DAY), LAST_DAY));
}

/** Days from the first to the second; negative when the second is earlier. */
export function daysBetween(from: PlainDate, to: PlainDate): number {
  return numberOfDay(to) - numberOfDay(from);
}

/** A company has one time zone; tests have some more. */
const FORMATS_MAX = 20;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Kept, because making one takes longer than a thousand uses, and a rule may ask for the day of each account's last activity. */
function formatIn(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  if (formats.size >= FORMATS_MAX) formats.clear();
  formats.set(timezone, made);
  return made;
}

/** The calendar day that it is at `now` in an IANA zone. */
export function todayIn(timezone: string, now: Instant): PlainDate {
  const format = formatIn(timezone);
  const parts = new Map(format.formatToParts(epochMs(now)).map((part) => [part.type, part.value]));
  const text = `${(parts.get('year') ?? '').padStart(4, '0')}-${parts.get('month') ?? ''}-${parts.get('day') ?? ''}`;
  const date = parsePlainDate(text);
  if (date === undefined) throw new RangeError('the calendar of this time zone is not readable');
  return date;
}

/** No zone is further from UTC, so a day ends within so many minutes of its end there. */
const OFFSET_MINUTES_MAX = 16 * 60;

/** The last microsecond of a day in an IANA zone, of days since 1970: found by asking, for the offset may change on that very day. */
export function lastMomentOf(date: PlainDate, timezone: string): Instant {
  const nextInUtc = (numberOfDay(date) + 1) * 1_440;
  let [before, after] = [nextInUtc - OFFSET_MINUTES_MAX, nextInUtc + OFFSET_MINUTES_MAX];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    const instant = instantText(middle * 60, '');
    if (instant !== undefined && todayIn(timezone, instant) <= date) before = middle;
    else after = middle;
  }
  const last = instantText(after * 60 - 1, '999999');
  if (last === undefined) throw new RangeError('the day ends after the last year of the calendar');
  return last;
}

function toPlainDate(year = '', month = '', day = ''): PlainDate | undefined {
  const number = dayNumber(Number(year), Number(month), Number(day));
  if (Number(year) === 0) return undefined;
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  // The 30th of February has a number too, but that number is another day.
  return number >= FIRST_DAY && number <= LAST_DAY && dateText(number) === text ? text : undefined;
}

function secondsOfDay(hour = '', minute = '', second = '00'): number | undefined {
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  return h < 24 && m < 60 && s < 60 ? (h * 60 + m) * 60 + s : undefined;
}

function offsetSeconds(zone: string): number | undefined {
  if (zone.toUpperCase() === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', ''))];
  if (hours > 15 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60;
}

function fromIso(match: RegExpExecArray): Instant | undefined {
  const [, year, month, day, hour, minute, second, fraction = '', zone = ''] = match;
  const date = toPlainDate(year, month, day);
  const seconds = secondsOfDay(hour, minute, second);
  const offset = offsetSeconds(zone);
  if (date === undefined || seconds === undefined || offset === undefined) return undefined;
  return instantText(numberOfDay(date) * 86_400 + seconds - offset, fraction.slice(0, 6));
}

function fromEpoch(text: string): Instant | undefined {
  const value = Number(text);
  if (!EPOCH.test(text) || !Number.isSafeInteger(value)) return undefined;
  if (value < EPOCH_MS_FROM) return instantText(value, '');
  const [perSecond, digits] = value < EPOCH_US_FROM ? [1_000, 3] : [1_000_000, 6];
  const fraction = String(value % perSecond).padStart(digits, '0');
  return instantText(Math.floor(value / perSecond), Number(fraction) === 0 ? '' : fraction);
}

function instantText(epochSeconds: number, fraction: string): Instant | undefined {
  const day = Math.floor(epochSeconds / 86_400);
  if (day < FIRST_DAY || day > LAST_DAY) return undefined;
  const rest = epochSeconds - day * 86_400;
  const clock = [Math.floor(rest / 3_600), Math.floor(rest / 60) % 60, rest % 60].map((n) =>
    String(n).padStart(2, '0'),
  );
  return `${dateText(day)}T${clock.join(':')}${fraction === '' ? '' : `.${fraction}`}Z`;
}

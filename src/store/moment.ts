import { dayNumber } from '../core/calendar.ts';
import type { Instant } from '../core/row.ts';

const WORD = 2 ** 32;
const MICROS = 1_000_000;
const DAY_SECONDS = 86_400;
/** Where a double has every microsecond: from the year 1715 on to 2284. */
const EXACT_MAX = 2 ** 53;
const SECONDS_CHARS = 'YYYY-MM-DDTHH:MM:SS'.length;
const FRACTION_DIGITS_MAX = 6;
const ZERO = 48;
const POINT = 46;
const ZULU = 90;
const DAY_2000 = dayNumber(2000, 1, 1);
/** No moment at all, in two words: Postgres knows none so early. */
const NONE = [-(2 ** 31), 1] as const;

/**
 * Writes a moment as Postgres sends a `timestamptz`, the microseconds since 2000 in UTC, as two words of 32 bits, the upper one first. False: it is
 * not written as our own rows are, or is of a time that a double does not hold exactly.
 */
export function writeMoment(into: Int32Array, at: number, instant: Instant | undefined): boolean {
  if (instant === undefined) {
    into.set(NONE, at);
    return true;
  }
  const micros = microsOf(instant);
  // `NaN` is not below it either.
  if (!(Math.abs(micros) < EXACT_MAX)) return false;
  const high = Math.floor(micros / WORD);
  into[at] = high;
  into[at + 1] = micros - high * WORD;
  return true;
}

/** `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`, place by place: a pattern and `Date.parse` take longer than all else that is done with a row. */
function microsOf(text: Instant): number {
  const fractionDigits = text.length - SECONDS_CHARS - 2;
  const hasFraction = fractionDigits > 0 && text.charCodeAt(SECONDS_CHARS) === POINT;
  if (fractionDigits > FRACTION_DIGITS_MAX || (fractionDigits !== -1 && !hasFraction)) return Number.NaN;
  if (text.charCodeAt(text.length - 1) !== ZULU) return Number.NaN;
  const days = dayNumber(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2)) - DAY_2000;
  const seconds = (digits(text, 11, 2) * 60 + digits(text, 14, 2)) * 60 + digits(text, 17, 2);
  const fraction = hasFraction
    ? digits(text, SECONDS_CHARS + 1, fractionDigits) * 10 ** (FRACTION_DIGITS_MAX - fractionDigits)
    : 0;
  return (days * DAY_SECONDS + seconds) * MICROS + fraction;
}

function digits(text: string, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

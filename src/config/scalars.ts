import { z } from 'zod';
import { parseDuration, renderDuration } from './duration.ts';
import { scheduleFault } from './schedule-fault.ts';

/** Any text but the empty one. */
export const text = z.string().min(1);

/** Of a database: what comes behind the scheme is judged in network-checks.ts. */
export const postgresUrl = z.string().regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or postgresql://');

/** A credential: goes into a header, so one line of visible ASCII. */
export const secret = z
  .string()
  .regex(/^[\x21-\x7e]+$/, 'must be one line of visible ASCII characters, without blanks');

export const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,100}$/, 'must be the name of a header: letters, digits and -');

/** `${NAME}` gives text, and is never read as YAML again: a number may therefore come as text. */
export function number(min: number, max: number) {
  return z.codec(
    z.union([z.number(), z.string().regex(/^-?\d+(\.\d+)?$/, 'must be a number')], { error: 'must be a number' }),
    z.number().min(min).max(max),
    { decode: Number, encode: (value) => value },
  );
}

export function integer(min: number, max: number) {
  return z.codec(
    z.union([z.number(), z.string().regex(/^-?\d+$/, 'must be a whole number')], { error: 'must be a whole number' }),
    z.number().int().min(min).max(max),
    { decode: Number, encode: (value) => value },
  );
}

export const flag = z.codec(
  z.union([z.boolean(), z.enum(['true', 'false'])], { error: 'must be true or false' }),
  z.boolean(),
  {
    decode: (value) => value === true || value === 'true',
    encode: (value) => value,
  },
);

/** Text such as `26h` in the file, milliseconds in the program. */
export function duration(minMs: number, maxMs: number) {
  const error = 'must be a duration such as 90s, 15m, 26h or 7d';
  return z.codec(z.string({ error }), z.number(), {
    decode: (value, context) => {
      const ms = parseDuration(value);
      if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms;
      const range = `must be between ${renderDuration(minMs)} and ${renderDuration(maxMs)}`;
      context.issues.push({ code: 'custom', message: ms === undefined ? error : range, input: value });
      return z.NEVER;
    },
    encode: renderDuration,
  });
}

/** Five-field cron text. */
export const cron = checkedText(scheduleFault);

/** IANA zone name. */
export const timezone = checkedText(timezoneFault);

/** The zone's own name: Postgres does not know all the other names that a zone has here. */
export function canonicalTimezone(name: string): string {
  return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
}

/** `YYYY-MM-DD` of a day that exists. */
export const plainDate = checkedText((value) => {
  const day = new Date(`${value}T00:00:00Z`);
  const exists = /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(day.getTime());
  return exists && day.toISOString().startsWith(value) ? undefined : 'must be a date that exists, as YYYY-MM-DD';
});

/** Text judged by a function that says what is wrong with it. */
function checkedText(faultOf: (value: string) => string | undefined): z.ZodString {
  return z.string().check((context) => {
    const message = faultOf(context.value);
    if (message !== undefined) context.issues.push({ code: 'custom', message, input: context.value });
  });
}

function timezoneFault(value: string): string | undefined {
  const message = 'must be an IANA time zone such as America/New_York or UTC';
  // An abbreviation is another zone to each who reads it: IST is India, Ireland and Israel.
  if (/^[A-Z]{2,4}$/.test(value) && value !== 'UTC' && value !== 'GMT') return message;
  // Postgres reads a bare offset with the opposite sign, so only names are let through.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(value)) return message;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value }).format(0);
    return undefined;
  } catch {
    return message;
  }
}

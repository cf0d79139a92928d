import { InvalidArgumentError } from 'commander';
import { parseInstant, parsePlainDate } from '../core/dates.ts';
import type { PlainDate } from '../core/row.ts';

/** A date is a day of the company's calendar: which moment it means is known with the time zone. */
export type AskedTime =
  | { readonly kind: 'instant'; readonly at: string }
  | { readonly kind: 'date'; readonly date: string };

// Texts of a command line → values; what is none is wrong usage (64), with the way to write it.

export function parseId(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('an id is a positive whole number.');
  return Number(text);
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is a number up to 65535.');
  return port;
}

export function parseAskedTime(text: string): AskedTime {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? parsePlainDate(text) : undefined;
  if (date !== undefined) return { kind: 'date', date };
  // An epoch, which `parseInstant` takes too, is easily one digit short and a day of another decade.
  // An epoch, which `parseInstant` takes too, is easily one digit short and a day of another decade. ` UTC` is how we write a moment ourselves.
  const at = text.includes('-') ? parseInstant(text.replace(/ UTC$/, 'Z')) : undefined;
  if (at !== undefined) return { kind: 'instant', at };
  throw new InvalidArgumentError('write it like 2026-11-21, or with a zone 2026-11-21T09:00:00Z; years 0001 to 9999.');
}

export function parseDay(text: string): PlainDate {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? parsePlainDate(text) : undefined;
  if (day !== undefined) return day;
  throw new InvalidArgumentError('write it like 2026-11-21, a day that is in the calendar.');
}

export function parseAskedUrl(text: string): string {
  if (URL.parse(text)?.protocol === 'http:') return text;
  throw new InvalidArgumentError('the worker speaks plain http: write it like http://127.0.0.1:8080/livez.');
}

export function parseReason(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('say why in a few words.');
  return text.trim();
}

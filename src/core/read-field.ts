import { parseInstant, parsePlainDate } from './dates.ts';
import { parseEmail } from './email.ts';
import type { Flag, Instant, PlainDate } from './row.ts';
import { cleanText, KEY_MAX } from './text.ts';

/** More addresses than any person has; the rest is dropped and flagged `text_cut`. */
const ALIASES_MAX = 200;

// Each reads one field of a vendor row and notes in `flags` what it had to do to it.

export function readText(value: unknown, flags: Set<Flag>): string | undefined {
  const cleaned = cleanText(value);
  for (const flag of cleaned.flags) flags.add(flag);
  return cleaned.text;
}

/** A cut key would be another one, and could be somebody else's: it is none. */
export function readKey(value: unknown, flags: Set<Flag>): string | undefined {
  const cleaned = cleanText(value);
  for (const flag of cleaned.flags) flags.add(flag);
  if (cleaned.text === undefined || cleaned.text.length <= KEY_MAX) return cleaned.text;
  flags.add('text_cut');
  return undefined;
}

/** The normal form, or the text as given with the flag `unparsable`. */
export function readAddress(value: unknown, unparsable: Flag, flags: Set<Flag>): string | undefined {
  const cleaned = cleanText(value);
  for (const flag of cleaned.flags) flags.add(flag);
  // Cut, even what still parses is another address. The missing end is no loss: it was no address of a person.
  if (cleaned.text === undefined || cleaned.flags.includes('text_cut')) {
    if (cleaned.text !== undefined) flags.add(unparsable);
    return undefined;
  }
  const email = parseEmail(cleaned.text);
  if (email === undefined) flags.add(unparsable);
  return email ?? cleaned.text;
}

export function readAliases(
  values: readonly unknown[],
  email: string | undefined,
  flags: Set<Flag>,
): readonly string[] {
  const aliases = new Set<string>();
  for (const value of values) {
    const alias = readAddress(value, 'alias_unparsable', flags);
    if (alias !== undefined && alias !== email) aliases.add(alias);
  }
  // Sorted before it is cut: the vendor's order must not decide which ones stay.
  if (aliases.size > ALIASES_MAX) flags.add('text_cut');
  return [...aliases].toSorted().slice(0, ALIASES_MAX);
}

export function readDate(value: unknown, unreadable: Flag, flags: Set<Flag>): PlainDate | undefined {
  if (isAbsent(value)) return undefined;
  const date = parsePlainDate(value);
  if (date === undefined) flags.add(unreadable);
  return date;
}

export function readInstant(value: unknown, flags: Set<Flag>): Instant | undefined {
  if (isAbsent(value)) return undefined;
  const instant = parseInstant(value);
  if (instant === undefined) flags.add('timestamp_unreadable');
  return instant;
}

/**
 * A plain date is all that a spreadsheet may know of an activity: then it was on that day, as late as it can have been. A time without a
 * zone stays unreadable: there somebody knows more, and has not said it.
 */
export function readActivity(value: unknown, flags: Set<Flag>): Instant | undefined {
  const isPlain = typeof value === 'string' && !value.includes(':');
  const day = isPlain ? parsePlainDate(value) : undefined;
  return day === undefined ? readInstant(value, flags) : `${day}T23:59:59Z`;
}

function isAbsent(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'string' && cleanText(value).text === undefined;
}

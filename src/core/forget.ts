import type { Json } from './case.ts';
import type { PlainDate, RosterRow } from './row.ts';

/** What is remembered of a forgotten row, in hashes; and the same of a row that has just been listed. */
export type Likeness = {
  readonly addresses: readonly string[];
  readonly givenName?: string | undefined;
  readonly usable: boolean;
};

/**
 * Whether a row that is listed is still the one that was forgotten, and no more than it was. Not where its id came to somebody else, by the rule
 * of `reused_account`; and not where it could not be used and now can: a person is back, or an account was switched on.
 */
export function isStillForgotten(mark: Likeness, seen: Likeness): boolean {
  if (seen.usable && !mark.usable) return false;
  const { addresses, givenName } = mark;
  if (addresses.length === 0 || seen.addresses.length === 0) return true;
  if (seen.addresses.some((address) => addresses.includes(address))) return true;
  return givenName === undefined || seen.givenName === undefined || givenName === seen.givenName;
}

/**
 * Whether a row gives access, or says that somebody works here. `today` in UTC: whoever has left by the calendar of the company has an end date that is not
 * after it, wherever the company is.
 */
export function isUsableRow(row: RosterRow, authoritative: boolean, today: PlainDate): boolean {
  if (!authoritative) return row.status === 'active' || row.status === 'unknown';
  if (row.status === 'inactive' || row.status === 'unknown') return false;
  return row.endDate === undefined || row.endDate > today;
}

export const ERASED = '[erased]';

/** What a person is found by in texts. `words` are replaced wherever they stand by themselves, `values` only where nothing else stands. */
export type Traces = { readonly words: readonly string[]; readonly values: readonly string[] };

/** A shorter id, such as `7`, is a word of many sentences. */
const WORD_MIN = 4;

/** One pass for all words, the longest first, so that a part of one does not stay behind. */
export function scrubber({ words, values }: Traces): (text: string) => string {
  const longest = [...new Set(words.filter((word) => word.length >= WORD_MIN))].toSorted((a, b) => b.length - a.length);
  const known = new Set(values.map((value) => value.toLowerCase()));
  // Not within a longer name, number or address.
  const pattern =
    longest.length === 0
      ? undefined
      : new RegExp(
          `(?<![\\p{L}\\p{N}])(?:${longest.map((word) => RegExp.escape(word)).join('|')})(?![\\p{L}\\p{N}])`,
          'giu',
        );
  return (text) => {
    if (known.has(text.toLowerCase())) return ERASED;
    return pattern === undefined ? text : text.replaceAll(pattern, ERASED);
  };
}

/** The same in every text of a value, however deep; keys are ours. */
export function scrubJson(value: Json, scrub: (text: string) => string): Json {
  if (typeof value === 'string') return scrub(value);
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map((item) => scrubJson(item, scrub));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, scrubJson(item, scrub)]));
}

/** Array.isArray does not narrow a readonly array. */
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

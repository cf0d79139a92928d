import type { Flag } from './row.ts';

/** Longer than any name, title or address that a person could use; keeps one hostile row from filling the disk. */
export const TEXT_MAX = 1_000;

/**
 * Longer than any id or address; two of them fit into one index entry of Postgres (2,704 bytes), whatever the characters: one row with a
 * longer one would otherwise stop its whole source.
 */
export const KEY_MAX = 400;

/** What vendors write instead of nothing (contract §3). Case counts: a person may be called "none". */
const SENTINELS: ReadonlySet<string> = new Set(['', 'no_guid', 'Nobody', 'None']);

const UNCLEAN = /[\p{Cc}\p{Cs}]/u;
const ALL_UNCLEAN = /[\p{Cc}\p{Cs}]/gu;
const LINE_SPACE = /[\t\n\v\f\r]+/g;

export type CleanText = { readonly text?: string | undefined; readonly flags: readonly Flag[] };

const ABSENT: CleanText = { flags: [] };
const UNREADABLE: CleanText = { flags: ['field_unreadable'] };

/**
 * One field of a vendor row as text, or absent. Ids beyond safe integers must come as text: JSON.parse has already rounded a number.
 */
export function cleanText(value: unknown): CleanText {
  if (value === undefined || value === null) return ABSENT;
  if (typeof value === 'number') return Number.isFinite(value) ? { text: String(value), flags: [] } : UNREADABLE;
  if (typeof value === 'bigint') return { text: String(value), flags: [] };
  if (typeof value !== 'string') return UNREADABLE;
  const trimmed = value.trim();
  return UNCLEAN.test(trimmed) || trimmed.length > TEXT_MAX ? cleanOddText(trimmed) : present(trimmed, []);
}

/** For comparison only, never shown and never a key: without case, marks, compatibility forms and extra spaces. */
export function foldName(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll(/\s+/g, ' ').trim();
}

/** Postgres refuses NUL and lone surrogates, and one poisoned name must not abort a run. */
function cleanOddText(trimmed: string): CleanText {
  const flags: Flag[] = [];
  const cleaned = trimmed.replaceAll(LINE_SPACE, ' ').replaceAll(ALL_UNCLEAN, '').trim();
  if (cleaned !== trimmed) flags.push('text_cleaned');
  if (cleaned.length <= TEXT_MAX) return present(cleaned, flags);
  // Cut between two halves of one character, the first half would be a lone surrogate again.
  const cut = cleaned
    .slice(0, TEXT_MAX)
    .replace(/\p{Cs}$/u, '')
    .trim();
  return present(cut, [...flags, 'text_cut']);
}

function present(text: string, flags: readonly Flag[]): CleanText {
  return SENTINELS.has(text) ? { flags } : { text, flags };
}

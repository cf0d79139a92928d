import { compareText } from './identity.ts';
import { otherGivenNames } from './nicknames.ts';
import { keysOf } from './normalise.ts';
import type { RosterRow } from './row.ts';
import { foldName } from './text.ts';

/** Of somebody with very many aliases the first ones are compared: every pair of two records is looked at. */
const ALIASES_MAX = 10;
const SEPARATORS = /[._-]+/;
/** Shorter, everybody has it. */
const TERM_MIN = 2;

export type Address = { readonly key: string; readonly local: string; readonly domain: string };
export type Traits = {
  readonly given?: string | undefined;
  readonly family?: string | undefined;
  /** Every word of the name, in a fixed order: “Doe, Jane” is “Jane Doe”. */
  readonly words: string;
  readonly addresses: readonly Address[];
};

/** All that is compared of a record, folded. Never shown. */
export function traitsOf(row: RosterRow): Traits {
  const full = [row.givenName, row.familyName].filter((part) => part !== undefined).join(' ');
  const words = wordsOf(full === '' ? (row.displayName ?? '') : full);
  return {
    given: joined(row.givenName) ?? words[0],
    family: joined(row.familyName) ?? (words.length > 1 ? words.at(-1) : undefined),
    words: words.length > 1 ? words.toSorted(compareText).join(' ') : '',
    addresses: keysOf({ ...row, aliases: row.aliases.slice(0, ALIASES_MAX) })
      .filter(({ kind }) => kind !== 'employee_id')
      .map(({ key }) => toAddress(key)),
  };
}

function wordsOf(name: string): readonly string[] {
  return foldName(name)
    .split(/[^\p{L}\p{N}'-]+/u)
    .filter((word) => word !== '');
}

function toAddress(key: string): Address {
  const [whole = '', domain = ''] = key.split('@');
  const [local = ''] = whole.split('+');
  return { key, local: foldName(local), domain };
}

/** What a search for such identities goes by: family names, and local parts without dots, dashes and `+tag`. */
export function searchTermsOf(account: RosterRow): {
  readonly families: readonly string[];
  readonly locals: readonly string[];
} {
  const { given, family, addresses } = traitsOf(account);
  const squashed = addresses.map(({ local }) => squash(local));
  const inAddress = addresses.flatMap(({ local }) => local.split(SEPARATORS));
  // j.doe@ and doej@: who has a family name in the address, with an initial before or behind it.
  const cut = squashed.flatMap((local) => [local.slice(1), local.slice(0, -1)]);
  const names = [given, family].filter((name) => name !== undefined);
  const families = [...names, ...inAddress, ...cut].filter((text) => text.length >= TERM_MIN);
  return {
    families: [...new Set(families)],
    locals: [...new Set([...squashed, ...spellingsOf(given, family), ...nickSpellings(given, family)])],
  };
}

function joined(name: string | undefined): string | undefined {
  const words = wordsOf(name ?? '');
  return words.length === 0 ? undefined : words.join(' ');
}

function spellingsOf(given: string | undefined, family: string | undefined): readonly string[] {
  const [initial = ''] = given ?? '';
  return [...spellings(given ?? '', family), ...spellings(initial, family)];
}

export function nickSpellings(given: string | undefined, family: string | undefined): readonly string[] {
  return given === undefined ? [] : otherGivenNames(given).flatMap((name) => spellings(name, family));
}

export function spellings(given: string, family: string | undefined): readonly string[] {
  if (given === '' || family === undefined) return [];
  return [squash(`${given}${family}`), squash(`${family}${given}`)];
}

/** Without what people put between the parts of a name. */
export function squash(text: string): string {
  return text.replaceAll(/[\s._'-]+/g, '');
}

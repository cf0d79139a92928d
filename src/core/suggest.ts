import type { IdentityRow } from './case.ts';
import { compareText, mergeIdentities, type Identity } from './identity.ts';
import { mayBeOneGivenName } from './nicknames.ts';
import { type Address, nickSpellings, spellings, squash, traitsOf, type Traits } from './name-traits.ts';
import type { RosterRow } from './row.ts';

/** More than a person reads. */
export const SUGGESTIONS_MAX = 3;

/** What makes two records look like one person, the strongest first. For reading only: none of these ever links (contract §4). */
const REASONS = {
  shared: { weight: 100, says: 'same e-mail or alias' },
  spelling: { weight: 90, says: 'same address but for dots or a +tag' },
  name: { weight: 80, says: 'same name' },
  local: { weight: 70, says: 'same address on another domain' },
  address: { weight: 60, says: 'name in the address' },
  nickname: { weight: 50, says: 'nickname and family name' },
  initial: { weight: 30, says: 'initial and family name' },
} as const;
type Reason = keyof typeof REASONS;

export type Suggestion = { readonly identity: Identity; readonly reasons: readonly string[] };

/** Up to three identities that the account could be of, the likeliest first, each with why. The same for the same rows in any order. */
export function suggestIdentities(account: RosterRow, people: readonly IdentityRow[]): readonly Suggestion[] {
  const known = traitsOf(account);
  const ranked = mergeIdentities(people).map((identity) => {
    const reasons = new Set(identity.rows.flatMap(({ row }) => reasonsFor(known, traitsOf(row))));
    return { identity, reasons: REASON_ORDER.filter((reason) => reasons.has(reason)) };
  });
  return ranked
    .filter(({ reasons }) => reasons.length > 0)
    .toSorted((a, b) => weightOf(b.reasons) - weightOf(a.reasons) || compareIdentities(a.identity, b.identity))
    .slice(0, SUGGESTIONS_MAX)
    .map(({ identity, reasons }) => ({ identity, reasons: reasons.map((reason) => REASONS[reason].says) }));
}

const REASON_ORDER: readonly Reason[] = ['shared', 'spelling', 'name', 'local', 'address', 'nickname', 'initial'];
/** Boxes, not people: that two companies have one says nothing. */
const BOXES: ReadonlySet<string> = new Set(
  'admin billing contact hello help hr info it mail marketing noreply office sales service support team test webmaster'.split(
    ' ',
  ),
);

function reasonsFor(account: Traits, person: Traits): readonly Reason[] {
  const found: Reason[] = [];
  for (const mine of account.addresses) for (const theirs of person.addresses) found.push(...compare(mine, theirs));
  if (account.words !== '' && account.words === person.words) found.push('name');
  if (account.family !== undefined && account.family === person.family) found.push(...byGivenName(account, person));
  found.push(...spelledIn(account, person), ...spelledIn(person, account));
  return found;
}

function compare(mine: Address, theirs: Address): readonly Reason[] {
  if (mine.key === theirs.key) return ['shared'];
  if (BOXES.has(mine.local) || mine.local === '') return [];
  if (mine.domain === theirs.domain) {
    return mine.local.replaceAll('.', '') === theirs.local.replaceAll('.', '') ? ['spelling'] : [];
  }
  return mine.local === theirs.local ? ['local'] : [];
}

function byGivenName({ given: mine }: Traits, { given: theirs }: Traits): readonly Reason[] {
  if (mine === undefined || theirs === undefined || mine === theirs) return [];
  if (mayBeOneGivenName(mine, theirs)) return ['nickname'];
  const isInitial = Math.min(mine.length, theirs.length) === 1 && mine[0] === theirs[0];
  return isInitial ? ['initial'] : [];
}

/** The name of one in the address of the other. */
function spelledIn({ given, family }: Traits, { addresses }: Traits): readonly Reason[] {
  const locals = new Set(addresses.map(({ local }) => squash(local)));
  const isIn = (spellings: readonly string[]): boolean => spellings.some((each) => locals.has(each));
  const [initial = ''] = given ?? '';
  const found: Reason[] = [];
  if (given !== undefined && given.length > 1 && isIn(spellings(given, family))) found.push('address');
  if (isIn(nickSpellings(given, family))) found.push('nickname');
  if (isIn(spellings(initial, family))) found.push('initial');
  return found;
}

function weightOf(reasons: readonly Reason[]): number {
  return reasons.reduce((sum, reason) => sum + REASONS[reason].weight, 0);
}

/** Whoever is there before whoever is gone; then as configured. */
function compareIdentities(a: Identity, b: Identity): number {
  return (
    Number(isHere(b)) - Number(isHere(a)) || rankOf(a) - rankOf(b) || compareText(a.ref.externalId, b.ref.externalId)
  );
}

function isHere({ rows }: Identity): boolean {
  return rows.some(({ present, row }) => present && row.status !== 'inactive');
}

function rankOf({ rows }: Identity): number {
  return rows[0]?.sourceRank ?? Number.MAX_SAFE_INTEGER;
}

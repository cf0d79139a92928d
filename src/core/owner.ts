import type { IdentityRow, Standing } from './case.ts';
import { isSameRef, mergeIdentities, nameOf, standingOf, type Identity } from './identity.ts';
import type { PlainDate } from './row.ts';

/**
 * How an owner as written led to a row. `named`: as `SOURCE/ID`; `id`: in the first authority that has it, or had it; `elsewhere`: the same
 * id in a later one, which counts for nothing; `beside`: by an address of a row that was found by its id.
 */
export type OwnerKey = 'named' | 'id' | 'elsewhere' | 'email' | 'alias' | 'beside';
export type OwnerHit = { readonly row: IdentityRow; readonly by: OwnerKey };

/** What the authoritative lists know of an owner; no rows: nobody that we know. */
export type Owner = {
  readonly rows: readonly IdentityRow[];
  /** What was written means these people, each read another way: then it is nobody's name. */
  readonly unclear: readonly Identity[];
  /** Somebody else has the same id in a later authority: counts for nothing, and is worth a warning. */
  readonly elsewhere?: readonly Identity[] | undefined;
};

/** Ways to read what was written, each as good as the others; an alias counts only where none of them leads to anybody. */
const READINGS = ['named', 'id', 'email'] as const;

/**
 * Whom an owner as written means. Where all of those have left, the one who has not and has the same names is the same person under another
 * row: rehired, or with another address (decisions 19 and 27).
 */
export function ownerFrom(hits: readonly OwnerHit[], today: PlainDate): Owner {
  const owner = meantBy(hits, today);
  const others = hits.filter(
    ({ by, row }) => by === 'elsewhere' && !owner.rows.some((own) => isSameRef(own.ref, row.ref)),
  );
  return { ...owner, elsewhere: mergeIdentities(distinct(others.map(({ row }) => row))) };
}

function meantBy(hits: readonly OwnerHit[], today: PlainDate): Owner {
  const counting = hits.filter(({ by }) => by !== 'elsewhere');
  const identities = mergeIdentities(distinct(counting.map(({ row }) => row)));
  const foundBy = (...keys: readonly OwnerKey[]): readonly Identity[] => {
    const refs = counting.filter(({ by }) => keys.includes(by)).map(({ row }) => row.ref);
    return identities.filter(({ rows }) => rows.some((row) => refs.some((ref) => isSameRef(ref, row.ref))));
  };
  const readings = READINGS.map((reading) => foundBy(reading)).filter((found) => found.length > 0);
  const meant = identities.filter((identity) => readings.some((found) => found.includes(identity)));
  if (meant.length === 0) return { rows: rowsOf(foundBy('alias')), unclear: [] };
  if (!readings.every((found) => readings.every((other) => found.some((each) => other.includes(each))))) {
    return { rows: [], unclear: meant };
  }
  const others = foundBy('alias', 'beside').filter((identity) => !meant.includes(identity));
  return { rows: rowsOf([...meant, ...successors(meant, others, today)]), unclear: [] };
}

/** The one of these who is still there, or may be, under the same names as people who have all left. Where there are several, nobody. */
function successors(left: readonly Identity[], others: readonly Identity[], today: PlainDate): readonly Identity[] {
  const standing = (identity: Identity): Standing => standingOf(identity.rows, today);
  if (left.some((identity) => standing(identity) !== 'left')) return [];
  const names = new Set(left.map(nameOf));
  const there = others.filter((identity) => standing(identity) !== 'left' && names.has(nameOf(identity)));
  return names.size === 1 && !names.has(undefined) && there.length === 1 ? there : [];
}

function rowsOf(identities: readonly Identity[]): readonly IdentityRow[] {
  return identities.flatMap(({ rows }) => rows);
}

function distinct(rows: readonly IdentityRow[]): readonly IdentityRow[] {
  return rows.filter((row, at) => rows.findIndex((other) => isSameRef(other.ref, row.ref)) === at);
}

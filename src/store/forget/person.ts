import type pg from 'pg';
import type { RowRef } from '../../core/case.ts';
import { parseEmail } from '../../core/email.ts';
import { OperationalError } from '../../errors.ts';
import { ambiguous } from '../operator/link-errors.ts';
import type { ActiveSource } from '../reconcile/context.ts';
import { loadSiblings } from '../reconcile/load-identities.ts';
import { keyOf, toArrays } from '../reconcile/roster-row.ts';

export type Asked = { readonly client: pg.PoolClient; readonly sources: readonly ActiveSource[] };
/** A source by its number, whether or not it is configured still. */
export type SourceNames = ReadonlyMap<number, string>;
export type Person = {
  readonly rows: readonly RowRef[];
  /** Others that have one of the addresses, and are somebody else's, or nobody knows whose. */
  readonly alike: readonly RowRef[];
};

/** A chain of links and lists that is longer is no person. */
const STEPS_MAX = 6;
const ROWS_MAX = 200;

const BY_ADDRESS = `
  select distinct a.source_id, a.external_id
    from rollcall.account_key k join rollcall.account a on a.source_id = k.source_id and a.external_id = k.external_id
   where k.key = $1 and k.kind in ('email', 'alias') order by 1, 2 limit ${ROWS_MAX}`;
const BY_ID = `
  select a.source_id, a.external_id from rollcall.account a where a.source_id = $1 and a.external_id = $2`;
const LINKED = `
  select l.source_id, l.external_id, l.identity_source_id as other_source_id, l.identity_external_id as other_external_id
    from unnest($1::int[], $2::text[]) as r (source_id, external_id)
    join rollcall.link l on (l.source_id, l.external_id) = (r.source_id, r.external_id)
                         or (l.identity_source_id, l.identity_external_id) = (r.source_id, r.external_id)
   where l.rule <> 'denied'`;
const ALIKE = `
  select distinct o.source_id, o.external_id
    from unnest($1::int[], $2::text[]) as r (source_id, external_id)
    join rollcall.account_key k on k.source_id = r.source_id and k.external_id = r.external_id and k.kind in ('email', 'alias')
    join rollcall.account_key o on o.key = k.key and o.kind in ('email', 'alias')
   order by 1, 2 limit ${ROWS_MAX}`;

/** All rows of whoever is named: the row or those with the address, whom they are linked to, and the other accounts of that identity. */
export async function findPerson(asked: Asked, named: string, names: SourceNames): Promise<Person> {
  const start = await findNamed(asked.client, named, names);
  const groups = await groupsOf(asked, start);
  const describe = (ref: RowRef): string => `${names.get(ref.sourceId) ?? '?'}/${ref.externalId}`;
  const [first, ...others] = groups;
  if (first === undefined) throw unknownPerson(named, names);
  if (others.length > 0 && !areOne(groups, asked.sources)) {
    const choices = groups.map((group) => describe(headOf(group, asked.sources)));
    throw ambiguous(named, choices, 'Say which one as SOURCE/ID; nothing was removed.');
  }
  const rows = groups.flat();
  const own = new Set(rows.map(keyOf));
  const alike = (await select(asked.client, ALIKE, toArrays(rows))).filter((ref) => !own.has(keyOf(ref)));
  return { rows, alike };
}

async function findNamed(client: pg.PoolClient, named: string, names: SourceNames): Promise<readonly RowRef[]> {
  const at = named.indexOf('/');
  const source = [...names].find(([, name]) => at > 0 && name === named.slice(0, at))?.[0];
  const email = parseEmail(named);
  if (source !== undefined) return await select(client, BY_ID, [source, named.slice(at + 1)]);
  if (email !== undefined) return await select(client, BY_ADDRESS, [email]);
  throw new OperationalError(
    'usage',
    `"${named}" is neither an e-mail nor SOURCE/ID: known sources are ${[...names.values()].join(', ')}`,
  );
}

/** Rows that belong together by what is known, each group once. */
async function groupsOf(asked: Asked, start: readonly RowRef[]): Promise<readonly (readonly RowRef[])[]> {
  const groups: (readonly RowRef[])[] = [];
  for (const ref of start) {
    if (groups.some((group) => group.some((row) => keyOf(row) === keyOf(ref)))) continue;
    groups.push(await closureOf(asked, ref));
  }
  return groups;
}

async function closureOf(asked: Asked, ref: RowRef): Promise<readonly RowRef[]> {
  const found = new Map([[keyOf(ref), ref]]);
  let fresh: readonly RowRef[] = [ref];
  for (let step = 0; step < STEPS_MAX && fresh.length > 0; step += 1) {
    const { rows } = await asked.client.query<LinkRow>(LINKED, [...toArrays(fresh)]);
    const linked = rows.flatMap((row) => [
      { sourceId: row.source_id, externalId: row.external_id },
      { sourceId: row.other_source_id, externalId: row.other_external_id },
    ]);
    const siblings = [...(await loadSiblings(asked, fresh)).values()].flat();
    fresh = [...linked, ...siblings].filter((row) => !found.has(keyOf(row)));
    for (const row of fresh) found.set(keyOf(row), row);
  }
  return [...found.values()];
}

/**
 * Groups with one address and no link between them are one person where that cannot be two: at most one of them is an identity, and no
 * source has rows in two of them.
 */
function areOne(groups: readonly (readonly RowRef[])[], sources: readonly ActiveSource[]): boolean {
  const authorities = new Set(sources.filter(({ authoritative }) => authoritative).map(({ id }) => id));
  const identities = groups.filter((group) => group.some(({ sourceId }) => authorities.has(sourceId)));
  const seen = groups.flatMap((group) => [...new Set(group.map(({ sourceId }) => sourceId))]);
  return identities.length === 0 && new Set(seen).size === seen.length;
}

function headOf(group: readonly RowRef[], sources: readonly ActiveSource[]): RowRef {
  const authority = (ref: RowRef): boolean =>
    sources.some(({ id, authoritative }) => authoritative && id === ref.sourceId);
  const head = group.find(authority) ?? group[0];
  if (head === undefined) throw new Error('a group without a row');
  return head;
}

type LinkRow = {
  readonly source_id: number;
  readonly external_id: string;
  readonly other_source_id: number;
  readonly other_external_id: string;
};

async function select(client: pg.PoolClient, query: string, values: readonly unknown[]): Promise<readonly RowRef[]> {
  const { rows } = await client.query<{ source_id: number; external_id: string }>(query, [...values]);
  return rows.map((row) => ({ sourceId: row.source_id, externalId: row.external_id }));
}

function unknownPerson(named: string, names: SourceNames): OperationalError {
  return new OperationalError(
    'not-found',
    `no row of ${[...names.values()].join(', ')} is "${named}", now or before: there is nothing to forget`,
  );
}

import type pg from 'pg';
import type { RowRef } from '../../core/case.ts';
import { parseEmail } from '../../core/email.ts';
import { isSameRef } from '../../core/identity.ts';
import { type ActiveSource, authorityIds } from '../reconcile/context.ts';
import { loadSiblings } from '../reconcile/load-identities.ts';
import { keyOf } from '../reconcile/roster-row.ts';
import { ambiguous, gone, unknownAccount, unknownIdentity } from './link-errors.ts';

/** The configured sources, and a connection in a transaction. */
export type Asked = { readonly client: pg.PoolClient; readonly sources: readonly ActiveSource[] };

type Found = { readonly ref: RowRef; readonly present: boolean };

// By the vendor's own id, else by e-mail, else by an alias: the first that names any row counts. `account_key` holds only what parses.
// `$1` sources, `$2` as typed, `$3` as an address.
const FIND = `
  with named as (
    select source_id, external_id, 1 as strength from rollcall.account
     where source_id = any ($1::int[]) and external_id = $2
     union all
    select source_id, external_id, case when kind = 'email' then 2 else 3 end from rollcall.account_key
     where source_id = any ($1::int[]) and key = $3 and kind in ('email', 'alias'))
  select distinct a.source_id, a.external_id, a.gone_at is null as present
    from named n
    join rollcall.account a on a.source_id = n.source_id and a.external_id = n.external_id
   where n.strength = (select min(strength) from named)
   order by present desc, a.source_id, a.external_id limit 200`;

/** The account of this source that an id or an e-mail names; one that is gone is none. */
export async function findAccount(asked: Asked, source: ActiveSource, named: string): Promise<RowRef> {
  const found = await find(asked, [source.id], named);
  const present = found.filter((row) => row.present);
  const [first, ...others] = present;
  if (first === undefined) throw found.length > 0 ? gone(named, source.name) : unknownAccount(named, source.name);
  if (others.length > 0) {
    const choices = present.map(({ ref }) => ref.externalId);
    throw ambiguous(named, choices, 'Name the account by its id.');
  }
  return first.ref;
}

/**
 * The identity that an id or an e-mail names among the authoritative sources, or `SOURCE/ID` in one of them. Somebody who has left is an
 * identity too, but counts only where nobody present has the same address. Rows of several sources that are one person are no doubt: the one whose source is configured
 * first names it.
 */
export async function findIdentity(asked: Asked, account: RowRef, named: string): Promise<RowRef> {
  const rows = await findIdentityRows(asked, account, named);
  const present = rows.filter((row) => row.present);
  const refs = (present.length > 0 ? present : rows).map(({ ref }) => ref).toSorted(byRank(asked.sources));
  const [first, ...others] = refs;
  if (first === undefined) throw unknownIdentity(named);
  if (others.length === 0) return first;
  const person = await personOf(asked, first);
  if (others.every((other) => person.some((ref) => isSameRef(ref, other)))) return first;
  throw ambiguous(named, refs.map(describeIn(asked.sources)), 'Say which one as SOURCE/ID.');
}

/** Other sources first: a row of an authority that is audited has the address of its person itself. */
async function findIdentityRows(asked: Asked, account: RowRef, named: string): Promise<readonly Found[]> {
  const authorities = authorityIds(asked);
  const others = await find(
    asked,
    authorities.filter((id) => id !== account.sourceId),
    named,
  );
  if (others.length > 0) return others;
  const own = await find(
    asked,
    authorities.filter((id) => id === account.sourceId),
    named,
  );
  return own.length > 0 ? own : await findInSource(asked, named);
}

/** This row and the rows of other authoritative sources that are the same person. */
export async function personOf(asked: Asked, ref: RowRef): Promise<readonly RowRef[]> {
  const siblings = await loadSiblings(asked, [ref]);
  return [ref, ...(siblings.get(keyOf(ref)) ?? [])];
}

async function findInSource(asked: Asked, named: string): Promise<readonly Found[]> {
  const at = named.indexOf('/');
  const source = asked.sources.find(({ name, authoritative }) => authoritative && name === named.slice(0, at));
  return source === undefined ? [] : await find(asked, [source.id], named.slice(at + 1));
}

async function find({ client }: Asked, sources: readonly number[], named: string): Promise<readonly Found[]> {
  const { rows } = await client.query<{ source_id: number; external_id: string; present: boolean }>(FIND, [
    sources,
    named,
    parseEmail(named) ?? null,
  ]);
  return rows.map((row) => ({
    ref: { sourceId: row.source_id, externalId: row.external_id },
    present: row.present,
  }));
}

function byRank(sources: readonly ActiveSource[]): (a: RowRef, b: RowRef) => number {
  const rankOf = (ref: RowRef): number => sources.findIndex(({ id }) => id === ref.sourceId);
  return (a, b) => rankOf(a) - rankOf(b);
}

function describeIn(sources: readonly ActiveSource[]): (ref: RowRef) => string {
  return (ref) => `${sources.find(({ id }) => id === ref.sourceId)?.name ?? '?'}/${ref.externalId}`;
}

import type { RowRef } from '../../core/case.ts';
import { parseEmail } from '../../core/email.ts';
import { type Owner, ownerFrom, type OwnerHit, type OwnerKey } from '../../core/owner.ts';
import type { PlainDate } from '../../core/row.ts';
import { authorityIds, type ReconcileContext } from './context.ts';
import { loadIdentityRows, loadSiblings } from './load-identities.ts';
import { keyOf } from './roster-row.ts';

/** Rows of one owner by one key at most, present ones first: an alias may be shared by hundreds, and one who is current is enough. */
const ROWS_MAX = 50;

// Every way in which what was written leads to a row; `ownerFrom` decides what they say together. Gone rows are found too: they are what says
// that an owner has left. `account_key` holds only what parses, and no NULL. `$1` owners as written, `$2` their addresses, `$3` and `$4` what
// stands before and after the first slash, `$5` authorities in the order of the configuration.
const OWNERS = `
  with asked as (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as o (owner, email, source, id)),
  by_id as (
    select o.owner, a.source_id, a.external_id, 'named' as by
      from asked o
      join rollcall.source s on s.name = o.source and s.id = any ($5::int[])
      join rollcall.account a on a.source_id = s.id and a.external_id = o.id
     union all
    select o.owner, a.source_id, a.external_id,
           case when array_position($5::int[], a.source_id)
                     = min(array_position($5::int[], a.source_id)) over (partition by o.owner) then 'id' else 'elsewhere' end
      from asked o
      join rollcall.account a on a.external_id = o.owner and a.source_id = any ($5::int[])),
  found as (
    select * from by_id
     union
    select o.owner, k.source_id, k.external_id, k.kind
      from asked o
      join rollcall.account_key k
        on k.key = o.email and k.kind in ('email', 'alias') and k.source_id = any ($5::int[])
     union
    select b.owner, k.source_id, k.external_id, 'beside'
      from by_id b
      join rollcall.account_key e
        on e.source_id = b.source_id and e.external_id = b.external_id and e.kind = 'email' and b.by <> 'elsewhere'
      join rollcall.account_key k
        on k.key = e.key and k.kind in ('email', 'alias') and k.source_id = any ($5::int[])),
  ranked as (
    select f.owner, f.source_id, f.external_id, f.by,
           row_number() over (
             partition by f.owner, f.by
             order by a.gone_at nulls first, a.status = 'inactive', f.source_id, f.external_id) as place
      from found f
      join rollcall.account a on a.source_id = f.source_id and a.external_id = f.external_id)
  select owner, source_id, external_id, by from ranked where place <= ${ROWS_MAX} order by owner, by, place`;

type HitRecord = {
  readonly owner: string;
  readonly source_id: number;
  readonly external_id: string;
  readonly by: OwnerKey;
};

/** Whom each of these e-mails, ids or `SOURCE/ID`s names. */
export async function loadOwners(
  context: ReconcileContext,
  owners: readonly string[],
  today: PlainDate,
): Promise<ReadonlyMap<string, Owner>> {
  const hits = await loadOwnerHits(context, owners);
  return new Map([...hits].map(([owner, found]) => [owner, ownerFrom(found, today)]));
}

/** The rows that each of these leads to, with the rows of other authorities that are the same person. */
export async function loadOwnerHits(
  context: ReconcileContext,
  owners: readonly string[],
): Promise<ReadonlyMap<string, readonly OwnerHit[]>> {
  const asked = [...new Set(owners)];
  if (asked.length === 0) return new Map();
  const places = asked.map((owner) => placeOf(owner));
  const { rows } = await context.client.query<HitRecord>(OWNERS, [
    asked,
    asked.map((owner) => parseEmail(owner) ?? null),
    places.map((place) => place?.source ?? null),
    places.map((place) => place?.id ?? null),
    authorityIds(context),
  ]);
  const refs = rows.map(refOf);
  const siblings = await loadSiblings(context, refs);
  const identities = await loadIdentityRows(context, [...refs, ...[...siblings.values()].flat()]);
  const found = new Map<string, OwnerHit[]>();
  for (const record of rows) {
    const ref = refOf(record);
    const others = siblings.get(keyOf(ref)) ?? [];
    const hits = [ref, ...others].flatMap((each) => identities.get(keyOf(each)) ?? []);
    const alone = others.length === 0;
    const ofOwner = found.get(record.owner) ?? [];
    ofOwner.push(...hits.map((row) => ({ row: { ...row, alone }, by: record.by })));
    found.set(record.owner, ofOwner);
  }
  return found;
}

/** `SOURCE/ID`: no name of a source has a slash. */
function placeOf(owner: string): { readonly source: string; readonly id: string } | undefined {
  const at = owner.indexOf('/');
  return at < 1 ? undefined : { source: owner.slice(0, at), id: owner.slice(at + 1) };
}

function refOf(record: HitRecord): RowRef {
  return { sourceId: record.source_id, externalId: record.external_id };
}

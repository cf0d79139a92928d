import type { IdentityRow, RowRef } from '../../core/case.ts';
import { parseEmail } from '../../core/email.ts';
import { authorityIds, type ReconcileContext } from './context.ts';
import { loadIdentityRows, loadSiblings } from './load-identities.ts';
import { keyOf } from './roster-row.ts';

/** Rows of one owner at most, present ones first: an alias may be shared by hundreds, and one who is current is enough. */
const ROWS_MAX = 50;

// Id and address count the same, an alias only where neither is known. Gone rows are found too: they are what says that an owner
// has left. `account_key` holds only what parses, and no NULL. `$1` owners as written, `$2` their addresses, `$3` authorities.
const OWNERS = `
  with asked as (select owner, email from unnest($1::text[], $2::text[]) as o (owner, email)),
  found as (
    select o.owner, a.source_id, a.external_id, 1 as strength
      from asked o
      join rollcall.account a on a.external_id = o.owner and a.source_id = any ($3::int[])
     union
    select o.owner, k.source_id, k.external_id, case when k.kind = 'email' then 1 else 2 end
      from asked o
      join rollcall.account_key k
        on k.key = o.email and k.kind in ('email', 'alias') and k.source_id = any ($3::int[])),
  ranked as (
    select f.owner, f.source_id, f.external_id, f.strength,
           min(f.strength) over (partition by f.owner) as strongest,
           row_number() over (
             partition by f.owner
             order by f.strength, a.gone_at nulls first, a.status = 'inactive', f.source_id, f.external_id) as place
      from found f
      join rollcall.account a on a.source_id = f.source_id and a.external_id = f.external_id)
  select owner, source_id, external_id from ranked
   where strength = strongest and place <= ${ROWS_MAX}
   order by owner, place`;

/** The identity rows that each of these e-mails or ids names, with the rows of other authorities that are the same person. */
export async function loadOwners(
  context: ReconcileContext,
  owners: readonly string[],
): Promise<ReadonlyMap<string, readonly IdentityRow[]>> {
  const asked = [...new Set(owners)];
  if (asked.length === 0) return new Map();
  const { rows } = await context.client.query<{ owner: string; source_id: number; external_id: string }>(OWNERS, [
    asked,
    asked.map((owner) => parseEmail(owner) ?? null),
    authorityIds(context),
  ]);
  const direct = rows.map((row) => ({
    owner: row.owner,
    ref: { sourceId: row.source_id, externalId: row.external_id },
  }));
  const refs = direct.map((each) => each.ref);
  const siblings = await loadSiblings(context, refs);
  const identities = await loadIdentityRows(context, [...refs, ...[...siblings.values()].flat()]);
  const found = new Map<string, Map<string, IdentityRow>>();
  for (const { owner, ref } of direct) {
    const ofOwner = found.get(owner) ?? new Map<string, IdentityRow>();
    for (const each of [ref, ...(siblings.get(keyOf(ref)) ?? [])]) addRow(ofOwner, each, identities);
    found.set(owner, ofOwner);
  }
  return new Map([...found].map(([owner, ofOwner]) => [owner, [...ofOwner.values()]]));
}

function addRow(to: Map<string, IdentityRow>, ref: RowRef, identities: ReadonlyMap<string, IdentityRow>): void {
  const key = keyOf(ref);
  const row = identities.get(key);
  if (row !== undefined) to.set(key, row);
}

import type { IdentityRow, LeftBy, RowRef } from '../../core/case.ts';
import { authorityIds, type ReconcileContext } from './context.ts';
import { loadReused, type Marks } from './load-reuse.ts';
import { JOIN_VERSION, keyOf, ROW_COLUMNS, type RowRecord, toArrays, toRosterRow } from './roster-row.ts';

type IdentityRecord = RowRecord & Marks & { readonly left_on: string | null; readonly left_by: LeftBy | null };

/** Rows of authoritative sources by `keyOf`; a reference to a source that is no authority (any more) has no row. */
export async function loadIdentityRows(
  context: ReconcileContext,
  refs: readonly RowRef[],
): Promise<ReadonlyMap<string, IdentityRow>> {
  const found = new Map<string, IdentityRow>();
  if (refs.length === 0) return found;
  const { rows } = await context.client.query<IdentityRecord>(
    `select ${ROW_COLUMNS}, a.left_on, a.left_by, a.reuse_before_run, a.moved_from
       from (select distinct * from unnest($1::int[], $2::text[]) as u (source_id, external_id)) r
       join rollcall.account a on a.source_id = r.source_id and a.external_id = r.external_id ${JOIN_VERSION}
      where a.source_id = any ($3::int[])`,
    [...toArrays(refs), authorityIds(context)],
  );
  const reused = await loadReused(context, rows);
  const sources = new Map(context.sources.map((source) => [source.id, source]));
  for (const record of rows) {
    const source = sources.get(record.source_id);
    if (source === undefined) continue;
    const ref = { sourceId: record.source_id, externalId: record.external_id };
    found.set(keyOf(ref), {
      ref,
      sourceName: source.name,
      sourceRank: source.rank,
      row: toRosterRow(record),
      present: record.present,
      leftOn: record.left_on ?? undefined,
      leftBy: record.left_by ?? undefined,
      reused: reused.has(keyOf(ref)) ? true : undefined,
    });
  }
  return found;
}

// Rows of different authorities with one address are one person, unless any of these sources has two rows with it (contract §4):
// then each row stays alone, and none has siblings.
const SIBLINGS = `
  select r.source_id, r.external_id, o.source_id as other_source_id, o.external_id as other_external_id
    from (select distinct * from unnest($1::int[], $2::text[]) as u (source_id, external_id)) r
    join rollcall.account_key e on e.source_id = r.source_id and e.external_id = r.external_id and e.kind = 'email'
    join rollcall.account_key o
      on o.key = e.key and o.kind = 'email' and o.source_id = any ($3::int[]) and o.source_id <> e.source_id
   where not exists (
         select from rollcall.account_key t
          where t.key = e.key and t.kind = 'email' and t.source_id = any ($3::int[])
          group by t.source_id having count(*) > 1)
   order by o.source_id, o.external_id`;

/** For each row the rows of other authorities that are the same person, by `keyOf`. */
export async function loadSiblings(
  context: Pick<ReconcileContext, 'client' | 'sources'>,
  refs: readonly RowRef[],
): Promise<ReadonlyMap<string, readonly RowRef[]>> {
  const found = new Map<string, RowRef[]>();
  const authorities = authorityIds(context);
  if (refs.length === 0 || authorities.length < 2) return found;
  const { rows } = await context.client.query<{
    source_id: number;
    external_id: string;
    other_source_id: number;
    other_external_id: string;
  }>(SIBLINGS, [...toArrays(refs), authorities]);
  for (const row of rows) {
    const key = keyOf({ sourceId: row.source_id, externalId: row.external_id });
    const siblings = found.get(key) ?? [];
    siblings.push({ sourceId: row.other_source_id, externalId: row.other_external_id });
    found.set(key, siblings);
  }
  return found;
}

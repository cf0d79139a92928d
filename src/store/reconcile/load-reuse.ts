import type { AccountCase, Known, RowRef } from '../../core/case.ts';
import { isReused } from '../../core/reuse.ts';
import type { RosterRow } from '../../core/row.ts';
import type { ReconcileContext } from './context.ts';
import { loadFindings } from './load-findings.ts';
import { JOIN_VERSION, keyOf, ROW_COLUMNS, type RowRecord, toArrays, toRosterRow } from './roster-row.ts';

export type Reuse = Pick<AccountCase, 'reuse' | 'movedFrom'>;

/** What intake has noticed of a row (intake-reuse.ts). */
export type Marks = { readonly reuse_before_run: number | null; readonly moved_from: string | null };

// The columns of a row are taken from `v`: here the version that the mark names instead of the current one.
const BEFORE = `
  select ${ROW_COLUMNS}
    from unnest($1::int[], $2::text[]) as r (source_id, external_id)
    join rollcall.account a on a.source_id = r.source_id and a.external_id = r.external_id
    join rollcall.account_version v
      on v.source_id = a.source_id and v.external_id = a.external_id and v.from_run = a.reuse_before_run`;

const MOVED_FROM = `
  select ${ROW_COLUMNS}, r.external_id as mover,
         exists (select from rollcall.account_key k
                   join rollcall.former_key f
                     on f.source_id = k.source_id and f.external_id = a.external_id and f.kind = 'email' and f.key = k.key
                  where k.source_id = r.source_id and k.external_id = r.external_id and k.kind = 'email') as had_email
    from unnest($1::int[], $2::text[]) as r (source_id, external_id)
    join rollcall.account m on m.source_id = r.source_id and m.external_id = r.external_id
    join rollcall.account a on a.source_id = m.source_id and a.external_id = m.moved_from ${JOIN_VERSION}`;

/** Of marked rows alone, by `keyOf`: what they were before, and whose address they have. Few rows: no other is asked for. */
export async function loadReuse(
  { client }: Pick<ReconcileContext, 'client'>,
  marked: ReadonlyMap<string, { readonly ref: RowRef; readonly marks: Marks }>,
): Promise<ReadonlyMap<string, Reuse>> {
  const found = new Map<string, Reuse>();
  if (marked.size === 0) return found;
  const refs = toArrays([...marked.values()].map(({ ref }) => ref));
  const befores = await client.query<RowRecord>(BEFORE, [...refs]);
  const moves = await client.query<RowRecord & { readonly mover: string; readonly had_email: boolean }>(MOVED_FROM, [
    ...refs,
  ]);
  const before = new Map<string, RosterRow>(befores.rows.map((row) => [keyOf(refOf(row)), toRosterRow(row)]));
  const moved = new Map(
    moves.rows.map((row) => [
      keyOf({ sourceId: row.source_id, externalId: row.mover }),
      { row: toRosterRow(row), present: row.present, hadEmail: row.had_email },
    ]),
  );
  for (const [key, { marks }] of marked) {
    const reuse = marks.reuse_before_run === null ? undefined : { before: before.get(key) };
    // A row that is not kept any more is as good as gone.
    const from = marks.moved_from === null ? undefined : (moved.get(key) ?? { present: false, hadEmail: false });
    found.set(key, { reuse, movedFrom: from });
  }
  return found;
}

/** Identity rows of which it is in doubt whose they are, by `keyOf`: the same judgement as that of the rows themselves. */
export async function loadReused(
  context: ReconcileContext,
  rows: readonly (RowRecord & Marks)[],
): Promise<ReadonlySet<string>> {
  const marked =
    context.ignoresReuse === true ? [] : rows.filter((row) => row.reuse_before_run !== null && row.present);
  if (marked.length === 0) return new Set();
  const reuses = await loadReuse(context, markedOf(marked));
  const findings = await loadFindings(context, 'account', marked.map(refOf));
  const isInDoubt = (row: RowRecord): boolean => {
    const key = keyOf(refOf(row));
    const known: readonly Known[] = findings.get(key) ?? [];
    return isReused({ row: toRosterRow(row), reuse: reuses.get(key)?.reuse, findings: known });
  };
  return new Set(marked.filter(isInDoubt).map((row) => keyOf(refOf(row))));
}

export function markedOf(
  rows: readonly (RowRecord & Marks)[],
): ReadonlyMap<string, { readonly ref: RowRef; readonly marks: Marks }> {
  const marked = rows.filter((row) => row.reuse_before_run !== null || row.moved_from !== null);
  return new Map(marked.map((row) => [keyOf(refOf(row)), { ref: refOf(row), marks: row }]));
}

function refOf(row: RowRecord): RowRef {
  return { sourceId: row.source_id, externalId: row.external_id };
}

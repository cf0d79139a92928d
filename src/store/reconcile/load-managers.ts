import type { IdentityRow, ManagerRow, RowRef } from '../../core/case.ts';
import type { RosterRow } from '../../core/row.ts';
import { judgedIds, type ReconcileContext } from './context.ts';
import { loadIdentityRows, loadSiblings } from './load-identities.ts';
import { loadCandidates, loadLinks } from './load-links.ts';
import { keyOf } from './roster-row.ts';

/** A row as it is loaded, with what tells a gone one from a present one. */
export type Loaded = { readonly ref: RowRef; readonly row: RosterRow; readonly present: boolean };

/** The row that this one names as its manager: an id of the same source. */
export function managerRefOf({ ref, row }: Pick<Loaded, 'ref' | 'row'>): RowRef | undefined {
  return row.managerId === undefined ? undefined : { sourceId: ref.sourceId, externalId: row.managerId };
}

/** Managers of accounts, by `keyOf` of their own rows: whom those are linked to, or could be. */
export async function loadAccountManagers(
  context: ReconcileContext,
  managers: readonly Loaded[],
): Promise<ReadonlyMap<string, ManagerRow>> {
  if (managers.length === 0) return new Map();
  const refs = managers.map((each) => each.ref);
  const links = await loadLinks(context, refs);
  const unlinked = refs.filter((ref) => links.get(keyOf(ref))?.link === undefined);
  const candidates = await loadCandidates(context, unlinked, judgedIds(context));
  const ofManager = (ref: RowRef): { readonly linked: readonly RowRef[]; readonly candidates: readonly RowRef[] } => {
    const { link, denied = [] } = links.get(keyOf(ref)) ?? {};
    const isDenied = (other: RowRef): boolean => denied.some((each) => keyOf(each) === keyOf(other));
    const found = (candidates.get(keyOf(ref)) ?? []).map((each) => each.ref).filter((each) => !isDenied(each));
    return { linked: link === undefined ? [] : [link.identity], candidates: found };
  };
  const rowsOf = await loadPeople(
    context,
    refs.flatMap((ref) => Object.values(ofManager(ref)).flat()),
  );
  return new Map(
    managers.map((manager) => {
      const found = ofManager(manager.ref);
      return [
        keyOf(manager.ref),
        { ...manager, linked: found.linked.flatMap(rowsOf), candidates: found.candidates.flatMap(rowsOf) },
      ];
    }),
  );
}

/** Managers that identity rows name, by `keyOf` of the row that names them; one who was never seen is not there. */
export async function loadIdentityManagers(
  context: ReconcileContext,
  identities: readonly IdentityRow[],
): Promise<ReadonlyMap<string, readonly IdentityRow[]>> {
  const named = identities.flatMap((each) => {
    const manager = managerRefOf(each);
    return manager === undefined ? [] : [{ key: keyOf(each.ref), manager }];
  });
  if (named.length === 0) return new Map();
  const rowsOf = await loadPeople(
    context,
    named.map((each) => each.manager),
  );
  return new Map(named.map(({ key, manager }) => [key, rowsOf(manager)]));
}

/** The identity rows of these references, each with the rows of other authorities that are the same person. */
async function loadPeople(
  context: ReconcileContext,
  refs: readonly RowRef[],
): Promise<(ref: RowRef) => readonly IdentityRow[]> {
  const siblings = await loadSiblings(context, refs);
  const identities = await loadIdentityRows(context, [...refs, ...[...siblings.values()].flat()]);
  return (ref) => {
    const self = identities.get(keyOf(ref));
    if (self === undefined) return [];
    return [self, ...(siblings.get(keyOf(ref)) ?? []).flatMap((each) => identities.get(keyOf(each)) ?? [])];
  };
}

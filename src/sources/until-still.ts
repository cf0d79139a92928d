import type { RosterRow } from '../core/row.ts';
import type { PagesEnd } from './pages.ts';

/** A company that hires and fires while it is read is read again; one that never stops is not complete. */
const PASSES_MAX = 3;

/** `onPages`: distinct ids of the last pass, where there were several; `neverStill`: rows moved in each of them. */
export type StillEnd = PagesEnd & { readonly onPages?: number | undefined; readonly neverStill?: boolean | undefined };

/**
 * Rows move while pages are read, and one may slip from page to page past all of them. Totals that change tell of it, and rows that come
 * twice: then all are read once more, until nothing moves or the same rows come twice again. What an earlier pass has shown stays, as it was seen.
 */
export async function* readUntilStill(
  readOnce: () => AsyncGenerator<readonly RosterRow[], PagesEnd, undefined>,
): AsyncGenerator<readonly RosterRow[], StillEnd, undefined> {
  let sum = { pages: 0, rowsSeen: 0 };
  let before: Ids | undefined;
  for (let pass = 1; ; pass += 1) {
    const ids = new Map<string, number>();
    const end: PagesEnd = yield* noting(ids, readOnce());
    sum = { pages: sum.pages + end.pages, rowsSeen: sum.rowsSeen + end.rowsSeen };
    const isMoving = end.outcome.kind === 'ended' && hasMoved(end, ids, before);
    if (!isMoving || pass === PASSES_MAX) {
      return { ...end, ...sum, ...(pass > 1 ? { onPages: ids.size } : {}), ...(isMoving ? { neverStill: true } : {}) };
    }
    before = ids;
  }
}

/** Each id, and how often it came. */
type Ids = ReadonlyMap<string, number>;

function hasMoved(end: PagesEnd, ids: Ids, before: Ids | undefined): boolean {
  if (end.declaredTotal === 'disagree') return true;
  if (end.begunAgain === true || ![...ids.values()].some((times) => times > 1)) return false;
  return before === undefined || before.size !== ids.size || [...ids.keys()].some((id) => !before.has(id));
}

async function* noting(
  ids: Map<string, number>,
  list: AsyncGenerator<readonly RosterRow[], PagesEnd, undefined>,
): AsyncGenerator<readonly RosterRow[], PagesEnd, undefined> {
  for (;;) {
    const step = await list.next();
    if (step.done === true) return step.value;
    for (const { externalId } of step.value) ids.set(externalId, (ids.get(externalId) ?? 0) + 1);
    yield step.value;
  }
}

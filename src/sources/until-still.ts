import type { RosterRow } from '../core/row.ts';
import type { PagesEnd } from './pages.ts';

/** A company that hires and fires while it is read is read again; one that never stops is not complete. */
const PASSES_MAX = 3;

/** `onPages`: distinct ids of the last pass, where there were several. */
export type StillEnd = PagesEnd & { readonly onPages?: number | undefined };

/**
 * Rows come and go while pages are read, and one may slip from page to page past all of them. The totals that the pages declare tell of it:
 * then all are read once more. What an earlier pass has shown stays, as it was seen.
 */
export async function* readUntilStill(
  readOnce: () => AsyncGenerator<readonly RosterRow[], PagesEnd, undefined>,
): AsyncGenerator<readonly RosterRow[], StillEnd, undefined> {
  let before = { pages: 0, rowsSeen: 0 };
  for (let pass = 1; ; pass += 1) {
    const ids = new Set<string>();
    const end: PagesEnd = yield* pass === 1 ? readOnce() : noting(ids, readOnce());
    before = { pages: before.pages + end.pages, rowsSeen: before.rowsSeen + end.rowsSeen };
    const isMoving = end.outcome.kind === 'ended' && end.declaredTotal === 'disagree';
    if (!isMoving || pass === PASSES_MAX) return { ...end, ...before, ...(pass > 1 ? { onPages: ids.size } : {}) };
  }
}

async function* noting(
  ids: Set<string>,
  list: AsyncGenerator<readonly RosterRow[], PagesEnd, undefined>,
): AsyncGenerator<readonly RosterRow[], PagesEnd, undefined> {
  for (;;) {
    const step = await list.next();
    if (step.done === true) return step.value;
    for (const { externalId } of step.value) ids.add(externalId);
    yield step.value;
  }
}

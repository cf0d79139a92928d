import type { RosterRow } from '../../core/row.ts';
import type { ListRequest } from '../../ports/sources.ts';
import { readPages, type Page, type PagesEnd } from '../pages.ts';
import { NO_FEED, readEvents } from './events.ts';
import { readSingly, type Walk, type WalkEnd } from './walk.ts';
import { formatWatermark } from './watermark.ts';

/** Every page, and then, one by one, the known rows that no page has shown: rows move while pages are read. */
export async function* readInFull(
  walk: Walk,
  request: ListRequest,
): AsyncGenerator<readonly RosterRow[], WalkEnd, undefined> {
  const { name, roster, perPage, concurrency, timing, fetchEvents } = walk;
  const startedMs = timing.monotonicMs();
  // Remembered before the first page: what an event speaks of later is for the next reading of changes.
  const feed = fetchEvents === undefined ? NO_FEED : await readEvents(name, fetchEvents, undefined);
  const events = feed.events === 'gap' ? undefined : feed.events;
  const end = yield* readAgainWhileMoving(walk, request);
  const parameters = { per_page: perPage };
  if (end.outcome.kind !== 'ended') return { ...end, parameters, warnings: feed.warnings };
  // An empty roster is judged as it is: asking for somebody would not make it fuller.
  const missing = end.rowsSeen === 0 ? [] : ((await request.missing?.()) ?? []);
  const read = await readSingly(roster, missing, concurrency);
  if (read.rows.length > 0) yield read.rows;
  const watermark = roster.newest.toWatermark(timing.monotonicMs() - startedMs, { events });
  return {
    ...end,
    parameters,
    outcome: read.outcome ?? end.outcome,
    watermark: formatWatermark(watermark),
    readSingly: read.rows.length,
    confirmedGone: read.gone,
    unproven: read.unproven,
    warnings: [...feed.warnings, ...counted('rows that no page showed, yet are there', read.rows.length)],
  };
}

/** A company that hires and fires while it is read is read again; one that never stops is not complete. */
const PASSES_MAX = 3;

/**
 * Rows come and go while pages are read, and one may slip from page to page past all of them. The totals that the pages declare tell of it:
 * then all are read once more. What an earlier pass has shown stays, as it was seen.
 */
async function* readAgainWhileMoving(
  { name, roster, perPage, concurrency }: Walk,
  { progress }: ListRequest,
): AsyncGenerator<readonly RosterRow[], PagesEnd & { readonly onPages?: number }, undefined> {
  let before = { pages: 0, rowsSeen: 0 };
  for (let pass = 1; ; pass += 1) {
    const ids = new Set<string>();
    const fetchPage = async (page: number): Promise<Page<RosterRow>> => {
      const read = await roster.fetchPage(page);
      if (pass > 1) for (const { externalId } of read.rows) ids.add(externalId);
      return read;
    };
    const end = yield* readPages({ source: name, fetchPage, concurrency, perPage, progress, endsWith: 'empty-page' });
    before = { pages: before.pages + end.pages, rowsSeen: before.rowsSeen + end.rowsSeen };
    const isMoving = end.outcome.kind === 'ended' && end.declaredTotal === 'disagree';
    if (!isMoving || pass === PASSES_MAX) return { ...end, ...before, ...(pass > 1 ? { onPages: ids.size } : {}) };
  }
}

function counted(what: string, count: number): readonly string[] {
  return count === 0 ? [] : [`${what}: ${count}`];
}

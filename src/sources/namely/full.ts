import type { RosterRow } from '../../core/row.ts';
import type { ListRequest } from '../../ports/sources.ts';
import { readPages } from '../pages.ts';
import { readSingly } from '../singly.ts';
import { readUntilStill } from '../until-still.ts';
import { NO_FEED, readEvents } from './events.ts';
import { singleReads, type Walk, type WalkEnd } from './walk.ts';
import { formatWatermark } from '../watermark.ts';

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
  const fetchPage = async (page: number) => await roster.fetchPage(page);
  const { progress } = request;
  const end = yield* readUntilStill(() =>
    readPages({ source: name, fetchPage, concurrency, perPage, progress, endsWith: 'empty-page' }),
  );
  const parameters = { per_page: perPage };
  if (end.outcome.kind !== 'ended') return { ...end, parameters, warnings: feed.warnings };
  // An empty roster is judged as it is: asking for somebody would not make it fuller.
  const missing = end.rowsSeen === 0 ? [] : ((await request.missing?.()) ?? []);
  const read = await readSingly(missing, singleReads(walk));
  if (read.rows.length > 0) yield read.rows;
  const watermark = roster.newest.toWatermark(timing.monotonicMs() - startedMs, { events, follows: true });
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

function counted(what: string, count: number): readonly string[] {
  return count === 0 ? [] : [`${what}: ${count}`];
}

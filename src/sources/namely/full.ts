import type { RosterRow } from '../../core/row.ts';
import type { ListRequest } from '../../ports/sources.ts';
import { readPages } from '../pages.ts';
import { readSingly } from '../singly.ts';
import { singleReads, type Walk, type WalkEnd } from './walk.ts';
import { formatWatermark } from '../watermark.ts';

/** Every page, and then, one by one, the known rows that no page has shown: rows move while pages are read. */
export async function* readInFull(
  walk: Walk,
  request: ListRequest,
): AsyncGenerator<readonly RosterRow[], WalkEnd, undefined> {
  const { name, roster, perPage, concurrency, timing } = walk;
  const startedMs = timing.monotonicMs();
  const end = yield* readPages({
    source: name,
    fetchPage: async (page) => await roster.fetchPage(page),
    concurrency,
    perPage,
    progress: request.progress,
    endsWith: 'empty-page',
  });
  const parameters = { per_page: perPage };
  if (end.outcome.kind !== 'ended') return { ...end, parameters, warnings: [] };
  // An empty roster is judged as it is: asking for somebody would not make it fuller.
  const missing = end.rowsSeen === 0 ? [] : ((await request.missing?.()) ?? []);
  const read = await readSingly(missing, singleReads(walk));
  if (read.rows.length > 0) yield read.rows;
  const watermark = roster.newest.toWatermark(timing.monotonicMs() - startedMs);
  return {
    ...end,
    parameters,
    outcome: read.outcome ?? end.outcome,
    watermark: formatWatermark(watermark),
    warnings: read.rows.length === 0 ? [] : [`rows that no page showed, yet are there: ${read.rows.length}`],
  };
}

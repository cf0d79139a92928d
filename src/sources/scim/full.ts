import type { ListRequest } from '../../ports/sources.ts';
import { readSingly } from '../singly.ts';
import { readUntilStill } from '../until-still.ts';
import { formatWatermark } from '../watermark.ts';
import { readList } from './listing.ts';
import { settle } from './settle.ts';
import { singleReads, unread, type Rows, type Walk } from './walk.ts';

/** Every page, and then, one by one, the known rows that no page has shown: lists of SCIM hold still for nobody (RFC 7644 §3.4.2.4). */
export async function* readInFull(walk: Walk, request: ListRequest): Rows {
  const { name, directory, concurrency, timing, learnt } = walk;
  const startedMs = timing.monotonicMs();
  const abilities = await settle(walk.fetchAbilities(), 'what the server announces');
  if ('outcome' in abilities) return unread(abilities.outcome);
  learnt.abilities = abilities;
  const parameters = { count: abilities.count };
  const { progress } = request;
  const end = yield* readUntilStill(() => readList({ source: name, directory, abilities, concurrency, progress }));
  if (end.outcome.kind !== 'ended') return { ...end, parameters, warnings: [] };
  // An empty roster is judged as it is: asking for somebody would not make it fuller.
  const missing = end.rowsSeen === 0 ? [] : ((await request.missing?.()) ?? []);
  const read = await readSingly(missing, singleReads(walk));
  if (read.rows.length > 0) yield read.rows;
  const watermark = directory.newest.toWatermark(timing.monotonicMs() - startedMs);
  return {
    ...end,
    parameters,
    outcome: read.outcome ?? end.outcome,
    watermark: abilities.filters ? formatWatermark(watermark) : undefined,
    readSingly: read.rows.length,
    confirmedGone: read.gone,
    unproven: read.unproven,
    warnings: read.rows.length === 0 ? [] : [`rows that no page showed, yet are there: ${read.rows.length}`],
  };
}

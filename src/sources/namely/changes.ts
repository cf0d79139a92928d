import type { RosterRow } from '../../core/row.ts';
import type { ListRequest } from '../../ports/sources.ts';
import { readSingly } from '../singly.ts';
import { readDelta } from './delta.ts';
import { NO_FEED, readEvents } from './events.ts';
import type { Page } from '../pages.ts';
import { singleReads, type Walk, type WalkEnd } from './walk.ts';
import { formatWatermark, parseWatermark } from '../watermark.ts';

/** What has changed since the watermark, and what events hint at. Who is gone, only a full reading says. */
export async function* readChanges(
  walk: Walk,
  request: ListRequest,
): AsyncGenerator<readonly RosterRow[], WalkEnd, undefined> {
  const since = parseWatermark(request.watermark);
  if (since === undefined) return fullNeeded(walk, 'there is no reading to go on from');
  const { name, roster, perPage, timing, fetchEvents } = walk;
  const startedMs = timing.monotonicMs();
  // First, so that what they speak of cannot be newer than the profiles read after them.
  const feed = fetchEvents === undefined ? NO_FEED : await readEvents(name, fetchEvents, since.events);
  const { events, profileIds, warnings } = feed;
  if (events === 'gap') return fullNeeded(walk, 'events have passed by unseen');
  const seen = new Set<string>();
  const fetchPage = async (page: number): Promise<Page<RosterRow>> => {
    const read = await roster.fetchPage(page, CHANGES_FIRST);
    for (const { externalId } of read.rows) seen.add(externalId);
    return read;
  };
  const end = yield* readDelta(fetchPage, since, { perPage, vendorNowMs: () => roster.newest.vendorNowMs });
  const changes = { ...end, parameters: { per_page: perPage, sort: CHANGES_FIRST }, warnings };
  if (end.outcome.kind !== 'ended') return changes;
  const hinted = profileIds.filter((id) => !seen.has(id));
  const read = await readSingly(hinted, singleReads(walk));
  if (read.rows.length > 0) yield read.rows;
  const watermark = roster.newest.toWatermark(timing.monotonicMs() - startedMs, { since, events, follows: true });
  const unread = read.unproven.length;
  return {
    ...changes,
    outcome: read.outcome ?? end.outcome,
    watermark: formatWatermark(watermark),
    warnings:
      unread === 0 ? warnings : [...warnings, `profiles that events speak of and that cannot be read: ${unread}`],
  };
}

const CHANGES_FIRST = '-updated_at';

function fullNeeded({ perPage }: Walk, detail: string): WalkEnd {
  const parameters = { per_page: perPage, sort: CHANGES_FIRST };
  return { parameters, pages: 0, rowsSeen: 0, warnings: [], outcome: { kind: 'full_needed', detail } };
}

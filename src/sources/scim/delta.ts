import { epochMs, parseInstant } from '../../core/dates.ts';
import type { Instant } from '../../core/row.ts';
import type { ListRequest } from '../../ports/sources.ts';
import { formatWatermark, parseWatermark, type Watermark } from '../watermark.ts';
import { fullNeeded, readPass, toFilter, type Pass, type PassOptions } from './delta-pass.ts';
import type { Abilities } from './provider.ts';
import { settle } from './settle.ts';
import { unread, type Rows, type Walk } from './walk.ts';

/** A change may become visible later than its time says: this much is read again each time, and found unchanged. */
const OVERLAP_MS = 10 * 60_000;
/** `Date` has no fractions, and the machines of a vendor differ a little. */
const CLOCK_MS = 60_000;
/** A row that is removed while pages are read moves another one out of sight; the next pass shows it. */
const PASSES_MAX = 3;

/**
 * What has changed since the watermark, by a filter on `meta.lastModified`. A server may refuse the filter, or not look at it, or not
 * keep times: whatever does not prove that nothing was left out ends as `full_needed`. Who is gone, only a full reading says.
 */
export async function* readChanges(walk: Walk, { watermark, progress }: ListRequest): Rows {
  const { learnt, timing, directory } = walk;
  const since = parseWatermark(watermark);
  if (since === undefined) return unread(fullNeeded('there is no reading to go on from'));
  const startedMs = timing.monotonicMs();
  const { noChanges } = learnt;
  if (noChanges !== undefined && startedMs < noChanges.untilMs) return unread(fullNeeded(noChanges.reason));
  const abilities = await settle(learnAbilities(walk), 'what the server announces');
  if ('outcome' in abilities) return unread(abilities.outcome);
  if (!abilities.filters) return unread(fullNeeded('the server announces no filters'));
  const end = yield* readPasses({ walk, progress, abilities, floor: toFloor(since) }, since);
  if (end.outcome.kind !== 'ended') return end;
  const next = directory.newest.toWatermark(timing.monotonicMs() - startedMs, { since });
  return { ...end, watermark: formatWatermark(next) };
}

function toFloor({ at }: Watermark): Instant {
  return parseInstant(Math.max(0, Math.floor((epochMs(at) - OVERLAP_MS) / 1000))) ?? at;
}

async function learnAbilities({ learnt, fetchAbilities }: Walk): Promise<Abilities> {
  learnt.abilities ??= await fetchAbilities();
  return learnt.abilities;
}

async function* readPasses(options: PassOptions, since: Watermark): Rows {
  const parameters = { count: options.abilities.count, filter: toFilter(options.floor) };
  const seen = new Set<string>();
  let pages = 0;
  let rowsSeen = 0;
  for (let passes = 1; passes <= PASSES_MAX; passes += 1) {
    const before = seen.size;
    const pass: Pass = yield* readPass(options);
    for (const id of pass.ids) seen.add(id);
    pages += pass.pages;
    rowsSeen += pass.rowsSeen;
    const end = { parameters, pages, rowsSeen, warnings: [], outcome: pass.outcome };
    if (pass.outcome.kind !== 'ended') return end;
    const vendorNowMs = options.walk.directory.newest.vendorNowMs ?? Number.POSITIVE_INFINITY;
    if (epochMs(since.at) > vendorNowMs + CLOCK_MS) return { ...end, outcome: fullNeeded(IN_THE_FUTURE) };
    // The filter includes them: an answer without them is of another roster, or the filter does something else.
    if (!since.anchors.some((id) => seen.has(id))) return { ...end, outcome: fullNeeded(ANCHORS_GONE) };
    // Rows of one answer cannot have moved.
    if (pass.batches <= 1 || (passes > 1 && seen.size === before)) return end;
  }
  const outcome = fullNeeded('users kept changing while they were read');
  return { parameters, pages, rowsSeen, warnings: [], outcome };
}

const IN_THE_FUTURE = 'the last change that was read lies in the future';
const ANCHORS_GONE = 'none of the users read last is among the changes';

import { epochMs } from '../../core/dates.ts';
import type { ListingOutcome } from '../../core/listing.ts';
import type { Instant, RosterRow } from '../../core/row.ts';
import type { ListProgress } from '../../ports/sources.ts';
import type { PagesEnd } from '../pages.ts';
import { readList } from './listing.ts';
import type { Abilities } from './provider.ts';
import type { Walk } from './walk.ts';

/** More changes than these pages hold are read as well in full, and then surely. */
const PAGES_MAX = 20;
/** A server that does not filter today is asked again tomorrow; till then each tick reads in full at once. */
const NO_CHANGES_MS = 24 * 3_600_000;

export type PassOptions = {
  readonly walk: Walk;
  readonly abilities: Abilities;
  readonly progress: (step: ListProgress) => void;
  /** Nothing older is among the answers. */
  readonly floor: Instant;
};
export type Pass = {
  readonly pages: number;
  readonly rowsSeen: number;
  /** Pages with somebody on them. */
  readonly batches: number;
  readonly ids: ReadonlySet<string>;
  readonly outcome: ListingOutcome;
};

/** Reads the filtered list once. */
export async function* readPass(options: PassOptions): AsyncGenerator<readonly RosterRow[], Pass, undefined> {
  const { walk, floor, ...rest } = options;
  const { name: source, directory } = walk;
  // One after another: most often there is one page.
  const list = readList({ ...rest, source, directory, concurrency: 1, filter: toFilter(floor) });
  const ids = new Set<string>();
  for (let batches = 0; ; batches += 1) {
    const step = await list.next();
    if (step.done === true) {
      const { pages, rowsSeen } = step.value;
      return { pages, rowsSeen, batches, ids, outcome: judgeEnd(walk, step.value, ids.size) };
    }
    const outcome = batches < PAGES_MAX ? judgeBatch(walk, step.value, floor) : fullNeeded(TOO_MANY);
    if (outcome !== undefined) return { pages: batches + 1, rowsSeen: ids.size, batches, ids, outcome };
    for (const { externalId } of step.value) ids.add(externalId);
    yield step.value;
  }
}

const TOO_MANY = `more has changed than ${PAGES_MAX} pages hold`;

export function toFilter(floor: Instant): string {
  return `meta.lastModified ge "${floor}"`;
}

export function fullNeeded(detail: string): ListingOutcome {
  return { kind: 'full_needed', detail };
}

function judgeEnd(walk: Walk, { outcome, declaredTotal }: PagesEnd, distinctIds: number): ListingOutcome {
  if (outcome.kind === 'ended' && typeof declaredTotal === 'number' && distinctIds < declaredTotal) {
    return fullNeeded('fewer changes arrived than were declared');
  }
  if (outcome.kind !== 'broken' || outcome.code !== 'source-contract') return outcome;
  // Refused, or answered with something else; what is wrong with the server, the full reading tells.
  return learnNoChanges(walk, 'the server does not answer a filter on meta.lastModified');
}

/** What shows that the filter was not applied. */
function judgeBatch(walk: Walk, rows: readonly RosterRow[], floor: Instant): ListingOutcome | undefined {
  for (const { sourceUpdatedAt } of rows) {
    if (sourceUpdatedAt === undefined) return learnNoChanges(walk, 'users have no time of their last change');
    if (epochMs(sourceUpdatedAt) < epochMs(floor)) {
      return learnNoChanges(walk, 'the server does not look at a filter on meta.lastModified');
    }
  }
  return undefined;
}

function learnNoChanges({ learnt, timing }: Walk, reason: string): ListingOutcome {
  learnt.noChanges = { reason, untilMs: timing.monotonicMs() + NO_CHANGES_MS };
  return fullNeeded(reason);
}

import { epochMs } from '../../core/dates.ts';
import type { ListingOutcome } from '../../core/listing.ts';
import type { RosterRow } from '../../core/row.ts';
import { OperationalError } from '../../errors.ts';
import { toOutcome } from '../outcome.ts';
import type { Page } from '../pages.ts';
import type { Watermark } from '../watermark.ts';

/** A change may become visible later than its time says: this much is read again each time, and found unchanged. */
const OVERLAP_MS = 10 * 60_000;
/** More changes than these pages hold are read as well in full, and then surely. */
const PAGES_MAX = 20;
/** `Date` has no fractions, and the machines of a vendor differ a little. */
const CLOCK_MS = 60_000;
/** A row that is removed while pages are read moves another one out of sight; the next pass shows it. */
const PASSES_MAX = 3;

export type DeltaEnd = { readonly pages: number; readonly rowsSeen: number; readonly outcome: ListingOutcome };
type FetchPage = (page: number) => Promise<Page<RosterRow>>;
type DeltaOptions = {
  readonly perPage: number;
  /** The vendor's clock at the first answer, once there was one. */
  readonly vendorNowMs: () => number | undefined;
};

/**
 * Reads what has changed since a watermark, newest first, until rows are older than it. The vendor may ignore the order, or be
 * another roster than before: whatever does not prove that nothing was left out ends as `full_needed`.
 */
export async function* readDelta(
  fetchPage: FetchPage,
  since: Watermark,
  options: DeltaOptions,
): AsyncGenerator<readonly RosterRow[], DeltaEnd, undefined> {
  const seen = new Set<string>();
  let pages = 0;
  let rowsSeen = 0;
  for (let pass = 1; pass <= PASSES_MAX; pass += 1) {
    const before = seen.size;
    const floorMs = epochMs(since.at) - OVERLAP_MS;
    const end: DeltaEnd = yield* readPass(fetchPage, { floorMs, perPage: options.perPage }, seen);
    pages += end.pages;
    rowsSeen += end.rowsSeen;
    if (end.outcome.kind !== 'ended') return { pages, rowsSeen, outcome: end.outcome };
    if (epochMs(since.at) > (options.vendorNowMs() ?? Number.POSITIVE_INFINITY) + CLOCK_MS) {
      return { pages, rowsSeen, outcome: fullNeeded('the last change that was read lies in the future') };
    }
    if (!since.anchors.some((id) => seen.has(id))) {
      return { pages, rowsSeen, outcome: fullNeeded('none of the profiles read last is where it was') };
    }
    // Rows of one answer cannot have moved.
    if (end.pages === 1 || (pass > 1 && seen.size === before)) return { pages, rowsSeen, outcome: end.outcome };
  }
  return { pages, rowsSeen, outcome: fullNeeded('profiles kept changing while they were read') };
}

async function* readPass(
  fetchPage: FetchPage,
  { floorMs, perPage }: { readonly floorMs: number; readonly perPage: number },
  seen: Set<string>,
): AsyncGenerator<readonly RosterRow[], DeltaEnd, undefined> {
  let rowsSeen = 0;
  let newestAllowed = Number.POSITIVE_INFINITY;
  for (let number = 1; number <= PAGES_MAX; number += 1) {
    const page = await settle(fetchPage, number);
    if ('outcome' in page) return { pages: number - 1, rowsSeen, outcome: page.outcome };
    rowsSeen += page.received;
    const order = checkOrder(page.rows, newestAllowed);
    if (typeof order === 'string') return { pages: number, rowsSeen, outcome: fullNeeded(order) };
    newestAllowed = order;
    for (const { externalId } of page.rows) seen.add(externalId);
    if (page.rows.length > 0) yield page.rows;
    // On a full page a total of its own rows says nothing of the pages after it.
    const isAll = page.received === 0 || (rowsSeen === page.declaredTotal && page.received < perPage);
    if (isAll || newestAllowed * 1000 < floorMs) {
      return { pages: number, rowsSeen, outcome: { kind: 'ended' } };
    }
  }
  return { pages: PAGES_MAX, rowsSeen, outcome: fullNeeded(`more has changed than ${PAGES_MAX} pages hold`) };
}

/** The second of the oldest of these rows, if none is newer than the one before it; else what is wrong. */
function checkOrder(rows: readonly RosterRow[], newestAllowed: number): number | string {
  const seconds = rows.flatMap(({ sourceUpdatedAt }) =>
    sourceUpdatedAt === undefined ? [] : [Math.floor(epochMs(sourceUpdatedAt) / 1000)],
  );
  if (rows.length > 0 && seconds.length === 0) return 'profiles have no time of their last change';
  let oldest = newestAllowed;
  for (const second of seconds) {
    if (second > oldest) return 'profiles do not come in the order asked for';
    oldest = second;
  }
  return oldest;
}

async function settle(
  fetchPage: FetchPage,
  number: number,
): Promise<Page<RosterRow> | { readonly outcome: ListingOutcome }> {
  try {
    return await fetchPage(number);
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    return { outcome: toOutcome(error, `page ${number} of the changes`) };
  }
}

function fullNeeded(detail: string): ListingOutcome {
  return { kind: 'full_needed', detail };
}

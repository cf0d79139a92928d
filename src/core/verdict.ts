import { breakerLimit } from './breaker.ts';
import type { ListingCounts, ListingEnd, Mode, Verdict } from './listing.ts';

export type ListingRules = { readonly mode: Mode; readonly minRows: number; readonly ratio: number };

/** Contract §5. Only `complete` is evidence of absence; the first of these steps that objects decides. */
export function judgeListing(end: ListingEnd, counts: ListingCounts, rules: ListingRules): Verdict {
  const verdict = judgeOutcome(end) ??
    judgeRows(end, counts) ??
    judgeRepeats(end, counts, rules) ??
    judgeEmptiness(counts, rules) ??
    judgeSize(counts, rules) ??
    judgeLosses(counts, rules) ??
    judgeUnproven(end, counts, rules) ?? { kind: 'complete' as const };
  if (verdict.kind !== 'incomplete' && verdict.kind !== 'deferred') return verdict;
  return { ...verdict, lossLimit: breakerLimit(counts.baseline, rules.ratio) };
}

function judgeOutcome({ outcome }: ListingEnd): Verdict | undefined {
  if (outcome.kind === 'deferred') return { kind: 'deferred', until: outcome.until, reason: outcome.detail };
  if (outcome.kind === 'full_needed') return incomplete(`${outcome.detail}: a full reading is needed`);
  if (outcome.kind === 'broken') return { kind: 'incomplete', reason: outcome.detail, code: outcome.code };
  return undefined;
}

function judgeRows(end: ListingEnd, { distinctIds }: ListingCounts): Verdict | undefined {
  if (end.rowsWithoutId > 0) return incomplete(`${end.rowsWithoutId} of ${end.rowsSeen} rows have no readable id`);
  const repeats = end.rowsSeen - distinctIds;
  if (end.atOnce === true && repeats > 0) {
    return incomplete(`ids occur more than once (rows too many: ${repeats}): ids must be unique`);
  }
  return judgeTotal(end, distinctIds);
}

/**
 * Rows that come twice have moved from page to page while they were read, and another one may have moved past all pages. A total that is met says
 * that none has. Where each known row is asked for by itself, reading again until nothing moves is enough; but a roster that never stands
 * still may have a row that is on no page, and that is new to us.
 */
function judgeRepeats(end: ListingEnd, { distinctIds }: ListingCounts, { mode }: ListingRules): Verdict | undefined {
  const { declaredTotal, confirmedGone, neverStill, pages, rowsSeen } = end;
  // Changes are read twice on purpose, and conclude no absence.
  if (mode !== 'full' || pages < 2 || typeof declaredTotal === 'number') return undefined;
  if (neverStill === true) return incomplete('the roster changed while it was read, and never stood still');
  if (confirmedGone !== undefined) return undefined;
  const repeats = rowsSeen - distinctIds;
  return repeats > 0
    ? incomplete(`the roster changed while it was read (rows that came twice: ${repeats})`)
    : undefined;
}

/**
 * Totals that disagree between pages: rows came or went while it was read, and one that has slipped from page to page was seen by
 * nobody. Where it is new to us no single read asks for it, and on an identity list it would make an orphan. Read again, it is there.
 */
function judgeTotal(
  { declaredTotal: total, onPages, readSingly = 0 }: ListingEnd,
  distinctIds: number,
): Verdict | undefined {
  if (total === 'disagree')
    return incomplete('the roster changed while it was read: its pages declare different totals');
  // A row that is on no page and yet there is one more than the pages declare, or the one that slipped away from them.
  const paged = onPages ?? distinctIds - readSingly;
  if (total === undefined || total === distinctIds || total === paged) return undefined;
  return distinctIds < total
    ? incomplete(`${distinctIds} of ${total} declared rows arrived`)
    : incomplete(`${distinctIds} rows arrived, but only ${total} were declared`);
}

/**
 * Before `minRows`, because contract §5 says *always* suspicious: it trips the breaker and is told. Every present row counts, inactive
 * ones too and with or without a baseline; only a release of all of them makes an empty listing believable.
 */
function judgeEmptiness(counts: ListingCounts, { mode, ratio }: ListingRules): Verdict | undefined {
  if (mode !== 'full' || counts.distinctIds > 0 || counts.knownPresent === 0) return undefined;
  const lost = Math.max(counts.lost, counts.knownPresent);
  const baseline = Math.max(counts.baseline, lost);
  const reason = `the listing is empty, and ${counts.knownPresent} rows were present before`;
  return { kind: 'suspicious', reason, lost, baseline, limit: breakerLimit(baseline, ratio) };
}

function judgeSize({ distinctIds }: ListingCounts, { mode, minRows }: ListingRules): Verdict | undefined {
  if (mode !== 'full' || distinctIds >= minRows) return undefined;
  return incomplete(`${distinctIds} rows arrived, and minRows is ${minRows}`);
}

function judgeLosses({ lost, baseline }: ListingCounts, { ratio }: ListingRules): Verdict | undefined {
  const limit = breakerLimit(baseline, ratio);
  if (lost <= limit) return undefined;
  const reason = `${lost} of ${baseline} rows are gone, inactive, unknown or without an address at once, and the breaker allows ${limit}`;
  return { kind: 'suspicious', reason, lost, baseline, limit };
}

/** Only a person can say whether these are gone; until then nobody is. */
function judgeUnproven(
  { unproven = [] }: ListingEnd,
  { lost, baseline }: ListingCounts,
  rules: ListingRules,
): Verdict | undefined {
  if (unproven.length === 0) return undefined;
  const reason = `rows on no page, of which the vendor does not say whether they are there: ${unproven.length}`;
  return {
    kind: 'suspicious',
    reason,
    lost: Math.max(lost, unproven.length),
    baseline,
    limit: breakerLimit(baseline, rules.ratio),
  };
}

function incomplete(reason: string): Verdict {
  return { kind: 'incomplete', reason, code: 'source-contract' };
}

import type { AskedFilter } from '../../html/filter-form.ts';
import type { FindingsPart } from '../../html/home.ts';
import type { LiveCount, PageReader } from '../../ports/page.ts';
import { sumOf } from './counts.ts';
import { addressOf, matches, seenUntil, type Asked } from './filter.ts';
import { compareFindings, compareGroups, cursorText, type Cursor } from './order.ts';

const PAGE_ROWS = 50;

type Reading = Pick<PageReader, 'live' | 'passed' | 'list'>;
type Here = { readonly filter: AskedFilter; readonly until: string | undefined; readonly after: Cursor | undefined };

/**
 * One page of the findings (decision 33). The list is a row of groups, of each of which it is known how many there are: so it follows from the
 * counts which groups the page shows and how much of each, and that alone is read.
 */
export async function loadList(
  reader: Reading,
  live: readonly LiveCount[],
  { filter, after }: Asked,
  now: Date,
): Promise<FindingsPart> {
  const until = seenUntil(filter, now);
  const counted = until === undefined ? live : await reader.live(until);
  const groups = counted.filter((group) => matches(group, filter)).toSorted(compareGroups);
  const { before, rest } = await split(reader, groups, { filter, until, after });
  const parts = take(rest, after);
  const rows = parts.length === 0 ? [] : await reader.list(parts, until);
  // One that was resolved since it was counted is missing.
  const findings = rows.flatMap((row) => (row.status === 'resolved' ? [] : [{ ...row, status: row.status }]));
  const shown = findings.toSorted(compareFindings);
  const next = shown.at(-1) ?? after;
  const matching = sumOf(groups);
  const hasMore = matching > before + parts.reduce((sum, { limit }) => sum + limit, 0);
  return {
    asked: filter,
    findings: shown,
    matching,
    first: before + 1,
    firstPage: after === undefined ? undefined : addressOf(filter, undefined),
    // Where all that was counted has moved meanwhile, the same place is asked again.
    nextPage: hasMore ? addressOf(filter, next && cursorText(next)) : undefined,
  };
}

/** How many come before the place, and the groups from there on, the first one without what is before. */
async function split(reader: Reading, groups: readonly LiveCount[], { after, until }: Here) {
  if (after === undefined) return { before: 0, rest: groups };
  const rest: LiveCount[] = [];
  let before = 0;
  for (const group of groups) {
    const place = compareGroups(group, after);
    const passed = place === 0 ? await reader.passed(after, until) : 0;
    if (place >= 0) rest.push({ ...group, findings: Math.max(0, group.findings - passed) });
    before += place < 0 ? group.findings : passed;
  }
  return { before, rest };
}

/** What of the groups fills a page. */
function take(groups: readonly LiveCount[], after: Cursor | undefined) {
  const parts: Parameters<PageReader['list']>[0][number][] = [];
  let left = PAGE_ROWS;
  for (const group of groups) {
    const limit = Math.min(left, group.findings);
    const isHere = after !== undefined && compareGroups(group, after) === 0;
    if (limit > 0) parts.push({ ...group, after: isHere ? after.id : 0, limit });
    left -= limit;
  }
  return parts;
}

import type { RosterRow } from '../../core/row.ts';
import type { ListProgress } from '../../ports/sources.ts';
import { contract } from '../failures.ts';
import { readPages, type PagesEnd } from '../pages.ts';
import { readByCursor } from './by-cursor.ts';
import { IndexReader } from './by-index.ts';
import type { Answer, Directory, Query } from './directory.ts';
import type { Abilities } from './provider.ts';
import { settle } from './settle.ts';

export type ListOptions = {
  readonly source: string;
  readonly directory: Directory;
  readonly abilities: Abilities;
  readonly concurrency: number;
  readonly progress: (step: ListProgress) => void;
  readonly filter?: string | undefined;
};
type Rows = AsyncGenerator<readonly RosterRow[], PagesEnd, undefined>;

/** How a server says that it does not know a cursor: `invalidCursor`, `expiredCursor` (RFC 9865 §2.1). */
const CURSOR_REFUSALS = [400] as const;

/** All users, or those that a filter lets through: by cursor where the server has them, else by index. */
export async function* readList(options: ListOptions): Rows {
  const first = await settle(fetchFirst(options), 'page 1');
  if ('outcome' in first) return { pages: 0, rowsSeen: 0, outcome: first.outcome };
  return yield* isByCursor(options, first) ? readByCursor(cursorOptions(options), first) : readByIndex(options, first);
}

/** A cursor that is announced need not be sent: one page without a next one is the whole list, unless its total says otherwise. */
function isByCursor({ abilities }: ListOptions, { nextCursor, declaredTotal = 0, received }: Answer): boolean {
  return nextCursor !== undefined || (abilities.cursors && declaredTotal <= received);
}

async function* readByIndex(options: ListOptions, first: Answer): Rows {
  const { source, directory, abilities, concurrency, progress } = options;
  const { count } = abilities;
  const reader = new IndexReader({
    source,
    count,
    first,
    fetchList: async (query, refusals) => await directory.fetchList({ ...toQuery(options), ...query }, refusals),
  });
  const end = yield* readPages({
    source,
    fetchPage: async (page) => await reader.fetchPage(page),
    concurrency,
    perPage: 'as-came',
    progress,
    endsWith: 'empty-page',
  });
  if (end.outcome.kind === 'ended' || !reader.repeatsFirst) return end;
  // Some servers know cursors only when they are asked for one, and do not announce it (AWS IAM Identity Center, 2026-11).
  const again = await settle(directory.fetchList({ ...toQuery(options), cursor: '' }, CURSOR_REFUSALS), 'page 1');
  if (again === 'refused' || 'outcome' in again || again.nextCursor === undefined) return end;
  const second = yield* readByCursor(cursorOptions(options), again);
  return { ...second, pages: end.pages + second.pages, rowsSeen: end.rowsSeen + second.rowsSeen };
}

function cursorOptions(options: ListOptions) {
  const { source, directory, progress } = options;
  return {
    source,
    progress,
    fetchPage: async (cursor: string | undefined): Promise<Answer | 'refused'> =>
      cursor === undefined
        ? await fetchFirst(options)
        : await directory.fetchList({ ...toQuery(options), cursor }, CURSOR_REFUSALS),
  };
}

/** The first cursor is empty or left out: an empty one asks for cursors, but a server may want to have none there. */
async function fetchFirst(options: ListOptions): Promise<Answer> {
  const { abilities, directory, source } = options;
  const query = toQuery(options);
  if (abilities.cursors) {
    const answer = await directory.fetchList({ ...query, cursor: '' }, CURSOR_REFUSALS);
    if (answer !== 'refused') return answer;
  }
  const answer = await directory.fetchList(query);
  if (answer === 'refused') throw contract(source, 'the list is refused');
  if (answer.received > 0 || answer.nextCursor !== undefined) return answer;
  // Bitwarden sent nobody where `startIndex` was missing (its issue 4034, 2024-04): nobody is only nobody with it.
  const again = await directory.fetchList({ ...query, startIndex: 1 });
  return again === 'refused' ? answer : again;
}

function toQuery({ abilities, filter }: ListOptions): Query {
  return filter === undefined ? { count: abilities.count } : { filter, count: abilities.count };
}

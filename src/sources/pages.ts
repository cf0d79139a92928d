import { hash } from 'node:crypto';
import pLimit from 'p-limit';
import type { ListingEnd } from '../core/listing.ts';
import { OperationalError } from '../errors.ts';
import type { ListProgress } from '../ports/sources.ts';
import { PageLedger } from './page-ledger.ts';

export type Page<Row> = {
  readonly rows: readonly Row[];
  /** Rows received, those that could not be read included: a page that is empty by this count ends the roster. */
  readonly received: number;
  /** Of `fingerprintOf`. */
  readonly fingerprint: string;
  readonly declaredTotal?: number | undefined;
  readonly declaredPages?: number | undefined;
  /** The page came in pieces whose totals differ. */
  readonly moved?: boolean | undefined;
  /** As many rows as were asked for: more may follow, whatever the total says. */
  readonly full?: boolean | undefined;
};

export type PagesOptions<Row> = {
  readonly source: string;
  readonly fetchPage: (page: number) => Promise<Page<Row>>;
  readonly concurrency: number;
  readonly progress: (step: ListProgress) => void;
  /** Rows of a full page, where they were asked for; `as-came`: the server may have its own mind, so the longest page is a full one. */
  readonly perPage?: number | 'as-came' | undefined;
  /** What ends a roster that declares no total: the first empty page, or its only page where the vendor documents no paging. */
  readonly endsWith: 'empty-page' | 'only-page';
};

export type PagesEnd = Pick<ListingEnd, 'pages' | 'rowsSeen' | 'declaredTotal' | 'outcome'> & {
  /** The list was begun again, so that rows came twice without having moved. */
  readonly begunAgain?: boolean | undefined;
};

/** A million rows at the 25 a page that some tenants are capped to are 40,000 pages. */
const PAGES_MAX = 100_000;

type Settled<Row> =
  | { readonly kind: 'page'; readonly page: Page<Row> }
  | { readonly kind: 'failed'; readonly error: OperationalError }
  | { readonly kind: 'bug'; readonly error: unknown };

/**
 * Reads an offset-paged roster: page 1 alone, the others side by side, yielded in order and never more in memory than are in
 * flight. A page that fails does not hide the ones after it; what it does to completeness is in the outcome.
 */
export async function* readPages<Row>(options: PagesOptions<Row>): AsyncGenerator<readonly Row[], PagesEnd, undefined> {
  const ledger = new PageLedger(options);
  const limit = pLimit(options.concurrency);
  const inFlight: Promise<Settled<Row>>[] = [];
  let launched = 0;
  for (let number = 1; number <= PAGES_MAX; number += 1) {
    for (const horizon = Math.min(PAGES_MAX, ledger.horizon(number)); launched < horizon;) {
      launched += 1;
      const page = launched;
      inFlight.push(limit(async () => await settle(options.fetchPage(page))));
    }
    const settled = await inFlight.shift();
    if (settled === undefined) return ledger.end();
    if (settled.kind === 'bug') throw settled.error;
    if (settled.kind === 'failed') {
      ledger.noteFailure(number, settled.error);
    } else if (ledger.notePage(number, settled.page) === 'new' && settled.page.rows.length > 0) {
      options.progress({ kind: 'page', page: number, pages: ledger.expectedPages, rows: settled.page.received });
      yield settled.page.rows;
    }
  }
  ledger.noteFailure(
    PAGES_MAX,
    new OperationalError('source-contract', `${options.source}: no last page after ${PAGES_MAX}`),
  );
  return ledger.end();
}

/** Equal for two pages with the same ids in the same order. */
export function fingerprintOf(ids: readonly string[]): string {
  return hash('sha1', ids.join('\n'), 'base64');
}

async function settle<Row>(pending: Promise<Page<Row>>): Promise<Settled<Row>> {
  try {
    return { kind: 'page', page: await pending };
  } catch (error) {
    return error instanceof OperationalError ? { kind: 'failed', error } : { kind: 'bug', error };
  }
}

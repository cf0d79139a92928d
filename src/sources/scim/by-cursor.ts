import type { ListingOutcome } from '../../core/listing.ts';
import type { RosterRow } from '../../core/row.ts';
import type { ListProgress } from '../../ports/sources.ts';
import { DeclaredTotal } from '../declared-total.ts';
import { contract } from '../failures.ts';
import { toOutcome } from '../outcome.ts';
import { fingerprintOf, type PagesEnd } from '../pages.ts';
import { settle } from './settle.ts';
import type { Answer } from './directory.ts';

export type CursorOptions = {
  readonly source: string;
  /** The page behind a cursor, or the first one; `refused`: the server says that it does not know this cursor (any more). */
  readonly fetchPage: (cursor: string | undefined) => Promise<Answer | 'refused'>;
  readonly progress: (step: ListProgress) => void;
};

/** As many as pages by index. */
const PAGES_MAX = 100_000;
/** Pages may be empty before the end, where a server filters behind its cursor; so many in a row are no listing. */
const EMPTY_PAGES_MAX = 100;
/** A cursor may end while Rollcall waits out a throttling: once the list is begun again. */
const PASSES_MAX = 2;

type Chain = PagesEnd & { readonly hasExpired: boolean };

/** Reads a list by RFC 9865, page after page. `first`: page 1, where it was read already. */
export async function* readByCursor(
  options: CursorOptions,
  first?: Answer,
): AsyncGenerator<readonly RosterRow[], PagesEnd, undefined> {
  let pages = 0;
  let rowsSeen = 0;
  for (let pass = 1; pass <= PASSES_MAX; pass += 1) {
    const { hasExpired, ...end }: Chain = yield* readChain(options, pass === 1 ? first : undefined);
    pages += end.pages;
    rowsSeen += end.rowsSeen;
    if (!hasExpired) return { ...end, pages, rowsSeen, begunAgain: pass > 1 };
  }
  return { pages, rowsSeen, outcome: broken(options, pages + 1, `its place in the list ended ${PASSES_MAX} times`) };
}

async function* readChain(
  options: CursorOptions,
  first: Answer | undefined,
): AsyncGenerator<readonly RosterRow[], Chain, undefined> {
  const chain = new CursorChain();
  let cursor: string | undefined;
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const where = `page ${page}`;
    const settled = page === 1 && first !== undefined ? first : await settle(options.fetchPage(cursor), where);
    if (settled === 'refused') return chain.end(broken(options, page, 'the server refuses its place'), page > 1);
    if ('outcome' in settled) return chain.end(settled.outcome);
    const fault = chain.note(settled);
    if (fault !== undefined) return chain.end(broken(options, page, fault));
    if (settled.rows.length > 0) {
      options.progress({ kind: 'page', page, rows: settled.received });
      yield settled.rows;
    }
    cursor = settled.nextCursor;
    if (cursor === undefined) return chain.end({ kind: 'ended' });
  }
  return chain.end(broken(options, PAGES_MAX, 'no last page'));
}

function broken({ source }: CursorOptions, page: number, what: string): ListingOutcome {
  return toOutcome(contract(source, what), `page ${page}, read by cursor`);
}

/** What is known of a list while its pages come in. */
class CursorChain {
  readonly #total = new DeclaredTotal();
  readonly #cursors = new Set<string>();
  readonly #fingerprints = new Set<string>();
  #pages = 0;
  #rowsSeen = 0;
  #emptyInARow = 0;

  /** What is wrong with this page. */
  note({ received, declaredTotal, fingerprint, nextCursor }: Answer): string | undefined {
    this.#pages += 1;
    this.#rowsSeen += received;
    this.#total.note(declaredTotal, received);
    this.#emptyInARow = received === 0 ? this.#emptyInARow + 1 : 0;
    if (this.#emptyInARow > EMPTY_PAGES_MAX) return `more than ${EMPTY_PAGES_MAX} empty pages follow one another`;
    if (received > 0 && this.#fingerprints.has(fingerprint)) return 'it repeats an earlier page';
    this.#fingerprints.add(fingerprint);
    if (nextCursor === undefined) return undefined;
    const place = fingerprintOf([nextCursor]);
    if (this.#cursors.has(place)) return 'it leads back to an earlier page';
    this.#cursors.add(place);
    return undefined;
  }

  end(outcome: ListingOutcome, hasExpired = false): Chain {
    return {
      pages: this.#pages,
      rowsSeen: this.#rowsSeen,
      declaredTotal: this.#total.value,
      outcome,
      hasExpired,
    };
  }
}

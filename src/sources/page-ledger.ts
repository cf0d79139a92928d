import type { ListingOutcome } from '../core/listing.ts';
import type { ErrorCode, OperationalError } from '../errors.ts';
import { DeclaredTotal } from './declared-total.ts';
import { contract } from './failures.ts';
import { toOutcome } from './outcome.ts';
import type { Page, PagesEnd, PagesOptions } from './pages.ts';

type LedgerOptions = Pick<PagesOptions<unknown>, 'source' | 'concurrency' | 'perPage' | 'endsWith'>;
type PageFacts = Omit<Page<unknown>, 'rows'>;

/** With this many pages missing the vendor is down, not flaky, and asking for the other thousands helps nobody. */
const FAILED_PAGES_MAX = 3;
/** Failures that every other page would share. */
const HOPELESS: ReadonlySet<ErrorCode> = new Set([
  'source-auth',
  'source-forbidden',
  'source-deferred',
  'network-refused',
]);
/**
 * Without a total the end is known only when it was read, and a page is too many for each page ahead. Two side by side keep
 * the whole read within two requests of the fewest possible.
 */
const BLIND_WINDOW = 2;

/** What is known of a roster while its pages come in, in order: how far to read, and whether it was all. */
export class PageLedger {
  readonly #options: LedgerOptions;
  readonly #declared = new DeclaredTotal();
  readonly #fingerprints = new Map<string, number>();
  readonly #failures: { readonly page: number; readonly error: OperationalError }[] = [];
  #pages = 0;
  #rowsSeen = 0;
  #rowsMax = 0;
  #rowsLast = 0;
  #total: number | undefined;
  #declaredPages: number | undefined;
  #emptyPage: number | undefined;
  #stopped = false;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** The number of pages, as far as the vendor lets it be known. */
  get expectedPages(): number | undefined {
    // Some servers send fewer rows a page than were asked for: what counts is what came.
    if (this.#total !== undefined && this.#rowsMax > 0) return Math.ceil(this.#total / this.#rowsMax);
    return this.#declaredPages;
  }

  /** The last page that may be in flight when page `next` is the next to come; less than `next` ends the reading. */
  horizon(next: number): number {
    if (this.#stopped) return 0;
    if (next === 1) return 1;
    const expected = this.expectedPages;
    if (expected !== undefined && next <= expected) return Math.min(expected, next + this.#options.concurrency - 1);
    if (this.#total !== undefined) return this.#isAllRead() ? 0 : next;
    if (expected !== undefined || this.#options.endsWith === 'only-page') return 0;
    // A short page is probably, but not surely, the last: look at one more, and at no other beside it.
    const window = this.#rowsLast < this.#rowsMax ? 1 : Math.min(BLIND_WINDOW, this.#options.concurrency);
    return next + window - 1;
  }

  /** `repeat`: these rows were seen before and say nothing new. */
  notePage(number: number, page: PageFacts): 'new' | 'repeat' {
    this.#pages += 1;
    if (page.received === 0) {
      this.#noteEmpty(number, page);
      return 'new';
    }
    const earlier = this.#fingerprints.get(page.fingerprint);
    if (earlier !== undefined) {
      this.#noteRepeat(number, earlier, page);
      return 'repeat';
    }
    if (this.#emptyPage !== undefined) {
      this.#fail(number, contract(this.#options.source, `page ${this.#emptyPage} was empty, but rows followed`));
    }
    this.#fingerprints.set(page.fingerprint, number);
    this.#noteTotal(page);
    this.#declaredPages = page.declaredPages ?? this.#declaredPages;
    this.#rowsSeen += page.received;
    this.#rowsLast = page.received;
    this.#rowsMax = Math.max(this.#rowsMax, page.received);
    return 'new';
  }

  noteFailure(number: number, error: OperationalError): void {
    // Beyond the end there is nothing to miss.
    if (this.#emptyPage === undefined) this.#fail(number, error);
  }

  end(): PagesEnd {
    return {
      pages: this.#pages,
      rowsSeen: this.#rowsSeen,
      declaredTotal: this.#declared.value,
      outcome: this.#outcome(),
    };
  }

  #fail(page: number, error: OperationalError): void {
    this.#failures.push({ page, error });
    if (page === 1 || HOPELESS.has(error.code) || this.#failures.length >= FAILED_PAGES_MAX) this.#stopped = true;
  }

  #noteEmpty(number: number, page: PageFacts): void {
    // Vendors are careless about the total of a page past the end, so only an empty roster's own total counts.
    if (number === 1) this.#noteTotal(page);
    this.#emptyPage ??= number;
    this.#stopped = true;
  }

  #noteRepeat(number: number, earlier: number, page: PageFacts): void {
    const wasAll = this.#rowsSeen === this.#declared.value;
    this.#rowsSeen += page.received;
    this.#stopped = true;
    // A server that ignores the place it is asked for may also call the rows of its page the total.
    if (wasAll && page.full !== true) return;
    const text = `page ${number} repeats page ${earlier}, so the paging does not work and rows may be missing`;
    this.#fail(number, contract(this.#options.source, text));
  }

  #noteTotal({ declaredTotal: total, received, moved }: PageFacts): void {
    this.#declared.note(total, received);
    if (moved === true) this.#declared.noteMove();
    this.#total = total ?? this.#total;
  }

  /** All expected pages are read: is the declared total reached beyond doubt? */
  #isAllRead(): boolean {
    if (this.#failures.length > 0) return true;
    // Totals that change while we read, or that only some pages declare, prove nothing: read on to an empty page.
    if (this.#rowsSeen !== this.#declared.value) return false;
    // A full last page could be followed by one that the total leaves out, where the "total" is that of a page.
    const { perPage } = this.#options;
    return perPage === undefined || this.#rowsLast < (perPage === 'as-came' ? this.#rowsMax : perPage);
  }

  #outcome(): ListingOutcome {
    const decisive = this.#failures.find(({ error }) => error.code === 'source-deferred') ?? this.#failures[0];
    if (decisive === undefined) return { kind: 'ended' };
    return toOutcome(decisive.error, `page ${decisive.page}`);
  }
}

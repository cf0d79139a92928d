import type { RosterRow } from '../../core/row.ts';
import { contract } from '../failures.ts';
import { fingerprintOf, type Page } from '../pages.ts';
import type { Answer, Query } from './directory.ts';

/** A server that hands out a page in more pieces than these is not paging. */
const PIECES_MAX = 20;
/** How servers answer a question for what lies behind the last row; RFC 7644 wants an empty list. */
const BEYOND_STATUSES = [400, 404] as const;

export type IndexOptions = {
  readonly source: string;
  readonly count: number;
  readonly fetchList: (query: Query, refusals?: readonly number[]) => Promise<Answer | 'refused'>;
  /** Page 1, asked for without a `startIndex`: a server that counts from 0 begins there too. */
  readonly first: Answer;
};

/**
 * Pages by `startIndex` and `count`. A server may send fewer rows than were asked for: the size of the first page is the stride of
 * the others, and what is missing of a later page is asked for again, so that no row falls between two pages.
 */
export class IndexReader {
  readonly #options: IndexOptions;
  readonly #stride: number;
  /** Of the first row, 1 by the standard. */
  readonly #firstIndex: number;
  #repeatsFirst = false;

  constructor(options: IndexOptions) {
    this.#options = options;
    this.#stride = options.first.received;
    this.#firstIndex = options.first.startIndex === 0 ? 0 : 1;
  }

  /** Whether a later page was the first one again: the server does not look at `startIndex`. */
  get repeatsFirst(): boolean {
    return this.#repeatsFirst;
  }

  async fetchPage(number: number): Promise<Page<RosterRow>> {
    const { first } = this.#options;
    const pieces = number === 1 ? [first] : await this.#fetchPieces(this.#firstIndex + (number - 1) * this.#stride);
    if (number > 1 && first.received > 0 && pieces[0]?.fingerprint === first.fingerprint) this.#repeatsFirst = true;
    const rows = pieces.flatMap((piece) => piece.rows);
    const received = pieces.reduce((sum, piece) => sum + piece.received, 0);
    // Servers are careless about the total of an empty answer.
    const totals = new Set(pieces.filter((piece) => piece.received > 0).map(({ declaredTotal }) => declaredTotal));
    return {
      rows,
      received,
      fingerprint: fingerprintOf(rows.map(({ externalId }) => externalId)),
      declaredTotal: pieces[0]?.declaredTotal,
      moved: totals.size > 1,
      full: received === this.#options.count,
    };
  }

  async #fetchPieces(startIndex: number): Promise<readonly Answer[]> {
    const { source } = this.#options;
    const pieces: Answer[] = [];
    for (let received = 0; received < this.#stride;) {
      if (pieces.length >= PIECES_MAX) throw contract(source, `a page came in more than ${PIECES_MAX} pieces`);
      const piece = await this.#fetchPiece(startIndex + received, received);
      pieces.push(piece);
      if (piece.received === 0) return pieces;
      received += piece.received;
    }
    return pieces;
  }

  async #fetchPiece(startIndex: number, received: number): Promise<Answer> {
    const { fetchList, first } = this.#options;
    const isBeyond = first.declaredTotal !== undefined && startIndex >= this.#firstIndex + first.declaredTotal;
    // One look behind the end shows that it is one; the rest of the last page need not be looked for there.
    if (isBeyond && received > 0) return NOTHING;
    const query = { startIndex, count: this.#stride - received };
    const answer = await fetchList(query, isBeyond ? BEYOND_STATUSES : []);
    if (answer === 'refused') return NOTHING;
    // Behind the end some servers begin again (scimmy 1.3.5, 2026-11), which others do anywhere.
    const isFirstAgain = isBeyond && first.received > 0 && answer.fingerprint === first.fingerprint;
    return isFirstAgain && (await this.#looksAtStart()) ? NOTHING : answer;
  }

  /** Whether the last row of the first page can be asked for alone. */
  async #looksAtStart(): Promise<boolean> {
    const { fetchList, first } = this.#options;
    const last = first.rows.at(-1)?.externalId;
    const answer = await fetchList({ startIndex: this.#firstIndex + this.#stride - 1, count: 1 }, BEYOND_STATUSES);
    const found = answer === 'refused' ? undefined : answer.rows[0]?.externalId;
    return this.#stride > 1 && found !== undefined && found === last;
  }
}

const NOTHING: Answer = { rows: [], received: 0, fingerprint: '' };

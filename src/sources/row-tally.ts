import { toRow } from '../core/normalise.ts';
import { cleanText, KEY_MAX } from '../core/text.ts';
import type { Flag, RawRow, RosterRow, RowPolicy } from '../core/row.ts';

/** One vendor row as its adapter understood it. */
export type ReadRow = {
  readonly raw: RawRow;
  /** The vendor's word, where it is none that we know; `''` when the status is missing. */
  readonly unknownStatus?: string | undefined;
};

/** More different words than this are no vocabulary: it is the wrong column, and its cells may be people. */
const SHOWN_WORDS_MAX = 3;
const SHOWN_WORD = /^[a-z][a-z _-]{0,23}$/iu;

const FLAG_TEXTS: Partial<Record<Flag, string>> = {
  email_unparsable: 'the e-mail address cannot be used',
  start_date_unreadable: 'the start date cannot be read',
  end_date_unreadable: 'the end date cannot be read',
  timestamp_unreadable: 'a time cannot be read',
  field_unreadable: 'a field has an unexpected type',
};

/** Turns a listing's rows into roster rows and counts, for the run's warnings, what was wrong with them. */
export class RowTally {
  readonly #policy: RowPolicy;
  readonly #flagged = new Map<Flag, number>();
  readonly #unknownWords = new Set<string>();
  #unknownStatuses = 0;
  #rows = 0;
  #rowsWithoutId = 0;
  #rowsWithLongId = 0;
  #firstWithoutId = 0;

  constructor(policy: RowPolicy) {
    this.#policy = policy;
  }

  get rowsWithoutId(): number {
    return this.#rowsWithoutId;
  }

  /** `undefined` for a row that cannot be read, or has no readable id: it is counted and makes the listing incomplete. */
  add(read: ReadRow | undefined): RosterRow | undefined {
    this.#rows += 1;
    const row = read === undefined ? undefined : toRow(read.raw, this.#policy);
    if (row === undefined) {
      this.#addWithoutId(read);
      return undefined;
    }
    for (const flag of row.flags) this.#flagged.set(flag, (this.#flagged.get(flag) ?? 0) + 1);
    if (read?.unknownStatus !== undefined) {
      this.#unknownStatuses += 1;
      if (this.#unknownWords.size <= SHOWN_WORDS_MAX) this.#unknownWords.add(read.unknownStatus.trim().toLowerCase());
    }
    return row;
  }

  #addWithoutId(read: ReadRow | undefined): void {
    this.#rowsWithoutId += 1;
    if (this.#rowsWithoutId === 1) this.#firstWithoutId = this.#rows;
    if (read !== undefined && hasLongId(read.raw)) this.#rowsWithLongId += 1;
  }

  addAll(reads: readonly (ReadRow | undefined)[]): readonly RosterRow[] {
    return reads.map((read) => this.add(read)).filter((row) => row !== undefined);
  }

  warnings(): readonly string[] {
    const flags = [...this.#flagged].flatMap(([flag, count]) => {
      const text = FLAG_TEXTS[flag];
      return text === undefined ? [] : [`${rowsText(count)}: ${text}`];
    });
    const unknown = this.#unknownStatuses === 0 ? [] : [this.#statusWarning()];
    const lost = this.#rowsWithoutId === 0 ? [] : [this.#idWarning()];
    return [...lost, ...unknown, ...flags];
  }

  /** Where to look: rows counted as the source gives them, the first is 1. A header is none. */
  #idWarning(): string {
    const long = this.#rowsWithLongId;
    const why = long === 0 ? '' : ` (in ${rowsText(long)} it is longer than ${KEY_MAX} characters)`;
    return `${rowsText(this.#rowsWithoutId)}: no readable id${why}; the first is row ${this.#firstWithoutId}`;
  }

  #statusWarning(): string {
    const words = [...this.#unknownWords];
    const shown = words.length <= SHOWN_WORDS_MAX && words.every((word) => word === '' || SHOWN_WORD.test(word));
    const list = words.map((word) => (word === '' ? 'none' : `"${word}"`)).join(', ');
    const detail = shown ? list : 'many different words; is this the right field?';
    return `${rowsText(this.#unknownStatuses)}: Rollcall does not know the status (${detail}), which counts as unknown`;
  }
}

function hasLongId({ externalId }: RawRow): boolean {
  return (cleanText(externalId).text?.length ?? 0) > KEY_MAX;
}

function rowsText(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}

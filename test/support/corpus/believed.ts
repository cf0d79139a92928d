import type { Row } from './rows.ts';

export type Verdict = 'complete' | 'incomplete' | 'suspicious' | 'deferred';
/** How one source is to be read in one run. `waiting`: it is not asked, because the vendor said until when. */
export type Expected =
  | { readonly kind: 'waiting' }
  | {
      readonly kind: 'judged';
      readonly mode: 'full' | 'delta';
      readonly verdict: Verdict;
      /** What the answer holds. */
      readonly shown: readonly Row[];
      /** How old the list is; absent: of this moment. */
      readonly listedAt?: string | undefined;
    };

const MAX_AGE_MS = 26 * 3_600_000;

/** One source as it must be believed: contract §5, in the corpus's own words. */
export class Believed {
  /** Everybody ever believed; who is gone keeps the last row. */
  readonly rows = new Map<string, { readonly row: Row; readonly isPresent: boolean }>();
  #baseline: ReadonlyMap<string, Row> = new Map();
  #lastFull: { readonly verdict: Verdict; readonly listedAt: string } | undefined;
  #lastDelta: Verdict | undefined;
  #hasWatermark = false;
  isBreakerOpen = false;

  get present(): readonly Row[] {
    return [...this.rows.values()].filter(({ isPresent }) => isPresent).map(({ row }) => row);
  }

  /** Changes alone are read only where a complete full listing stands and nothing has raised doubt since. */
  modeAt(forced: boolean): 'full' | 'delta' {
    const isInOrder = this.#hasWatermark && this.#lastFull?.verdict === 'complete' && this.#lastDelta !== 'suspicious';
    return forced || !isInOrder ? 'full' : 'delta';
  }

  isUsable(at: string): boolean {
    if (this.isBreakerOpen || this.#lastFull?.verdict !== 'complete') return false;
    if (this.#lastDelta !== undefined && this.#lastDelta !== 'complete') return false;
    return Date.parse(at) - Date.parse(this.#lastFull.listedAt) < MAX_AGE_MS;
  }

  take(expected: Expected, at: string): void {
    if (expected.kind === 'waiting') return;
    const { mode, verdict, shown, listedAt = at } = expected;
    for (const row of shown) {
      if (verdict === 'suspicious' && this.#isLoss(row)) continue;
      this.rows.set(row.id, { row, isPresent: true });
    }
    if (mode === 'delta') {
      this.#lastDelta = verdict;
      return;
    }
    this.#lastFull = { verdict, listedAt };
    this.#lastDelta = undefined;
    if (verdict === 'suspicious') this.isBreakerOpen = true;
    if (verdict === 'complete') this.#conclude(shown);
  }

  /** Only a complete full listing is evidence of absence; it also ends the doubt of an earlier one. */
  #conclude(shown: readonly Row[]): void {
    const ids = new Set(shown.map(({ id }) => id));
    for (const [id, { row }] of this.rows) if (!ids.has(id)) this.rows.set(id, { row, isPresent: false });
    this.#baseline = new Map(shown.map((row) => [row.id, row]));
    this.#hasWatermark = true;
    this.isBreakerOpen = false;
  }

  #isLoss(row: Row): boolean {
    const before = this.#baseline.get(row.id);
    if (before === undefined || before.status === 'inactive') return false;
    return row.status === 'inactive' || (row.status === 'unknown' && before.status !== 'unknown');
  }
}

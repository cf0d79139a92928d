/** The total that the pages of one listing declare: it counts only if every page declares the same (contract §5). */
export class DeclaredTotal {
  readonly #totals = new Set<number>();
  #silent = false;
  #isOwnCount = true;
  #hasMoved = false;

  /** `received`: the rows of the page that declared it. */
  note(total: number | undefined, received: number): void {
    if (total === undefined) this.#silent = true;
    else this.#totals.add(total);
    if (total !== received) this.#isOwnCount = false;
  }

  /** Totals differed where only one of them is noted. */
  noteMove(): void {
    this.#hasMoved = true;
  }

  get value(): number | 'disagree' | undefined {
    if (this.#hasMoved) return 'disagree';
    // A "total" that is each page's own count is none; any other that changes says that rows came or went meanwhile.
    if (this.#totals.size > 1) return this.#isOwnCount ? undefined : 'disagree';
    const [total] = this.#totals;
    return this.#silent ? undefined : total;
  }
}

/** The total that the pages of one listing declare: it counts only if every page declares the same (contract §5). */
export class DeclaredTotal {
  readonly #totals = new Set<number>();
  #silent = false;

  note(total: number | undefined): void {
    if (total === undefined) this.#silent = true;
    else this.#totals.add(total);
  }

  get value(): number | 'disagree' | undefined {
    if (this.#totals.size > 1) return 'disagree';
    const [total] = this.#totals;
    return this.#silent ? undefined : total;
  }
}

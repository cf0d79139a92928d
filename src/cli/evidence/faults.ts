/** More tell nothing new: who moves one row breaks all after it. */
const FAULTS_MAX = 200;

export type Fault = { readonly where: string; readonly what: string };

/** What is not as it was written. */
export class Faults {
  readonly #faults: Fault[] = [];

  get all(): readonly Fault[] {
    return this.#faults;
  }

  add(where: string, what: string): void {
    if (this.#faults.length < FAULTS_MAX) this.#faults.push({ where, what });
  }
}

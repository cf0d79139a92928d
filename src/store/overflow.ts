/** A flood has many batches a second; a person needs to know of it, and how large it is. */
const TELL_MS = 60_000;

type Told = { readonly hints: number; readonly sources: readonly string[] };

/** Tells of hints that found no room: of the first at once, then at most once a minute, with how many there were. */
export class Overflow {
  readonly #tell: (told: Told) => void;
  #isQuiet = true;
  #hints = 0;
  #sources = new Set<string>();

  constructor(tell: (told: Told) => void) {
    this.#tell = tell;
  }

  add(hints: number, sources: readonly string[]): void {
    this.#hints += hints;
    for (const source of sources) this.#sources.add(source);
    if (this.#isQuiet) this.#say();
  }

  #say(): void {
    this.#isQuiet = this.#hints === 0;
    if (this.#isQuiet) return;
    this.#tell({ hints: this.#hints, sources: [...this.#sources] });
    this.#hints = 0;
    this.#sources = new Set();
    // It keeps no process alive that has nothing else to do.
    setTimeout(() => this.#say(), TELL_MS).unref();
  }
}

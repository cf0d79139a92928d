/** A database that is away fails every poll of every queue: each of them says the same. */
const REPEAT_MS = 60_000;
/** More different failures at once are told as they come. */
const KINDS_MAX = 50;

/** Lets one failure of a kind through a minute, with the number of those that were not. */
export class ToldOnce {
  readonly #last = new Map<string, { at: number; untold: number }>();

  /** Undefined: not now. Else how many of this kind were kept back since the last one. */
  pass(kind: string, now = performance.now()): number | undefined {
    const last = this.#last.get(kind);
    if (last !== undefined && now - last.at < REPEAT_MS) {
      last.untold += 1;
      return undefined;
    }
    if (this.#last.size >= KINDS_MAX) this.#last.clear();
    this.#last.set(kind, { at: now, untold: 0 });
    return last?.untold ?? 0;
  }
}

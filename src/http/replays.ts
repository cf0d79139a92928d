/** Enough for a flood of an hour; beyond it the oldest is forgotten, which costs one more read. */
const REMEMBERED_MAX = 10_000;

/**
 * Calls that were taken within the window. In this process alone (decision 18): what another worker takes a second time makes it read
 * a profile once more, and does nothing else.
 */
export class Replays {
  readonly #untilMs = new Map<string, number>();
  readonly #windowMs: number;
  readonly #max: number;

  constructor(windowMs: number, max = REMEMBERED_MAX) {
    this.#windowMs = windowMs;
    this.#max = max;
  }

  has(keys: readonly string[], nowMs: number): boolean {
    return keys.some((key) => (this.#untilMs.get(key) ?? 0) > nowMs);
  }

  /** Only after the call was taken: one that failed comes again, and must not be ignored then. */
  remember(keys: readonly string[], nowMs: number): void {
    for (const key of keys) {
      this.#untilMs.delete(key);
      this.#untilMs.set(key, nowMs + this.#windowMs);
    }
    for (const [oldest, untilMs] of this.#untilMs) {
      if (this.#untilMs.size <= this.#max && untilMs > nowMs) break;
      this.#untilMs.delete(oldest);
    }
  }
}

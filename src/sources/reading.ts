import type { ListProgress } from '../ports/sources.ts';

type ReadingOptions = {
  readonly budgetMs: number;
  readonly signal: AbortSignal;
  readonly progress: (step: ListProgress) => void;
};

/** Of one row that cannot be read: the listing's own patience is for all of them. */
export const SINGLE_READ_BUDGET_MS = 15_000;

/** One listing's patience and its bookkeeping: every request of the listing shares it. */
export class Reading {
  readonly signal: AbortSignal;
  readonly progress: (step: ListProgress) => void;
  readonly #budgetMs: number;
  #parent: Reading | undefined;
  #requests = 0;
  #spentMs = 0;
  #coveredUntilMs = 0;

  constructor(options: ReadingOptions) {
    this.signal = options.signal;
    this.progress = options.progress;
    this.#budgetMs = options.budgetMs;
  }

  /** The whole that this is a part of; itself if it is none. */
  get root(): Reading {
    return this.#parent?.root ?? this;
  }

  get requests(): number {
    return this.#requests;
  }

  countRequest(): void {
    this.#requests += 1;
    this.#parent?.countRequest();
  }

  /** For a part of the reading that may take so long at most, and costs the whole no patience. */
  within(budgetMs: number): Reading {
    const part = new Reading({
      budgetMs: Math.min(budgetMs, this.#budgetMs),
      signal: this.signal,
      progress: this.progress,
    });
    part.#parent = this;
    return part;
  }

  /**
   * Takes the time from `fromMs` to `untilMs` from the budget and returns what that added; `undefined`, and nothing taken,
   * when it is more than is left. Time that pages wait side by side counts once.
   */
  charge(fromMs: number, untilMs: number): number | undefined {
    const added = Math.max(0, untilMs - Math.max(fromMs, this.#coveredUntilMs));
    if (this.#spentMs + added > this.#budgetMs) return undefined;
    this.#spentMs += added;
    this.#coveredUntilMs = Math.max(this.#coveredUntilMs, untilMs);
    return added;
  }
}

const WHOAMI_BUDGET_MS = 15_000;

/** For the one question of `doctor` and of the credential rule: somebody may be watching, so patience is short. */
export function whoamiReading(signal: AbortSignal): Reading {
  return new Reading({ signal, budgetMs: WHOAMI_BUDGET_MS, progress: () => {} });
}

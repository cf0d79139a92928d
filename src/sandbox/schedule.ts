import type { SandboxRequest } from './answer.ts';
import type { Drift } from './drift.ts';
import { isConcerned, isDue, type Fault, type FaultMatch } from './fault.ts';
import type { World } from './world.ts';

type Declared = Fault | Drift;

/** Which faults and drifts of a world are due, and which have fired. */
export class Schedule {
  #world: Declarations;
  readonly #attempts = new Map<string, number>();
  readonly #fired = new Map<string, number>();
  /** By object: two worlds may use one id for different things, and share one entry. */
  readonly #firedEver = new WeakSet<Declared>();
  /** Of worlds that were replaced, without what fired: as long as the mistakes of the scenario. */
  #leftBehind: readonly Declared[] = [];

  constructor(world: World) {
    this.#world = toDeclarations(world);
  }

  /** Attempts count from 1 again, and every drift is still to come. */
  replace(world: World): void {
    const next = toDeclarations(world);
    this.#leftBehind = this.#unfired();
    this.#world = next;
    this.#attempts.clear();
    this.#fired.clear();
  }

  /** The first fault that is due. Every fault that is concerned counts the attempt, also when another one fires. */
  takeFault(request: SandboxRequest): Fault | undefined {
    let due: Fault | undefined;
    for (const fault of this.#world.faults) {
      if (this.#isMet(fault, request)) due ??= fault;
    }
    if (due !== undefined) this.#fire(due);
    return due;
  }

  /** Lets every drift happen that is due after this request, in the order of the world. */
  drift(request: SandboxRequest, happen: (drift: Drift) => void): void {
    for (const drift of this.#world.drift) {
      if (!this.#isMet(drift, request) || this.#fired.has(drift.id)) continue;
      happen(drift);
      this.#fire(drift);
    }
  }

  firedCounts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#world.all.map(({ id }) => [id, this.#fired.get(id) ?? 0]));
  }

  unfired(): readonly string[] {
    return this.#unfired().map(({ id }) => id);
  }

  #unfired(): readonly Declared[] {
    const declared = new Set([...this.#leftBehind, ...this.#world.all]);
    return [...declared].filter((entry) => !this.#firedEver.has(entry));
  }

  #isMet({ id, match }: { readonly id: string; readonly match: FaultMatch }, request: SandboxRequest): boolean {
    if (!isConcerned(match, request)) return false;
    const attempt = (this.#attempts.get(id) ?? 0) + 1;
    this.#attempts.set(id, attempt);
    return isDue(match, attempt);
  }

  #fire(entry: Declared): void {
    this.#fired.set(entry.id, (this.#fired.get(entry.id) ?? 0) + 1);
    this.#firedEver.add(entry);
  }
}

type Declarations = {
  readonly faults: readonly Fault[];
  readonly drift: readonly Drift[];
  readonly all: readonly Declared[];
};

/** Counting is by id, so two of one name would hide each other. */
function toDeclarations({ faults, drift }: World): Declarations {
  const all = [...faults, ...drift];
  const seen = new Set<string>();
  for (const { id } of all) {
    if (seen.has(id)) throw new Error(`two faults or drifts of the world have the id ${id}`);
    seen.add(id);
  }
  return { faults, drift, all };
}

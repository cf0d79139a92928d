import { joins, STAFF_STORIES, strays, straysInNamely, type Scene, type Step } from './stories.ts';
import type { Random } from './random.ts';
import type { Staff } from './staff.ts';

/** A run of a day: when it starts, and when what it finds has happened. */
export const SLOTS = [
  { run: '06:00:00Z', events: '04:00:00Z', storiesMax: 4 },
  { run: '12:00:00Z', events: '10:00:00Z', storiesMax: 2 },
  { run: '18:00:00Z', events: '16:00:00Z', storiesMax: 2 },
] as const;
export type Moment = { readonly day: number; readonly slot: number };

/** The planned days: so much at once that no program may believe it unasked. */
export const PLAN = {
  /** Not a loss, but more changes than a page holds, all in one second. */
  reorganisation: { day: 16, slot: 1 },
  deactivation: { day: 20, slot: 0, accounts: 24, undoneDay: 23 },
  import: { day: 33, slot: 2, accounts: 36, removedDays: [36, 39, 42, 45, 48], removedEach: 8 },
  closing: { day: 50, slot: 0, people: 38, cleanedDays: [54, 55, 56, 57], cleanedEach: 10 },
} as const;

type Planned = Moment & { readonly step: Step };

/** Decides, from the seed alone, what happens to whom and when, and lets it happen. */
export class Script {
  readonly #staff: Staff;
  readonly #random: Random;
  /** Who is in the middle of a story, so that no two meet in one person. */
  readonly #busy = new Set<string>();
  #planned: Planned[] = [];

  constructor(staff: Staff, random: Random) {
    this.#staff = staff;
    this.#random = random;
  }

  /** Everything that happens at a moment; returns what it was, in the order in which it happened. */
  tell({ day, slot }: Moment, scene: Omit<Scene, 'staff'>): readonly string[] {
    this.#plan({ day, slot });
    if (day > 0)
      for (let n = this.#random.below(1 + (SLOTS[slot]?.storiesMax ?? 0)); n > 0; n -= 1) this.#begin({ day, slot });
    const due = this.#planned.filter((each) => each.day === day && each.slot === slot);
    this.#planned = this.#planned.filter((each) => !due.includes(each));
    for (const { step } of due) step.happen({ staff: this.#staff, ...scene });
    return due.flatMap(({ step }) => (step.what === '' ? [] : [step.what]));
  }

  /** Somebody of whom all systems agree, from now on kept out of all stories; none where all are in one. */
  take(): string | undefined {
    const free = this.#staff.keys.filter((key) => !this.#busy.has(key) && this.#isAtWork(key));
    const key = this.#random.pick(free);
    if (key !== undefined) this.#busy.add(key);
    return key;
  }

  #begin(moment: Moment): void {
    const draw = this.#random.below(100);
    if (draw < 28) return this.#enter('w', moment, joins);
    if (draw < 40) return this.#enter('x', moment, strays);
    if (draw < 44) return this.#enter('x', moment, straysInNamely);
    const key = this.take();
    const tellers = STAFF_STORIES.flatMap(({ weight, tell }) => Array.from({ length: weight }, () => tell));
    const tell = this.#random.pick(tellers);
    if (key !== undefined && tell !== undefined) this.#schedule(key, moment, tell(key, this.#random));
  }

  #enter(letter: 'w' | 'x', moment: Moment, tell: (key: string, random: Random) => readonly Step[]): void {
    const key = this.#staff.newKey(letter);
    this.#busy.add(key);
    this.#schedule(key, moment, tell(key, this.#random));
  }

  #schedule(key: string, { day, slot }: Moment, steps: readonly Step[]): void {
    const last = Math.max(...steps.map(({ afterDays }) => afterDays));
    const free: Step = { afterDays: last + 1, what: '', happen: () => this.#busy.delete(key) };
    const inOrder = [...steps, free].toSorted((a, b) => a.afterDays - b.afterDays);
    this.#planned.push(...inOrder.map((step) => ({ day: day + step.afterDays, slot, step })));
  }

  #isAtWork(key: string): boolean {
    const { identity, nimble, namely } = this.#staff.of(key);
    const [member, profile] = [nimble?.[0], namely?.[0]];
    const isOnList = identity?.status === 'active' && identity.endDate === undefined;
    return isOnList && member !== undefined && member.active !== false && profile?.status === 'active';
  }

  #plan(moment: Moment): void {
    const { reorganisation, deactivation, import: imported, closing } = PLAN;
    if (isAt(reorganisation, moment)) this.#reorganise(moment);
    if (isAt(deactivation, moment)) this.#deactivate(moment);
    if (isAt(imported, moment)) this.#import(moment);
    if (isAt(closing, moment)) this.#close(moment);
  }

  #takeMany(count: number): readonly string[] {
    return Array.from({ length: count }, () => this.take()).flatMap((key) => key ?? []);
  }

  #reorganise({ day, slot }: Moment): void {
    const keys = this.#staff.keys.filter((key) => this.#staff.of(key).namely !== undefined);
    const happen = ({ staff, at }: Scene): void => {
      for (const key of keys) staff.namely(key, at, { department: 'One Department' });
    };
    const what = `a new department for all ${keys.length} profiles of Namely in one second`;
    this.#planned.push({ day, slot, step: { afterDays: 0, what, happen } });
  }

  #deactivate({ day, slot }: Moment): void {
    const { accounts, undoneDay } = PLAN.deactivation;
    const keys = this.#takeMany(accounts);
    const set = (active: boolean) => (scene: Scene) => {
      for (const key of keys) scene.staff.nimble(key, { active });
      if (active) for (const key of keys) this.#busy.delete(key);
    };
    const off = `${keys.length} accounts switched off in Nimble at once`;
    this.#planned.push({ day, slot, step: { afterDays: 0, what: off, happen: set(false) } });
    const on = { afterDays: 0, what: 'and switched on again', happen: set(true) };
    this.#planned.push({ day: undoneDay, slot: 0, step: on });
  }

  #import({ day, slot }: Moment): void {
    const { accounts, removedDays, removedEach } = PLAN.import;
    const keys = Array.from({ length: accounts }, () => this.#staff.newKey('x'));
    const what = `${keys.length} accounts of nobody imported into Nimble`;
    const happen = ({ staff }: Scene): void => {
      for (const key of keys) staff.nimble(key, { email: `${key}@partner.example` });
    };
    this.#planned.push({ day, slot, step: { afterDays: 0, what, happen } });
    this.#inBatches(keys, removedDays, removedEach, (key, { staff }) => staff.noNimble(key));
  }

  #close({ day, slot }: Moment): void {
    const { people, cleanedDays, cleanedEach } = PLAN.closing;
    const keys = this.#takeMany(people);
    const what = `a site is closed: ${keys.length} people leave at once and keep their accounts`;
    const happen = ({ staff }: Scene): void => {
      for (const key of keys) staff.identity(key, { status: 'inactive' });
    };
    this.#planned.push({ day, slot, step: { afterDays: 0, what, happen } });
    this.#inBatches(keys, cleanedDays, cleanedEach, (key, { staff, at }) => {
      staff.noNimble(key);
      staff.namely(key, at, { status: 'inactive' });
    });
  }

  #inBatches(
    keys: readonly string[],
    days: readonly number[],
    each: number,
    remove: (key: string, scene: Scene) => void,
  ): void {
    for (const [index, day] of days.entries()) {
      const batch = keys.slice(index * each, (index + 1) * each);
      const happen = (scene: Scene): void => {
        for (const key of batch) remove(key, scene);
      };
      const what = `${batch.length} of them cleaned up`;
      if (batch.length > 0) this.#planned.push({ day, slot: 0, step: { afterDays: 0, what, happen } });
    }
  }
}

function isAt(planned: Moment, { day, slot }: Moment): boolean {
  return planned.day === day && planned.slot === slot;
}

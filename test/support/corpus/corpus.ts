import { toShiftedDate } from '../../../src/sandbox/calendar.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { aWorld, type World } from '../../../src/sandbox/world.ts';
import type { Expected } from './believed.ts';
import { Oracle, type Outcome } from './oracle.ts';
import { createRandom } from './random.ts';
import { rowsOf, SOURCES, type Row, type SourceName } from './rows.ts';
import { PLAN, Script, SLOTS, type Moment } from './script.ts';
import { hire, Staff } from './staff.ts';
import { declare, TROUBLES, type Trouble } from './trouble.ts';

const DAYS = 60;
const FIRST_DAY = '2026-01-05';
const PEOPLE = 84;
const SEED = 20_260_105;
/** Something goes wrong in every fourth run: two days have five, so each time of the day has its share. */
const TROUBLE_EVERY = 4;
/** On these the plan itself is the trouble. */
const PLANNED_DAYS: ReadonlySet<number> = new Set([0, 20, 33, 34, 50, 51, 52, 53]);

/** What a run is told and what must come of it, before the program has been asked anything. */
export type Run = {
  readonly moment: Moment;
  readonly at: string;
  /** A full listing is asked for. */
  readonly full: boolean;
  /** What has happened since the run before. */
  readonly happened: readonly string[];
  readonly trouble: Trouble | undefined;
  /** What a person lets go before it. */
  readonly released: { readonly kind: 'source' | 'conclusion'; readonly sources: readonly SourceName[] } | undefined;
  readonly expected: Readonly<Record<SourceName, Expected>>;
};

/** The scenario: sixty days in three runs each, and its own account of all that must be found. */
export class Corpus {
  readonly oracle = new Oracle();
  readonly staff = new Staff();
  readonly #sandbox: Sandbox;
  readonly #random = createRandom(SEED);
  readonly #script = new Script(this.staff, this.#random);
  #waitingTroubles: readonly Trouble[] = TROUBLES;
  #silence: { readonly source: SourceName; readonly untilMs: number } | undefined;
  /** Of which more is lost than may be believed, until a person has said that it is so. */
  #suspected: SourceName | undefined;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
    hire(this.staff, PEOPLE, this.#random, `${FIRST_DAY}T00:00:00Z`);
  }

  /** What never came to happen, because no run was left that it fits. */
  get untold(): readonly string[] {
    return this.#waitingTroubles.map(({ what }) => what);
  }

  get moments(): readonly Moment[] {
    const days = Array.from({ length: DAYS }, (_unused, day) => day);
    // Every other day is read twice only.
    return days.flatMap((day) => (day % 2 === 0 ? [0, 1, 2] : [0, 2]).map((slot) => ({ day, slot })));
  }

  /** Lets happen what happens until this run, sets the vendors up for it, and says how each source must be read. */
  prepare(moment: Moment, number: number): Run {
    const today = toShiftedDate(FIRST_DAY, moment.day);
    const times = SLOTS[moment.slot];
    if (times === undefined) throw new Error('there is no such run');
    const at = `${today}T${times.run}`;
    const happened = this.#script.tell(moment, { at: `${today}T${times.events}`, today });
    const full = moment.slot === 0;
    const trouble = this.#troubleOf(moment, number);
    const world = this.#world(at, trouble);
    const declared = trouble === undefined ? {} : declare(trouble, `run-${number}`, world);
    this.#sandbox.setWorld({ ...world, ...declared });
    const expected = this.#expect(world, full, trouble);
    return { moment, at, full, happened, trouble, released: this.#plannedRelease(moment), expected };
  }

  /** The corpus's own conclusions from a run. */
  conclude({ expected, at, trouble }: Run): Outcome {
    for (const source of SOURCES) this.oracle.take(source, expected[source], at);
    if (trouble?.silencesHours !== undefined) {
      this.#silence = { source: trouble.source, untilMs: Date.parse(at) + trouble.silencesHours * 3_600_000 };
    }
    this.#followDrift();
    return this.oracle.reconcile(at);
  }

  #world(at: string, trouble: Trouble | undefined): World {
    const identitiesAgeSeconds = trouble?.ageSeconds ?? 0;
    return aWorld({ people: this.staff.people, clockFixedAt: at, identitiesAgeSeconds });
  }

  #expect(world: World, full: boolean, trouble: Trouble | undefined): Run['expected'] {
    const expect = (source: SourceName): Expected => {
      const now = Date.parse(world.clockFixedAt ?? '');
      if (this.#silence?.source === source && now < this.#silence.untilMs) return { kind: 'waiting' };
      const due = source === 'namely' ? this.oracle.sources.namely.modeAt(full) : 'full';
      const rows = rowsOf(source, world.people);
      if (trouble?.source === source) return toExpected(trouble, { due, rows, now });
      return {
        kind: 'judged',
        mode: due,
        verdict: this.#suspected === source ? 'suspicious' : 'complete',
        shown: rows,
      };
    };
    return { directory: expect('directory'), nimble: expect('nimble'), namely: expect('namely') };
  }

  #plannedRelease({ day, slot }: Moment): Run['released'] {
    if (day === PLAN.deactivation.day && slot === 2) return { kind: 'source', sources: ['nimble'] };
    if (day === PLAN.closing.day && slot === 1) return { kind: 'source', sources: ['directory'] };
    if (day === PLAN.import.day + 1 && slot === 0) return { kind: 'conclusion', sources: this.oracle.held };
    const heldUntil = PLAN.closing.day + 3;
    if (day === heldUntil && slot === 0) return { kind: 'conclusion', sources: this.oracle.held };
    return undefined;
  }

  #troubleOf(moment: Moment, number: number): Trouble | undefined {
    const { day, slot } = moment;
    this.#suspected = undefined;
    if (day === PLAN.deactivation.day && slot < 2) this.#suspected = 'nimble';
    if (day === PLAN.closing.day && slot < 1) this.#suspected = 'directory';
    if (number % TROUBLE_EVERY !== TROUBLE_EVERY - 1 || PLANNED_DAYS.has(day)) return undefined;
    const mode = this.oracle.sources.namely.modeAt(slot === 0);
    const trouble = this.#waitingTroubles.find(({ fits = mode }) => fits === mode);
    this.#waitingTroubles = this.#waitingTroubles.filter((each) => each !== trouble);
    return trouble;
  }

  /** What a drift took away while pages were read is gone in truth too. */
  #followDrift(): void {
    const left = new Set(rowsOf('namely', this.#sandbox.world.people).map(({ id }) => id));
    for (const key of this.staff.keys) {
      const [profile] = this.staff.of(key).namely ?? [];
      if (profile !== undefined && !left.has(profile.id)) this.staff.noNamely(key);
    }
  }
}

type Given = { readonly due: 'full' | 'delta'; readonly rows: readonly Row[]; readonly now: number };

function toExpected({ shows, turnsFull, verdict, ageSeconds = 0 }: Trouble, { due, rows, now }: Given): Expected {
  const shown = rows.filter((_row, index) => shows?.(index, rows.length) ?? true);
  const listedAt = new Date(now - ageSeconds * 1000).toISOString();
  return { kind: 'judged', mode: turnsFull === true ? 'full' : due, verdict, shown, listedAt };
}

import { afterAll, beforeAll, expect, test } from 'vitest';
import { showIn } from '../../support/document.ts';
import { openArena, type Arena, type Moment } from './arena.ts';
import { FINDINGS } from './company.ts';
import { answersOfFew, type Choice, everywhere, few, fewAndListings, JOB, RECONCILIATION, sparing } from './choices.ts';
import type { KillPoint } from './points.ts';
import { type BreakOff, killOnce, type Reference, runThrough, sweep } from './sweep.ts';
import { describeSweep, DOCUMENT, PLACES, renderSweeps, type Sweep } from './table.ts';
import { killAtSlack, killBeforeKnown, killOneOfTwo, killTwice, killWhenKnown, loseConnection, pause } from './ways.ts';

// Cases 57, 58, 63, 72 and 95: a run is broken off wherever it commits something, goes on, and must come to the same end. One test
// after the other: all of them look at the same company.

/** A quiet machine takes a twentieth of it. */
const SWEEP_MS = 900_000;

let arena: Arena;
const references = new Map<Moment, Reference>();
const sweeps: Sweep[] = [];

beforeAll(async () => {
  arena = await openArena();
});
afterAll(async () => {
  await arena[Symbol.asyncDispose]();
});

test.for(['first', 'later'] as const)('the %s run, which nobody breaks off, finds what there is', async (moment) => {
  const reference = await runThrough(arena, moment);
  references.set(moment, reference);
  expect(reference.findings).toEqual(FINDINGS[moment]);
  expect(reference.code).toBe(moment === 'first' ? 0 : 3);
  expect(reference.texts).toHaveLength(moment === 'first' ? 1 : 2);
  expect(reference.conclusions).toMatchObject({ broken: [], 'left behind': [] });
});

type Given = {
  readonly name: string;
  readonly moment: Moment;
  readonly points: Choice;
  readonly breakOff: BreakOff;
  readonly isRepeatable?: boolean;
};

const GIVEN: readonly Given[] = [
  {
    name: 'case 57: the first run is killed',
    moment: 'first',
    points: sparing,
    breakOff: killOnce,
    isRepeatable: true,
  },
  {
    name: 'case 57: a later run is killed',
    moment: 'later',
    points: everywhere,
    breakOff: killOnce,
    isRepeatable: true,
  },
  {
    name: 'case 58: killed twice at the same point, then two runs at once',
    moment: 'later',
    points: few,
    breakOff: killTwice,
  },
  { name: 'one of two runs is killed', moment: 'later', points: fewAndListings, breakOff: killOneOfTwo },
  {
    name: 'case 63: the answer to a commit is lost, not the process',
    moment: 'later',
    points: answersOfFew,
    breakOff: loseConnection,
  },
  {
    name: 'case 72: stopped for a minute, in which another run does it all',
    moment: 'later',
    points: fewAndListings,
    breakOff: pause,
  },
];

test.for(GIVEN)('$name', { timeout: SWEEP_MS }, async ({ name, moment, points, breakOff, isRepeatable = false }) => {
  const reference = references.get(moment) ?? (await runThrough(arena, moment));
  await arena.become(moment);
  const beganAt = performance.now();
  const outcomes = await sweep({ arena, reference }, points(reference), breakOff);
  const done = { name, outcomes, isRepeatable };
  sweeps.push(done);
  process.stderr.write(describeSweep(done, reference, performance.now() - beganAt));
  expect(outcomes.flatMap(({ faults }) => faults)).toEqual([]);
  // Where two work on the same, one may find done what it was to be broken off at.
  const met = outcomes.filter((outcome) => outcome.met > 0).length;
  expect(met).toBeGreaterThanOrEqual(isRepeatable ? outcomes.length : outcomes.length / 2);
});

const CRASHES: readonly { when: string; point: KillPoint; breakOff: BreakOff; twice: number }[] = [
  {
    when: 'when its finding is committed, and nothing of it is taken',
    point: { label: RECONCILIATION, nth: 1, moment: 'after' },
    breakOff: killOnce,
    twice: 0,
  },
  {
    when: 'when it is taken, and not sent',
    point: { label: JOB, nth: 1, moment: 'after' },
    breakOff: killOnce,
    twice: 0,
  },
  {
    when: 'while Slack has it, and has not answered',
    point: { label: JOB, nth: 3, moment: 'before' },
    breakOff: killAtSlack,
    twice: 1,
  },
  {
    when: 'when Slack has answered, and the database does not know',
    point: { label: JOB, nth: 3, moment: 'before' },
    breakOff: killBeforeKnown,
    twice: 1,
  },
  {
    when: 'when the database knows, and the process does not',
    point: { label: JOB, nth: 3, moment: 'after' },
    breakOff: killWhenKnown,
    twice: 0,
  },
];

test.for(CRASHES)(
  'case 95: a crash $when: $twice come twice',
  { timeout: SWEEP_MS },
  async ({ point, breakOff, twice }) => {
    const reference = references.get('later') ?? (await runThrough(arena, 'later'));
    await arena.become('later');
    const [outcome] = await sweep({ arena, reference }, [point], breakOff);
    expect(outcome).toMatchObject({ met: 1, faults: [], repeated: twice });
  },
);

test('docs/reliability.md is written on demand', async ({ skip }) => {
  // How many points there are to meet differs a little from run to run; what is on the page was one of them.
  if (process.env['UPDATE_DOCS'] !== '1') skip('UPDATE_DOCS is not 1');
  if (sweeps.length < GIVEN.length) skip('not all sweeps were made');
  const { published, current } = await showIn(DOCUMENT, PLACES.run, renderSweeps(sweeps));
  expect(published, 'run with UPDATE_DOCS=1').toBe(current);
});

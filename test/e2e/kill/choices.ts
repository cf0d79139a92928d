import { answersOf, bothSides, firstOfEach, type KillPoint, type Label } from './points.ts';
import type { Reference } from './sweep.ts';

// Where runs are broken off: everywhere once, and where it costs more than that, at what differs.

export const JOB = 'a job taken or settled';
const LISTING = 'a listing with its rows, watermark and alerts';
export const RECONCILIATION = 'a reconciliation with its findings and alerts';
const UPKEEP = 'upkeep of the job queue';
const OLD_HISTORY = 'removal of old history';
/** Committed by more than a statement. */
const WHOLE: readonly Label[] = ['the sources', 'rows on their way in', LISTING, RECONCILIATION];
/** Upkeep comes by the clock, but for the first two, which each run makes. */
const UPKEEP_MAX = 2;
/** Of a worker: four sources, the reconciliation and two alerts are taken and settled, some of them together. */
const JOBS_MAX = 6;

export type Choice = (reference: Reference) => readonly KillPoint[];

/** Both sides of every commit. */
export const everywhere: Choice = ({ commits }) =>
  bothSides(commits.filter(({ label, nth }) => label !== UPKEEP || nth <= UPKEEP_MAX));

/** Every commit, and both sides where it is of more than a statement; old history is one loop. */
export const sparing: Choice = (of) =>
  answersOf(everywhere(of), WHOLE).filter(({ label, nth }) => label !== OLD_HISTORY || nth === 1);

/** Both sides of the first commit of each kind. */
export const few: Choice = (of) => firstOfEach(everywhere(of)).filter(({ label }) => label !== UPKEEP);

export const answersOfFew: Choice = (of) => answersOf(few(of), []);

/** The same, and all listings: which source is broken off matters where another process reads the rest. */
export const fewAndListings: Choice = (of) => [
  ...few(of).filter(({ label }) => label !== LISTING),
  ...everywhere(of).filter(({ label }) => label === LISTING),
];

/**
 * Of a worker: both sides of listings and of the reconciliation, and the side of the answer of all others, because only the answer tells
 * whether a poll has found something.
 */
export const worthTrying: Choice = ({ commits }) => {
  const whole = commits.filter(({ label }) => label === LISTING || label === RECONCILIATION);
  const jobs = commits.filter(({ label, nth }) => label === JOB && nth <= JOBS_MAX);
  const others = commits.filter((each) => !whole.includes(each) && each.label !== JOB && each.label !== UPKEEP);
  return [...bothSides(whole), ...jobs, ...firstOfEach(others)];
};

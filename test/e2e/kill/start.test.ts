import { afterAll, beforeAll, expect, test } from 'vitest';
import { showIn } from '../../support/document.ts';
import { openArena, type Arena } from './arena.ts';
import { type Choice, worthTrying } from './choices.ts';
import { FINDINGS } from './company.ts';
import { firstOfEach } from './points.ts';
import { killWorker, workThrough } from './start-sweep.ts';
import { type Reference, sweep } from './sweep.ts';
import { describeSweep, DOCUMENT, PLACES, renderSweeps, type Sweep } from './table.ts';

// Cases 57 and 58 for the worker: it is killed wherever it commits something, and one or two take its place.

const SWEEP_MS = 900_000;

let arena: Arena;
let reference: Reference;
const sweeps: Sweep[] = [];

beforeAll(async () => {
  arena = await openArena();
  reference = await workThrough(arena);
});
afterAll(async () => {
  await arena[Symbol.asyncDispose]();
});

test('the worker, which nobody breaks off, finds what there is', () => {
  expect(reference.findings).toEqual(FINDINGS.later);
  expect(reference.texts).toHaveLength(2);
  expect(reference.conclusions).toMatchObject({ broken: [], 'left behind': [] });
});

const GIVEN: readonly { name: string; workers: number; points: Choice }[] = [
  { name: 'case 57: a worker is killed, and starts again', workers: 1, points: worthTrying },
  {
    name: 'case 58: a worker is killed, and two take its place',
    workers: 2,
    points: (of) => firstOfEach(worthTrying(of)),
  },
];

test.for(GIVEN)('$name', { timeout: SWEEP_MS }, async ({ name, workers, points }) => {
  await arena.become('later');
  const beganAt = performance.now();
  const outcomes = await sweep({ arena, reference }, points(reference), killWorker(workers));
  const done = { name, outcomes, isRepeatable: false };
  sweeps.push(done);
  process.stderr.write(describeSweep(done, reference, performance.now() - beganAt));
  expect(outcomes.flatMap(({ faults }) => faults)).toEqual([]);
  expect(outcomes.filter(({ met }) => met > 0).length).toBeGreaterThanOrEqual(outcomes.length * 0.8);
});

test('docs/reliability.md is written on demand', async ({ skip }) => {
  // How many points there are to meet differs a little from run to run; what is on the page was one of them.
  if (process.env['UPDATE_DOCS'] !== '1') skip('UPDATE_DOCS is not 1');
  if (sweeps.length < GIVEN.length) skip('not all sweeps were made');
  const { published, current } = await showIn(DOCUMENT, PLACES.start, renderSweeps(sweeps));
  expect(published, 'run with UPDATE_DOCS=1').toBe(current);
});

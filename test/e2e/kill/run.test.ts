import { afterAll, beforeAll, expect, test } from 'vitest';
import { openArena, type Arena } from './arena.ts';
import { killOnce, killPoints, runThrough, sweep } from './sweep.ts';

let arena: Arena;
beforeAll(async () => {
  arena = await openArena();
});
afterAll(async () => {
  await arena[Symbol.asyncDispose]();
});

test.for(['first', 'later'] as const)('%s', { timeout: 600_000 }, async (moment) => {
  if (moment === 'later') await (await arena.copy('later'))[Symbol.asyncDispose]();
  await arena.become(moment);
  const at = performance.now();
  const reference = await runThrough(arena, moment);
  const points = killPoints(reference);
  const outcomes = await sweep({ arena, reference }, points, killOnce);
  console.log(moment, points.length, outcomes.filter((o) => o.met === 1).length, outcomes.filter((o) => o.faults.length === 0).length, outcomes.reduce((s, o) => s + o.repeated, 0), performance.now() - at);
  expect(outcomes.flatMap(({ faults }) => faults)).toEqual([]);
});

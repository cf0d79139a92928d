import { expect, test } from 'vitest';
import { SeenIds } from '../../../src/store/seen-ids.ts';

// More than the table begins with, so that it grows while ids are in it.
const IDS = Array.from({ length: 50_000 }, (_, at) => `person-${at}`);

test('what was added is seen again, also after the table has grown, and nothing else is', () => {
  const seen = new SeenIds();

  const firsts = IDS.filter((id) => seen.add(id));
  const seconds = IDS.filter((id) => seen.add(id));

  expect(firsts).toEqual([]);
  expect(seconds).toHaveLength(IDS.length);
});

test('ids that differ in order, length or one bit are not one id', () => {
  const seen = new SeenIds();
  const ids = ['', ' ', 'ab', 'ba', 'a', 'aa', 'aaa', '\u0000', '\u0000\u0000', 'Ä', 'ä', '1', '01', '10'];

  expect(ids.filter((id) => seen.add(id))).toEqual([]);
});

test('ids that somebody has made for one place are not searched for one after the other', () => {
  const seen = new SeenIds();

  const unlike = floodingIds(200).filter((id) => !seen.add(id));

  expect(unlike).toHaveLength(64);
  expect(seen.add('of another place')).toBe(false);
});

/** Different ids whose lower 32 bits are one number: for each beginning the last two characters are looked for that lead there. */
function floodingIds(count: number): readonly string[] {
  const found: string[] = [];
  for (let beginning = 0; found.length < count; beginning += 1) {
    const prefix = `id-${beginning}-`;
    let state = 0x811c9dc5;
    for (let at = 0; at < prefix.length; at += 1) state = step(state ^ prefix.charCodeAt(at));
    for (let unit = 0; unit < 0x1_0000; unit += 1) {
      const last = step(state ^ unit) ^ BEFORE;
      if (last >>> 16 !== 0) continue;
      found.push(prefix + String.fromCharCode(unit, last));
      break;
    }
  }
  return found;
}

function step(value: number): number {
  const mixed = Math.imul(value, 0x5bd1e995);
  return mixed ^ (mixed >>> 15);
}

/** What one more step makes into the number 1: the step undone. */
const BEFORE = Math.imul(1, inverse(0x5bd1e995));

/** Modulo 2 to the power of 32, by Newton's way: each round doubles the bits that are right. */
function inverse(odd: number): number {
  let guess = odd;
  for (let round = 0; round < 5; round += 1) guess = Math.imul(guess, 2 - Math.imul(odd, guess));
  return guess;
}

import type { Arrange } from './company.ts';
import type { Told } from './types.ts';

const PAGE_MAX = 40;

/** As the stories tell them, in one page. */
export const inOrder: Arrange = (rows) => [rows];

/** In another order and other pages each day; the same for the same seed. */
export function shuffledBy(seed: number): Arrange {
  return (rows, day) => {
    const next = createDice(seed * 1000 + day);
    const left = [...rows];
    const pages: (readonly Told[])[] = [];
    while (left.length > 0) {
      const page: Told[] = [];
      const size = 1 + next(PAGE_MAX);
      while (page.length < size && left.length > 0) page.push(...left.splice(next(left.length), 1));
      pages.push(page);
    }
    return pages;
  };
}

/** Numbers below a bound, always the same ones for a seed (mulberry32). */
function createDice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

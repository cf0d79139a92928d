import { expect, test } from 'vitest';
import type { RosterRow } from '../../../src/core/row.ts';
import type { PagesEnd } from '../../../src/sources/pages.ts';
import { readUntilStill, type StillEnd } from '../../../src/sources/until-still.ts';
import { aRow } from '../../support/builders.ts';

/** Reads passes that show these ids, page by page; how it ended, and how many passes it took. */
async function read(passes: readonly (readonly string[])[], more: Partial<PagesEnd> = {}) {
  let pass = 0;
  const readOnce = async function* (): AsyncGenerator<readonly RosterRow[], PagesEnd, undefined> {
    const ids = passes[pass] ?? [];
    pass += 1;
    for (const externalId of ids) yield [aRow({ externalId })];
    return { pages: ids.length, rowsSeen: ids.length, outcome: { kind: 'ended' }, ...more };
  };
  const listing = readUntilStill(readOnce);
  let step = await listing.next();
  while (step.done !== true) step = await listing.next();
  const end: StillEnd = step.value;
  return { passes: pass, neverStill: end.neverStill ?? false };
}

test.each<[string, readonly (readonly string[])[], object]>([
  ['nothing moves', [['a', 'b']], { passes: 1, neverStill: false }],
  [
    'it moves once',
    [
      ['a', 'b', 'b'],
      ['a', 'b', 'c'],
    ],
    { passes: 2, neverStill: false },
  ],
  [
    'the same rows come twice again',
    [
      ['a', 'b', 'b'],
      ['a', 'b', 'b'],
    ],
    { passes: 2, neverStill: false },
  ],
  ['it moves in each pass', [['a', 'a'], ['a', 'b', 'b'], ['a', 'c', 'c'], ['a']], { passes: 3, neverStill: true }],
  [
    'the last pass stands still',
    [
      ['a', 'a'],
      ['a', 'b', 'b'],
      ['a', 'b', 'c'],
    ],
    { passes: 3, neverStill: false },
  ],
])('%s', async (_name, passes, expected) => {
  expect(await read(passes)).toEqual(expected);
});

test('what was begun again, or has failed, has not moved', async () => {
  const moving = [
    ['a', 'a'],
    ['b', 'b'],
    ['c', 'c'],
  ];
  expect(await read(moving, { begunAgain: true })).toEqual({ passes: 1, neverStill: false });
  const outcome = { kind: 'broken', code: 'source-contract', detail: 'cut' } as const;
  expect(await read(moving, { outcome })).toEqual({ passes: 1, neverStill: false });
});

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

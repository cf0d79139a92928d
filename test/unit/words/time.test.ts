import { expect, test } from 'vitest';
import { renderAge, renderMoment } from '../../../src/words/time.ts';

const NOW = new Date('2026-11-21T12:00:00.000Z');

test.each([
  ['2026-11-21T11:59:20.000Z', '40 s'],
  ['2026-11-21T11:59:00.000Z', '1 min'],
  ['2026-11-21T11:00:01.000Z', '59 min'],
  ['2026-11-21T11:00:00.000Z', '1 h'],
  ['2026-11-19T12:00:01.000Z', '47 h'],
  ['2026-11-19T12:00:00.000Z', '2 d'],
  ['2026-11-21T12:00:05.000Z', '0 s'],
  [null, '-'],
  [undefined, '-'],
  ['never', '-'],
])('%s was %s ago', (at, expected) => {
  expect(renderAge(at, NOW)).toBe(expected);
});

test('a moment is shown in UTC, whatever zone it was written in', () => {
  expect(renderMoment('2026-11-21T01:30:00+02:00')).toBe('2026-11-20 23:30 UTC');
  expect(renderMoment(null)).toBe('-');
});

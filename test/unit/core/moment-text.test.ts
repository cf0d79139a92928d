import { expect, test } from 'vitest';
import { momentText, secondFrom } from '../../../src/core/moment-text.ts';

test('a moment in a sentence is cut to the minute or the second', () => {
  expect(momentText('2026-11-21T09:15:59.999999Z')).toBe('2026-11-21 09:15 UTC');
  expect(momentText('2026-11-21T09:15:59.999999Z', 'second')).toBe('2026-11-21 09:15:59 UTC');
});

test.each([
  ['2026-11-21T09:15:00Z', '2026-11-21 09:15:00 UTC'],
  ['2026-11-21T09:15:00.000Z', '2026-11-21 09:15:00 UTC'],
  ['2026-11-21T09:15:00.000001Z', '2026-11-21 09:15:01 UTC'],
  ['2026-12-31T23:59:59.4Z', '2027-01-01 00:00:00 UTC'],
])('from %s on is from %s on', (at, second) => {
  expect(secondFrom(at)).toBe(second);
});

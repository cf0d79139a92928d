import { expect, test } from 'vitest';
import { tokenAgeWarning } from '../../../src/core/token-age.ts';

// 730 days after 2026-01-15, one of them a leap day in neither year: 2028-01-15.
const ISSUED = '2026-01-15';

test.each([
  ['on its first day', '2026-01-15'],
  ['61 days before its end', '2027-11-15'],
])('nothing is said %s', (_name, today) => {
  expect(tokenAgeWarning(ISSUED, today)).toBeUndefined();
});

test.each([
  ['60 days before', '2027-11-16', 'ends about 2028-01-15, in 60 days'],
  ['on its last day', '2028-01-15', 'ends about 2028-01-15, in 0 days'],
  ['after it', '2028-01-16', 'should have ended on 2028-01-15'],
])('%s it is said that it ends', (_name, today, expected) => {
  expect(tokenAgeWarning(ISSUED, today)).toContain(expected);
});

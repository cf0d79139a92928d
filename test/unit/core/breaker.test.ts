import { describe, expect, test } from 'vitest';
import { breakerLimit, conclusionLimit } from '../../../src/core/breaker.ts';
import { judgeListing } from '../../../src/core/verdict.ts';
import { aListingEnd, someCounts } from '../../support/builders.ts';

describe('breakerLimit', () => {
  // max(1, ceil(0.2 n)), by hand.
  test.each([
    [0, 1],
    [1, 1],
    [3, 1],
    [5, 1],
    [6, 2],
    [10, 2],
    [50, 10],
    [100, 20],
    [1_000, 200],
    [100_000, 20_000],
  ])('of %d rows at 20 %% is %d', (n, limit) => {
    expect(breakerLimit(n, 0.2)).toBe(limit);
  });

  test('a binary fraction does not raise it', () => {
    expect(breakerLimit(100, 0.07)).toBe(7);
  });

  // Fault case 14: how many are gone at once, and whether the listing is believed.
  test.each([
    { n: 3, lost: 1, believed: true },
    { n: 3, lost: 2, believed: false },
    { n: 3, lost: 3, believed: false },
    { n: 5, lost: 1, believed: true },
    { n: 5, lost: 2, believed: false },
    { n: 5, lost: 5, believed: false },
    { n: 10, lost: 1, believed: true },
    { n: 10, lost: 2, believed: true },
    { n: 10, lost: 3, believed: false },
    { n: 10, lost: 5, believed: false },
    { n: 10, lost: 10, believed: false },
    { n: 50, lost: 5, believed: true },
    { n: 50, lost: 10, believed: true },
    { n: 50, lost: 11, believed: false },
    { n: 50, lost: 25, believed: false },
    { n: 100, lost: 10, believed: true },
    { n: 100, lost: 21, believed: false },
    { n: 100, lost: 50, believed: false },
    { n: 1_000, lost: 100, believed: true },
    { n: 1_000, lost: 200, believed: true },
    { n: 1_000, lost: 201, believed: false },
    { n: 1_000, lost: 1_000, believed: false },
    { n: 100_000, lost: 20_000, believed: true },
    { n: 100_000, lost: 20_001, believed: false },
  ])('$lost of $n gone: believed $believed', ({ n, lost, believed }) => {
    const counts = someCounts({ distinctIds: n - lost, knownPresent: n, baseline: n, lost });
    const verdict = judgeListing(aListingEnd(), counts, { mode: 'full', minRows: 0, ratio: 0.2 });
    expect(verdict.kind).toBe(believed ? 'complete' : 'suspicious');
  });
});

describe('conclusionLimit', () => {
  test.each([
    [3, 3],
    [15, 3],
    [16, 4],
    [100, 20],
  ])('of %d accounts at 20 %% is %d', (n, limit) => {
    expect(conclusionLimit(n, 0.2)).toBe(limit);
  });
});

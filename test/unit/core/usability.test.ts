import { describe, expect, test } from 'vitest';
import type { SourceState } from '../../../src/core/policy.ts';
import { judgeUsability } from '../../../src/core/usability.ts';
import { aSourceState, NOW } from '../../support/builders.ts';

describe('judgeUsability', () => {
  test.each<[string, Partial<SourceState>]>([
    ['complete an hour ago', {}],
    ['complete just inside maxAge', { lastFull: { verdict: 'complete', at: '2026-11-20T08:00:01Z' } }],
    [
      'of any age without maxAge',
      { maxAgeMs: undefined, lastFull: { verdict: 'complete', at: '2020-01-01T00:00:00Z' } },
    ],
    ['a file from the future', { lastFull: { verdict: 'complete', at: '2027-01-01T00:00:00Z' } }],
    ['the latest delta was complete', { lastDelta: { verdict: 'complete' } }],
  ])('usable: %s', (_name, state) => {
    expect(judgeUsability(aSourceState(state), NOW)).toEqual({ usable: true });
  });

  test.each<[string, Partial<SourceState>, string]>([
    ['never read', { lastFull: undefined }, 'has not been read in full yet'],
    [
      'incomplete, although an older one was complete',
      { lastFull: { verdict: 'incomplete', at: NOW, reason: '380 of 400 declared rows arrived' } },
      'could not be read in full: 380 of 400 declared rows arrived',
    ],
    [
      'deferred without a reason',
      { lastFull: { verdict: 'deferred', at: NOW } },
      'could not be read in full: deferred',
    ],
    [
      'suspicious',
      { lastFull: { verdict: 'suspicious', at: NOW, reason: 'empty' } },
      'could not be read in full: empty',
    ],
    [
      'exactly maxAge old',
      { lastFull: { verdict: 'complete', at: '2026-11-20T08:00:00Z' } },
      'is stale: its list is of 2026-11-20 08:00 UTC, and maxAge is 26 h',
    ],
    [
      'a broken delta since',
      { lastDelta: { verdict: 'incomplete', reason: 'cut' } },
      'could not be read for changes: cut',
    ],
    ['an open breaker', { breakerOpen: true }, 'has an open breaker: see `rollcall breaker list`'],
  ])('not usable: %s', (_name, state, reason) => {
    expect(judgeUsability(aSourceState(state), NOW)).toEqual({ usable: false, reason });
  });
});

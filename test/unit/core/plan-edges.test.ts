import { describe, expect, test } from 'vitest';
import { planRules } from '../../../src/core/plan.ts';
import type { SourceState } from '../../../src/core/policy.ts';
import { judgeUsability } from '../../../src/core/usability.ts';
import { aSourceState, NOW } from '../../support/builders.ts';

// Contract §5, *Fresh*: what is told when several things are wrong at once, and by whom it was caused.

const MINUTE_MS = 60_000;
const plan = (...states: readonly SourceState[]) => planRules(states, { now: NOW, disabled: new Set() });
const directory = aSourceState({ id: 1, name: 'directory', authoritative: true });
const hr = aSourceState({ id: 9, name: 'hr', authoritative: true });
const unread = { lastFull: undefined };

describe('planRules', () => {
  test('two lists that cannot be used: both are named, and both are causes', () => {
    const { withheld } = plan({ ...directory, ...unread }, { ...hr, ...unread }, aSourceState());
    const told = withheld.filter(({ source }) => source === 'nimble');
    expect(told).toMatchObject([
      {
        reason: 'directory has not been read in full yet; hr has not been read in full yet',
        causes: ['directory', 'hr'],
      },
    ]);
  });

  test('an open breaker has a message of its own: it is the reason, and no cause', () => {
    const { withheld } = plan({ ...directory, breakerOpen: true }, { ...hr, ...unread }, aSourceState());
    const told = withheld.filter(({ source }) => source === 'nimble');
    expect(told).toMatchObject([
      { reason: expect.stringMatching(/^directory has an open breaker.*; hr /), causes: ['hr'] },
    ]);
  });

  test('what is wrong with the application itself goes before what is wrong with the lists', () => {
    const { runs, withheld } = plan({ ...directory, ...unread }, aSourceState(unread));
    expect(runs).toEqual([]);
    expect(withheld.filter(({ source }) => source === 'nimble')).toMatchObject([{ causes: ['nimble'] }]);
  });

  test('an audited list that is not usable is not compared, and does not hinder itself as an authority', () => {
    const audited = { ...hr, audited: true };
    const { runs } = plan(directory, audited);
    expect(runs.find(({ source }) => source === 'hr')?.rules).toContain('orphaned_account');
    expect(plan(directory, { ...audited, ...unread }).runs.map(({ source }) => source)).not.toContain('hr');
  });

  test('a token of an application without any list is nobody’s to judge', () => {
    const owned = aSourceState({ tokenOwner: { email: 'it@example.com' } });
    expect(plan(owned).withheld.flatMap(({ rules }) => rules)).toContain('credential_owner_at_risk');
  });
});

describe('judgeUsability', () => {
  test.each<[string, Partial<SourceState>, string]>([
    ['never read goes before an open breaker', { ...unread, breakerOpen: true }, 'has not been read in full yet'],
    [
      'an open breaker goes before a listing that failed',
      { breakerOpen: true, lastFull: { verdict: 'incomplete', at: NOW } },
      'has an open breaker: see `rollcall breaker list`',
    ],
    [
      'a delta that failed without a reason',
      { lastDelta: { verdict: 'deferred' } },
      'could not be read for changes: deferred',
    ],
    [
      'hours with at most two digits after the point',
      { maxAgeMs: 20 * MINUTE_MS },
      'is stale: its list is of 2026-11-21 09:00 UTC, and maxAge is 0.33 h',
    ],
  ])('%s', (_name, state, reason) => {
    expect(judgeUsability(aSourceState(state), NOW)).toEqual({ usable: false, reason });
  });
});

import { describe, expect, test } from 'vitest';
import { planRules } from '../../../src/core/plan.ts';
import { expectationOf } from '../../../src/core/rule-options.ts';
import { RULES, type Rule } from '../../../src/core/rule.ts';
import { aSourceState, NOW } from '../../support/builders.ts';

const nimble = aSourceState();
const directory = aSourceState({ id: 1, name: 'directory', authoritative: true });
const hr = aSourceState({ id: 9, name: 'hr', authoritative: true });
/** Contract §1: off unless the configuration says what they are to look for. */
const OFF = new Set<Rule>(['missing_account', 'attribute_mismatch', 'dormant_account']);
const ON = RULES.filter((rule) => !OFF.has(rule));
/** A source whose token's owner is not known has no credential to judge. */
const OF_ACCOUNTS = ON.filter((rule) => rule !== 'credential_owner_at_risk');
/** These look at the rows of one source alone, and at those of authorities too. */
const OF_ROWS: readonly Rule[] = ['lifecycle_conflict', 'reused_account'];
const READS_IDENTITIES = OF_ACCOUNTS.filter((rule) => !OF_ROWS.includes(rule));
const plan = (states: readonly (typeof nimble)[], disabled: readonly Rule[] = []) =>
  planRules(states, { now: NOW, disabled: new Set(disabled) });
const rulesOf = (states: readonly (typeof nimble)[], source: string) =>
  plan(states).runs.find((run) => run.source === source)?.rules ?? [];

describe('planRules', () => {
  test('all usable: every rule for applications, those that judge identities for authorities', () => {
    expect(plan([directory, nimble])).toEqual({
      runs: [
        { sourceId: 1, source: 'directory', rules: [...OF_ROWS], baseline: [] },
        { sourceId: 2, source: 'nimble', rules: [...OF_ACCOUNTS], baseline: [] },
      ],
      withheld: [],
    });
  });

  test('an application that failed withholds its own rules only', () => {
    const broken = aSourceState({ lastFull: { verdict: 'incomplete', at: NOW, reason: 'page 7 is missing' } });
    const other = aSourceState({ id: 3, name: 'nimbus' });
    const { runs, withheld } = plan([directory, broken, other]);
    expect(runs.map((run) => run.source)).toEqual(['directory', 'nimbus']);
    expect(withheld).toEqual([
      {
        source: 'nimble',
        rules: [...OF_ACCOUNTS],
        reason: 'nimble could not be read in full: page 7 is missing',
        causes: ['nimble'],
      },
    ]);
  });

  test('an identity list that failed withholds what reads identities, everywhere, and the rest goes on', () => {
    const stale = { ...directory, lastFull: { verdict: 'complete', at: '2026-11-01T00:00:00Z' } } as const;
    const { runs, withheld } = plan([stale, hr, nimble]);
    const reason = 'directory is stale: its list is of 2026-11-01 00:00 UTC, and maxAge is 26 h';
    expect(runs.map(({ source, rules }) => [source, rules])).toEqual([
      ['hr', OF_ROWS],
      ['nimble', OF_ROWS],
    ]);
    expect(withheld).toEqual([
      { source: 'directory', rules: [...OF_ROWS], reason, causes: ['directory'] },
      { source: 'nimble', rules: READS_IDENTITIES, reason, causes: ['directory'] },
    ]);
  });

  test('an identity list that was never read makes nobody an orphan', () => {
    const unread = { ...directory, lastFull: undefined };
    expect(rulesOf([unread, nimble], 'nimble')).toEqual(OF_ROWS);
  });

  test('without an authoritative source nothing is an orphan either', () => {
    expect(plan([nimble]).withheld).toEqual([
      { source: 'nimble', rules: READS_IDENTITIES, reason: 'no authoritative source is configured', causes: [] },
    ]);
  });

  test('an audited authority is compared with the others', () => {
    expect(rulesOf([directory, { ...hr, audited: true }], 'hr')).toEqual([...OF_ACCOUNTS]);
  });

  test('an audited authority without others has nothing to be compared with', () => {
    expect(plan([{ ...directory, audited: true }]).withheld).toEqual([
      {
        source: 'directory',
        rules: READS_IDENTITIES,
        reason: 'there is no other authoritative source to compare with',
        causes: [],
      },
    ]);
  });

  describe('credential_owner_at_risk', () => {
    const owned = { ...nimble, tokenOwner: { email: 'it@example.com' } };
    const ownedList = { ...directory, tokenOwner: { externalId: 'p-1' } };

    test('runs where the owner of the token is known, in applications and authorities, also in the only one', () => {
      expect(rulesOf([directory, owned], 'nimble')).toEqual([...ON]);
      expect(rulesOf([ownedList, nimble], 'directory')).toEqual([
        'lifecycle_conflict',
        'credential_owner_at_risk',
        'reused_account',
      ]);
    });

    test('is withheld while an identity list cannot be used', () => {
      const unread = { ...hr, lastFull: undefined };
      expect(rulesOf([ownedList, unread], 'directory')).toEqual(OF_ROWS);
      expect(rulesOf([unread, owned], 'nimble')).toEqual(OF_ROWS);
      expect(rulesOf([owned], 'nimble')).toEqual(OF_ROWS);
    });
  });

  describe('rules that are off by default', () => {
    const options = {
      missingAccount: new Map([['nimble', expectationOf({})]]),
      mismatchFields: ['title'],
      preHireDays: 14,
      dormantDays: 45,
    } as const;
    const configured = (states: readonly (typeof nimble)[]) =>
      planRules(states, { now: NOW, disabled: new Set(), options });

    test('run where the configuration tells them what to look for: an expectation is of one application', () => {
      const nimbus = aSourceState({ id: 3, name: 'nimbus' });
      const { runs } = configured([directory, nimble, nimbus]);
      expect(runs.map(({ source, rules }) => [source, rules.filter((rule) => OFF.has(rule))])).toEqual([
        ['directory', []],
        ['nimble', ['missing_account', 'attribute_mismatch', 'dormant_account']],
        ['nimbus', ['attribute_mismatch', 'dormant_account']],
      ]);
    });

    test('an application that was not read in full proves nobody missing, and the report says what was withheld', () => {
      const broken = aSourceState({ lastFull: { verdict: 'incomplete', at: NOW, reason: 'page 7 is missing' } });
      const { runs, withheld } = configured([directory, broken]);
      expect(runs.map((run) => run.source)).toEqual(['directory']);
      expect(withheld[0]?.rules).toContain('missing_account');
    });

    test('nor does one with an open breaker, a delta that failed, or an identity list that cannot be used', () => {
      const states = [
        [directory, { ...nimble, breakerOpen: true }],
        [directory, { ...nimble, lastDelta: { verdict: 'incomplete', reason: 'cut' } as const }],
        [{ ...directory, lastFull: undefined }, nimble],
      ];
      for (const given of states) {
        const run = configured(given).runs.find(({ source }) => source === 'nimble');
        expect(run?.rules ?? []).not.toContain('missing_account');
      }
    });

    test('dormant_account reads the application alone: a failed identity list does not withhold it', () => {
      const { runs } = configured([{ ...directory, lastFull: undefined }, nimble]);
      expect(runs).toMatchObject([
        { source: 'nimble', rules: ['lifecycle_conflict', 'dormant_account', 'reused_account'] },
      ]);
    });
  });

  test('a rule switched off neither runs nor is withheld', () => {
    const { runs, withheld } = plan([nimble], [...OF_ROWS, 'orphaned_account']);
    expect(runs).toEqual([]);
    expect(withheld[0]?.rules).not.toContain('orphaned_account');
  });

  test('rules that have never run for a source are its baseline', () => {
    const fresh = { ...nimble, baselined: new Set(['orphaned_account'] as const) };
    expect(plan([directory, fresh]).runs[1]?.baseline).toEqual(
      OF_ACCOUNTS.filter((rule) => rule !== 'orphaned_account'),
    );
  });
});

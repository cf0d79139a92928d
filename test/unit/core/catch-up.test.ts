import { describe, expect, test } from 'vitest';
import { isBacklog, planCatchUp, type CatchUpInput } from '../../../src/core/catch-up.ts';
import type { BreakerRow } from '../../../src/core/views.ts';
import { aFinding } from '../../support/view-rows.ts';

const MINUTE_MS = 60_000;

function anInput(overrides: Partial<CatchUpInput> = {}): CatchUpInput {
  return {
    reports: { from: 3, to: 9 },
    since: '2026-11-20T09:00:00.123456Z',
    opened: [],
    resolvedCount: 0,
    passedCount: 0,
    withheld: [],
    firstLooks: [],
    breakers: [],
    ...overrides,
  };
}

function aBreaker(overrides: Partial<BreakerRow> = {}): BreakerRow {
  return {
    id: 5,
    source: 'nimble',
    kind: 'source',
    tripped_at: '2026-11-21T09:00:00.000Z',
    closed_at: null,
    closed_by: null,
    reason: null,
    evidence: { lost: 120, baseline: 400, limit: 80 },
    ...overrides,
  };
}

describe('what waits becomes one message', () => {
  const cases = [
    { name: 'not one alone, however long nobody was told', waiting: 1, minutes: 1_440, expected: false },
    { name: 'not the few of one report, after a short failure', waiting: 10, minutes: 14, expected: false },
    { name: 'two after an outage', waiting: 2, minutes: 15, expected: true },
    { name: 'many, whatever made them wait', waiting: 11, minutes: 0, expected: true },
  ];
  test.each(cases)('$name', ({ waiting, minutes, expected }) => {
    expect(isBacklog(waiting, minutes * MINUTE_MS)).toBe(expected);
  });
});

test('what holds now is shown as in any digest, what was is counted, and the reports are named last', () => {
  const plan = planCatchUp(
    anInput({
      opened: [aFinding({ id: 1 }), aFinding({ id: 2, identity_id: 'other' })],
      resolvedCount: 4,
      passedCount: 2,
      firstLooks: ['namely'],
      withheld: [{ source: 'nimble', rules: ['orphaned_account'], reason: 'its list is stale' }],
      breakers: [aBreaker(), aBreaker({ id: 6, closed_at: '2026-11-21T10:00:00.000Z' })],
    }),
  );
  expect(plan?.headline).toBe('Catching up since 2026-11-20 09:00 UTC: 2 people who left still have accounts');
  expect(plan?.sections.map(({ title }) => title)).toEqual([
    'Breakers that wait for a person',
    'Left, and still have an account',
  ]);
  expect(plan?.sections[0]?.rows).toEqual([
    {
      primary: 'Breaker 5',
      detail: expect.stringContaining('120 of 400 rows'),
      look: 'rollcall breaker show 5',
    },
  ]);
  expect(plan?.footer).toEqual([
    'Slack could not be told meanwhile: this one message stands for all that waited.',
    'First look at namely: its findings are counted above',
    '2 findings opened and resolved meanwhile, not shown',
    '1 breaker tripped or waited, and closed meanwhile',
    '4 findings resolved',
    'Not judged for nimble: 1 rule, because its list is stale',
    'Reports 3 to 9',
  ]);
});

describe('headlines', () => {
  const cases: { name: string; given: Partial<CatchUpInput>; expected: string }[] = [
    { name: 'only resolved', given: { resolvedCount: 2 }, expected: '2 findings are resolved, nothing new' },
    { name: 'only what came and went', given: { passedCount: 2 }, expected: 'Nothing new' },
    { name: 'only a breaker', given: { breakers: [aBreaker()] }, expected: '1 breaker waits for a person' },
  ];
  test.each(cases)('$name', ({ given, expected }) => {
    expect(planCatchUp(anInput(given))?.headline).toBe(`Catching up since 2026-11-20 09:00 UTC: ${expected}`);
  });
});

test('breakers alone name themselves, one report is named as one', () => {
  const breakers = [aBreaker(), aBreaker({ id: 7 })];
  expect(planCatchUp(anInput({ reports: undefined, breakers }))?.footer.at(-1)).toBe('Breakers 5, 7');
  expect(planCatchUp(anInput({ reports: { from: 3, to: 3 }, breakers }))?.footer.at(-1)).toBe('Report 3');
});

test('nothing at all is no message', () => {
  expect(planCatchUp(anInput())).toBeUndefined();
});

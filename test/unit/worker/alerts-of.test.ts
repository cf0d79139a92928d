import { describe, expect, test } from 'vitest';
import { alertsOf, type News } from '../../../src/worker/alerts-of.ts';
import type { RulePlan, SourceState } from '../../../src/core/policy.ts';
import { aSourceState, NOW } from '../../support/builders.ts';

const usable = aSourceState({ id: 1, name: 'directory', authoritative: true });
const stale: SourceState = {
  ...usable,
  lastFull: { verdict: 'incomplete', at: NOW, reason: 'cut' },
  lastCompleteFullAt: undefined,
};
const broken: SourceState = { ...usable, breakerOpen: true };
const quiet: News = { now: NOW, breakers: [], announced: 0, resolved: 0 };
const ran: RulePlan = {
  runs: [{ sourceId: 2, source: 'crm', rules: ['orphaned_account'], baseline: [] }],
  withheld: [],
};
const withheld: RulePlan = {
  runs: [],
  withheld: [{ source: 'crm', rules: ['orphaned_account'], reason: 'directory is stale' }],
};
const baseline: RulePlan = {
  runs: [{ sourceId: 2, source: 'crm', rules: ['orphaned_account'], baseline: ['orphaned_account'] }],
  withheld: [],
};

const cases = [
  { name: 'nothing changed: nothing is sent', sources: [usable], plan: ran, news: quiet, before: [], expected: [] },
  {
    name: 'something opened: one digest',
    sources: [usable],
    plan: ran,
    news: { ...quiet, announced: 1 },
    before: [],
    expected: ['digest'],
  },
  {
    name: 'only resolved: one digest',
    sources: [usable],
    plan: ran,
    news: { ...quiet, resolved: 1 },
    before: [],
    expected: ['digest'],
  },
  {
    name: 'a baseline is told also when it found nothing',
    sources: [usable],
    plan: baseline,
    news: quiet,
    before: [],
    expected: ['baseline'],
  },
  {
    name: 'withheld for the first time: told',
    sources: [stale],
    plan: withheld,
    news: quiet,
    before: [],
    expected: ['withheld'],
  },
  {
    name: 'withheld for the same sources as in the report before: not told again',
    sources: [stale],
    plan: withheld,
    news: quiet,
    before: ['crm'],
    expected: [],
  },
  {
    name: 'withheld for an open breaker alone: the breaker has told it',
    sources: [broken],
    plan: withheld,
    news: quiet,
    before: [],
    expected: [],
  },
  {
    name: 'a conclusion breaker: its message, and none for what it holds',
    sources: [usable],
    plan: ran,
    news: { ...quiet, breakers: [{ breakerId: 7, held: 9 }] },
    before: [],
    expected: ['breaker'],
  },
];

describe('messages of a reconciliation', () => {
  test.each(cases)('$name', ({ sources, plan, news, before, expected }) => {
    const alerts = alertsOf({ reportId: 3, sources, withheldBefore: before }, plan, news);
    expect(alerts.map(({ kind }) => kind)).toEqual(expected);
  });
});

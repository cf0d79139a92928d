import { describe, expect, test } from 'vitest';
import { alertsOf, type News } from '../../../src/worker/alerts-of.ts';
import type { RulePlan } from '../../../src/core/policy.ts';

const quiet: News = { breakers: [], announced: 0, resolved: 0, waivers: 0 };
const ran: RulePlan = {
  runs: [{ sourceId: 2, source: 'crm', rules: ['orphaned_account'], baseline: [] }],
  withheld: [],
};
const withheldFor = (source: string, causes: readonly string[]): RulePlan => ({
  runs: [],
  withheld: [{ source, rules: ['orphaned_account'], reason: 'why', causes }],
});
const withheld = withheldFor('crm', ['directory']);
const baseline: RulePlan = {
  runs: [{ sourceId: 2, source: 'crm', rules: ['orphaned_account'], baseline: ['orphaned_account'] }],
  withheld: [],
};

const cases = [
  { name: 'nothing changed: nothing is sent', plan: ran, news: quiet, before: [], expected: [] },
  {
    name: 'something opened: one digest',
    plan: ran,
    news: { ...quiet, announced: 1 },
    before: [],
    expected: ['digest'],
  },
  {
    name: 'only resolved: one digest',
    plan: ran,
    news: { ...quiet, resolved: 1 },
    before: [],
    expected: ['digest'],
  },
  {
    name: 'only a waiver is over, or soon will be: one digest',
    plan: ran,
    news: { ...quiet, waivers: 1 },
    before: [],
    expected: ['digest'],
  },
  {
    name: 'a baseline is told also when it found nothing',
    plan: baseline,
    news: quiet,
    before: [],
    expected: ['baseline'],
  },
  {
    name: 'withheld for the first time: told',
    plan: withheld,
    news: quiet,
    before: [],
    expected: ['withheld'],
  },
  {
    name: 'withheld for the same sources as in the report before: not told again',
    plan: withheld,
    news: quiet,
    before: withheld.withheld,
    expected: [],
  },
  {
    name: 'withheld for an open breaker alone: the breaker has told it',
    plan: withheldFor('crm', []),
    news: quiet,
    before: [],
    expected: [],
  },
  {
    name: 'withheld for a failure after it was withheld for a breaker: told',
    plan: withheld,
    news: quiet,
    before: withheldFor('crm', []).withheld,
    expected: ['withheld'],
  },
  {
    name: 'another source is a cause: told',
    plan: withheldFor('crm', ['directory', 'hr']),
    news: quiet,
    before: withheld.withheld,
    expected: ['withheld'],
  },
  {
    name: 'one of two causes has gone: not told',
    plan: withheld,
    news: quiet,
    before: withheldFor('crm', ['directory', 'hr']).withheld,
    expected: [],
  },
  {
    name: 'another source is concerned: told',
    plan: withheldFor('wiki', ['directory']),
    news: quiet,
    before: withheld.withheld,
    expected: ['withheld'],
  },
  {
    name: 'a conclusion breaker: its message, and none for what it holds',
    plan: ran,
    news: { ...quiet, breakers: [{ breakerId: 7, held: 9 }] },
    before: [],
    expected: ['breaker'],
  },
];

describe('messages of a reconciliation', () => {
  test.each(cases)('$name', ({ plan, news, before, expected }) => {
    const alerts = alertsOf({ reportId: 3, withheldBefore: before }, plan, news);
    expect(alerts.map(({ kind }) => kind)).toEqual(expected);
  });
});

import { describe, expect, test } from 'vitest';
import { alertsOf, type News } from '../../../src/worker/alerts-of.ts';
import type { RulePlan, SourceState } from '../../../src/core/policy.ts';

const quiet: News = { breakers: [], announced: 0, credentials: 0, resolved: 0, waivers: 0 };
const ran: RulePlan = {
  runs: [{ sourceId: 2, source: 'crm', rules: ['orphaned_account'], baseline: [] }],
  withheld: [],
};
const withheldFor = (source: string, causes: readonly string[]): RulePlan => ({
  runs: [],
  withheld: [{ source, rules: ['orphaned_account'], reason: 'why', causes }],
});
/** As `withheldFor`; of the causes `crm` does not take our credential. */
const refusedFor = (source: string, causes: readonly string[]): RulePlan => ({
  runs: [],
  withheld: withheldFor(source, causes).withheld.map((each) => ({ ...each, refused: [source] })),
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
  {
    name: 'a credential that is refused: a message of its own, and none that a list could not be relied on',
    plan: refusedFor('crm', ['crm']),
    news: quiet,
    before: [],
    expected: ['credential'],
  },
  {
    name: 'a credential that was refused in the report before: not told again',
    plan: refusedFor('crm', ['crm']),
    news: quiet,
    before: refusedFor('crm', ['crm']).withheld,
    expected: [],
  },
  {
    name: 'another list fails beside a refused credential: both are told',
    plan: refusedFor('crm', ['crm', 'directory']),
    news: quiet,
    before: [],
    expected: ['credential', 'withheld'],
  },
  {
    name: 'a refused credential that is taken again: told',
    plan: ran,
    news: quiet,
    before: refusedFor('crm', ['crm']).withheld,
    expected: ['accepted'],
  },
  {
    name: 'a credential that was refused, of a source that fails otherwise now: not told as taken',
    plan: withheldFor('crm', ['crm']),
    news: quiet,
    before: refusedFor('crm', ['crm']).withheld,
    expected: [],
  },
  {
    name: 'a credential that was refused, of a source that is not configured any more: nothing is told',
    plan: ran,
    news: quiet,
    before: refusedFor('wiki', ['wiki']).withheld,
    expected: [],
  },
  {
    name: 'the owner of a credential is at risk: a message of its own, and no digest',
    plan: ran,
    news: { ...quiet, credentials: 1 },
    before: [],
    expected: ['credential'],
  },
];

const crm: SourceState = {
  id: 2,
  name: 'crm',
  authoritative: false,
  audited: false,
  breakerOpen: false,
  baselined: new Set(),
};

describe('messages of a reconciliation', () => {
  test.each(cases)('$name', ({ plan, news, before, expected }) => {
    const alerts = alertsOf({ reportId: 3, withheldBefore: before, sources: [crm] }, plan, news);
    expect(alerts.map(({ kind }) => kind)).toEqual(expected);
  });

  test('that a credential is taken again is not said while the listing is not believed', () => {
    const sources = [{ ...crm, breakerOpen: true }];
    expect(alertsOf({ reportId: 3, withheldBefore: refusedFor('crm', ['crm']).withheld, sources }, ran, quiet)).toEqual(
      [],
    );
  });

  test('told once a day: the digest waits for its time, and nothing else does', () => {
    const news = { ...quiet, announced: 1, credentials: 1, breakers: [{ breakerId: 7, held: 9 }] };
    const step = { reportId: 3, withheldBefore: [], sources: [crm] };
    const due = new Date('2026-11-22T09:00:00Z');
    expect(alertsOf(step, { ...baseline, withheld: withheld.withheld }, news, due)).toEqual([
      { kind: 'breaker', breakerId: 7 },
      { kind: 'credential', reportId: 3, refused: [] },
      { kind: 'withheld', reportId: 3 },
      { kind: 'baseline', reportId: 3 },
      { kind: 'daily', reports: { from: 3, to: 3 }, due: '2026-11-22T09:00:00.000Z' },
    ]);
  });
});

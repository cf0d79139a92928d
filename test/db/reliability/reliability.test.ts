import { expect, test } from 'vitest';
import { showIn } from '../../support/document.ts';
import { CHANGE_CASES } from './change-cases.ts';
import { CHECKS, type Check } from './checks.ts';
import { HTTP_CASES } from './http-cases.ts';
import { IDENTITY_CASES } from './identity-cases.ts';
import { LISTING_CASES } from './listing-cases.ts';
import { play, type Scenario, type Shown } from './scenario.ts';
import { SLACK_CASES } from './slack-cases.ts';
import { PLACE, renderCases, type Row } from './table.ts';

// Fault cases 1 to 44 and 97, each in one run of the real worker, clients and database; the table in docs is made of what they show.

const DOCUMENT = new URL('../../../docs/reliability.md', import.meta.url);
const NUMBERS = [...Array.from({ length: 44 }, (_unused, at) => at + 1), 97];

const SCENARIOS = [...LISTING_CASES, ...IDENTITY_CASES, ...CHANGE_CASES, ...HTTP_CASES, ...SLACK_CASES];
const ALL: readonly Check[] = [...SCENARIOS.map(toCheck), ...CHECKS];
const rows = new Map<Check, Row>();

function toCheck(scenario: Scenario): Check {
  const { number, injected } = scenario;
  return { number, injected, prove: async (report) => await play(scenario, report) };
}

test.concurrent.for(ALL)('case $number: $injected', async (check) => {
  let shown: Shown = { declared: 0, fired: 0 };
  const { number, injected } = check;
  const note = (survived: boolean): void => void rows.set(check, { number, injected, shown, survived });
  note(false);
  await check.prove((more) => {
    shown = more;
  });
  expect(shown.fired, 'fired').toBe(shown.declared);
  expect([shown.falseOrphans ?? 0, shown.missed ?? 0], 'false orphans, orphans missed').toEqual([0, 0]);
  note(true);
});

test('every case of the list is among them', () => {
  expect([...new Set(ALL.map(({ number }) => number))].toSorted((a, b) => a - b)).toEqual(NUMBERS);
});

test('docs/reliability.md shows this run', async ({ skip }) => {
  const run = ALL.flatMap((check) => rows.get(check) ?? []);
  if (run.length < ALL.length || run.some(({ survived }) => !survived)) skip('not all cases were run and survived');
  const { published, current } = await showIn(DOCUMENT, PLACE, renderCases(run));
  expect(published, 'run with UPDATE_DOCS=1').toBe(current);
});

import { describe, expect, test } from 'vitest';

import type { FindingRow } from '../../src/core/views.ts';
import { inOrder, shuffledBy } from '../support/scenario/arrange.ts';
import { isConfigured, OPEN_BREAKERS, QUIET_DAY, TROUBLES, troubleOf } from '../support/scenario/calendar.ts';
import { decisionsBuilt, openScenario, type DayResult } from '../support/scenario/company.ts';
import { expectedLines, foundLines } from '../support/scenario/compare.ts';
import { awaitedRules, findingsOn, isBuilt, isPlayable, STORIES } from '../support/scenario/scenario.ts';
import { type Day, DAYS, SOURCES, type Story } from '../support/scenario/types.ts';

/** Half a minute on a quiet machine; a busy one takes several times that. */
const TIMEOUT_MS = 600_000;
const SEED = 20_270_301;

// What is left out because the program does not have it yet. Each of these may only become shorter, and be empty in the end.
const AWAITED_RULES: readonly string[] = [];
const AWAITED_DECISIONS: readonly string[] = [];

const built = decisionsBuilt();
const played = STORIES.filter((each) => isPlayable(each, built));

describe('a month of a company: every finding of every day, as the stories tell it', () => {
  test('no more is left out than is not built yet', () => {
    expect(awaitedRules().filter((rule) => !AWAITED_RULES.includes(rule))).toEqual([]);
    const decisions = ['waive', 'unwaive', 'link'] as const;
    expect(decisions.filter((kind) => !built.has(kind) && !AWAITED_DECISIONS.includes(kind))).toEqual([]);
    const isComplete = awaitedRules().length === 0 && decisions.every((kind) => built.has(kind));
    expect(!isComplete || played.length === STORIES.length).toBe(true);
  });

  test('day by day, in any order and any pages, once and again', { timeout: TIMEOUT_MS }, async () => {
    await using company = await openScenario(played, inOrder);
    await using shuffled = await openScenario(played, shuffledBy(SEED));
    let before: readonly FindingRow[] = [];
    for (const day of DAYS) {
      const written = day === 1 ? '' : await company.written();
      const result = await company.play(day);
      expectDay(day, result, before);
      // Where nothing happens, nothing is written.
      const isUnwritten = (await company.written()) === written;
      expect(isUnwritten || day !== QUIET_DAY).toBe(true);
      expect(toStable((await shuffled.play(day)).findings)).toEqual(toStable(result.findings));
      const again = await shuffled.again(day);
      expect(toStable(again.findings)).toEqual(toStable(result.findings));
      expect({ opened: again.report.opened, resolved: again.report.resolved }).toEqual({ opened: 0, resolved: 0 });
      before = result.findings;
    }
  });
});

function expectDay(day: Day, { run, report, findings, breakers }: DayResult, before: readonly FindingRow[]): void {
  const configured = SOURCES.filter((source) => isConfigured(day, source));
  const verdicts = run.outcomes.map((each) => `${each.source} ${each.kind === 'judged' ? each.verdict : each.kind}`);
  expect(verdicts, `verdicts of day ${day}`).toEqual(
    configured.map((source) => `${source} ${troubleOf(day, source)?.verdict ?? 'complete'}`),
  );
  expectFindings(day, played, findings);
  expectWithheld(day, report, { findings, before });
  expect(breakers.map(({ source, kind }) => `${source} ${kind}`).join(), `breakers of day ${day}`).toBe(
    OPEN_BREAKERS[day] ?? '',
  );
  const expected = findingsOn(played, day).filter(isBuilt);
  const count = (status: string): number => expected.filter((each) => each.status === status).length;
  expect({ open: report.open, held: report.held, waived: report.waived }, `counts of day ${day}`).toEqual({
    open: count('open'),
    held: count('held'),
    waived: count('waived'),
  });
  expect(report.baseline.length > 0, `baseline of day ${day}`).toBe(day === 1);
}

function expectFindings(day: Day, stories: readonly Story[], findings: readonly FindingRow[]): void {
  const expected = findingsOn(stories, day);
  expect(foundLines(findings, expected), `findings of day ${day}`).toEqual(expectedLines(expected));
}

/** What could not be judged is named, and what was known of it is as it was the day before, to the letter. */
function expectWithheld(
  day: Day,
  { withheld }: DayResult['report'],
  { findings, before }: { readonly findings: readonly FindingRow[]; readonly before: readonly FindingRow[] },
): void {
  const troubles = TROUBLES.filter(({ days }) => days.includes(day));
  const named = new Set(withheld.map(({ source }) => source));
  expect(withheld.length > 0, `withheld on day ${day}`).toBe(troubles.length > 0);
  for (const { source, withholds } of troubles) {
    const judged = ['namely', 'nimble', 'nimbus', 'wiki'].filter((name) => name !== 'wiki' || isConfigured(day, name));
    const concerned = withholds === 'source' ? [source] : judged;
    expect(
      [...concerned].filter((name) => !named.has(name)),
      `not withheld on day ${day}`,
    ).toEqual([]);
  }
  for (const { source, rules } of withheld) {
    const known = (rows: readonly FindingRow[]): readonly FindingRow[] =>
      toSettled(rows.filter((row) => row.source === source && rules.includes(row.rule)));
    expect(known(findings), `${source}, withheld on day ${day}`).toEqual(known(before));
  }
}

/** Without the figure that grows with the days. */
function toSettled(rows: readonly FindingRow[]): readonly FindingRow[] {
  return rows.map((row) => ({ ...row, evidence: { ...row.evidence, days_exposed: null } }));
}

/** Without what counts runs and reports, in the order of the fingerprints. */
function toStable(rows: readonly FindingRow[]): readonly unknown[] {
  return rows
    .map(({ id: _id, report_id: _reportId, last_detected_at: _lastDetectedAt, ...row }) => row)
    .toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
}

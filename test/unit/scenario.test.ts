import { describe, expect, test } from 'vitest';

import { FINDING_STATUSES } from '../../src/core/case.ts';
import type { RowPolicy } from '../../src/core/row.ts';
import { keysOf, toRow } from '../../src/core/normalise.ts';
import {
  isConfigured,
  isWithheld,
  momentOf,
  QUIET_DAY,
  troubleOf,
  TROUBLES,
  ZONE,
} from '../support/scenario/calendar.ts';
import { changesOf, historiesOf, nameOf } from '../support/scenario/history.ts';
import { findingsOn, rowsOn, STORIES } from '../support/scenario/scenario.ts';
import {
  CONTRACT_RULES,
  type Day,
  DAYS,
  SOURCES,
  type SourceName,
  type Story,
  type Told,
  UNSAID,
} from '../support/scenario/types.ts';
import { dateOf } from '../support/scenario/words.ts';

const HISTORIES = historiesOf(STORIES);
const POLICY: RowPolicy = { privilegedRoles: new Set(), serviceAccounts: new Set() };
/** Contract §6: it reads the judged row alone. */
const READS_ITS_SOURCE_ALONE: ReadonlySet<string> = new Set(['lifecycle_conflict']);
const CONCLUDING: ReadonlySet<string> = new Set(['orphaned_account', 'leaver_account']);

/** What the scenario must hold to prove anything; the program has no part in it. */
describe('the scenario of thirty days', () => {
  test('has at least 120 people and four sources', () => {
    const people = new Set(STORIES.flatMap(toRows).map(({ raw }) => String(raw.externalId).slice(2)));
    expect(people.size).toBeGreaterThanOrEqual(120);
    expect(new Set(STORIES.flatMap(toRows).map(({ source }) => source))).toEqual(new Set(SOURCES));
    expect(DAYS).toHaveLength(30);
  });

  test.each(CONTRACT_RULES)('%s opens, stays, resolves and is opened again', (rule) => {
    const of = HISTORIES.filter(({ days }) => days.some((each) => each?.rule === rule));
    const changes = of.flatMap((each) => changesOf(each).map(({ change }) => change));
    expect(changes).toEqual(expect.arrayContaining(['none → open', 'open → resolved', 'resolved → open']));
    expect(
      of.some(({ days }) => days.some((each, at) => each?.status === 'open' && days[at + 1]?.status === 'open')),
    ).toBe(true);
  });

  test.each(CONTRACT_RULES)('%s has a near miss', (rule) => {
    const misses = STORIES.filter(({ spares }) => spares === rule);
    expect(misses.length).toBeGreaterThan(0);
    for (const { holds, chapters } of misses) {
      const found = chapters.flatMap(({ findings }) => findings).filter((each) => each.rule === rule);
      expect({ holds, found }).toEqual({ holds, found: [] });
    }
  });

  test('shows every status, every reason to resolve, and every way from one status to another', () => {
    const all = HISTORIES.flatMap(({ days }) => days.flatMap((each) => each ?? []));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set(FINDING_STATUSES));
    expect([...new Set(all.flatMap(({ resolution }) => resolution ?? []))].toSorted()).toEqual([
      UNSAID,
      'access removed',
      'account gone',
      'identity current',
      'linked',
      'rule disabled',
      'source removed',
    ]);
    const changes = new Set(HISTORIES.flatMap((each) => changesOf(each).map(({ change }) => change)));
    expect([...changes].toSorted()).toEqual(
      [
        'none → held',
        'none → open',
        'open → open',
        'open → resolved',
        'open → waived',
        'held → open',
        'held → resolved',
        'resolved → open',
        'resolved → waived',
        'waived → open',
        'waived → resolved',
      ].toSorted(),
    );
  });

  test('shows a severity that rises and one that falls', () => {
    const changes = HISTORIES.flatMap(({ days }) =>
      days.map((to, at) => `${at === 0 ? '' : days[at - 1]?.severity} → ${to?.severity}`),
    );
    expect(changes).toEqual(expect.arrayContaining(['high → critical', 'critical → high']));
  });

  test('has nobody in two stories, by id or by any key', () => {
    const owners = new Map<string, Story>();
    for (const story of STORIES) {
      for (const name of namesIn(story)) {
        const owner = owners.get(name) ?? story;
        expect(`${name}: ${owner.holds}`).toBe(`${name}: ${story.holds}`);
        owners.set(name, story);
      }
    }
  });

  test('names only rows of the story in its findings, and each finding once a day', () => {
    for (const story of STORIES) {
      const ids = new Set(toRows(story).map(({ raw }) => raw.externalId));
      for (const { findings } of story.chapters) {
        const named = findings.flatMap(({ account_id, identity_id }) => [account_id, identity_id]);
        const strange = named.filter((id) => id !== null && id !== UNSAID && !ids.has(id));
        const twice = findings.length - new Set(findings.map(nameOf)).size;
        expect({ holds: story.holds, strange, twice }).toEqual({ holds: story.holds, strange: [], twice: 0 });
      }
    }
  });

  test('tells its chapters in the order of the days', () => {
    for (const { holds, chapters } of STORIES) {
      const days = chapters.map(({ day }) => day);
      expect({ holds, days }).toEqual({ holds, days: DAYS.filter((day) => days.includes(day)) });
      expect({ holds, rows: chapters[0]?.rows }).toEqual({ holds, rows: expect.anything() });
    }
  });

  test('changes no finding on a day on which nothing can be known about it', () => {
    const changed = HISTORIES.flatMap((each) =>
      changesOf(each).map((change) => ({ ...change, holds: each.story.holds })),
    );
    const unknowable = changed.filter(({ day, to }) =>
      isWithheld(day, to.source, !READS_ITS_SOURCE_ALONE.has(to.rule)),
    );
    expect(unknowable.map(({ day, to, holds }) => `${day} ${nameOf(to)}: ${holds}`)).toEqual([]);
    expect(TROUBLES.map(({ verdict }) => verdict)).toEqual(
      expect.arrayContaining(['complete', 'incomplete', 'suspicious']),
    );
  });

  test('leaves the last day quiet', () => {
    expect(STORIES.flatMap(({ chapters }) => chapters).filter(({ day }) => day === QUIET_DAY)).toEqual([]);
  });

  test('loses more rows at once than a source breaker allows on its days alone', () => {
    for (const day of DAYS.slice(1)) {
      for (const source of SOURCES.filter((each) => isConfigured(day, each) && isConfigured(day - 1, each))) {
        const { lost, limit } = lossesOn(day, source);
        const trips = troubleOf(day, source)?.verdict === 'suspicious' && day !== 12;
        expect({ source, day, lost, trips: lost > limit }).toEqual({ source, day, lost, trips });
      }
    }
  });

  test('opens more than a conclusion breaker allows on its day, on the first one, and when all that is waived is due', () => {
    const excess = DAYS.flatMap((day) =>
      SOURCES.flatMap((source) => (newOn(day, source) > limitOn(day, source) ? [`${day} ${source}`] : [])),
    );
    // The wiki of day 29 is back, and its findings are nothing new.
    expect(excess).toEqual(['1 nimbus', '1 wiki', '14 nimbus', '18 nimbus', '29 wiki']);
    const held = STORIES.flatMap(({ chapters }) =>
      chapters.filter(({ findings }) => findings.some(({ status }) => status === 'held')),
    );
    expect(new Set(held.map(({ day }) => day))).toEqual(new Set([18, 19]));
  });

  test('reconciles once a day of the company, also when its clocks go forward', () => {
    const local = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE });
    expect(DAYS.map((day) => local.format(momentOf(day)))).toEqual(DAYS.map((day) => dateOf(day)));
    const offsets = DAYS.map((day) =>
      new Intl.DateTimeFormat('en', { timeZone: ZONE, timeZoneName: 'short' }).format(momentOf(day)),
    );
    expect(new Set(offsets.map((text) => text.slice(-3)))).toEqual(new Set(['EST', 'EDT']));
  });
});

function toRows({ chapters }: Story): readonly Told[] {
  return chapters.flatMap(({ rows = [] }) => rows);
}

/** Ids and keys that could lead from one row to another. */
function namesIn(story: Story): ReadonlySet<string> {
  return new Set(
    toRows(story).flatMap(({ source, raw }) => {
      const row = toRow(raw, POLICY);
      if (row === undefined) return [];
      return [
        `${source} ${row.externalId}`,
        ...keysOf(row).map(({ kind, key }) => (kind === 'employee_id' ? `#${key}` : key)),
      ];
    }),
  );
}

/** Rows that count for a breaker: there, and not inactive. */
function countedOn(day: Day, source: SourceName): ReadonlyMap<unknown, boolean> {
  const rows = rowsOn(STORIES, day).filter((each) => each.source === source);
  const shown = troubleOf(day, source)?.rows(rows) ?? rows;
  return new Map(
    shown.filter(({ raw }) => raw.status !== 'inactive').map(({ raw }) => [raw.externalId, raw.status === 'unknown']),
  );
}

/** Those of the day before that are now absent, inactive, or turned unknown: contract §5. */
function lossesOn(day: Day, source: SourceName): { readonly lost: number; readonly limit: number } {
  const isShort = troubleOf(day - 1, source) !== undefined || troubleOf(day, source)?.verdict === 'incomplete';
  if (isShort) return { lost: 0, limit: 1 };
  const before = countedOn(day - 1, source);
  const now = countedOn(day, source);
  const lost = [...before].filter(
    ([id, wasUnknown]) => now.get(id) === undefined || (now.get(id) === true && !wasUnknown),
  );
  return { lost: lost.length, limit: Math.max(1, Math.ceil(before.size * 0.2)) };
}

function newOn(day: Day, source: SourceName): number {
  const known = new Set(
    findingsOn(STORIES, day - 1)
      .filter(({ status }) => status === 'open' || status === 'held')
      .map(nameOf),
  );
  const now = findingsOn(STORIES, day).filter(
    ({ rule, status }) => CONCLUDING.has(rule) && status !== 'resolved' && status !== 'waived',
  );
  return now.filter((each) => each.source === source && !known.has(nameOf(each))).length;
}

function limitOn(day: Day, source: SourceName): number {
  return Math.max(3, Math.ceil(rowsOn(STORIES, day).filter((each) => each.source === source).length * 0.2));
}

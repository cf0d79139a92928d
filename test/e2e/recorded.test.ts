import { utimes } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { aWorld, type World } from '../../src/sandbox/world.ts';
import { startCompany, type Company } from '../support/sandbox-company.ts';
import {
  inventSeries,
  readFacts,
  readRecordedSeries,
  toIdentity,
  type ProfileFacts,
  type Series,
  type SeriesDay,
} from './recorded-series.ts';

const CLOCK = new URL('../support/sandbox-clock.ts', import.meta.url).href;
const RECORDED = readRecordedSeries();
if (RECORDED === undefined) {
  process.stderr.write('recorded rosters: ../shared/payloads is absent; the invented series alone is served\n');
}

test.skipIf(RECORDED === undefined)('rosters recorded in 2014 are read as what happened between them', async () => {
  if (RECORDED === undefined) return;
  expect(await checkSeries(RECORDED)).toBe(4);
  // What the recording is known to hold, so that a change of it does not go unnoticed.
  const days = RECORDED.days.map(({ profiles }) => profiles.map(readFacts));
  expect(days.map((facts) => facts.length)).toEqual([263, 263, 272, 276]);
  expect(days.slice(1).map((facts, index) => countVersions(days[index] ?? [], facts))).toEqual([0, 9, 5]);
});

test('a series of our own in the recorded shapes is read as what happened in it', async () => {
  expect(await checkSeries(inventSeries())).toBe(4);
});

/**
 * Serves each day as Namely, with an identity list made from it, and with a Nimble where those who were active on the first
 * day have an account for ever. Returns how many days were read.
 */
async function checkSeries(series: Series): Promise<number> {
  const first = series.days[0]?.profiles.map(readFacts) ?? [];
  await using company = await startCompany({ world: toWorld(series.days[0], first) });
  let before: readonly ProfileFacts[] = [];
  for (const day of series.days) {
    const facts = day.profiles.map(readFacts);
    await runOn(company, day, first);
    expect(await lastRun(company)).toEqual({
      verdict: 'complete',
      rows_changed: countVersions(before, facts),
      rows_gone: 0,
      distinct_ids: facts.length,
    });
    expect(await readFindings(company)).toEqual(expectLeavers(first, facts, day));
    before = facts;
  }
  return series.days.length;
}

async function runOn(company: Company, day: SeriesDay, first: readonly ProfileFacts[]): Promise<void> {
  const noon = `${day.date}T12:00:00Z`;
  await company.tell(toWorld(day, first));
  await utimes(join(company.directory, 'identities.csv'), new Date(noon), new Date(noon));
  const env = { NODE_OPTIONS: `--import=${CLOCK}`, ROLLCALL_TEST_NOW: noon };
  expect(await company.rollcall(['run'], env)).toMatchObject({ code: 0 });
}

function toWorld(day: SeriesDay | undefined, first: readonly ProfileFacts[]): World {
  const facts = day?.profiles.map(readFacts) ?? [];
  return aWorld({
    people: [
      ...facts.map((each) => ({ identity: toIdentity(each) })),
      ...first
        .filter(({ active }) => active)
        .map(({ id, email, givenName, familyName }) => ({ nimble: [{ id, email, givenName, familyName }] })),
    ],
    namely: { dialect: 'live', recorded: day?.profiles ?? [] },
    // None of the profiles: some of those have left.
    owner: { ...aWorld().owner, namelyId: 'the-owner-of-the-token' },
  });
}

/** Rows that are new, or differ in something that is kept. */
function countVersions(before: readonly ProfileFacts[], now: readonly ProfileFacts[]): number {
  const known = new Map(before.map(({ id, kept }) => [id, kept]));
  return now.filter(({ id, kept }) => known.get(id) !== kept).length;
}

/** Those who were active on the first day and are not now: each has kept the account in Nimble, and left today. */
function expectLeavers(
  first: readonly ProfileFacts[],
  now: readonly ProfileFacts[],
  day: SeriesDay,
): readonly object[] {
  const stayers = new Set(now.filter(({ active }) => active).map(({ id }) => id));
  return first
    .filter(({ active, id }) => active && !stayers.has(id))
    .map(({ id }) => ({ source: 'nimble', rule: 'leaver_account', account_id: id, status: 'open', left_on: day.date }));
}

async function readFindings(company: Company): Promise<readonly object[]> {
  return await company.rows(
    `select source, rule, account_id, status, evidence->>'left_on' as left_on
       from rollcall.drift_findings order by source, rule, account_id`,
  );
}

async function lastRun(company: Company): Promise<object | undefined> {
  const rows = await company.rows<object>(
    `select verdict, rows_changed::int, rows_gone::int, distinct_ids::int
       from rollcall.sync_runs where source = 'namely' order by id desc limit 1`,
  );
  return rows[0];
}

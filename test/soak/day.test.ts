import { expect, test } from 'vitest';
import { aWorld, type World } from '../../src/sandbox/world.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { openAudit, type Audit } from '../support/corpus/audit.ts';
import { createRandom, type Random } from '../support/corpus/random.ts';
import { hire, Staff } from '../support/corpus/staff.ts';
import { declare, type Trouble, TROUBLES } from '../support/corpus/trouble.ts';
import { showIn } from '../support/document.ts';
import { startFaultServer } from '../support/sandbox.ts';
import { type Hour, measure, renderHours } from './figures.ts';

// A day of ticks, one a minute: the real worker, clients and Postgres, a clock that jumps from minute to minute, and faults by chance. What must
// not grow does not, and in the end all is as if there had been no fault.

const DOCUMENT = new URL('../../docs/reliability.md', import.meta.url);
const PLACE = ['<!-- a day of ticks: written by the test run -->', '<!-- end of a day of ticks -->'] as const;
const DAY_MS = Date.parse('2026-11-20T00:00:00Z');
const HOURS = 24;
const MINUTES = 60;
const PEOPLE = 120;
const SEED = 24;
/** A person's department changes, and one reading in seven meets a fault: in percent of the minutes. */
const EDITS = 2;
const FAULTS = 14;
/** Whose trouble lasts longer than the minute: the vendor named a time, or what it took away stays away. */
const fitting = TROUBLES.filter(({ silencesHours, fits }) => silencesHours === undefined && fits === undefined);
const TIMEOUT_MS = 3_600_000;

type Counts = { ticks: number; edits: number; declared: number; fired: number };

test('a day of ticks with faults by chance', { timeout: TIMEOUT_MS }, async () => {
  await using sandbox = await startFaultServer(aWorld());
  await using audit = await openAudit(sandbox);
  const random = createRandom(SEED);
  const staff = new Staff();
  hire(staff, PEOPLE, random, new Date(DAY_MS).toISOString());
  staff.nimble('x900', { id: 'n-stray', email: 'stray@elsewhere.example' });
  const day: Day = { sandbox, audit, staff, random, counts: { ticks: 0, edits: 0, declared: 0, fired: 0 } };
  const hours: Hour[] = [];
  for (let hour = 0; hour < HOURS; hour += 1) {
    for (let minute = 0; minute < MINUTES; minute += 1) await tick(day, hour * MINUTES + minute);
    hours.push(await measure(audit.pool, hour + 1));
  }
  const { counts } = day;
  await quietTick(day, HOURS * MINUTES);

  expect(counts.fired).toBe(counts.declared);
  expect(counts.ticks).toBe(HOURS * MINUTES);
  expect(await audit.findings()).toEqual([
    expect.objectContaining({ source: 'nimble', rule: 'orphaned_account', subject: 'n-stray', status: 'open' }),
  ]);
  expect(await audit.roster('namely')).toHaveLength(PEOPLE);
  expect(await audit.roster('nimble')).toHaveLength(PEOPLE + 1);
  const [begin, end] = [hours[2], hours.at(-1)];
  if (begin === undefined || end === undefined) throw new Error('a day has more hours');
  // One version for each edit, and nothing for the ticks.
  expect(end.versions).toBe(PEOPLE * 3 + 1 + counts.edits);
  expect(end.events).toBe(1);
  expect(end.stateBytes).toBeLessThan(begin.stateBytes * 1.5);
  expect(end.rssBytes).toBeLessThan(begin.rssBytes * 1.2);
  const text = renderHours(hours, counts);
  process.stderr.write(`${text}\n`);
  if (process.env['UPDATE_DOCS'] === '1') await showIn(DOCUMENT, PLACE, text);
});

type Day = {
  readonly sandbox: Sandbox;
  readonly audit: Audit;
  readonly staff: Staff;
  readonly random: Random;
  readonly counts: Counts;
};

async function tick(day: Day, minute: number): Promise<void> {
  const { sandbox, staff, random, counts } = day;
  const at = atMinute(minute);
  if (minute > 0 && random.below(100) < EDITS) {
    const key = `w${String(1 + random.below(PEOPLE)).padStart(3, '0')}`;
    staff.namely(key, at, { department: `Department ${minute}` });
    counts.edits += 1;
  }
  const world = worldAt(day, at);
  const trouble = random.below(100) < FAULTS ? fitting[random.below(fitting.length)] : undefined;
  sandbox.setWorld(
    trouble === undefined || minute === 0 ? world : { ...world, ...declareSafely(trouble, minute, world) },
  );
  await runTick(day, minute, at);
  const fired = Object.values(sandbox.firedCounts());
  counts.declared += fired.length;
  counts.fired += fired.filter((times) => times > 0).length;
  counts.ticks += 1;
  sandbox.forget();
}

/** Everything is read in full once more, and nothing is wrong. */
async function quietTick(day: Day, minute: number): Promise<void> {
  const at = atMinute(minute);
  day.sandbox.setWorld(worldAt(day, at));
  await runTick(day, 0, at);
}

async function runTick({ audit }: Day, minute: number, at: string): Promise<void> {
  await audit.run(at, minute % MINUTES === 0);
}

/** What a drift takes away would be gone in truth: those are left out. */
function declareSafely(trouble: Trouble, minute: number, world: World): Pick<World, 'faults' | 'drift'> {
  const declared = declare(trouble, `minute-${minute}`, world);
  return declared.drift.length > 0 ? { faults: [], drift: [] } : declared;
}

function worldAt({ staff }: Day, at: string): World {
  return aWorld({ people: staff.people, clockFixedAt: at });
}

function atMinute(minute: number): string {
  return new Date(DAY_MS + minute * 60_000).toISOString().replace('.000Z', 'Z');
}

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HttpServer } from '../../src/http/server.ts';
import { createPageReader } from '../../src/store/reader/page/page-reader.ts';
import { fillCompany } from '../support/page-company.ts';
import { servePages } from '../support/page-server.ts';
import { measureReads, type Worked } from '../support/plan-work.ts';
import { ask } from '../support/served.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

// Decision 33: what a look at the page costs follows what it shows, not how large the company is.

const COMPANY = { accounts: 20_000, findings: 2_500, resolved: 10_000, reports: 9_000 };
const SHOWN = 50;
/** A row that is shown passes through the nodes of a plan: the finding, its source, its waiver, its report. */
const NODES = 12;
const DAYS = 30;
/** Halvings of nine thousand reports. */
const STEPS = 15;

let store: TestStore;
let server: HttpServer & AsyncDisposable;
let worked: Worked[];

beforeAll(async () => {
  store = await openTestStore();
  await fillCompany(store.pool, COMPANY);
  worked = measureReads(store.pool);
  server = await servePages(store, () => new Date('2026-11-21T09:12:05.000Z'));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
});

async function look(path: string): Promise<readonly Worked[]> {
  worked.length = 0;
  expect((await ask(server, path)).status).toBe(200);
  return [...worked];
}

test('the first look after a change reads each living finding once, and nothing of the rosters', async () => {
  const first = await look('/');
  const most = (part: string): number =>
    Math.max(...first.filter(({ text }) => text.includes(part)).map((each) => each.rows));
  // The index, the row, the join with the few sources, the order, the limit; of what is resolved nothing.
  expect(most('array_position($1::text[], f.severity)')).toBeLessThan(6 * COMPANY.findings);
  expect(most('with recursive')).toBeLessThan(DAYS * STEPS * 8);
  // The view has no id to look by (wish: a column): one pass over the findings, and the clocks of ten.
  expect(most('leaver_clock')).toBeLessThan(COMPANY.findings + COMPANY.resolved + 1_000);
  expect(first.filter(({ rows }) => rows >= COMPANY.accounts)).toEqual([]);
});

test.each([
  '/',
  '/?severity=low&source=nimble',
  '/?rule=leaver_account&after=critical.leaver_account.nimble.1',
  '/?age=30',
])('a further look at %s reads what it shows', async (path) => {
  await look('/');
  const statements = await look(path);
  expect(statements.length).toBeGreaterThan(3);
  expect(statements.filter(({ rows }) => rows > SHOWN * NODES)).toEqual([]);
});

test.each(['/sources/nimble', '/sources/nimble?before=4000'])('%s reads a page of runs', async (path) => {
  await look('/');
  expect((await look(path)).filter(({ rows }) => rows > SHOWN * NODES)).toEqual([]);
});

test('the trend is what the last report of each day said', async () => {
  const { rows } = await store.pool.query<{ day: string; open: number }>(
    `select distinct on (day) (finished_at at time zone 'UTC')::date as day, open
       from rollcall.drift_report order by day, id desc`,
  );
  const trend = await createPageReader(store).trend(DAYS, COMPANY.reports);
  expect(trend).toHaveLength(DAYS);
  expect(trend.map(({ day, open }) => ({ day, open }))).toEqual(rows.slice(-DAYS));
});

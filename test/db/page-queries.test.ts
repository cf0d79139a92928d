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
/** Of what is counted: the index, the row or the account beside it, and what is made of them. */
const COUNT_NODES = 3;
const DAYS = 30;

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

/** What says how many there are, of all living findings or of a part of them. */
const COUNTS = /count\(|seats_at_risk/u;

test.each([
  '/',
  '/?severity=low&source=nimble',
  '/?status=waived',
  '/?rule=leaver_account&after=critical.leaver_account.nimble.open.1',
  '/?age=30',
  '/sources/nimble',
  '/sources/nimble?before=4000',
])('%s reads what it shows; what counts, each living finding once', async (path) => {
  const statements = await look(path);
  const [counts, others] = [true, false].map((is) => statements.filter(({ text }) => COUNTS.test(text) === is));
  expect(counts?.length).toBeGreaterThan(1);
  expect(counts?.filter(({ rows }) => rows > COUNT_NODES * COMPANY.findings)).toEqual([]);
  expect(others?.length).toBeGreaterThan(3);
  expect(others?.filter(({ rows }) => rows > SHOWN * NODES)).toEqual([]);
});

test('a page says which part of the list it shows', async () => {
  const { body } = await ask(server, '/');
  expect(body).toMatch(/2,500 findings, the most severe first; shown are 1 to 50/u);
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

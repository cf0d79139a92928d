import { afterAll, beforeAll, expect, test } from 'vitest';
import { RULES } from '../../src/core/rule.ts';
import { parseAsked } from '../../src/http/page/filter.ts';
import { loadList } from '../../src/http/page/list.ts';
import type { PageReader } from '../../src/ports/page.ts';
import { createPageReader } from '../../src/store/reader/page/page-reader.ts';
import { fillCompany } from '../support/page-company.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

// Page by page the list is the whole of what was asked for, in its order, each finding once: held against one plain sort of everything.

const NOW = new Date('2026-11-21T09:12:05.000Z');
const DAY_MS = 86_400_000;

type Row = {
  readonly id: number;
  readonly source: string;
  readonly rule: string;
  readonly severity: string;
  readonly status: string;
  readonly first_detected_at: string;
};

let store: TestStore;
let pages: PageReader;
let sorted: readonly Row[];

beforeAll(async () => {
  store = await openTestStore();
  await fillCompany(store.pool, { accounts: 400, findings: 330, resolved: 60, reports: 40 });
  await store.pool.query(`
    update rollcall.finding set status = case id % 7 when 0 then 'held' else 'waived' end where status = 'open' and id % 7 < 2`);
  pages = createPageReader(store);
  const { rows } = await store.pool.query<Row>(
    `select id, source, rule, severity, status, first_detected_at from rollcall.drift_findings where status <> 'resolved'
      order by array_position(array['critical', 'high', 'medium', 'low'], severity), rule <> 'leaver_account',
               array_position($1::text[], rule), source collate "C", array_position(array['open', 'held', 'waived'], status), id`,
    [RULES],
  );
  sorted = rows;
});
afterAll(async () => store[Symbol.asyncDispose]());

/** All pages from the first one on, by the link of each to the next. */
async function walk(address: string) {
  const shown: number[] = [];
  let matching = 0;
  let next: string | undefined = address;
  for (let page = 0; next !== undefined && page < 20; page += 1) {
    const query = new URL(next, 'http://localhost').searchParams;
    const asked = parseAsked(Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name)])));
    if ('hint' in asked) throw new Error(asked.hint);
    const list = await loadList(pages, await pages.live(), asked, NOW);
    expect(list.first).toBe(shown.length + 1);
    expect(list.findings.length).toBeLessThanOrEqual(50);
    shown.push(...list.findings.map(({ id }) => id));
    ({ matching, nextPage: next } = list);
  }
  expect(matching).toBe(shown.length);
  return shown;
}

const following = (rows: readonly Row[]): readonly number[] => rows.slice(0, 10).map(({ id }) => id);
const old = ({ first_detected_at: at }: Row): boolean => Date.parse(at) <= NOW.getTime() - 30 * DAY_MS;

test.each<[string, (row: Row) => boolean]>([
  ['/', ({ status }) => status !== 'waived'],
  ['/?status=waived', ({ status }) => status === 'waived'],
  ['/?status=open&status=waived&severity=high', (row) => row.status !== 'held' && row.severity === 'high'],
  [
    '/?source=nimble&rule=dormant_account&rule=leaver_account',
    ({ source, rule, status }) =>
      source === 'nimble' && status !== 'waived' && ['dormant_account', 'leaver_account'].includes(rule),
  ],
  ['/?age=30', (row) => row.status !== 'waived' && old(row)],
])('%s', async (address, isAsked) => {
  const expected = sorted.filter(isAsked).map(({ id }) => id);
  expect(expected.length).toBeGreaterThan(20);
  expect(await walk(address)).toEqual(expected);
});

test('a place stays one when its finding is gone, and when its whole group is', async () => {
  const open = sorted.filter(({ status }) => status !== 'waived');
  const last = open[49];
  if (last === undefined) throw new Error('too few');
  const group = [last.severity, last.rule, last.source, last.status];
  const asked = parseAsked({ after: [[...group, last.id].join('.')] });
  if ('hint' in asked) throw new Error(asked.hint);
  const place = async (): Promise<readonly number[]> =>
    (await loadList(pages, await pages.live(), asked, NOW)).findings.slice(0, 10).map(({ id }) => id);
  const resolve = `update rollcall.finding set status = 'resolved', resolved_at = now()`;

  expect(await place()).toEqual(following(open.slice(50)));
  await store.pool.query(`${resolve} where id = $1`, [last.id]);
  expect(await place()).toEqual(following(open.slice(50)));
  await store.pool.query(
    `${resolve} where severity = $1 and rule = $2 and status = $4
        and source_id = (select s.id from rollcall.source s where s.name = $3)`,
    group,
  );
  const isOther = (row: Row): boolean => [row.severity, row.rule, row.source, row.status].join() !== group.join();
  expect(await place()).toEqual(following(open.slice(50).filter(isOther)));
});

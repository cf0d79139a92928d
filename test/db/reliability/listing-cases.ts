import { expect } from 'vitest';
import type { Fault } from '../../../src/sandbox/fault.ts';
import { namelyPages, nimbleBody, onMembers, onProfiles, PROFILES, rewrite } from './faults.ts';
import { FULL_DAY, namelyProfile } from './people.ts';
import type { Scenario } from './scenario.ts';

// Group A: listings that are not what they seem. Page 1 of the day's profiles holds the joiner and persons 1 to 49.

const pagesWith = (meta: Parameters<typeof namelyPages>[1]): readonly Fault[] => namelyPages(FULL_DAY, meta);

const isSuspicious = { namely: 'suspicious' } as const;
const isIncomplete = { namely: 'incomplete' } as const;
const SERVER_ERROR = { kind: 'status', status: 500 } as const;

const EMPTY_AND_TOTALS: readonly Scenario[] = [
  {
    number: 1,
    injected: 'Namely and Nimble: 200 with an empty list',
    faults: [onProfiles({ kind: 'empty' }), onMembers({ kind: 'empty' })],
    verdicts: { namely: 'suspicious', nimble: 'suspicious' },
    tells: true,
    also: async ({ company }) => {
      expect(company.alerts.filter((kind) => kind === 'breaker')).toHaveLength(2);
      expect(await company.query('select id from rollcall.breaker where closed_at is null')).toHaveLength(2);
    },
  },
  {
    number: 2,
    injected: 'Namely and Nimble: the total says 20 more than arrive',
    faults: [onProfiles({ kind: 'total', total: 145 }), onMembers({ kind: 'total', total: 145 })],
    verdicts: { namely: 'incomplete', nimble: 'incomplete' },
    also: async ({ company, reason }) => {
      expect(reason('namely')).toMatch(/125 of 145/);
      const runs = await company.query('select declared_total, distinct_ids from rollcall.sync_runs order by id');
      expect(runs).toContainEqual({ declared_total: 145, distinct_ids: 125 });
    },
  },
  {
    number: 3,
    injected: 'Namely and Nimble: no total at all',
    faults: [...pagesWith({}), onMembers({ kind: 'body', body: nimbleBody(FULL_DAY, {}) })],
  },
  { number: 3, injected: 'Namely: the total is a word', faults: pagesWith({ total: 'many' }) },
  { number: 3, injected: 'Namely: the total is negative', faults: pagesWith({ total: -124 }) },
  { number: 3, injected: 'Namely: only `count`, that of the page', faults: pagesWith({ count: 50 }) },
  {
    number: 3,
    injected: 'Namely: the total is smaller than what arrives',
    faults: [onProfiles({ kind: 'total', total: 100 })],
    verdicts: isIncomplete,
  },
  {
    number: 4,
    injected: 'Namely: the total grows between two pages',
    drift: [
      {
        id: 'one more',
        match: { vendor: 'namely', path: PROFILES, page: 1 },
        change: {
          kind: 'insert',
          list: 'namely',
          row: namelyProfile(950, { email: 'person.905@example.com' }),
          position: 500,
        },
      },
    ],
    presentToo: { namely: ['P950'] },
    also: async ({ company }) => {
      const [run] = await company.query(
        `select declared_total from rollcall.sync_runs where source = 'namely' order by id desc limit 1`,
      );
      // Read once more, because the pages did not agree: then all of them declare the new one.
      expect(run).toEqual({ declared_total: 126 });
    },
  },
];

const PAGING: readonly Scenario[] = [
  {
    number: 5,
    injected: 'Namely: a row of page 1 is deleted before page 2 is read',
    drift: [
      {
        id: 'one goes',
        match: { vendor: 'namely', path: PROFILES, page: 1 },
        change: { kind: 'delete', list: 'namely', rowId: 'P7' },
      },
    ],
    // The row that slipped from page 2 to page 1 is on the pages of the second pass. P7 is in the day's world, as it was seen.
    also: ({ requests }) => {
      const pages = requests.filter(({ path }) => path === PROFILES).map(({ query }) => query['page']);
      // To the empty page the first time: totals that change prove no end.
      expect(pages).toEqual(['1', '2', '3', '4', '1', '2', '3']);
    },
  },
  {
    number: 6,
    injected: 'Namely: a row is inserted at the front while pages are read',
    drift: [
      {
        id: 'one comes',
        match: { vendor: 'namely', path: PROFILES, page: 1 },
        change: {
          kind: 'insert',
          list: 'namely',
          row: namelyProfile(951, { email: 'person.905@example.com' }),
          position: 0,
        },
      },
    ],
    presentToo: { namely: ['P951'] },
    // It came to the front after the front was read; the second pass shows it. Rows that came twice count once.
    also: async ({ company }) => {
      const [run] = await company.query(
        "select rows_seen, distinct_ids from rollcall.sync_runs where source = 'namely' order by id desc limit 1",
      );
      expect(run).toEqual({ rows_seen: 252, distinct_ids: 126 });
    },
  },
  {
    number: 7,
    injected: 'Namely: `page` is ignored, the first page comes for ever',
    faults: [onProfiles({ kind: 'ignore', parameters: ['page'] })],
    clients: { namely: { concurrency: 1 } },
    verdicts: isIncomplete,
    also: ({ requests }) => {
      expect(requests.filter(({ path }) => path === PROFILES).length).toBeLessThanOrEqual(3);
    },
  },
  {
    number: 8,
    injected: 'Namely and Nimble: 25 a page, where 50 were asked for or all were expected',
    faults: [onProfiles({ kind: 'cap', perPage: 25 }), onMembers({ kind: 'cap', perPage: 25 })],
  },
  {
    number: 9,
    injected: 'Namely: page 2 of 3 fails until the budget is spent',
    faults: [onProfiles(SERVER_ERROR, { page: 2 })],
    verdicts: isIncomplete,
    also: async ({ company }) => {
      // Rows of the pages before and after it count as seen: the joiner is on page 1, the new stranger on page 3.
      expect(await company.present('namely')).toEqual(expect.arrayContaining(['P801', 'P903']));
      const [source] = await company.query<{ watermark: string }>(
        `select watermark from rollcall.source where name = 'namely'`,
      );
      // As the listing of ten o'clock has left it, not as one at eleven would.
      expect(source?.watermark).toContain('2026-11-21T09:50:00Z');
    },
  },
  {
    number: 9,
    injected: 'Namely: the same, and no page declares a total',
    faults: [onProfiles(SERVER_ERROR, { page: 2 }), ...pagesWith({}).filter(({ match }) => match.page !== 2)],
    verdicts: isIncomplete,
  },
  ...(
    [
      ['an HTML login page', { kind: 'html' }],
      ['`{"error": …}`', { kind: 'body', body: '{"error":"body-canary"}' }],
      ['`profiles: null`', { kind: 'body', body: '{"profiles":null,"body-canary":1}' }],
      ['a list at the top', { kind: 'body', body: '["body-canary"]' }],
      ['an empty body', { kind: 'body', body: '' }],
      ['half a JSON text', { kind: 'body', body: '{"profiles":[{"id":"body-canary"' }],
    ] as const
  ).map(([what, effect]) => ({
    number: 10,
    injected: `Namely: 200 with ${what}`,
    faults: [onProfiles(effect)],
    verdicts: isIncomplete,
  })),
  {
    number: 10,
    injected: 'Nimble: 200 with an HTML login page',
    faults: [onMembers({ kind: 'html' })],
    verdicts: { nimble: 'incomplete' },
  },
  {
    number: 11,
    injected: 'Namely: the body of page 2 is cut once',
    faults: [onProfiles({ kind: 'cut', afterBytes: 900 }, { page: 2, attempts: { from: 1, to: 1 } })],
  },
  {
    number: 11,
    injected: 'Namely and Nimble: the body of page 2, and the only one, is cut each time',
    faults: [onProfiles({ kind: 'cut', afterBytes: 900 }, { page: 2 }), onMembers({ kind: 'cut', afterBytes: 900 })],
    verdicts: { namely: 'incomplete', nimble: 'incomplete' },
  },
];

const ROWS: readonly Scenario[] = [
  {
    number: 12,
    injected: 'Namely: of one row everything but the id is unreadable',
    faults: pagesWith({}).map(spoil),
    also: async ({ company }) => {
      const [row] = await company.query(
        `select status, situation from rollcall.roster where source = 'namely' and external_id = 'P7'`,
      );
      expect(row).toMatchObject({ status: 'unknown', situation: 'linked' });
    },
  },
  {
    number: 12,
    injected: 'Namely: one row has no readable id',
    faults: pagesWith({}).map((fault) => rewrite(fault, 'P7', 'id', '{}')),
    verdicts: isIncomplete,
  },
  {
    number: 13,
    injected: 'Namely: the token sees 60 % fewer profiles, all 200',
    bend: (world) => ({
      ...world,
      people: world.people.map((person, at) => (at > 0 && at <= 75 ? { ...person, namely: [] } : person)),
    }),
    verdicts: isSuspicious,
    tells: true,
    also: ({ company, reason, requests }) => {
      // 75 of the staff, the closed account and the stranger who went.
      expect(reason('namely')).toMatch(/\b77 of 125\b/);
      expect(company.alerts.filter((kind) => kind === 'breaker')).toHaveLength(1);
      const singly = requests.filter(({ path }) => path.startsWith(`${PROFILES}/`) && path !== `${PROFILES}/me`);
      expect(singly).toEqual([]);
    },
  },
  {
    number: 15,
    injected: 'Namely: a row is missing from one listing, and `GET /profiles/{id}` finds it',
    faults: namelyPages(
      {
        ...FULL_DAY,
        people: FULL_DAY.people.map((person) => (person.identity?.id === 'I7' ? { ...person, namely: [] } : person)),
      },
      {},
    ),
  },
];

/** Person 7 with nothing readable but the id. */
function spoil(page: Fault): Fault {
  const spoilt = { email: '["x"]', first_name: '{"a":1}', last_name: '7', user_status: '[]', updated_at: '"soon"' };
  return Object.entries(spoilt)
    .toReversed()
    .reduce((fault, [field, json]) => rewrite(fault, 'P7', field, json), page);
}

export const LISTING_CASES: readonly Scenario[] = [...EMPTY_AND_TOTALS, ...PAGING, ...ROWS];

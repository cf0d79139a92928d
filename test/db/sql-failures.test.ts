import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { collect, type Listing } from '../support/listing.ts';
import { startSilentProxy } from '../support/silent-proxy.ts';
import { openStaff, STAFF, type StaffDatabase } from '../support/sql-staff.ts';

const PASSWORD = 'canary-password';
const MANY = `select n as id, 'canary-row-' || n as title from generate_series(1, 5000) as n`;

/** A user of the server for one test, with what `grants` gives it; `:role` stands for its name. */
async function withRole(grants: string, work: (staff: StaffDatabase, url: URL) => Promise<void>): Promise<void> {
  const role = `rollcall_test_${randomBytes(6).toString('hex')}`;
  await using staff = await openStaff();
  await staff.client.query(`create role ${role} login password '${PASSWORD}'`);
  try {
    await staff.client.query(grants.replaceAll(':role', role));
    const url = new URL(staff.url);
    url.username = role;
    url.password = PASSWORD;
    await work(staff, url);
  } finally {
    await staff.client.query(`drop owned by ${role}`);
    await staff.client.query(`drop role ${role}`);
  }
}

/** The outcome, which must hold no value of the database and no password. */
function outcomeOf({ end }: Listing): unknown {
  if (/canary/i.test(JSON.stringify(end))) throw new Error('the end of the listing holds what nobody may see');
  return end.outcome;
}

function broken(code: string, words: string | RegExp): unknown {
  return { kind: 'broken', code, detail: expect.stringMatching(words) };
}

describe('the user of the database', () => {
  test('needs no more than SELECT on what the query reads', async () => {
    await withRole('grant select on staff to :role', async (staff, url) => {
      const { ids, end } = await collect(staff.source({ url: url.href }));
      expect(ids).toEqual(['1', '2', '3']);
      expect(end.outcome).toEqual({ kind: 'ended' });
      expect(end.endpoint).toBe(`${url.protocol}//${url.host}${url.pathname}`);
    });
  });

  test('who may not read the table is told what is missing', async () => {
    await withRole('select 1', async (staff, url) => {
      expect(outcomeOf(await collect(staff.source({ url: url.href })))).toEqual(
        broken('source-forbidden', /grant it .*SELECT \(SQLSTATE 42501\)/),
      );
    });
  });

  test('who may read one column of two is told so too', async () => {
    await withRole('grant select (id) on staff to :role', async (staff, url) => {
      expect(outcomeOf(await collect(staff.source({ url: url.href, query: 'select id, email from staff' })))).toEqual(
        broken('source-forbidden', '42501'),
      );
    });
  });

  test.each(['canary-wrong', ''])('with the password %j is refused as a credential', async (password) => {
    await withRole('grant select on staff to :role', async (staff, url) => {
      url.password = password;
      expect(outcomeOf(await collect(staff.source({ url: url.href })))).toEqual(
        broken('source-auth', 'check user and password of url'),
      );
    });
  });

  test('who is unknown is refused as a credential', async () => {
    await using staff = await openStaff();
    const url = new URL(staff.url);
    url.username = 'canary_nobody';
    url.password = 'canary-wrong';
    expect(outcomeOf(await collect(staff.source({ url: url.href })))).toEqual(broken('source-auth', 'SQLSTATE 28'));
  });
});

describe('a query that does not fit', () => {
  test.each([
    [
      'a missing table',
      'select id\n  from canary_table',
      /table or schema that is not there \(SQLSTATE 42P01, line 2, column 8 of query\)$/,
    ],
    ['a missing schema', 'select id from canary.staff', /SQLSTATE (3F000|42P01)/],
    [
      'a missing column',
      'select id, canary_column from staff',
      /column that is not there \(SQLSTATE 42703, line 1, column 12 of query\)$/,
    ],
    ['a missing function', 'select canary(id) as id from staff', /SQLSTATE 42883/],
    ['a slip', 'select id frm\n staff whre', /cannot be understood.*SQLSTATE 42601/],
    [
      'a place behind letters of two halves',
      `select '😀😀' as id, canary_column from staff`,
      /line 1, column 20 of query/,
    ],
    ['an open bracket', 'select (id from staff', /SQLSTATE 42601/],
    ['an open comment', 'select id from staff /* canary', /SQLSTATE 42601/],
    ['a value that is none', `select 'canary'::int as id from staff`, /SQLSTATE 22P02/],
    [
      'a value of a row that is none',
      `select email::int as id from staff`,
      /fails on a value that it computes \(SQLSTATE 22P02\)$/,
    ],
    ['a division', 'select id, 1 / (id - 2) as title from staff', /SQLSTATE 22012/],
  ])('is told by its code and place, without values: %s', async (_name, query, words) => {
    await using staff = await openStaff();
    expect(outcomeOf(await collect(staff.source({ query })))).toEqual(broken('source-contract', words));
    await expect.poll(() => staff.connections()).toBe(0);
  });

  test('fails after the rows before the fault; those count as seen', async () => {
    await using staff = await openStaff();
    const query = 'select n as id, 1 / (n - 15) as title from generate_series(1, 20) as n';
    const { ids, end } = await collect(staff.source({ query, limits: { batchRows: 10 } }));
    expect(ids).toHaveLength(10);
    expect(end).toMatchObject({ rowsSeen: 10, outcome: { kind: 'broken', code: 'source-contract' } });
  });

  test('a database that is not there', async () => {
    await using staff = await openStaff();
    const url = new URL(staff.url);
    url.pathname = '/canary_database';
    const { end } = await collect(staff.source({ url: url.href }));
    expect(end.outcome).toMatchObject({
      code: 'source-contract',
      detail: 'contractors: the server has no database of that name; check url (SQLSTATE 3D000)',
    });
  });
});

describe('time', () => {
  test('of one statement is limited by the server', async () => {
    await using staff = await openStaff();
    const source = staff.source({ query: 'select pg_sleep(30)::text as id', limits: { statementMs: 200 } });
    expect(outcomeOf(await collect(source))).toEqual(
      broken('source-unavailable', /took longer than 0.2 s and was cancelled.*57014/),
    );
  });

  test('of a lock is limited too', async () => {
    await using staff = await openStaff();
    await staff.client.query('begin; lock table staff in access exclusive mode');
    const listing = await collect(staff.source({ limits: { lockMs: 100 } }));
    await staff.client.query('rollback');
    expect(outcomeOf(listing)).toEqual(broken('source-unavailable', 'waited too long for a lock'));
  });

  test('of a path that has fallen silent is limited by us', async () => {
    await using staff = await openStaff();
    await using proxy = await startSilentProxy(staff.url);
    const limits = { statementMs: 300, answerMs: 100 };
    const source = staff.source({ url: proxy.url, query: MANY, limits });
    const listing = await collect(source, {}, () => proxy.swallow());
    expect(listing.ids).toHaveLength(1000);
    expect(outcomeOf(listing)).toEqual(broken('source-unavailable', 'did not answer in time'));
  });
});

describe('a connection', () => {
  test('that the server ends between two batches', async () => {
    await using staff = await openStaff();
    const kill = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'rollcall'`;
    const listing = staff.source({ query: MANY }).list({
      mode: 'full',
      budgetMs: 0,
      signal: new AbortController().signal,
      progress: () => undefined,
    });
    const first = await listing.next();
    expect(first).toMatchObject({ done: false });
    await staff.client.query(kill);
    await expect.poll(() => staff.connections()).toBe(0);
    const second = await listing.next();
    expect(second).toMatchObject({
      done: true,
      value: { rowsSeen: 1000, outcome: { kind: 'broken', code: 'source-unavailable' } },
    });
  });

  test('that breaks in the middle of the rows', async () => {
    await using staff = await openStaff();
    await using proxy = await startSilentProxy(staff.url);
    let refused: Promise<void> | undefined;
    const listing = await collect(
      staff.source({ url: proxy.url, query: MANY }),
      {},
      () => void (refused ??= proxy.refuse()),
    );
    await refused;
    expect(listing.ids).toHaveLength(1000);
    expect(outcomeOf(listing)).toEqual(broken('source-unavailable', /connection was cut|cannot be reached/));
  });

  test.each([
    ['when all is read', {}],
    ['when the cap is passed', { rowsMax: 10 }],
  ])('is closed %s', async (_name, limits) => {
    await using staff = await openStaff();
    await collect(staff.source({ query: MANY, limits }));
    await expect.poll(() => staff.connections()).toBe(0);
  });

  test('is closed when nobody reads on', async () => {
    await using staff = await openStaff();
    const request = {
      mode: 'full',
      budgetMs: 0,
      signal: new AbortController().signal,
      progress: () => undefined,
    } as const;
    for await (const batch of staff.source({ query: MANY }).list(request)) {
      expect(batch).toHaveLength(1000);
      expect(await staff.connections()).toBe(1);
      break;
    }
    await expect.poll(() => staff.connections()).toBe(0);
  });

  test('is closed by the signal, also in the middle of a statement', async () => {
    await using staff = await openStaff();
    const stop = new AbortController();
    const query = `select 'a' as id, pg_sleep(30)::text as title`;
    const listing = collect(staff.source({ query }), { signal: stop.signal });
    await expect.poll(() => staff.connections()).toBe(1);
    await expect
      .poll(async () => {
        const { rows } = await staff.client.query(
          `select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`,
        );
        return rows.length;
      })
      .toBe(1);
    stop.abort();
    const { rows, end } = await listing;
    expect(rows).toEqual([]);
    expect(end.outcome).toMatchObject({
      code: 'source-unavailable',
      detail: 'contractors: the reading was stopped before its end',
    });
  });

  test('is not opened after the signal', async () => {
    await using staff = await openStaff(STAFF);
    const { end } = await collect(staff.source(), { signal: AbortSignal.abort() });
    expect(end.outcome).toMatchObject({ detail: expect.stringContaining('was stopped') });
  });
});

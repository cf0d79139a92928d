import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RosterRow } from '../../src/core/row.ts';
import { judgeListing } from '../../src/core/verdict.ts';
import { someCounts } from '../support/builders.ts';
import { collect } from '../support/listing.ts';
import { openStaff, STAFF, type StaffDatabase } from '../support/sql-staff.ts';

/** Where tests only read, which is what the source does, they share a database. */
let shared: StaffDatabase | undefined;
beforeAll(async () => {
  shared = await openStaff();
});
afterAll(async () => {
  await shared?.[Symbol.asyncDispose]();
});

async function listQuery(query: string, columns: Readonly<Record<string, string>> = {}) {
  if (shared === undefined) throw new Error('the shared database is not open');
  return await collect(shared.source({ query, columns }));
}

function only(rows: readonly RosterRow[]): RosterRow {
  const [row, ...others] = rows;
  if (row === undefined || others.length > 0) throw new Error(`${rows.length} rows where one is expected`);
  return row;
}

describe('the result of a query', () => {
  test('is a roster: columns by their names, values as Postgres writes them', async () => {
    const { rows, end } = await listQuery(`
      select 7::bigint as id, ' Jane.Doe@Example.com ' as "E-Mail", array['j@example.com', 'jd@example.com'] as aliases,
             1042 as employee_id, 'Jane' as given_name, 'Doe'::varchar(9) as "Family Name", true as status, 'human' as kind,
             'Admin' as role, null as title, '' as department, 9 as manager_id, date '2022-01-10' as start_date,
             timestamp '2026-12-31 23:59:00' as end_date, timestamptz '2026-11-20 09:30:15.123456+02' as last_active_at,
             1700000000 as source_created_at, now() as source_updated_at, 'Berlin' as office`);
    expect(rows).toEqual([
      expect.objectContaining({
        externalId: '7',
        email: 'jane.doe@example.com',
        aliases: ['j@example.com', 'jd@example.com'],
        employeeId: '1042',
        givenName: 'Jane',
        familyName: 'Doe',
        status: 'active',
        kind: 'human',
        role: 'Admin',
        privileged: true,
        title: undefined,
        department: undefined,
        managerId: '9',
        startDate: '2022-01-10',
        endDate: '2026-12-31',
        lastActiveAt: '2026-11-20T07:30:15.123456Z',
        sourceCreatedAt: '2023-11-14T22:13:20Z',
        flags: [],
      }),
    ]);
    expect(JSON.stringify(rows)).not.toContain('Berlin');
    expect(end).toMatchObject({
      pages: 1,
      requests: 1,
      rowsSeen: 1,
      rowsWithoutId: 0,
      atOnce: true,
      outcome: { kind: 'ended' },
      warnings: [],
    });
  });

  test.each<[string, string, Partial<RosterRow>]>([
    ['a number beyond the safe ones', `9007199254740993 as id`, { externalId: '9007199254740993' }],
    [
      'a uuid',
      `'6f1c1f9e-0d3c-4f0b-8f0e-000000000001'::uuid as id`,
      { externalId: '6f1c1f9e-0d3c-4f0b-8f0e-000000000001' },
    ],
    ['a date in a summer night', `'a' as id, date '2026-03-29' as end_date`, { endDate: '2026-03-29' }],
    ['a date without an end', `'a' as id, date 'infinity' as end_date`, { endDate: undefined, flags: [] }],
    [
      'a moment that never comes',
      `'a' as id, timestamptz 'infinity' as last_active_at`,
      { lastActiveAt: undefined, flags: [] },
    ],
    [
      'a year before all',
      `'a' as id, date '0044-03-15 BC' as end_date`,
      { endDate: undefined, flags: ['end_date_unreadable'] },
    ],
    [
      'a moment without a zone',
      `'a' as id, timestamp '2026-11-20 09:30' as last_active_at`,
      { lastActiveAt: undefined, flags: ['timestamp_unreadable'] },
    ],
    ['aliases in JSON', `'a' as id, '["b@example.com"]'::jsonb as aliases`, { aliases: ['b@example.com'] }],
    [
      'aliases in one text',
      `'a' as id, 'b@example.com; c@example.com' as aliases`,
      { aliases: ['b@example.com', 'c@example.com'] },
    ],
    ['no aliases', `'a' as id, '{}'::text[] as aliases`, { aliases: [], flags: [] }],
    ['a JSON text', `'a' as id, '"Jane"'::json as given_name`, { givenName: 'Jane' }],
    [
      'a JSON object',
      `'a' as id, '{"first": "Jane"}'::jsonb as given_name`,
      { givenName: undefined, flags: ['field_unreadable'] },
    ],
    [
      'a list where none belongs',
      `'a' as id, array['x', 'y'] as role`,
      { role: undefined, flags: ['field_unreadable'] },
    ],
    ['a boolean that is false', `'a' as id, false as status`, { status: 'inactive' }],
    ['no status', `'a' as id, null::text as status`, { status: 'active' }],
    [
      'a word that nobody knows',
      `'a' as id, 'resigned' as status`,
      { status: 'unknown', flags: ['status_unknown_word'] },
    ],
    [
      'text with quotes, brackets and a line end',
      `'a' as id, E'O"Neil], \\\\\\nx' as family_name`,
      { familyName: 'O"Neil], \\ x' },
    ],
  ])('%s', async (_name, columns, expected) => {
    const { rows } = await listQuery(`select ${columns}`);
    expect(only(rows)).toMatchObject(expected);
  });

  test('may call its columns what it likes', async () => {
    const { rows } = await listQuery(`select 'no-7' as "Staff ""No""", 'jane@example.com' as mail, 'x' as id`, {
      id: 'Staff "No"',
      email: 'MAIL',
    });
    expect(only(rows)).toMatchObject({ externalId: 'no-7', email: 'jane@example.com' });
  });

  test.each([
    ['a semicolon and line ends', 'select * from staff;\n;\n'],
    ['a comment', 'select * from staff -- all of them'],
    ['a CTE', 'with s as (select * from staff) select * from s'],
    ['TABLE', 'table staff'],
    ['VALUES', `values (1, 'jane@example.com'), (2, ''), (3, '')`],
    ['semicolons in texts', `select *, ';' as title from staff where email <> ';'`],
    ['an order and a limit', 'select * from staff order by email desc limit 3'],
  ])('may end in or consist of %s', async (_name, query) => {
    const columns: Record<string, string> = query.startsWith('values') ? { id: 'column1', email: 'column2' } : {};
    const { ids, end } = await listQuery(query, columns);
    expect(ids.toSorted()).toEqual(['1', '2', '3']);
    expect(end.outcome).toEqual({ kind: 'ended' });
  });

  test('without an id column knows its rows by their address; with one, a row without id makes it incomplete', async () => {
    const byAddress = await listQuery(`select 'Jane@Example.com' as email`);
    expect(byAddress.ids).toEqual(['jane@example.com']);
    const { end } = await listQuery(`select null as id, 'jane@example.com' as email union all select 'b', null`);
    expect(end).toMatchObject({ rowsSeen: 2, rowsWithoutId: 1 });
    expect(judgeListing(end, someCounts({ distinctIds: 1 }), { mode: 'full', minRows: 0, ratio: 0.2 }).kind).toBe(
      'incomplete',
    );
  });

  test('that is empty is well formed, and after a non-empty one suspicious', async () => {
    const { end } = await listQuery('select * from staff where false');
    expect(end).toMatchObject({ rowsSeen: 0, outcome: { kind: 'ended' } });
    const counts = someCounts({ distinctIds: 0, lost: 100 });
    expect(judgeListing(end, counts, { mode: 'full', minRows: 0, ratio: 0.2 }).kind).toBe('suspicious');
  });

  test('with an id twice is incomplete, because it is of one moment', async () => {
    const { end } = await listQuery(`select 1 as id from staff`);
    const verdict = judgeListing(end, someCounts({ distinctIds: 1 }), { mode: 'full', minRows: 0, ratio: 0.2 });
    expect(verdict).toMatchObject({ kind: 'incomplete', reason: expect.stringContaining('more than once') });
  });

  test.each([
    ['one name twice', 'select 1 as id, 2 as id', 'has two columns "id"'],
    ['a name twice that nobody maps', 'select 1 as id, 2 as x, 3 as x', 'has two columns "x"'],
    ['one field twice', `select 1 as id, 'a' as email, 'b' as "E-Mail"`, 'has two columns for email'],
    ['neither id nor e-mail', `select 'Jane' as given_name`, 'has neither an id nor an email column'],
  ])('with %s is refused', async (_name, query, why) => {
    const { rows, end } = await listQuery(query);
    expect(rows).toEqual([]);
    expect(end.outcome).toEqual({ kind: 'broken', code: 'source-contract', detail: expect.stringContaining(why) });
  });

  test('without a configured column is refused', async () => {
    const { end } = await listQuery('select id, email from staff', { title: 'Job' });
    expect(end.outcome).toMatchObject({
      detail: expect.stringContaining('has no column "Job", which columns.title names'),
    });
  });

  test('computes and sends no column that nobody maps', async () => {
    const { ids, end } = await listQuery('select id, email, 1 / (id - id) as salary from staff');
    expect(ids).toHaveLength(3);
    expect(end.outcome).toEqual({ kind: 'ended' });
  });
});

describe('a large result', () => {
  const MANY = `select 'id-' || n as id from generate_series(1, 2345) as n`;

  test('comes in batches, of which the last is short', async () => {
    await using staff = await openStaff();
    const { batches, steps, end } = await collect(staff.source({ query: MANY }));
    expect(batches).toEqual([1000, 1000, 345]);
    expect(steps).toHaveLength(3);
    expect(end).toMatchObject({ rowsSeen: 2345, outcome: { kind: 'ended' } });
  });

  test.each([
    [2345, { kind: 'ended' }],
    [2344, { kind: 'broken', code: 'source-too-large' }],
    [999, { kind: 'broken', code: 'source-too-large' }],
  ])('with a cap of %d rows is %j, and never cut silently', async (rowsMax, outcome) => {
    await using staff = await openStaff();
    const { end } = await collect(staff.source({ query: MANY, limits: { rowsMax } }));
    expect(end.outcome).toMatchObject(outcome);
  });

  test('is of one moment, whatever happens to the table meanwhile', async () => {
    await using staff = await openStaff(
      `${STAFF} insert into staff select n, n || '@example.com' from generate_series(4, 50) as n`,
    );
    const query = `select id, email from staff where id > (select min(id) from staff) - 1 order by id`;
    let changes: Promise<unknown> | undefined;
    const source = staff.source({ query, limits: { batchRows: 10 } });
    const { ids } = await collect(source, {}, () => {
      changes ??= staff.client.query('delete from staff');
    });
    await changes;
    expect(ids).toHaveLength(50);
  });

  test('with a row that is no row of a person leaves that one out, and says so', async () => {
    const { ids, end } = await listQuery(
      `select 'a' as id, repeat('x', 70000) as title union all select 'b', repeat('x', 60000)`,
    );
    expect(ids).toEqual(['b']);
    expect(end).toMatchObject({ rowsSeen: 2, rowsWithoutId: 1, outcome: { kind: 'ended' } });
    expect(end.warnings).toContain('1 of the rows have more than 64 KiB and were not read');
  });

  test('that a query makes slowly ends in time', async () => {
    await using staff = await openStaff();
    const query = `select n as id, pg_sleep(0.02)::text as title from generate_series(1, 500) as n`;
    const { end } = await collect(staff.source({ query, limits: { batchRows: 5, readMs: 300 } }));
    expect(end.outcome).toMatchObject({
      kind: 'broken',
      code: 'source-unavailable',
      detail: expect.stringContaining('rows for longer than'),
    });
  });
});

const WRITING = `${STAFF}
  create sequence numbers;
  create function hire() returns int language sql volatile as $$ insert into staff values (99, 'new@example.com', 'active') returning id $$;
  create procedure fire() language plpgsql as $$ begin delete from staff; commit; end $$;
`;

async function readState({ client }: StaffDatabase): Promise<unknown> {
  const { rows } = await client.query(
    `select (select array_agg(id order by id) from staff) as staff, (select is_called from numbers) as called,
            (select array_agg(relname::text order by relname) from pg_class where relnamespace = 'public'::regnamespace) as relations`,
  );
  return rows;
}

describe('a query that would write', () => {
  test.each([
    ['a statement that deletes', 'delete from staff'],
    ['one that deletes and returns', 'delete from staff returning id'],
    ['a CTE that deletes', 'with gone as (delete from staff returning id) select id from gone'],
    ['a function that inserts', 'select hire() as id'],
    ['a function that inserts, called row by row', 'select id, hire() as title from staff'],
    ['a sequence', `select nextval('numbers') as id`],
    ['a lock', 'select * from staff for update'],
    [
      'a way out of reading',
      `select id, set_config('transaction_read_only', 'off', true) as title, hire() as role from staff`,
    ],
    ['a new table', 'select * into copied from staff'],
    ['a second statement', 'select * from staff; delete from staff'],
    ['an end of the transaction', 'commit; delete from staff'],
    ['an end of it alone', 'commit'],
    ['a bracket that closes ours', 'select 1 as id) as x; commit; delete from staff; select * from (select 1 as id'],
    ['a bracket and a comment', 'select 1 as id) as x; commit; delete from staff; --'],
    ['a procedure', 'call fire()'],
    ['a block', 'do $$ begin delete from staff; end $$'],
    ['a copy to a program', `copy staff to program 'true'`],
    ['a change of the role', 'set role none'],
    ['a parameter', 'select $1::text as id'],
    ['nothing', '-- nothing'],
  ])('fails: %s', async (_name, query) => {
    await using staff = await openStaff(WRITING);
    const before = await readState(staff);
    const { rows, end } = await collect(staff.source({ query }));
    expect(rows).toEqual([]);
    expect(end.outcome).toMatchObject({ kind: 'broken', code: 'source-contract' });
    expect(await readState(staff)).toEqual(before);
  });

  test('is told as one', async () => {
    await using staff = await openStaff(WRITING);
    const { end } = await collect(staff.source({ query: 'select hire() as id' }));
    expect(end.outcome).toMatchObject({
      detail: expect.stringContaining('only ever run in a read-only transaction (SQLSTATE 25006)'),
    });
  });
});

test('the transaction says what it is', async () => {
  const settings = [
    'transaction_read_only',
    'transaction_isolation',
    'statement_timeout',
    'TimeZone',
    'application_name',
  ];
  const query = settings
    .map((name) => `select '${name}' as id, current_setting('${name}') as title`)
    .join(' union all ');
  const { rows } = await listQuery(query);
  expect(Object.fromEntries(rows.map(({ externalId, title }) => [externalId, title]))).toEqual({
    transaction_read_only: 'on',
    transaction_isolation: 'repeatable read',
    statement_timeout: '1min',
    TimeZone: 'UTC',
    application_name: 'rollcall',
  });
});

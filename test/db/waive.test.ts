import { describe, expect, test } from 'vitest';
import { createOperator } from '../../src/store/operator.ts';
import { createReader } from '../../src/store/reader/reader.ts';
import { insertSources } from '../support/reconcile-world.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

// 21 November in UTC, and the 22nd already in Auckland.
const AT = new Date('2026-11-21T11:30:00Z');
const REQUEST = { findingId: 1, until: '2026-12-31', author: 'kim', reason: 'a contractor' };

/** Finding 1 is open, 2 is held, 3 is resolved. */
async function openWorld(timezone = 'UTC'): Promise<TestStore> {
  const store = await openTestStore();
  const client = await store.pool.connect();
  const [nimble = 0] = await insertSources(client, [{ name: 'nimble' }]);
  client.release();
  await store.pool.query('update rollcall.setting set timezone = $1', [timezone]);
  for (const [subject, status] of [
    ['n-1', 'open'],
    ['n-2', 'held'],
    ['n-3', 'resolved'],
  ]) {
    await store.pool.query(
      `insert into rollcall.finding
              (fingerprint, source_id, rule, subject, account_id, severity, status, summary, evidence, charge_digest,
               first_detected_at, opened_at, report_id, resolved_at, resolution)
       values ($1::text || ':orphaned_account:' || $2::text, $1::int, 'orphaned_account', $2, $2, 'high', $3::text, 's', '{}', 'd',
               $4, $4, 1, case when $3::text = 'resolved' then $4::timestamptz end, case when $3::text = 'resolved' then 'account gone' end)`,
      [nimble, subject, status, AT],
    );
  }
  return store;
}

const rows = async (store: TestStore, sql: string): Promise<readonly unknown[]> => (await store.pool.query(sql)).rows;
const STATUSES = 'select id, status from rollcall.finding order by id';
const WAIVERS = 'select id, until, author, ended_because from rollcall.waiver order by id';

describe('waive', () => {
  test('makes waiver, status, event and audit row together', async () => {
    await using store = await openWorld();
    const { finding, waiver } = await createOperator(store).waive(REQUEST, AT);
    expect(finding).toMatchObject({ id: 1, status: 'waived', waived_until: '2026-12-31' });
    const made = {
      id: 1,
      until: '2026-12-31',
      author: 'kim',
      reason: 'a contractor',
      created_at: '2026-11-21T11:30:00Z',
      ended_at: null,
      ended_because: null,
      warned_at: null,
    };
    expect(waiver).toEqual(made);
    expect(await rows(store, 'select finding_id, event, report_id, detail from rollcall.finding_event')).toEqual([
      {
        finding_id: 1,
        event: 'waived',
        report_id: null,
        detail: { from: 'open', waiver: 1, until: '2026-12-31', author: 'kim', reason: 'a contractor' },
      },
    ]);
    expect(await rows(store, 'select author, action, subject, reason, detail from rollcall.audit')).toEqual([
      {
        author: 'kim',
        action: 'waive',
        subject: 'finding 1',
        reason: 'a contractor',
        detail: { fingerprint: '1:orphaned_account:n-1', status: 'open', waiver: 1, until: '2026-12-31' },
      },
    ]);
    const reader = createReader(store);
    expect((await reader.findings({ statuses: ['waived'] })).map(({ id }) => id)).toEqual([1]);
    expect((await reader.explain(1))?.waivers).toEqual([made]);
  });

  test('takes a held finding too', async () => {
    await using store = await openWorld();
    await createOperator(store).waive({ ...REQUEST, findingId: 2 }, AT);
    expect(await rows(store, STATUSES)).toContainEqual({ id: 2, status: 'waived' });
  });

  test('anew replaces the waiver before', async () => {
    await using store = await openWorld();
    const operator = createOperator(store);
    await operator.waive(REQUEST, AT);
    const { replaced, waiver } = await operator.waive({ ...REQUEST, until: '2026-11-21', author: 'lee' }, AT);
    expect(replaced).toMatchObject({ id: 1, author: 'kim', ended_because: 'replaced' });
    expect(waiver).toMatchObject({ id: 2, until: '2026-11-21', ended_at: null });
    expect(await rows(store, WAIVERS)).toEqual([
      { id: 1, until: '2026-12-31', author: 'kim', ended_because: 'replaced' },
      { id: 2, until: '2026-11-21', author: 'lee', ended_because: null },
    ]);
    expect((await createReader(store).explain(1))?.waivers.map(({ author }) => author)).toEqual(['kim', 'lee']);
  });

  test('by two people at once makes one waiver in force', async () => {
    await using store = await openWorld();
    const operator = createOperator(store);
    await Promise.all(['kim', 'lee', 'max'].map((author) => operator.waive({ ...REQUEST, author }, AT)));
    expect(await rows(store, 'select count(*) as count from rollcall.waiver where ended_at is null')).toEqual([
      { count: 1 },
    ]);
  });

  test.each([
    ['no such finding', { findingId: 99 }, 'not-found', /there is no finding 99/],
    ['a resolved one', { findingId: 3 }, 'not-found', /finding 3 is resolved \(account gone\)/],
    ['a day that is past', { until: '2026-11-20' }, 'usage', /2026-11-20 is past, it is 2026-11-21 in UTC/],
    ['a day too far ahead', { until: '2036-11-20' }, 'usage', /a waiver lasts a year at most, until 2027-11-22/],
  ])('refuses %s, and changes nothing', async (_name, overrides, code, message) => {
    await using store = await openWorld();
    const before = await rows(store, STATUSES);
    await expect(createOperator(store).waive({ ...REQUEST, ...overrides }, AT)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(await rows(store, STATUSES)).toEqual(before);
    for (const table of ['waiver', 'finding_event', 'audit']) {
      expect(await rows(store, `select * from rollcall.${table}`)).toEqual([]);
    }
  });

  test('a refused one leaves the waiver before in force', async () => {
    await using store = await openWorld();
    const operator = createOperator(store);
    await operator.waive(REQUEST, AT);
    await expect(operator.waive({ ...REQUEST, until: '2026-11-01' }, AT)).rejects.toMatchObject({ code: 'usage' });
    expect(await rows(store, WAIVERS)).toMatchObject([{ ended_because: null }]);
  });

  test.each([
    ['Pacific/Auckland', '2026-11-21', 'it is 2026-11-22 in Pacific/Auckland'],
    ['Pacific/Honolulu', '2026-11-20', 'it is 2026-11-21 in Pacific/Honolulu'],
  ])('counts the company’s day in %s, where today is allowed and yesterday is not', async (timezone, past, says) => {
    await using store = await openWorld(timezone);
    const operator = createOperator(store);
    await expect(operator.waive({ ...REQUEST, until: past }, AT)).rejects.toThrow(says);
    const today = past === '2026-11-21' ? '2026-11-22' : '2026-11-21';
    await operator.waive({ ...REQUEST, until: today }, AT);
    expect(await rows(store, STATUSES)).toContainEqual({ id: 1, status: 'waived' });
  });
});

describe('unwaive', () => {
  const back = { findingId: 1, author: 'lee', reason: 'the contract ended' };

  test('opens the finding, with event and audit row', async () => {
    await using store = await openWorld();
    const operator = createOperator(store);
    await operator.waive(REQUEST, AT);
    const { finding, waiver } = await operator.unwaive(back, AT);
    expect(finding).toMatchObject({ status: 'open', waived_until: null });
    expect(waiver).toMatchObject({ id: 1, ended_at: '2026-11-21T11:30:00Z', ended_because: 'unwaived by lee' });
    expect(await rows(store, 'select event, detail from rollcall.finding_event order by id offset 1')).toEqual([
      {
        event: 'reopened',
        detail: { from: 'waived', because: 'unwaived', waiver: 1, author: 'lee', reason: 'the contract ended' },
      },
    ]);
    expect(
      await rows(store, 'select author, action, subject, reason from rollcall.audit order by id offset 1'),
    ).toEqual([{ author: 'lee', action: 'unwaive', subject: 'finding 1', reason: 'the contract ended' }]);
  });

  test('of a finding that has resolved ends the promise, and opens nothing', async () => {
    await using store = await openWorld();
    const operator = createOperator(store);
    await operator.waive(REQUEST, AT);
    await store.pool.query(
      `update rollcall.finding set status = 'resolved', resolved_at = now(), resolution = 'account gone' where id = 1`,
    );
    expect((await operator.unwaive(back, AT)).finding).toMatchObject({ status: 'resolved', waived_until: null });
    expect(await rows(store, 'select count(*) as count from rollcall.finding_event')).toEqual([{ count: 1 }]);
  });

  test.each([
    ['no such finding', 99, /there is no finding 99/],
    ['one that is open', 1, /finding 1 is not waived: `rollcall findings --status waived`/],
    ['one that is held', 2, /finding 2 is not waived/],
  ])('refuses %s', async (_name, findingId, message) => {
    await using store = await openWorld();
    await expect(createOperator(store).unwaive({ ...back, findingId }, AT)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(message),
    });
    expect(await rows(store, 'select * from rollcall.audit')).toEqual([]);
  });

  test('twice is once', async () => {
    await using store = await openWorld();
    const operator = createOperator(store);
    await operator.waive(REQUEST, AT);
    await operator.unwaive(back, AT);
    await expect(operator.unwaive(back, AT)).rejects.toMatchObject({ code: 'not-found' });
  });
});

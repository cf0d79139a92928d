import { describe, expect, test } from 'vitest';
import { runOnce } from '../../src/worker/run.ts';
import { account, person, stranger, upTo } from '../support/people.ts';
import { historyOf, lastMessage, unwaive, waive, waiversOf } from '../support/waivers.ts';
import { openWorkerWorld, type WorkerOptions, type WorkerWorld } from '../support/worker.ts';

// The life of a waiver through reconciliations, on days that the test chooses.

/** Ten people with an account each, looked at once, and then stranger x1. */
async function aCompany(options: WorkerOptions = {}): Promise<WorkerWorld> {
  const world = await openWorkerWorld(options);
  world.identities = upTo(10).map((number) => person(number));
  world.accounts = upTo(10).map((number) => account(number));
  await world.run('2026-11-01T08:00:00Z');
  world.accounts = [...world.accounts, stranger(1)];
  await world.run('2026-11-02T08:00:00Z');
  expect(await world.findings()).toEqual(['orphaned_account x1 open']);
  return world;
}

const withoutX1 = () => upTo(10).map((number) => account(number));
const withX1 = (overrides = {}) => [...withoutX1(), { ...stranger(1), ...overrides }];

async function reportCounts(world: WorkerWorld): Promise<unknown> {
  const { rows } = await world.store.pool.query(
    'select opened, resolved, open, held, waived from rollcall.drift_reports order by id desc limit 1',
  );
  return rows[0];
}

describe('a waived finding', () => {
  test('is quiet until its day is over, then opens again and is told as a waiver that is over', async () => {
    await using world = await aCompany();
    await waive(world, 'x1', { at: '2026-11-02T09:00:00Z', until: '2026-11-20', reason: 'auditor, until the audit' });
    const before = world.messages.length;

    for (const day of ['03', '12']) await world.run(`2026-11-${day}T08:00:00Z`);
    expect(await world.findings()).toEqual(['orphaned_account x1 waived']);
    expect(await reportCounts(world)).toEqual({ opened: 0, resolved: 0, open: 0, held: 0, waived: 1 });
    expect(world.messages.slice(before)).toEqual([]);

    // The week before: once, though nothing else changed.
    for (const hour of ['08', '09']) await world.run(`2026-11-13T${hour}:00:00Z`);
    await world.run('2026-11-20T23:59:00Z');
    expect(world.messages.slice(before)).toEqual(['1 waiver ends within a week']);
    expect(await lastMessage(world)).toContain('waived until 2026-11-20 by kim: auditor, until the audit');
    expect(await world.findings()).toEqual(['orphaned_account x1 waived']);

    await world.run('2026-11-21T00:01:00Z');
    expect(await world.findings()).toEqual(['orphaned_account x1 open']);
    expect(await reportCounts(world)).toEqual({ opened: 1, resolved: 0, open: 1, held: 0, waived: 0 });
    expect(world.messages.slice(before)).toEqual(['1 waiver ends within a week', '1 waiver is over']);
    const message = await lastMessage(world);
    expect(message).toContain('Waivers that are over: these findings are open again');
    expect(message).toContain('waived until 2026-11-20 by kim: auditor, until the audit');
    expect(message).not.toContain('belongs to nobody we know');

    await world.run('2026-11-21T08:00:00Z');
    expect(world.messages.slice(before)).toHaveLength(2);
    expect(await historyOf(world, 'x1')).toEqual(['opened', 'waived', 'waiver_ending', 'reopened waiver expired']);
    expect(await waiversOf(world)).toEqual(['2026-11-20 expired']);
  });

  test.each([
    ['Pacific/Auckland', '2026-11-20T10:59:00Z', '2026-11-20T11:01:00Z'],
    ['Pacific/Honolulu', '2026-11-21T09:59:00Z', '2026-11-21T10:01:00Z'],
  ])('its day ends in %s', async (timezone, before, after) => {
    await using world = await aCompany({ timezone });
    await waive(world, 'x1', { at: '2026-11-02T09:00:00Z', until: '2026-11-20' });
    await world.run(before);
    expect(await world.findings()).toEqual(['orphaned_account x1 waived']);
    await world.run(after);
    expect(await world.findings()).toEqual(['orphaned_account x1 open']);
  });

  test('that resolves and returns before its waiver ends is waived again, in silence', async () => {
    await using world = await aCompany();
    await waive(world, 'x1', { at: '2026-11-02T09:00:00Z', until: '2026-12-20' });
    const before = world.messages.length;
    world.accounts = withoutX1();
    await world.run('2026-11-03T08:00:00Z');
    expect(await world.findings()).toEqual(['orphaned_account x1 resolved account gone']);
    expect(await reportCounts(world)).toMatchObject({ resolved: 1, open: 0, waived: 0 });
    world.accounts = withX1();
    await world.run('2026-11-05T08:00:00Z');
    expect(await world.findings()).toEqual(['orphaned_account x1 waived']);
    expect(await reportCounts(world)).toEqual({ opened: 0, resolved: 0, open: 0, held: 0, waived: 1 });
    await world.run('2026-11-05T09:00:00Z');
    expect(await historyOf(world, 'x1')).toEqual(['opened', 'waived', 'resolved account gone', 'waived']);
    expect(await waiversOf(world)).toEqual(['2026-12-20']);
    expect(world.messages.slice(before)).toEqual([]);
  });

  test('that resolves and returns after its waiver has ended is open, and told, also within a day', async () => {
    await using world = await aCompany();
    await waive(world, 'x1', { at: '2026-11-02T09:00:00Z', until: '2026-11-03' });
    await world.run('2026-11-02T10:00:00Z');
    world.accounts = withoutX1();
    await world.run('2026-11-03T20:00:00Z');
    const before = world.messages.length;
    world.accounts = withX1();
    await world.run('2026-11-04T08:00:00Z');
    expect(await world.findings()).toEqual(['orphaned_account x1 open']);
    expect(await waiversOf(world)).toEqual(['2026-11-03 expired']);
    expect(world.messages.slice(before)).toEqual(['1 account belongs to nobody we know']);
  });

  test('whose ground goes on the day after its last one is resolved, and did not open first', async () => {
    await using world = await aCompany();
    await waive(world, 'x1', { at: '2026-11-02T09:00:00Z', until: '2026-11-03' });
    world.accounts = withoutX1();
    await world.run('2026-11-04T08:00:00Z');
    expect(await historyOf(world, 'x1')).toEqual(['opened', 'waived', 'resolved account gone']);
    expect(await waiversOf(world)).toEqual(['2026-11-03 expired']);
  });

  test('opens when its severity rises: the waiver has ended, and it is told as what it is', async () => {
    await using world = await aCompany();
    await waive(world, 'x1', { at: '2026-11-02T09:00:00Z', until: '2026-12-20' });
    world.accounts = withX1({ privileged: true, role: 'admin' });
    const before = world.messages.length;
    await world.run('2026-11-03T08:00:00Z');
    expect(await world.findings()).toEqual(['orphaned_account x1 open']);
    expect(await waiversOf(world)).toEqual(['2026-12-20 severity rose']);
    expect(await historyOf(world, 'x1')).toEqual(['opened', 'waived', 'reopened severity rose']);
    expect(world.messages.slice(before)).toEqual(['1 account belongs to nobody we know']);
    // Judged again: nothing more.
    await world.run('2026-11-03T09:00:00Z');
    expect(await historyOf(world, 'x1')).toHaveLength(3);
  });

  test('opens when its severity rises, and is told although it flapped that very day', async () => {
    await using world = await aCompany();
    world.accounts = withoutX1();
    await world.run('2026-11-03T08:00:00Z');
    world.accounts = withX1();
    await world.run('2026-11-03T09:00:00Z');
    await waive(world, 'x1', { at: '2026-11-03T09:30:00Z', until: '2026-12-20' });
    world.accounts = withX1({ privileged: true, role: 'admin' });
    const before = world.messages.length;
    await world.run('2026-11-03T10:00:00Z');
    expect(world.messages.slice(before)).toEqual(['1 account belongs to nobody we know']);
  });

  test('that returns of a higher severity is open, and its waiver has ended', async () => {
    await using world = await aCompany();
    await waive(world, 'x1', { at: '2026-11-02T09:00:00Z', until: '2026-12-20' });
    world.accounts = withoutX1();
    await world.run('2026-11-03T08:00:00Z');
    world.accounts = withX1({ privileged: true, role: 'admin' });
    await world.run('2026-11-05T08:00:00Z');
    expect(await world.findings()).toEqual(['orphaned_account x1 open']);
    expect(await waiversOf(world)).toEqual(['2026-12-20 severity rose']);
  });

  test('says something else, and stays waived', async () => {
    await using world = await aCompany();
    await waive(world, 'x1', { at: '2026-11-02T09:00:00Z', until: '2026-12-20' });
    world.accounts = withX1({ displayName: 'Another Name' });
    await world.run('2026-11-03T08:00:00Z');
    expect(await world.findings()).toEqual(['orphaned_account x1 waived']);
    expect(await historyOf(world, 'x1')).toEqual(['opened', 'waived', 'updated']);
  });
});

describe('a waiver that is over', () => {
  test('opens its finding although the rule is withheld', async () => {
    await using world = await aCompany();
    await waive(world, 'x1', { at: '2026-11-02T09:00:00Z', until: '2026-11-03' });
    world.identitiesEnd = { outcome: { kind: 'broken', code: 'source-auth', detail: 'the token was refused' } };
    await world.run('2026-11-04T08:00:00Z');
    expect(await world.findings()).toEqual(['orphaned_account x1 open']);
    expect(world.messages).toContain('1 waiver is over');
  });

  test('never counts for the conclusion breaker, nor is it held by one that trips at the same time', async () => {
    await using world = await openWorkerWorld();
    world.identities = upTo(10).map((number) => person(number));
    world.accounts = upTo(10).map((number) => account(number));
    await world.run('2026-11-01T08:00:00Z');
    // ceil(0.2 × 13) = 3 may open at once.
    world.accounts = [...withoutX1(), ...upTo(3).map(stranger)];
    await world.run('2026-11-02T08:00:00Z');
    for (const number of upTo(3)) {
      await waive(world, `x${number}`, { at: '2026-11-02T09:00:00Z', until: '2026-11-03' });
    }
    world.accounts = [...world.accounts, stranger(4)];
    await world.run('2026-11-04T08:00:00Z');
    expect(await world.findings()).toEqual(upTo(4).map((number) => `orphaned_account x${number} open`));

    for (const number of upTo(4)) {
      await waive(world, `x${number}`, { at: '2026-11-04T09:00:00Z', until: '2026-11-05' });
    }
    // 18 accounts: 4 may open at once, and these are 5 besides the four whose waivers are over.
    world.accounts = [...withoutX1(), ...upTo(9).map(stranger)];
    const { reconciled } = await world.run('2026-11-06T08:00:00Z');
    expect(reconciled.held).toBe(5);
    expect(await world.findings()).toEqual(
      upTo(9).map((number) => `orphaned_account x${number} ${number <= 4 ? 'open' : 'held'}`),
    );
  });

  test('because severities rose does not count either', async () => {
    await using world = await aCompany();
    world.accounts = [...withoutX1(), ...upTo(3).map(stranger)];
    await world.run('2026-11-02T08:00:00Z');
    for (const number of upTo(3)) {
      await waive(world, `x${number}`, { at: '2026-11-02T09:00:00Z', until: '2026-12-03' });
    }
    const graver = upTo(3).map((number) => ({ ...stranger(number), privileged: true, role: 'admin' }));
    // 14 accounts: 3 may open at once, and 1 is new.
    world.accounts = [...withoutX1(), ...graver, stranger(4)];
    expect((await world.run('2026-11-03T08:00:00Z')).reconciled).toMatchObject({ opened: 4, held: 0 });
  });

  test('is not told by a run that tells nobody, and a coming end is left to the next run', async () => {
    await using world = await aCompany();
    await waive(world, 'x1', { at: '2026-11-02T09:00:00Z', until: '2026-11-05' });
    const request = {
      only: [],
      full: false,
      budgetMs: 0,
      signal: new AbortController().signal,
      progress: () => undefined,
    };
    const before = world.messages.length;
    await runOnce(world.deps('2026-11-03T08:00:00Z'), { ...request, notify: false });
    expect(await historyOf(world, 'x1')).toEqual(['opened', 'waived']);
    await world.run('2026-11-03T09:00:00Z');
    expect(world.messages.slice(before)).toEqual(['1 waiver ends within a week']);
  });
});

describe('a waiver', () => {
  test('of a held finding takes it out of what a release would open', async () => {
    await using world = await openWorkerWorld();
    world.identities = upTo(10).map((number) => person(number));
    world.accounts = withoutX1();
    await world.run('2026-11-01T08:00:00Z');
    world.accounts = [...withoutX1(), ...upTo(4).map(stranger)];
    await world.run('2026-11-02T08:00:00Z');
    expect(await world.findings()).toContain('orphaned_account x1 held');
    await waive(world, 'x1', { at: '2026-11-02T09:00:00Z', until: '2026-12-01' });
    await world.release(1, '2026-11-02T10:00:00Z');
    await world.run('2026-11-02T11:00:00Z');
    expect(await world.findings()).toEqual([
      'orphaned_account x1 waived',
      ...[2, 3, 4].map((number) => `orphaned_account x${number} open`),
    ]);
  });

  test('that is taken back opens the finding; what it was warned of is not told any more', async () => {
    await using world = await aCompany();
    await waive(world, 'x1', { at: '2026-11-02T09:00:00Z', until: '2026-11-20' });
    await unwaive(world, 'x1', '2026-11-03T08:00:00Z');
    expect(await world.findings()).toEqual(['orphaned_account x1 open']);
    const before = world.messages.length;
    for (const day of ['14', '21']) await world.run(`2026-11-${day}T08:00:00Z`);
    expect(world.messages.slice(before)).toEqual([]);
    expect(await waiversOf(world)).toEqual(['2026-11-20 unwaived by lee']);
  });

  test('that replaces another is warned of by its own day', async () => {
    await using world = await aCompany();
    await waive(world, 'x1', { at: '2026-11-02T09:00:00Z', until: '2026-11-20' });
    await world.run('2026-11-14T08:00:00Z');
    await waive(world, 'x1', { at: '2026-11-14T09:00:00Z', until: '2026-12-20' });
    const before = world.messages.length;
    await world.run('2026-11-21T08:00:00Z');
    expect(await world.findings()).toEqual(['orphaned_account x1 waived']);
    expect(world.messages.slice(before)).toEqual([]);
    await world.run('2026-12-13T08:00:00Z');
    expect(world.messages.slice(before)).toEqual(['1 waiver ends within a week']);
  });

  test('of a finding that another process opened meanwhile is healed: what nobody waives is open', async () => {
    await using world = await aCompany();
    await waive(world, 'x1', { at: '2026-11-02T09:00:00Z', until: '2026-12-20' });
    // As a reconciliation leaves it that saw the waiver just before it was taken back.
    await world.store.pool.query(`update rollcall.waiver set ended_at = now(), ended_because = 'unwaived by lee'`);
    await world.run('2026-11-03T08:00:00Z');
    expect(await world.findings()).toEqual(['orphaned_account x1 open']);
  });
});

test('judging twice changes nothing, whatever is waived', async () => {
  await using world = await aCompany();
  await waive(world, 'x1', { at: '2026-11-02T09:00:00Z', until: '2026-11-09' });
  const count = async () =>
    (await world.store.pool.query('select count(*) as count from rollcall.finding_event')).rows[0];
  for (const at of ['2026-11-02T10:00:00Z', '2026-11-03T08:00:00Z', '2026-11-10T08:00:00Z']) {
    await world.run(at);
    const before = await count();
    await world.run(at);
    expect(await count()).toEqual(before);
  }
});

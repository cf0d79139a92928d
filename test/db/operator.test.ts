import { describe, expect, test } from 'vitest';
import { createOperator } from '../../src/store/operator.ts';
import { createReader } from '../../src/store/reader/reader.ts';
import { insertSources } from '../support/reconcile-world.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const AT = new Date('2026-11-21T10:00:00Z');

type World = TestStore & { readonly nimble: number; readonly other: number };

async function openWorld(kind: 'source' | 'conclusion' | 'baseline'): Promise<World> {
  const store = await openTestStore();
  const client = await store.pool.connect();
  const [nimble = 0, other = 0] = await insertSources(client, [{ name: 'nimble' }, { name: 'other' }]);
  client.release();
  await store.pool.query(
    `insert into rollcall.breaker (source_id, kind, tripped_at, evidence) values ($1, $2, $3, '{"found": 4}')`,
    [nimble, kind, AT],
  );
  for (const [sourceId, rule, status] of [
    [nimble, 'orphaned_account', 'held'],
    [nimble, 'leaver_account', 'held'],
    [nimble, 'inactive_account', 'open'],
    [other, 'orphaned_account', 'held'],
  ] as const) {
    await store.pool.query(
      `insert into rollcall.finding
              (fingerprint, source_id, rule, subject, severity, status, summary, evidence, charge_digest,
               first_detected_at, opened_at, report_id)
       values ($1 || ':' || $2, $1::int, $2, 'n-1', 'high', $3, 's', '{}', 'd', $4, $4, 1)`,
      [sourceId, rule, status, AT],
    );
    await store.pool.query(`insert into rollcall.rule_state values ($1, $2, 1, 1)`, [sourceId, rule]);
  }
  return { ...store, nimble, other };
}

async function rows(store: World, sql: string): Promise<readonly unknown[]> {
  return (await store.pool.query(sql)).rows;
}

const FINDINGS = 'select source_id, rule, status from rollcall.finding order by id';

describe('releasing a breaker', () => {
  test('closes it under the name and the reason of the person, with an audit row', async () => {
    await using store = await openWorld('source');
    const released = await createOperator(store).releaseBreaker(1, 'kim', 'a reorganisation', AT);
    expect(released).toEqual({
      id: 1,
      source: 'nimble',
      kind: 'source',
      tripped_at: '2026-11-21T10:00:00Z',
      closed_at: '2026-11-21T10:00:00Z',
      closed_by: 'kim',
      reason: 'a reorganisation',
      evidence: { found: 4 },
    });
    expect(await rows(store, 'select released from rollcall.breaker')).toEqual([{ released: true }]);
    expect(await rows(store, 'select author, action, subject, reason, detail from rollcall.audit')).toEqual([
      {
        author: 'kim',
        action: 'breaker release',
        subject: 'breaker 1',
        reason: 'a reorganisation',
        detail: { source: 'nimble', kind: 'source' },
      },
    ]);
    expect(await rows(store, FINDINGS)).toContainEqual({
      source_id: store.nimble,
      rule: 'orphaned_account',
      status: 'held',
    });
  });

  test('of a conclusion opens what is held in that source, and tells it once', async () => {
    await using store = await openWorld('conclusion');
    await createOperator(store).releaseBreaker(1, 'kim', 'they did leave', AT);
    expect(await rows(store, FINDINGS)).toEqual([
      { source_id: store.nimble, rule: 'orphaned_account', status: 'open' },
      { source_id: store.nimble, rule: 'leaver_account', status: 'open' },
      { source_id: store.nimble, rule: 'inactive_account', status: 'open' },
      { source_id: store.other, rule: 'orphaned_account', status: 'held' },
    ]);
    expect(await rows(store, 'select event, detail from rollcall.finding_event')).toEqual([
      { event: 'released', detail: { breaker: 1 } },
      { event: 'released', detail: { breaker: 1 } },
    ]);
    expect(await rows(store, `select data from rollcall_jobs.job where name = 'alert'`)).toEqual([
      { data: { kind: 'released', breakerId: 1 } },
    ]);
    const told = await createReader(store).findings({ releasedBy: 1 });
    expect(told.map((finding) => finding.rule)).toEqual(['leaver_account', 'orphaned_account']);
  });

  test('of a baseline makes the next report of that source its first again', async () => {
    await using store = await openWorld('baseline');
    await createOperator(store).releaseBreaker(1, 'kim', 'new roster path', AT);
    expect(await rows(store, 'select source_id, rule from rollcall.rule_state')).toEqual([
      { source_id: store.other, rule: 'orphaned_account' },
    ]);
  });

  test('that is not open is not found, and changes nothing', async () => {
    await using store = await openWorld('conclusion');
    const operator = createOperator(store);
    await operator.releaseBreaker(1, 'kim', 'they did leave', AT);
    await expect(operator.releaseBreaker(1, 'lee', 'again', AT)).rejects.toMatchObject({ code: 'not-found' });
    await expect(operator.releaseBreaker(99, 'lee', 'which', AT)).rejects.toMatchObject({ code: 'not-found' });
    expect(await rows(store, 'select author from rollcall.audit')).toEqual([{ author: 'kim' }]);
  });
});

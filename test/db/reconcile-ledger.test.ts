import { describe, expect, test } from 'vitest';
import type { RulePlan } from '../../src/core/policy.ts';
import {
  AT,
  change,
  judgedBy,
  LATER,
  onClient,
  openWorld,
  reconcile,
  resolve,
  rowsOf,
} from '../support/reconcile-store.ts';
import { insertRow, insertRun } from '../support/reconcile-world.ts';

describe('the ledger', () => {
  test('open, update, resolve and reopen keep one row, its first detection and its history', async () => {
    await using store = await openWorld();
    const save = (item: ReturnType<typeof resolve>, now: Date): Promise<number> =>
      reconcile(store, async (step) => {
        await step.saveTransitions([item], now);
        return step.reportId;
      });
    await save(change(store, 'open', 'n-1'), AT);
    await save(change(store, 'update', 'n-1', { severity: 'critical' }), AT);
    await save(resolve(store, 'n-1'), AT);
    const last = await save(change(store, 'reopen', 'n-1'), LATER);
    expect(
      await rowsOf(
        store,
        `select fingerprint, status, severity, account_email, first_detected_at, opened_at, resolved_at, resolution, report_id
           from rollcall.finding`,
      ),
    ).toEqual([
      {
        fingerprint: `${store.nimble}:orphaned_account:n-1`,
        status: 'open',
        severity: 'high',
        account_email: 'n-1@example.com',
        first_detected_at: '2026-11-21T10:00:00Z',
        opened_at: '2026-11-22T10:00:00Z',
        resolved_at: null,
        resolution: null,
        report_id: last,
      },
    ]);
    expect(await rowsOf(store, 'select event, detail from rollcall.finding_event order by id')).toEqual([
      { event: 'opened', detail: {} },
      {
        event: 'updated',
        detail: { severity: 'critical', severity_before: 'high', before: { severity: 'high' } },
      },
      { event: 'resolved', detail: { resolution: 'linked' } },
      {
        event: 'reopened',
        detail: { from: 'resolved', resolution: 'linked', before: { severity: 'critical' } },
      },
    ]);
  });

  test('a transition of a finding that is not there is a bug, not a silence', async () => {
    await using store = await openWorld();
    await expect(
      reconcile(store, (step) => step.saveTransitions([change(store, 'update', 'n-1')], AT)),
    ).rejects.toThrow('1 findings to write, 0 written');
  });

  test('hold keeps back what is new in this report by these rules, under one breaker', async () => {
    await using store = await openWorld();
    await reconcile(store, (step) => step.saveTransitions([change(store, 'open', 'old')], AT));
    const holdTwo = (subject: string): Promise<number> =>
      reconcile(store, async (step) => {
        await step.saveTransitions(
          [
            change(store, 'open', subject),
            change(store, 'open', subject, { rule: 'inactive_account' }),
            change(store, 'update', 'old', { summary: subject }),
          ],
          AT,
        );
        return step.hold(store.nimble, ['orphaned_account', 'leaver_account'], { found: 1 }, AT);
      });
    const breaker = await holdTwo('n-1');
    expect(await holdTwo('n-2')).toBe(breaker);
    expect(await rowsOf(store, 'select subject, rule, status from rollcall.finding order by subject, rule')).toEqual([
      { subject: 'n-1', rule: 'inactive_account', status: 'open' },
      { subject: 'n-1', rule: 'orphaned_account', status: 'held' },
      { subject: 'n-2', rule: 'inactive_account', status: 'open' },
      { subject: 'n-2', rule: 'orphaned_account', status: 'held' },
      { subject: 'old', rule: 'orphaned_account', status: 'open' },
    ]);
    expect(await rowsOf(store, 'select kind, evidence from rollcall.breaker')).toEqual([
      { kind: 'conclusion', evidence: { found: 1, rules: ['orphaned_account', 'leaver_account'] } },
    ]);
  });

  test('findings of retired sources and of disabled rules end with their reason', async () => {
    await using store = await openWorld();
    await reconcile(store, (step) =>
      step.saveTransitions(
        [change(store, 'open', 'n-1'), change(store, 'open', 'n-1', { rule: 'lifecycle_conflict' })],
        AT,
      ),
    );
    expect(await reconcile(store, (step) => step.retireFindings(new Set(['lifecycle_conflict']), AT))).toBe(1);
    await rowsOf(store, 'update rollcall.source set retired_at = now() where id = $1', [store.nimble]);
    expect(await reconcile(store, (step) => step.retireFindings(new Set(), AT))).toBe(1);
    expect(await rowsOf(store, 'select rule, resolution from rollcall.finding order by rule')).toEqual([
      { rule: 'lifecycle_conflict', resolution: 'rule disabled' },
      { rule: 'orphaned_account', resolution: 'source removed' },
    ]);
  });
});

describe('finish', () => {
  test('counts, verdicts, baselines and alerts are there together, and what was withheld is known next time', async () => {
    await using store = await openWorld();
    const runId = await onClient(store, (client) => insertRun(client, store.nimble));
    await onClient(store, async (client) => {
      for (const externalId of ['n-1', 'n-2', 'n-3', 'n-4']) await insertRow(client, store.nimble, { externalId });
      await insertRow(client, store.nimble, { externalId: 'n-5', gone: true });
      await insertRow(client, store.directory, { externalId: 'p-1' });
    });
    // Three accounts of the source that was judged; one that is gone and one of a source that was not do not count.
    await rowsOf(store, `update rollcall.account set undecided = true where external_id <> 'n-4'`);
    const rules = ['orphaned_account', 'leaver_account'] as const;
    const plan: RulePlan = {
      runs: [{ sourceId: store.nimble, source: 'nimble', rules, baseline: ['orphaned_account'] }],
      withheld: [
        {
          source: 'directory',
          rules: ['lifecycle_conflict'],
          reason: 'it was not read',
          causes: ['directory'],
          refused: [],
        },
      ],
    };
    const reportId = await reconcile(store, async (step) => {
      expect(step.withheldBefore).toEqual([]);
      await step.saveTransitions([change(store, 'open', 'n-1'), change(store, 'open', 'n-2')], AT);
      const alerts = [{ kind: 'baseline' as const, reportId: step.reportId }];
      const counts = { opened: 2, reopened: 0, resolved: 0 };
      await step.finish({ startedAt: AT, judgedBy: judgedBy(plan), ...counts, alerts }, LATER);
      return step.reportId;
    });
    expect(await rowsOf(store, 'select * from rollcall.drift_report')).toEqual([
      {
        id: reportId,
        rule_set: expect.stringMatching(/^[0-9a-f]{16}$/),
        started_at: '2026-11-21T10:00:00Z',
        finished_at: '2026-11-22T10:00:00Z',
        verdicts: {
          directory: { verdict: null, reason: null, as_of: null, rows: null, declared: null, run: null, delta: null },
          nimble: {
            verdict: 'complete',
            reason: null,
            as_of: '2026-11-21T09:00:00.000Z',
            rows: 3,
            declared: 3,
            run: runId,
            delta: null,
          },
        },
        withheld: plan.withheld,
        opened: 2,
        reopened: 0,
        resolved: 0,
        undecided: 3,
        open: 2,
        held: 0,
        waived: 0,
        baseline: ['nimble/orphaned_account'],
      },
    ]);
    const state =
      'select rule, baseline_report_id as first, last_report_id as last from rollcall.rule_state order by rule';
    expect(await rowsOf(store, state)).toEqual([
      { rule: 'leaver_account', first: reportId, last: reportId },
      { rule: 'orphaned_account', first: reportId, last: reportId },
    ]);
    expect(await rowsOf(store, `select data, state::text from rollcall_jobs.job where name = 'alert'`)).toEqual([
      { data: { kind: 'baseline', reportId }, state: 'created' },
    ]);
    const next = await reconcile(store, async (step) => {
      expect(step.withheldBefore).toEqual([{ source: 'directory', causes: ['directory'], refused: [] }]);
      const counts = { opened: 0, reopened: 0, resolved: 0 };
      await step.finish({ startedAt: AT, judgedBy: judgedBy(plan), ...counts, alerts: [] }, LATER);
      return step.reportId;
    });
    expect(await rowsOf(store, state)).toContainEqual({ rule: 'leaver_account', first: reportId, last: next });
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Charge, Transition } from '../../src/core/case.ts';
import { fingerprintOf } from '../../src/core/ledger.ts';
import type { RulePlan } from '../../src/core/policy.ts';
import type { Reconciliation } from '../../src/ports.ts';
import { createReconcileStore } from '../../src/store/reconcile/store.ts';
import { insertLink, insertRow, insertRun, insertSources, type WorldRow } from '../support/reconcile-world.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const TODAY = '2026-11-21';
const AT = new Date('2026-11-21T10:00:00Z');
const LATER = new Date('2026-11-22T10:00:00Z');
const OPTIONS = { timezone: 'Europe/Rome', dryRun: false };
const NO_PLAN: RulePlan = { runs: [], withheld: [] };

type World = TestStore & { readonly directory: number; readonly nimble: number };

/** `directory` is the authority, `nimble` the application; both have been read in full. */
async function openWorld(): Promise<World> {
  const store = await openTestStore();
  const ids = await onClient(store, (client) =>
    insertSources(client, [{ name: 'directory', authoritative: true }, { name: 'nimble' }]),
  );
  const [directory = 0, nimble = 0] = ids;
  return { ...store, directory, nimble };
}

async function onClient<T>(
  store: TestStore,
  work: (client: Parameters<typeof insertSources>[0]) => Promise<T>,
): Promise<T> {
  const client = await store.pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

function reconcile<T>(store: TestStore, work: (step: Reconciliation) => Promise<T>, dryRun = false): Promise<T> {
  return createReconcileStore(store).reconcile({ ...OPTIONS, dryRun }, work);
}

async function rowsOf(store: TestStore, sql: string, values: unknown[] = []): Promise<readonly unknown[]> {
  return (await store.pool.query(sql, values)).rows;
}

function charge(store: World, subject: string, overrides: Partial<Charge> = {}): Charge {
  return {
    rule: 'orphaned_account',
    severity: 'high',
    subject,
    account: { sourceId: store.nimble, externalId: subject },
    accountEmail: `${subject}@example.com`,
    accountName: 'Jane Doe',
    summary: `${subject} is nobody`,
    evidence: { searched: [subject] },
    ...overrides,
  };
}
function change(
  store: World,
  kind: 'open' | 'reopen' | 'update',
  subject: string,
  overrides: Partial<Charge> = {},
): { readonly sourceId: number; readonly transition: Transition } {
  const made = charge(store, subject, overrides);
  const fingerprint = fingerprintOf(store.nimble, made.rule, subject);
  return { sourceId: store.nimble, transition: { kind, fingerprint, charge: made } };
}
function resolve(store: World, subject: string): { readonly sourceId: number; readonly transition: Transition } {
  const fingerprint = fingerprintOf(store.nimble, 'orphaned_account', subject);
  return { sourceId: store.nimble, transition: { kind: 'resolve', fingerprint, resolution: 'linked' } };
}

describe('the transaction', () => {
  test('what fails is rolled back, and the error is that of the work', async () => {
    await using store = await openWorld();
    const failure = new Error('a bug');
    await expect(
      reconcile(store, async (step) => {
        await step.saveTransitions([change(store, 'open', 'n-1')], AT);
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(await rowsOf(store, 'select id from rollcall.finding')).toEqual([]);
    expect(await rowsOf(store, 'select id from rollcall.drift_report')).toEqual([]);
  });

  test('a dry run returns what the work returns, and leaves nothing, in the queue neither', async () => {
    await using store = await openWorld();
    const reportId = await reconcile(
      store,
      async (step) => {
        await step.saveTransitions([change(store, 'open', 'n-1')], AT);
        const alerts = [{ kind: 'digest' as const, reportId: step.reportId }];
        const counts = { opened: 1, reopened: 0, resolved: 0, undecided: 0 };
        await step.finish({ startedAt: AT, plan: NO_PLAN, ...counts, alerts }, AT);
        return step.reportId;
      },
      true,
    );
    expect(reportId).toBeGreaterThan(0);
    for (const table of ['finding', 'finding_event', 'drift_report']) {
      expect(await rowsOf(store, `select id from rollcall.${table}`)).toEqual([]);
    }
    expect(await rowsOf(store, `select id from rollcall_jobs.job where name = 'alert'`)).toEqual([]);
  });

  test('two at once go one after the other, and the second sees all that the first wrote', async () => {
    await using store = await openWorld();
    const first = Promise.withResolvers<void>();
    const one = reconcile(store, async (step) => {
      first.resolve();
      await sleep(300);
      await step.saveTransitions([change(store, 'open', 'n-1')], AT);
    });
    await first.promise;
    const two = reconcile(store, async (step) => {
      await step.saveTransitions([change(store, 'update', 'n-1', { summary: 'seen' })], AT);
    });
    await Promise.all([one, two]);
    expect(await rowsOf(store, 'select summary from rollcall.finding')).toEqual([{ summary: 'seen' }]);
  });

  test('a listing that commits meanwhile is in the next report, not half in this one', async () => {
    await using store = await openWorld();
    await onClient(store, (client) => insertRow(client, store.nimble, { externalId: 'n-1' }));
    const seen = await reconcile(store, async (step) => {
      const before = step.sources.find((source) => source.name === 'nimble')?.accountCount;
      await onClient(store, (client) => insertRow(client, store.nimble, { externalId: 'n-2', email: 'b@example.com' }));
      const plan = {
        runs: [{ sourceId: store.nimble, source: 'nimble', rules: ['orphaned_account' as const], baseline: [] }],
        withheld: [],
      };
      const ids: string[] = [];
      for await (const batch of step.cases(plan, TODAY)) {
        for (const of of batch) if (of.kind === 'account') ids.push(of.ref.externalId);
      }
      return { before, ids };
    });
    expect(seen).toEqual({ before: 1, ids: ['n-1'] });
  });

  test('when another writer was first with a row, the work begins again with what it wrote', async () => {
    await using store = await openWorld();
    await onClient(store, (client) => insertRow(client, store.directory, { externalId: 'p-1', status: 'inactive' }));
    let attempts = 0;
    await reconcile(store, async (step) => {
      attempts += 1;
      if (attempts === 1) {
        await rowsOf(store, `update rollcall.account set status = 'active' where external_id = 'p-1'`);
      }
      await step.markLeft(TODAY);
    });
    expect(attempts).toBe(2);
    expect(await rowsOf(store, 'select left_on from rollcall.account')).toEqual([{ left_on: null }]);
    expect(await rowsOf(store, 'select count(*) as n from rollcall.drift_report')).toEqual([{ n: 1 }]);
  });

  test('other writers that are first again and again end in busy', async () => {
    await using store = await openWorld();
    await onClient(store, (client) => insertRow(client, store.directory, { externalId: 'p-1', status: 'inactive' }));
    const end = reconcile(store, async (step) => {
      await rowsOf(store, `update rollcall.account set kind = 'human' where external_id = 'p-1'`);
      await step.markLeft(TODAY);
    });
    await expect(end).rejects.toMatchObject({ code: 'busy' });
  });

  test('the time zone is stored for the views', async () => {
    await using store = await openWorld();
    await reconcile(store, async () => {});
    expect(await rowsOf(store, 'select timezone from rollcall.setting')).toEqual([{ timezone: 'Europe/Rome' }]);
  });
});

describe('sources', () => {
  test('state by last full listing, delta since, breaker and baseline; retired ones are not there', async () => {
    await using store = await openWorld();
    await onClient(store, async (client) => {
      await insertSources(client, [{ name: 'former', retired: true }]);
      await insertRun(client, store.nimble, { mode: 'delta', verdict: 'incomplete', reason: 'older than the listing' });
      await insertRun(client, store.nimble, { at: '2026-11-20T08:00:00Z' });
      await insertRun(client, store.nimble, { verdict: 'incomplete', reason: 'half', at: '2026-11-21T08:00:00Z' });
      await insertRun(client, store.nimble, { mode: 'delta' });
      await insertRun(client, store.nimble, { mode: 'hint', verdict: 'incomplete' });
      await insertRow(client, store.nimble, { externalId: 'n-1' });
      await insertRow(client, store.nimble, { externalId: 'n-2', gone: true });
      await client.query(
        `insert into rollcall.breaker (source_id, kind, tripped_at, evidence) values ($1, 'conclusion', now(), '{}')`,
        [store.nimble],
      );
      await client.query(`insert into rollcall.rule_state values ($1, 'orphaned_account', 1, 1)`, [store.nimble]);
    });
    const sources = await reconcile(store, async (step) => step.sources);
    expect(sources).toEqual([
      {
        id: store.directory,
        name: 'directory',
        authoritative: true,
        audited: false,
        breakerOpen: false,
        accountCount: 0,
        baselined: new Set(),
      },
      {
        id: store.nimble,
        name: 'nimble',
        authoritative: false,
        audited: false,
        lastFull: { verdict: 'incomplete', at: '2026-11-21T08:00:00Z', reason: 'half' },
        lastCompleteFullAt: '2026-11-20T08:00:00Z',
        lastDelta: { verdict: 'complete' },
        breakerOpen: true,
        accountCount: 1,
        baselined: new Set(['orphaned_account']),
      },
    ]);
  });
});

describe('markLeft', () => {
  type Mark = { readonly left_on: string | null; readonly left_by: string | null };
  const NONE: Mark = { left_on: null, left_by: null };
  const cases: readonly { readonly name: string; readonly given: WorldRow; readonly expected: Mark }[] = [
    { name: 'active', given: {}, expected: NONE },
    { name: 'last day today', given: { endDate: TODAY }, expected: NONE },
    {
      name: 'last day yesterday',
      given: { endDate: '2026-11-20' },
      expected: { left_on: '2026-11-20', left_by: 'end_date' },
    },
    { name: 'inactive', given: { status: 'inactive' }, expected: { left_on: TODAY, left_by: 'status' } },
    {
      name: 'inactive with a future end',
      given: { status: 'inactive', endDate: '2027-01-31' },
      expected: { left_on: TODAY, left_by: 'status' },
    },
    {
      name: 'inactive with a past end',
      given: { status: 'inactive', endDate: '2026-11-01' },
      expected: { left_on: '2026-11-01', left_by: 'end_date' },
    },
    { name: 'gone', given: { gone: true }, expected: { left_on: TODAY, left_by: 'absence' } },
    { name: 'unknown', given: { status: 'unknown' }, expected: NONE },
    {
      name: 'unknown, marked before',
      given: { status: 'unknown', leftOn: '2026-10-01' },
      expected: { left_on: '2026-10-01', left_by: 'status' },
    },
    {
      name: 'left before, end date written later',
      given: { status: 'inactive', leftOn: '2026-10-01', endDate: '2026-11-01' },
      expected: { left_on: '2026-10-01', left_by: 'status' },
    },
    { name: 'back', given: { leftOn: '2026-10-01' }, expected: NONE },
    { name: 'on leave again', given: { status: 'on_leave', leftOn: '2026-10-01' }, expected: NONE },
  ];

  test('each row gets, keeps or loses its mark, and a second look writes nothing', async () => {
    await using store = await openWorld();
    await onClient(store, async (client) => {
      for (const [index, { given }] of cases.entries()) {
        await insertRow(client, store.directory, { ...given, externalId: `p-${index}` });
      }
      await insertRow(client, store.nimble, { externalId: 'n-1', status: 'inactive' });
    });
    await reconcile(store, (step) => step.markLeft(TODAY));
    const marks = await rowsOf(
      store,
      'select external_id, left_on, left_by, xmin::text from rollcall.account order by length(external_id), external_id',
    );
    expect(marks).toMatchObject(
      [
        { external_id: 'n-1', ...NONE },
        ...cases.map(({ expected }, index) => ({ external_id: `p-${index}`, ...expected })),
      ].toSorted((a, b) => a.external_id.length - b.external_id.length || (a.external_id < b.external_id ? -1 : 1)),
    );
    await reconcile(store, (step) => step.markLeft('2026-11-21'));
    expect(
      await rowsOf(
        store,
        'select external_id, left_on, left_by, xmin::text from rollcall.account order by length(external_id), external_id',
      ),
    ).toEqual(marks);
  });
});

describe('saveJudgements', () => {
  test('links, moves, drops and disputes; a pinned link and a denied pair stay', async () => {
    await using store = await openWorld();
    await onClient(store, async (client) => {
      for (const id of ['p-1', 'p-2', 'p-3'])
        await insertRow(client, store.directory, { externalId: id, email: `${id}@example.com` });
      for (const id of ['new', 'moved', 'pinned', 'denied', 'disputed']) {
        await insertRow(client, store.nimble, { externalId: id, email: `${id}@example.com` });
      }
      const at = (sourceId: number, externalId: string) => ({ sourceId, externalId });
      await insertLink(client, at(store.nimble, 'moved'), at(store.directory, 'p-1'));
      await insertLink(client, at(store.nimble, 'pinned'), at(store.directory, 'p-1'), 'pinned');
      await insertLink(client, at(store.nimble, 'denied'), at(store.directory, 'p-1'), 'denied');
      await insertLink(client, at(store.nimble, 'denied'), at(store.directory, 'p-2'));
    });
    const rules = ['orphaned_account' as const];
    const plan = { runs: [{ sourceId: store.nimble, source: 'nimble', rules, baseline: [] }], withheld: [] };
    const save = (): Promise<void> =>
      reconcile(store, async (step) => {
        // Every account is looked at, also those in order: a disputed mark makes it a case.
        for await (const batch of step.cases(plan, TODAY)) {
          await step.saveJudgements(
            batch.map((of) => {
              const id = of.kind === 'account' ? of.ref.externalId : '';
              const identity = { sourceId: store.directory, externalId: id === 'denied' ? 'p-1' : 'p-3' };
              const link =
                id === 'disputed'
                  ? ({ kind: 'disputed', candidates: [] } as const)
                  : ({
                      kind: 'link',
                      identity,
                      rule: id === 'moved' ? 'relinked' : 'email',
                      evidence: { id },
                    } as const);
              return {
                of,
                judgement: { link, charges: [], undecided: [], recheckOn: id === 'new' ? '2026-12-01' : undefined },
              };
            }),
          );
        }
      });
    await rowsOf(store, 'update rollcall.account set disputed = true where source_id = $1', [store.nimble]);
    await save();
    const links = await rowsOf(
      store,
      'select external_id, identity_external_id as identity, rule, evidence from rollcall.link order by 1, 2',
    );
    expect(links).toEqual([
      { external_id: 'denied', identity: 'p-1', rule: 'denied', evidence: {} },
      { external_id: 'moved', identity: 'p-3', rule: 'relinked', evidence: { id: 'moved' } },
      { external_id: 'new', identity: 'p-3', rule: 'email', evidence: { id: 'new' } },
      { external_id: 'pinned', identity: 'p-1', rule: 'pinned', evidence: {} },
    ]);
    expect(
      await rowsOf(
        store,
        'select external_id, disputed, recheck_on from rollcall.account where source_id = $1 order by 1',
        [store.nimble],
      ),
    ).toEqual([
      { external_id: 'denied', disputed: false, recheck_on: null },
      { external_id: 'disputed', disputed: true, recheck_on: null },
      { external_id: 'moved', disputed: false, recheck_on: null },
      { external_id: 'new', disputed: false, recheck_on: '2026-12-01' },
      { external_id: 'pinned', disputed: false, recheck_on: null },
    ]);
  });
});

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
      { event: 'updated', detail: { severity: 'critical', severity_before: 'high' } },
      { event: 'resolved', detail: { resolution: 'linked' } },
      { event: 'reopened', detail: { from: 'resolved', resolution: 'linked' } },
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
    const rules = ['orphaned_account', 'leaver_account'] as const;
    const plan: RulePlan = {
      runs: [{ sourceId: store.nimble, source: 'nimble', rules, baseline: ['orphaned_account'] }],
      withheld: [{ source: 'directory', rules: ['lifecycle_conflict'], reason: 'it has never been read' }],
    };
    const reportId = await reconcile(store, async (step) => {
      expect(step.withheldBefore).toBeUndefined();
      await step.saveTransitions([change(store, 'open', 'n-1'), change(store, 'open', 'n-2')], AT);
      const alerts = [{ kind: 'baseline' as const, reportId: step.reportId }];
      const counts = { opened: 2, reopened: 0, resolved: 0, undecided: 3 };
      await step.finish({ startedAt: AT, plan, ...counts, alerts }, LATER);
      return step.reportId;
    });
    expect(await rowsOf(store, 'select * from rollcall.drift_report')).toEqual([
      {
        id: reportId,
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
      expect(step.withheldBefore).toEqual(['directory']);
      const counts = { opened: 0, reopened: 0, resolved: 0, undecided: 0 };
      await step.finish({ startedAt: AT, plan, ...counts, alerts: [] }, LATER);
      return step.reportId;
    });
    expect(await rowsOf(store, state)).toContainEqual({ rule: 'leaver_account', first: reportId, last: next });
  });
});

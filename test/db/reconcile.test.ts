import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ALL, AT, change, onClient, openWorld, reconcile, rowsOf, TODAY } from '../support/reconcile-store.ts';
import { insertLink, insertRow, insertRun, insertSources, type WorldRow } from '../support/reconcile-world.ts';

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

  test('two at once go one after the other, and the second sees all that the first wrote', async () => {
    await using store = await openWorld();
    // The time zone is written once: else that row alone would betray a stale snapshot.
    await reconcile(store, async () => {});
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
      const before = await step.countAccounts(store.nimble);
      await onClient(store, (client) => insertRow(client, store.nimble, { externalId: 'n-2', email: 'b@example.com' }));
      const plan = {
        runs: [{ sourceId: store.nimble, source: 'nimble', rules: ['orphaned_account' as const], baseline: [] }],
        withheld: [],
      };
      const ids: string[] = [];
      for await (const batch of step.cases({ plan, today: TODAY, scope: ALL })) {
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
      await step.markLeft(TODAY, ALL);
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
      await step.markLeft(TODAY, ALL);
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
  test('state by last full listing, delta since, breaker (not of conclusions) and baseline; retired ones are not there', async () => {
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
        `insert into rollcall.breaker (source_id, kind, tripped_at, evidence) values ($1, 'source', now(), '{}'), ($2, 'conclusion', now(), '{}')`,
        [store.nimble, store.directory],
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
        refused: false,
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
        refused: false,
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
    await reconcile(store, (step) => step.markLeft(TODAY, ALL));
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
    await reconcile(store, (step) => step.markLeft('2026-11-21', ALL));
    expect(
      await rowsOf(
        store,
        'select external_id, left_on, left_by, xmin::text from rollcall.account order by length(external_id), external_id',
      ),
    ).toEqual(marks);
  });
});

const at = (sourceId: number, externalId: string) => ({ sourceId, externalId });

describe('saveJudgements', () => {
  test('links, moves, drops and disputes; a pinned link and a denied pair stay', async () => {
    await using store = await openWorld();
    await onClient(store, async (client) => {
      for (const id of ['p-1', 'p-2', 'p-3'])
        await insertRow(client, store.directory, { externalId: id, email: `${id}@example.com` });
      for (const id of ['new', 'moved', 'pinned', 'denied', 'disputed']) {
        await insertRow(client, store.nimble, { externalId: id, email: `${id}@example.com` });
      }
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
        for await (const batch of step.cases({ plan, today: TODAY, scope: ALL })) {
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
    await rowsOf(
      store,
      // Each makes a case of it, and one thing alone is remembered otherwise afterwards: of `pinned` and of `disputed` another.
      `update rollcall.account
          set disputed = external_id <> 'pinned', undecided = external_id = 'pinned',
              recheck_on = case when external_id = 'disputed' then date '2026-11-30' end
        where source_id = $1`,
      [store.nimble],
    );
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
        'select external_id, disputed, undecided, recheck_on from rollcall.account where source_id = $1 order by 1',
        [store.nimble],
      ),
    ).toEqual([
      { external_id: 'denied', disputed: false, undecided: false, recheck_on: null },
      { external_id: 'disputed', disputed: true, undecided: false, recheck_on: null },
      { external_id: 'moved', disputed: false, undecided: false, recheck_on: null },
      { external_id: 'new', disputed: false, undecided: false, recheck_on: '2026-12-01' },
      { external_id: 'pinned', disputed: false, undecided: false, recheck_on: null },
    ]);
  });
});

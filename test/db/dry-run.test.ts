import { describe, expect, test } from 'vitest';
import type { RosterRow } from '../../src/core/row.ts';
import { OperationalError } from '../../src/errors.ts';
import type { Source } from '../../src/ports/sources.ts';
import { createRehearsal } from '../../src/store/rehearsal.ts';
import { aListingEnd } from '../support/builders.ts';
import { SILENT } from '../support/database.ts';
import { account, person, stranger, upTo } from '../support/people.ts';
import { read } from '../support/store.ts';
import { waive } from '../support/waivers.ts';
import { wholeDatabase } from '../support/whole-database.ts';
import { CRM, DIRECTORY, openWorkerWorld, type WorkerWorld } from '../support/worker.ts';
import type { Rehearsed } from '../../src/worker/rehearse.ts';

const accounts = () => upTo(10).map((number) => account(number));

/** Ten people with an account each, looked at once. */
async function aCompany(): Promise<WorkerWorld> {
  const world = await openWorkerWorld();
  world.identities = upTo(10).map((number) => person(number));
  world.accounts = accounts();
  await world.run('2026-11-01T08:00:00Z');
  return world;
}

const shown = ({ changes }: Rehearsed): readonly string[] =>
  changes
    .map((each) => [each.change, each.rule, each.account_id ?? each.identity_id].filter(Boolean).join(' '))
    .toSorted();

/** What the last report really changed, in the same words. */
async function done(world: WorkerWorld): Promise<readonly string[]> {
  const { rows } = await world.store.pool.query<{ text: string }>(
    `select distinct on (f.id) concat_ws(' ', e.event, f.rule, coalesce(f.account_id, f.identity_id)) as text
       from rollcall.finding_event e join rollcall.finding f on f.id = e.finding_id
      where e.report_id = (select max(id) from rollcall.drift_report) and e.event <> 'waiver_ending'
      order by f.id, e.id desc`,
  );
  return rows.map(({ text }) => text).toSorted();
}

/** Rehearses, proves that nothing was written, runs, and proves that the rehearsal had said what came. */
async function rehearseThenRun(world: WorkerWorld, at: string): Promise<Rehearsed> {
  const before = await wholeDatabase(world.store.pool);
  const told = world.told.length;
  const rehearsed = await world.rehearse(at);
  expect(await wholeDatabase(world.store.pool)).toEqual(before);
  expect(world.told).toHaveLength(told);
  const ran = await world.run(at);
  expect(shown(rehearsed)).toEqual(await done(world));
  expect(said(rehearsed)).toEqual(said(ran));
  return rehearsed;
}

/** But for ids: a source that is not there yet gets another one. */
function said({ outcomes, reconciled }: Pick<Rehearsed, 'outcomes' | 'reconciled'>): unknown {
  const { opened, resolved, held, plan } = reconciled;
  const runs = plan.runs.map(({ source, rules, baseline }) => ({ source, rules, baseline }));
  return { outcomes, opened, resolved, held, runs, withheld: plan.withheld };
}
describe('a dry run says what a run then does, and writes nothing', () => {
  test('on the first look at all', async () => {
    await using world = await openWorkerWorld();
    world.identities = upTo(10).map((number) => person(number));
    world.accounts = [...accounts(), stranger(1)];
    const { report } = await rehearseThenRun(world, '2026-11-01T08:00:00Z');
    expect(report.baseline).toContain('crm/orphaned_account');
  });

  test('when things open, resolve, come back and say something else', async () => {
    await using world = await aCompany();
    world.accounts = [...accounts(), stranger(1), stranger(2)];
    expect(shown(await rehearseThenRun(world, '2026-11-02T08:00:00Z'))).toEqual([
      'opened orphaned_account x1',
      'opened orphaned_account x2',
    ]);
    world.accounts = [...accounts(), { ...stranger(2), displayName: 'Another Name' }];
    expect(shown(await rehearseThenRun(world, '2026-11-03T08:00:00Z'))).toEqual([
      'resolved orphaned_account x1',
      'updated orphaned_account x2',
    ]);
    world.accounts = [...accounts(), stranger(1)];
    expect(shown(await rehearseThenRun(world, '2026-11-04T08:00:00Z'))).toEqual([
      'reopened orphaned_account x1',
      'resolved orphaned_account x2',
    ]);
    expect(shown(await rehearseThenRun(world, '2026-11-04T09:00:00Z'))).toEqual([]);
  });

  test('with waivers that end, soon end, and hold again', async () => {
    await using world = await aCompany();
    world.accounts = [...accounts(), ...upTo(3).map(stranger)];
    await world.run('2026-11-02T08:00:00Z');
    await waive(world, 'x1', { at: '2026-11-02T09:00:00Z', until: '2026-11-03' });
    await waive(world, 'x2', { at: '2026-11-02T09:00:00Z', until: '2026-11-07' });
    await waive(world, 'x3', { at: '2026-11-02T09:00:00Z', until: '2026-12-31' });
    world.accounts = [...accounts(), stranger(1), stranger(2)];
    expect(shown(await rehearseThenRun(world, '2026-11-03T08:00:00Z'))).toEqual(['resolved orphaned_account x3']);
    world.accounts = [...accounts(), ...upTo(3).map(stranger)];
    expect(shown(await rehearseThenRun(world, '2026-11-04T08:00:00Z'))).toEqual([
      'reopened orphaned_account x1',
      'waived orphaned_account x3',
    ]);
  });

  test('when a listing is not believed', async () => {
    await using world = await aCompany();
    world.accounts = accounts().slice(0, 4);
    const { breakers, reconciled } = await rehearseThenRun(world, '2026-11-02T08:00:00Z');
    expect(breakers).toMatchObject([{ source: 'crm', kind: 'source', evidence: { lost: 6 } }]);
    expect(reconciled.plan.withheld.map(({ source }) => source)).toContain('crm');
  });

  test('when a listing is cut, or cannot be had, or the vendor asks to wait', async () => {
    await using world = await aCompany();
    world.accounts = accounts().slice(0, 9);
    world.accountsEnd = { outcome: { kind: 'broken', code: 'source-unavailable', detail: 'page 2 did not arrive' } };
    await rehearseThenRun(world, '2026-11-02T08:00:00Z');
    world.accountsEnd = { outcome: { kind: 'deferred', until: '2026-11-02T12:00:00Z', detail: 'as asked' } };
    await rehearseThenRun(world, '2026-11-02T09:00:00Z');
    expect((await rehearseThenRun(world, '2026-11-02T10:00:00Z')).outcomes).toContainEqual({
      source: 'crm',
      credential: true,
      kind: 'waiting',
      until: '2026-11-02T12:00:00Z',
    });
  });

  test('when the owner of a token is learnt', async () => {
    await using world = await openWorkerWorld();
    world.identities = upTo(10).map((number) => person(number));
    world.accounts = accounts();
    world.tokenOwner = { externalId: 'x9', email: 'x9@elsewhere.example', shape: 'myself' };
    const rehearsed = await rehearseThenRun(world, '2026-11-01T08:00:00Z');
    expect(shown(rehearsed)).toEqual(['opened credential_owner_at_risk']);
  });

  test('when sources are new, renamed or taken out', async () => {
    await using world = await aCompany();
    world.accounts = [...accounts(), stranger(1)];
    await world.run('2026-11-02T08:00:00Z');
    world.rename('crm', 'sales');
    world.specs = [DIRECTORY, { ...CRM, name: 'sales', formerly: 'crm' }];
    await rehearseThenRun(world, '2026-11-03T08:00:00Z');
    world.specs = [DIRECTORY];
    expect(shown(await rehearseThenRun(world, '2026-11-04T08:00:00Z'))).toEqual(['resolved orphaned_account x1']);
  });

  test('when several thousand rows come at once', async () => {
    await using world = await openWorkerWorld();
    world.identities = upTo(6_000).map((number) => person(number));
    world.accounts = upTo(6_001).map((number) => account(number));
    expect(shown(await rehearseThenRun(world, '2026-11-01T08:00:00Z'))).toEqual(['opened orphaned_account a6001']);
  });

  test('when a source is asked for what its listing lacks', async () => {
    const asked: (readonly string[])[] = [];
    let rows: readonly RosterRow[] = accounts();
    const crm: Source = {
      name: 'crm',
      list: async function* list({ missing }) {
        yield rows;
        const ids = (await missing?.()) ?? [];
        asked.push(ids);
        return aListingEnd({ rowsSeen: rows.length, confirmedGone: ids.filter((id) => id !== 'a4') });
      },
    };
    await using world = await openWorkerWorld({ crm });
    world.identities = upTo(10).map((number) => person(number));
    rows = [...accounts(), stranger(1)];
    await world.run('2026-11-01T08:00:00Z');
    rows = accounts().filter(({ externalId }) => externalId !== 'a4');
    expect(shown(await rehearseThenRun(world, '2026-11-02T08:00:00Z'))).toEqual(['resolved orphaned_account x1']);
    expect(asked.slice(1).map((ids) => ids.toSorted())).toEqual([
      ['a4', 'x1'],
      ['a4', 'x1'],
    ]);
  });

  test('when a reading of changes cannot prove itself and goes on as a full one', async () => {
    const modes: string[] = [];
    let rows: readonly RosterRow[] = accounts();
    const crm: Source = {
      name: 'crm',
      deltas: true,
      list: async function* list({ mode }) {
        modes.push(mode);
        if (mode === 'delta') return aListingEnd({ outcome: { kind: 'full_needed', detail: 'too old' } });
        yield rows;
        return aListingEnd({ rowsSeen: rows.length, watermark: 'w-1' });
      },
    };
    await using world = await openWorkerWorld({ crm });
    world.identities = upTo(10).map((number) => person(number));
    await world.run('2026-11-01T08:00:00Z');
    rows = [...accounts(), stranger(1)];
    expect(shown(await rehearseThenRun(world, '2026-11-01T09:00:00Z'))).toEqual(['opened orphaned_account x1']);
    expect(modes).toEqual(['full', 'delta', 'full', 'delta', 'full']);
  });

  test('of one source alone', async () => {
    await using world = await aCompany();
    world.accounts = [...accounts(), stranger(1)];
    world.identities = [];
    const before = await wholeDatabase(world.store.pool);
    const rehearsed = await world.rehearse('2026-11-02T08:00:00Z', ['crm']);
    expect(rehearsed.outcomes.map(({ source }) => source)).toEqual(['crm']);
    expect(shown(rehearsed)).toEqual(['opened orphaned_account x1']);
    expect(await wholeDatabase(world.store.pool)).toEqual(before);
  });
});

describe('beside a worker', () => {
  test('a dry run that has applied everything keeps nobody from claiming, reading and recording', async () => {
    await using world = await aCompany();
    const rehearsal = createRehearsal({ url: world.store.url, log: SILENT });
    const at = new Date('2026-11-02T08:00:00Z');
    await rehearsal.rehearse(
      async (stage) => {
        const sources = await stage.sourceStore.syncSources(world.specs, at);
        const crm = sources.find(({ name }) => name === 'crm');
        if (crm === undefined) throw new Error('no crm');
        const intake = await stage.openIntake(crm.id, 'full');
        await intake.stage([...accounts(), stranger(1)]);
        await intake.count(true, at);
        const verdict = { kind: 'complete' } as const;
        const ended = {
          mode: 'full',
          end: aListingEnd({ rowsSeen: 11 }),
          verdict,
          startedAt: at,
          finishedAt: at,
        } as const;
        expect(await intake.record(ended)).toMatchObject({ changed: 1 });
        // The worker meanwhile: claim, stage, record, release. It never sees what the rehearsal wrote.
        const { recorded } = await read(world.store, crm, { batches: [[...accounts(), stranger(2)]], at });
        expect(recorded).toMatchObject({ changed: 1 });
      },
      { alone: true },
    );
    const { rows } = await world.store.pool.query(
      `select external_id from rollcall.account where external_id like 'x%'`,
    );
    expect(rows).toEqual([{ external_id: 'x2' }]);
  });

  test('waits for a reconciliation, and for no longer than it may', async () => {
    await using world = await aCompany();
    const client = await world.store.pool.connect();
    try {
      await client.query('begin; lock table rollcall.drift_report in share row exclusive mode');
      const begun = Date.now();
      await expect(world.rehearse('2026-11-02T08:00:00Z')).rejects.toMatchObject({ code: 'busy' });
      // The dry run of this world waits a second; the reconciliation in it would wait for thirty, with its snapshot taken before.
      expect(Date.now() - begun).toBeLessThan(20_000);
    } finally {
      await client.query('rollback');
      client.release();
    }
    expect(shown(await world.rehearse('2026-11-02T08:00:00Z'))).toEqual([]);
  });

  test('is busy where a writer was first with the same rows', async () => {
    await using world = await aCompany();
    const rehearsal = createRehearsal({ url: world.store.url, log: SILENT });
    const attempt = rehearsal.rehearse(async (stage) => {
      await stage.sourceStore.syncSources(world.specs, new Date());
      await world.store.pool.query(`update rollcall.source set rank = rank + 10 where name = 'crm'`);
      await stage.sourceStore.syncSources([DIRECTORY, { ...CRM, audited: true }], new Date());
    });
    await expect(attempt).rejects.toMatchObject({ code: 'busy' });
  });
});

test('who ends a dry run while it reconciles waits for no statement of it', async () => {
  await using world = await aCompany();
  const rehearsal = createRehearsal({ url: world.store.url, log: SILENT });
  const ending = new AbortController();
  const stopped = new Error('stopped by a signal');
  const lock = await world.store.pool.connect();
  try {
    const ended = rehearsal.rehearse(
      ({ reconcileStore }) =>
        reconcileStore.reconcile({ timezone: 'UTC', leaverSlaHours: 24 }, async (step) => {
          // Nobody gives this lock back: only the abort ends the wait.
          await lock.query('begin; lock table rollcall.account in access exclusive mode');
          setTimeout(() => ending.abort(stopped), 200);
          await step.countAccounts(1);
        }),
      { alone: true, signal: ending.signal },
    );
    await expect(ended).rejects.toBe(stopped);
  } finally {
    await lock.query('rollback');
    lock.release();
  }
});

test('what fails in the middle of a rehearsal has written nothing either', async () => {
  await using world = await aCompany();
  const before = await wholeDatabase(world.store.pool);
  const rehearsal = createRehearsal({ url: world.store.url, log: SILENT });
  const failed = rehearsal.rehearse(async (stage) => {
    await stage.sourceStore.syncSources([DIRECTORY], new Date());
    throw new OperationalError('source-unavailable', 'as it happens');
  });
  await expect(failed).rejects.toMatchObject({ code: 'source-unavailable' });
  expect(await wholeDatabase(world.store.pool)).toEqual(before);
});

test('a source that is not answered by an adapter is the outcome of that source', async () => {
  await using world = await aCompany();
  world.accountsEnd = { outcome: { kind: 'broken', code: 'source-auth', detail: 'the token was refused' } };
  const { outcomes } = await rehearseThenRun(world, '2026-11-02T08:00:00Z');
  expect(outcomes).toContainEqual(
    expect.objectContaining({ source: 'crm', verdict: 'incomplete', code: 'source-auth' }),
  );
});

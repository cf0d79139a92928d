import { describe, expect, test, vi } from 'vitest';
import type { Fault } from '../../src/sandbox/fault.ts';
import { aWorld } from '../../src/sandbox/world.ts';
import { startCli } from '../support/cli.ts';
import { somePeople } from '../support/sandbox.ts';
import { startCompany } from '../support/sandbox-company.ts';

const STRAY = { nimble: [{ id: 'stray', email: 'stray@elsewhere.example' }] };

test('a run that waits for a claim says why, and ends at SIGTERM', async () => {
  await using company = await startCompany({ world: aWorld({ people: somePeople(2) }) });
  expect((await company.rollcall(['run'])).code).toBe(0);
  await company.rows(
    `update rollcall.source set claimed_by = 'other', claim_expires_at = now() + interval '1 hour' where name = 'nimble'`,
  );
  await using run = startCli(['run'], { cwd: company.directory, env: company.env });
  await run.line(/nimble: waiting \d+ s: another process is reading this source/);
  const askedAt = performance.now();
  run.kill('SIGTERM');
  expect(await run.ended).toMatchObject({ code: 143, signal: null });
  expect(performance.now() - askedAt).toBeLessThan(5_000);
});

test('a run whose reconciliation hangs in a statement ends at SIGTERM, and leaves no lock behind', async () => {
  await using company = await startCompany({ world: aWorld({ people: somePeople(2) }) });
  expect((await company.rollcall(['run'])).code).toBe(0);
  await company.rows(
    `create function hang() returns trigger language plpgsql as $$ begin perform pg_sleep(300); return new; end $$`,
  );
  await company.rows(
    'create trigger hang before update on rollcall.drift_report for each statement execute function hang()',
  );
  await using run = startCli(['run'], { cwd: company.directory, env: company.env });
  await vi.waitFor(
    async () =>
      expect(await company.rows(`select 1 from pg_stat_activity where wait_event = 'PgSleep'`)).toHaveLength(1),
    { timeout: 30_000, interval: 100 },
  );
  const askedAt = performance.now();
  run.kill('SIGTERM');
  expect(await run.ended).toMatchObject({ code: 143, signal: null });
  expect(performance.now() - askedAt).toBeLessThan(10_000);
  const locked = `select pid from pg_locks where relation = 'rollcall.drift_report'::regclass and mode = 'ShareRowExclusiveLock'`;
  expect(await company.rows(locked)).toEqual([]);
  expect(await company.rows('select count(*) as count from rollcall.drift_report')).toEqual([{ count: '1' }]);
});

describe('alerts of a run', () => {
  test('that was killed while Slack hung are sent by the next run at once', async () => {
    const hangs: Fault = {
      id: 'slack-hangs',
      match: { vendor: 'slack', attempts: { from: 1, to: 1 } },
      effect: { kind: 'slow', delayMs: 120_000 },
    };
    const world = aWorld({ people: [...somePeople(2), STRAY], faults: [hangs] });
    await using company = await startCompany({ world });
    await using killed = startCli(['run'], { cwd: company.directory, env: company.env });
    await vi.waitFor(() => expect(company.sandbox.firedCounts()).toEqual({ 'slack-hangs': 1 }), {
      timeout: 30_000,
      interval: 50,
    });
    killed.kill('SIGKILL');
    await killed.ended;
    await company.tell(aWorld({ people: [...somePeople(2), STRAY] }));
    const next = await company.rollcall(['run']);
    expect(next.stderr).not.toContain('could not be told');
    expect(company.sandbox.messages).toMatchObject([{ accepted: true }]);
  });

  test('under --no-notify are said to wait for a run that sends', async () => {
    await using company = await startCompany({ world: aWorld({ people: [...somePeople(10), STRAY] }) });
    expect((await company.rollcall(['run'])).code).toBe(0);
    const empty: Fault = {
      id: 'empty',
      match: { vendor: 'nimble', path: '/api/v1/team/members' },
      effect: { kind: 'empty' },
    };
    await company.tell(aWorld({ people: [...somePeople(10), STRAY], faults: [empty] }));
    const quiet = await company.rollcall(['run', '--no-notify']);
    expect(quiet.stderr).toContain('1 alert waits: --no-notify sends nothing.');
    expect(quiet.stderr).not.toContain('could not be told');
    expect(company.sandbox.messages).toEqual([]);
  });
});

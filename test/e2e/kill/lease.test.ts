import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { aWorld, type World } from '../../../src/sandbox/world.ts';
import { startCli } from '../../support/cli.ts';
import { somePeople } from '../../support/sandbox.ts';
import { startCompany } from '../../support/sandbox-company.ts';

const STRAY = { nimble: [{ id: 'stray', email: 'stray@elsewhere.example' }] };
const LATER = { nimble: [{ id: 'later', email: 'later@elsewhere.example' }] };
const SLOW_MS = 1_000;
/** After which an unextended claim lapses (contract §2), and how long a run waits for it. */
const LAPSE_MS = 60_000;
const WAIT_MS = 30_000;

function worldWith(faults: World['faults'], stranger = STRAY): World {
  return aWorld({ people: [...somePeople(3), stranger], faults });
}

test(
  'case 72: a run that is stopped for longer than its claim lasts, in real time, writes nothing when it goes on',
  { timeout: 240_000 },
  async () => {
    const slow = {
      id: 'slow',
      match: { vendor: 'nimble' as const, attempts: { from: 1, to: 1 } },
      effect: { kind: 'slow' as const, delayMs: SLOW_MS },
    };
    await using company = await startCompany({ world: worldWith([slow]) });
    await using stopped = startCli(['run'], { cwd: company.directory, env: company.env, timeoutMs: 170_000 });
    await vi.waitFor(() => expect(company.sandbox.firedCounts()).toEqual({ slow: 1 }), {
      timeout: 60_000,
      interval: 20,
    });
    stopped.kill('SIGSTOP');
    // Nimble answers what is stopped; whoever asks later sees another world.
    await sleep(SLOW_MS * 2);
    await company.tell(worldWith([], LATER));
    const stoppedAt = performance.now();

    // Half the time later, so that the wait of the other ends after the claim and not before it.
    await sleep(LAPSE_MS - WAIT_MS / 2);
    await using other = startCli(['run'], { cwd: company.directory, env: company.env, timeoutMs: 120_000 });
    await other.line(/nimble: complete/u);
    // The claim was last extended before it was stopped, in the seconds in which Nimble was asked.
    expect(performance.now() - stoppedAt).toBeGreaterThan(LAPSE_MS - 10_000);
    expect(await other.ended).toMatchObject({ code: 0 });
    expect(await company.rows(`select account_id, status from rollcall.drift_findings`)).toEqual([
      { account_id: 'later', status: 'open' },
    ]);
    const [before, runs] = [await company.state(), await company.rows(RUNS)];

    stopped.kill('SIGCONT');
    const { code, stderr } = await stopped.ended;
    expect(code).toBe(75);
    expect(stderr).toMatch(/nimble.*(has taken over this source|has read this source meanwhile)/u);
    expect(await company.state()).toEqual(before);
    expect(await company.rows(RUNS)).toEqual(runs);
    expect(await company.rows(`select from rollcall.stage union all select from rollcall.stage_row`)).toEqual([]);
    expect(company.sandbox.messages).toMatchObject([{ accepted: true }]);
  },
);

const RUNS = `select id, source, verdict from rollcall.sync_runs where source = 'nimble' order by id`;

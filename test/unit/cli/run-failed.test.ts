import { expect, test } from 'vitest';
import { runCommand, type RunDeps } from '../../../src/cli/run.ts';
import { OperationalError } from '../../../src/errors.ts';
import type { Claim, Reconciliation, StoredSource } from '../../../src/ports/store.ts';
import { createMemoryOutput } from '../../support/memory-output.ts';
import { createMemoryReader } from '../../support/memory-reader.ts';
import { aReport, aRun, aSourceHealth } from '../../support/view-rows.ts';
import { DEFAULT_OPTIONS } from '../../../src/core/rule-options.ts';

const NIMBLE: StoredSource = {
  id: 1,
  name: 'nimble',
  type: 'nimble',
  authoritative: false,
  audited: false,
  minRows: 0,
  schedule: '*/15 * * * *',
  correlateEmployeeId: false,
  keyDigest: 'digest',
  credential: true,
};

function unused(): never {
  throw new Error('this run does not come that far');
}
async function nothing(): Promise<void> {
  await Promise.resolve();
}
async function busy(): Promise<Claim> {
  throw new OperationalError('busy', 'another process is reading nimble');
}
const silence = (): undefined => undefined;

/** A reconciliation that finds nothing. */
const STEP: Reconciliation = {
  reportId: 3,
  sources: [],
  withheldBefore: [],
  scope: async () => ({ kind: 'all' }),
  countAccounts: async () => 0,
  markLeft: nothing,
  linkPlain: async () => 0,
  owners: async () => new Map(),
  listed: async () => [],
  managers: async function* () {
    // Nobody leads.
  },
  withReports: async (scope) => scope,
  cases: async function* () {
    // Nobody is to be judged.
  },
  clearMarks: nothing,
  saveJudgements: nothing,
  saveTransitions: nothing,
  hold: unused,
  retireFindings: async () => 0,
  expireWaivers: nothing,
  openUnwaived: async () => 0,
  warnOfWaivers: async () => 0,
  finish: nothing,
};

/** A run whose only source is read by another process all the time, over a database that knows a good listing of it. */
const DEPS: RunDeps = {
  budgetMs: 1_000,
  reader: createMemoryReader({
    reports: [aReport({ id: 3, opened: 0, open: 0 })],
    sources: async () => [aSourceHealth({ open_findings: 0 })],
    latestRuns: async () => [aRun()],
  }),
  worker: {
    clock: () => new Date('2026-11-21T09:00:00Z'),
    version: '0.0.0-test',
    log: { debug: silence, info: silence, warn: silence, error: silence },
    specs: [NIMBLE],
    sources: new Map([['nimble', { name: 'nimble', list: unused }]]),
    sourceStore: {
      syncSources: async () => [NIMBLE],
      findSource: async () => NIMBLE,
      introduce: async () => 'nimble',
      claim: busy,
      extendClaim: nothing,
      releaseClaim: nothing,
      saveNotBefore: nothing,
      openIntake: unused,
    },
    reconcileStore: { reconcile: async (_options, work) => work(STEP) },
    queue: {
      takeAlerts: async () => [],
      waitingAlerts: async () => 0,
      askSync: nothing,
      askReconcile: nothing,
      askHints: nothing,
      work: nothing,
      stop: unused,
      trouble: silence,
      askSweep: nothing,
      deadLetters: async () => [],
      depths: async () => [],
    },
    policy: {
      timezone: 'UTC',
      breakerRatio: 0.2,
      leaverGraceDays: 0,
      leaverSlaHours: 24,
      disabledRules: new Set(),
      serviceAccounts: [],
      ruleOptions: DEFAULT_OPTIONS,
    },
    judged: silence,
    holder: 'test',
    deliver: nothing,
  },
};

test('a source that this run could not read at all is named, however good its last listing was', async () => {
  const out = createMemoryOutput();
  const args = {
    name: 'run',
    only: [],
    full: false,
    dryRun: false,
    notify: false,
    detailed: false,
    json: false,
  } as const;
  expect(await runCommand(DEPS, args, out, new AbortController().signal)).toBe(75);
  expect(out.text()).toContain('No finding is open, but not everything could be read: nimble.');
  expect(out.text()).not.toContain('in order');
});

const GHOST = { entry: { source: 'nimble', account: 'ghost\u001b[31m', owner: 'o' }, accounts: [] };

test('what is doubtful beside the rosters is said once, on stderr', async () => {
  const out = createMemoryOutput();
  const reconcileStore: RunDeps['worker']['reconcileStore'] = {
    reconcile: async (_options, work) => work({ ...STEP, listed: async () => [GHOST] }),
  };
  const deps: RunDeps = { ...DEPS, worker: { ...DEPS.worker, reconcileStore } };
  const args = {
    name: 'run',
    only: [],
    full: false,
    dryRun: false,
    notify: false,
    detailed: false,
    json: false,
  } as const;
  await runCommand(deps, args, out, new AbortController().signal);
  expect(out.errors().match(/warning: serviceAccounts: nimble has no account "ghost/g)).toHaveLength(1);
  expect(out.errors()).not.toContain('\u001b[31m');
});

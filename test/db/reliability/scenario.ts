import { expect } from 'vitest';
import type { VerdictKind } from '../../../src/core/listing.ts';
import type { Drift } from '../../../src/sandbox/drift.ts';
import type { Fault } from '../../../src/sandbox/fault.ts';
import type { LoggedRequest } from '../../../src/sandbox/sandbox.ts';
import { PRIVATE_CANARY, SANDBOX_SECRETS, type World } from '../../../src/sandbox/world.ts';
import type { RunResult } from '../../../src/worker/run.ts';
import { openCompany, openNewCompany, type Clients, type Company } from './company.ts';
import {
  BASELINE_AT,
  BEFORE,
  BUSY_DAY,
  FAULT_AT,
  FULL_DAY,
  idsOf,
  isFalseOrphan,
  RECOVERY_AT,
  SOURCES,
  truthOf,
  YESTERDAYS_ACCOUNTS,
  type SourceName,
} from './people.ts';

/**
 * One accident: a complete reading, then a day with changes on which it happens, then a day without it. What must be believed
 * and found at each step follows from the worlds and the verdicts, never from what the program has said.
 */
export type Scenario = {
  /** Of the list of fault cases. */
  readonly number: number;
  /** What is injected, in the words of the published table. */
  readonly injected: string;
  /** Changes alone are read on the day of the fault, where that would do. */
  readonly delta?: boolean | undefined;
  /** Bends the days before and of the fault, as by a vendor that is always like that. */
  readonly always?: ((world: World) => World) | undefined;
  /** Bends the day of the fault: an injection by itself, unless it only places a fault. */
  readonly bend?: ((world: World) => World) | undefined;
  readonly faults?: readonly Fault[] | undefined;
  readonly drift?: readonly Drift[] | undefined;
  /** Only on the day of the fault; a new process, as it were. */
  readonly clients?: Clients | undefined;
  /** Before the fault; an injection by itself. */
  readonly prepare?: ((company: Company) => Promise<void>) | undefined;
  /** For all waits on the day of the fault; absent: ten minutes. */
  readonly budgetMs?: number | undefined;
  /** Absent: complete. */
  readonly verdicts?: Partial<Record<SourceName, VerdictKind | 'waiting' | 'failed'>> | undefined;
  /** Complete, and yet too old to conclude from. */
  readonly stale?: SourceName | undefined;
  /** The mode in which Namely was read in the end; absent: as asked for. */
  readonly namelyMode?: 'full' | 'delta' | undefined;
  /** Rows that are believed to be there besides those of the world: seen before they went. */
  readonly presentToo?: Partial<Record<SourceName, readonly string[]>> | undefined;
  /** Whether the case looks at what people are told on the day of the fault. */
  readonly tells?: boolean | undefined;
  /** Whatever else the case wants. */
  readonly also?: ((seen: Seen) => Promise<void> | void) | undefined;
};

export type Seen = {
  readonly company: Company;
  readonly result: RunResult;
  /** What the vendors were asked on the day of the fault. */
  readonly requests: readonly LoggedRequest[];
  /** Of a source's listing, why it is not complete. */
  readonly reason: (source: SourceName) => string;
};

/** What a case has shown, for the table. */
export type Shown = {
  readonly declared: number;
  readonly fired: number;
  /** Absent: the case finds nothing, wrong or right. */
  readonly falseOrphans?: number | undefined;
  readonly missed?: number | undefined;
};

/** Also told where the case fails, as far as it came. */
export type Report = (shown: Shown) => void;

export async function play(scenario: Scenario, report: Report): Promise<void> {
  const { always = same, bend = same } = scenario;
  await using company = await openBefore(scenario);
  expect(await company.findings(), 'before the fault').toEqual(bothTruths(BEFORE));

  const calm = always(scenario.delta === true ? BUSY_DAY : FULL_DAY);
  const troubled = { ...bend(calm), faults: scenario.faults ?? [], drift: scenario.drift ?? [] };
  await scenario.prepare?.(company);
  company.show(troubled);
  company.slept.length = 0;
  const { budgetMs, tells: notify } = scenario;
  const result = await company.run({ at: FAULT_AT, full: scenario.delta !== true, notify, budgetMs });
  const requests = company.sandbox.requests;
  const injected = countInjected(scenario, company);
  const known = [BEFORE, calm];
  const falseThen = (await company.findings()).filter((finding) => isFalseOrphan(finding, known)).length;
  const shown = { ...injected, falseOrphans: falseThen, missed: 0 };
  report(shown);
  await checkFault(scenario, company, { calm, result });
  await scenario.also?.({ company, result, requests, reason: (source) => reasonOf(result, source) });

  // What a company is like after the fault is what it would have been like without one.
  if (scenario.clients !== undefined) company.restart();
  const recovered = { ...always(FULL_DAY), clockFixedAt: RECOVERY_AT };
  company.show(recovered);
  const after = await company.run({ at: RECOVERY_AT });
  const found = await company.findings();
  const truth = bothTruths(recovered);
  const missed = truth.filter((finding) => finding.includes(' orphaned_account ') && !found.includes(finding)).length;
  const falseAfter = found.filter((finding) => isFalseOrphan(finding, [recovered])).length;
  report({ ...shown, falseOrphans: falseThen + falseAfter, missed });
  expect(verdictsOf(after), 'after the fault').toEqual({
    directory: 'complete',
    nimble: 'complete',
    namely: 'complete',
  });
  expect(found, 'after the fault').toEqual(truth);
  for (const source of SOURCES) {
    const present = await company.present(source);
    expect(present, `rows of ${source}`).toEqual(idsOf(recovered, source));
  }
  expect(injected.fired, 'faults that fired').toBe(injected.declared);
  expectNoCanary(company);
}

async function openBefore({ always, clients }: Scenario): Promise<Company> {
  if (always === undefined) return await openCompany(clients);
  const company = await openNewCompany(always(BEFORE), clients);
  await company.run({ at: BASELINE_AT });
  return company;
}

async function checkFault(
  scenario: Scenario,
  company: Company,
  { calm, result }: { readonly calm: World; readonly result: RunResult },
): Promise<void> {
  const expected = { directory: 'complete', nimble: 'complete', namely: 'complete', ...scenario.verdicts };
  expect(verdictsOf(result), 'verdicts').toEqual(expected);
  const namely = result.outcomes.find(({ source }) => source === 'namely');
  const mode = scenario.namelyMode ?? (scenario.delta === true ? 'delta' : 'full');
  if (namely?.kind === 'judged') expect(namely.mode, 'mode').toBe(mode);

  const isUsable = (source: SourceName): boolean => expected[source] === 'complete' && scenario.stale !== source;
  const truth = (['nimble', 'namely'] as const).flatMap((source) => {
    // No listing was recorded: the one before it still stands, and is judged by the day's identities.
    if (expected[source] === 'failed') return truthOf(YESTERDAYS_ACCOUNTS, source);
    return truthOf(isUsable('directory') && isUsable(source) ? calm : BEFORE, source);
  });
  expect(await company.findings(), 'on the day of the fault').toEqual(truth.toSorted());

  for (const source of SOURCES) {
    const present = await company.present(source);
    const wanted = [...idsOf(calm, source), ...(scenario.presentToo?.[source] ?? [])].toSorted();
    if (expected[source] === 'complete') {
      expect(present, `rows of ${source}`).toEqual(wanted);
    } else {
      // What is not complete may show more, and takes nothing away.
      expect(present, `rows of ${source}`).toEqual(expect.arrayContaining([...idsOf(BEFORE, source)]));
      expect([...idsOf(BEFORE, source), ...wanted], `rows of ${source}`).toEqual(expect.arrayContaining([...present]));
    }
  }
}

/** Faults and drifts count by name; what is bent or prepared otherwise has met the program when its vendors were asked at all. */
function countInjected({ faults = [], drift = [] }: Scenario, company: Company): Pick<Shown, 'declared' | 'fired'> {
  const named = faults.length + drift.length;
  if (named === 0) return { declared: 1, fired: company.sandbox.requests.length > 0 ? 1 : 0 };
  const counts = Object.values(company.sandbox.firedCounts());
  return { declared: named, fired: counts.filter((count) => count > 0).length };
}

export function verdictsOf({ outcomes }: RunResult): Readonly<Record<string, string>> {
  return Object.fromEntries(
    outcomes.map((outcome) => [outcome.source, outcome.kind === 'judged' ? outcome.verdict : outcome.kind]),
  );
}

function reasonOf({ outcomes }: RunResult, source: SourceName): string {
  const outcome = outcomes.find((each) => each.source === source);
  return outcome?.kind === 'judged' ? (outcome.reason ?? '') : '';
}

export function bothTruths(world: World): readonly string[] {
  return [...truthOf(world, 'nimble'), ...truthOf(world, 'namely')].toSorted();
}

/** Neither a token nor a private field nor a piece of an answer is in a log or a message. */
function expectNoCanary({ told }: Company): void {
  const text = told.join('\n');
  for (const canary of [
    SANDBOX_SECRETS.nimbleToken,
    SANDBOX_SECRETS.namelyToken,
    PRIVATE_CANARY,
    'Log in',
    'body-canary',
  ]) {
    expect(text).not.toContain(canary);
  }
}

const same = (world: World): World => world;

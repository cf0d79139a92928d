import type { Case } from '../core/case.ts';
import { conclusionLimit } from '../core/breaker.ts';
import { classify } from '../core/classify.ts';
import { todayIn } from '../core/dates.ts';
import { settle } from '../core/ledger.ts';
import { planRules } from '../core/plan.ts';
import type { Judging, RulePlan } from '../core/policy.ts';
import { RULES, RULE_POLICY, type Rule } from '../core/rule.ts';
import type { Alert, Reconciliation } from '../ports.ts';
import type { WorkerDeps } from './deps.ts';

/** What a finished reconciliation says of itself; the rest is in the database. */
export type Reconciled = {
  readonly reportId: number;
  readonly plan: RulePlan;
  readonly opened: number;
  readonly resolved: number;
  readonly held: number;
};

export type ReconcileOptions = { readonly dryRun: boolean; readonly notify: boolean };

/** Rules the conclusion breaker counts (contract §5). */
const CONCLUDING = RULES.filter((rule) => RULE_POLICY[rule].concludes);

/** One reconciliation, start to commit: mark, link, classify what is not provably in order, settle, hold, report, enqueue. */
export async function reconcile(deps: WorkerDeps, options: ReconcileOptions): Promise<Reconciled> {
  const { timezone } = deps.policy;
  const result = await deps.reconcileStore.reconcile({ timezone, dryRun: options.dryRun }, async (step) => {
    const startedAt = deps.clock();
    const judging = judgingAt(deps, startedAt);
    const plan = planRules(step.sources, { now: judging.now, disabled: judging.disabled });
    await step.markLeft(judging.today);
    await step.linkPlain();
    const tally = await judgeCases(step, plan, judging, startedAt);
    const retired = await step.retireFindings(judging.disabled, startedAt);
    const breakers = await holdExcess(deps, step, plan, tally, startedAt);
    const held = breakers.reduce((sum, each) => sum + each.held, 0);
    const facts = { opened: tally.opened - held, reopened: tally.reopened, resolved: tally.resolved + retired };
    const alerts = options.notify
      ? alertsOf(step, plan, { ...facts, announced: tally.announced - held }, breakers)
      : [];
    await step.finish({ startedAt, plan, ...facts, undecided: tally.undecided, alerts }, deps.clock());
    return { reportId: step.reportId, plan, opened: facts.opened + facts.reopened, resolved: facts.resolved, held };
  });
  deps.log.info(
    {
      reportId: result.reportId,
      opened: result.opened,
      resolved: result.resolved,
      held: result.held,
      withheld: result.plan.withheld.length,
    },
    'reconciled',
  );
  return result;
}

function judgingAt(deps: WorkerDeps, at: Date): Judging {
  const now = at.toISOString();
  const { timezone, leaverGraceDays, disabledRules } = deps.policy;
  return { now, today: todayIn(timezone, now), leaverGraceDays, disabled: disabledRules };
}

type Tally = {
  opened: number;
  reopened: number;
  resolved: number;
  undecided: number;
  /** Opened or reopened outside a baseline: what people are told. */
  announced: number;
  /** New findings of the concluding rules by source, baselines left out. */
  concluded: Map<number, number>;
};

async function judgeCases(step: Reconciliation, plan: RulePlan, judging: Judging, now: Date): Promise<Tally> {
  const tally: Tally = { opened: 0, reopened: 0, resolved: 0, undecided: 0, announced: 0, concluded: new Map() };
  const runs = new Map(
    plan.runs.map((run) => [run.sourceId, { ran: new Set(run.rules), baseline: new Set(run.baseline) }]),
  );
  for await (const batch of step.cases(plan, judging.today)) {
    const judged = batch.map((of) => ({ of, judgement: classify(of, judging) }));
    const transitions = judged.flatMap(({ of, judgement }) => {
      const sourceId = sourceOf(of);
      const run = runs.get(sourceId);
      if (run === undefined) return [];
      tally.undecided += judgement.undecided.length;
      return settle(of, judgement, run.ran).map((transition) => ({ sourceId, baseline: run.baseline, transition }));
    });
    for (const each of transitions) count(tally, each);
    await step.saveJudgements(judged.filter(({ of }) => linksMayChange(of, runs.get(sourceOf(of))?.ran)));
    await step.saveTransitions(transitions, now);
  }
  return tally;
}

type Counted = {
  readonly sourceId: number;
  readonly baseline: ReadonlySet<Rule>;
  readonly transition: ReturnType<typeof settle>[number];
};

function count(tally: Tally, { sourceId, baseline, transition }: Counted): void {
  if (transition.kind === 'resolve') tally.resolved += 1;
  if (transition.kind === 'open') tally.opened += 1;
  if (transition.kind === 'reopen') tally.reopened += 1;
  if (transition.kind !== 'open' && transition.kind !== 'reopen') return;
  if (baseline.has(transition.charge.rule)) return;
  tally.announced += 1;
  if (!RULE_POLICY[transition.charge.rule].concludes) return;
  tally.concluded.set(sourceId, (tally.concluded.get(sourceId) ?? 0) + 1);
}

/** An identity list that is not usable decides no link either: what it lacks today may be back tomorrow. */
function linksMayChange(of: Case, ran: ReadonlySet<Rule> | undefined): boolean {
  return (
    of.kind === 'account' && ran !== undefined && [...ran].some((rule) => RULE_POLICY[rule].reads === 'identities')
  );
}

function sourceOf(of: Case): number {
  return of.kind === 'account' ? of.ref.sourceId : of.sourceId;
}

type Held = { readonly breakerId: number; readonly held: number };

async function holdExcess(
  deps: WorkerDeps,
  step: Reconciliation,
  plan: RulePlan,
  tally: Tally,
  now: Date,
): Promise<readonly Held[]> {
  const breakers: Held[] = [];
  for (const source of step.sources) {
    const found = tally.concluded.get(source.id) ?? 0;
    const limit = conclusionLimit(source.accountCount, deps.policy.breakerRatio);
    if (found <= limit) continue;
    const baseline = new Set(plan.runs.find((run) => run.sourceId === source.id)?.baseline);
    const rules = CONCLUDING.filter((rule) => !baseline.has(rule));
    const breakerId = await step.hold(source.id, rules, { found, limit, accounts: source.accountCount }, now);
    breakers.push({ breakerId, held: found });
  }
  return breakers;
}

type Announced = { readonly announced: number; readonly resolved: number };

function alertsOf(step: Reconciliation, plan: RulePlan, facts: Announced, breakers: readonly Held[]): readonly Alert[] {
  const { reportId } = step;
  const alerts: Alert[] = breakers.map(({ breakerId }) => ({ kind: 'breaker', breakerId }));
  const withheldNow = [...new Set(plan.withheld.map((each) => each.source))].toSorted().join('\n');
  const withheldBefore = (step.withheldBefore ?? []).toSorted().join('\n');
  if (withheldNow !== '' && withheldNow !== withheldBefore) alerts.push({ kind: 'withheld', reportId });
  if (plan.runs.some((run) => run.baseline.length > 0)) alerts.push({ kind: 'baseline', reportId });
  if (facts.announced > 0 || facts.resolved > 0) alerts.push({ kind: 'digest', reportId });
  return alerts;
}

import { conclusionLimit } from '../core/breaker.ts';
import { todayIn } from '../core/dates.ts';
import { planRules } from '../core/plan.ts';
import type { Judging, RulePlan } from '../core/policy.ts';
import { RULES, RULE_POLICY } from '../core/rule.ts';
import type { Instant } from '../core/row.ts';
import { serviceAccountsOf } from '../core/service-accounts.ts';
import type { Reconciliation } from '../ports/store.ts';
import { alertsOf, type Held } from './alerts-of.ts';
import type { WorkerDeps } from './deps.ts';
import { judgeCases, type Tally } from './judge-cases.ts';

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
  const { timezone, breakerRatio, leaverSlaHours } = deps.policy;
  const result = await deps.reconcileStore.reconcile(
    { timezone, leaverSlaHours, dryRun: options.dryRun },
    async (step) => {
      const startedAt = deps.clock();
      const now = startedAt.toISOString();
      const plan = planRules(step.sources, { now, disabled: deps.policy.disabledRules });
      const today = todayIn(timezone, now);
      await step.markLeft(today);
      await step.expireWaivers(today, startedAt);
      const judging = await judgingAt(deps, step, now);
      if (readsIdentities(plan)) await step.linkPlain();
      const tally = await judgeCases(step, plan, judging);
      const resolved = tally.resolved + (await step.retireFindings(judging.disabled, startedAt));
      const unwaived = await step.openUnwaived(startedAt);
      const breakers = await holdExcess(step, plan, { tally, ratio: breakerRatio, now: startedAt });
      const held = breakers.reduce((sum, each) => sum + each.held, 0);
      // Told once: a run that tells nobody leaves it to the next.
      const ending = options.notify ? await step.warnOfWaivers(today, startedAt) : 0;
      const news = { breakers, announced: tally.announced - held, resolved, waivers: unwaived + ending };
      const alerts = options.notify ? alertsOf(step, plan, news) : [];
      const { opened, undecided } = tally;
      const reopened = tally.reopened + unwaived;
      await step.finish({ startedAt, plan, opened, reopened, resolved, undecided, alerts }, deps.clock());
      return { reportId: step.reportId, plan, opened: opened + reopened - held, resolved, held };
    },
  );
  const { reportId, opened, resolved, held, plan } = result;
  deps.log.info({ reportId, opened, resolved, held, withheld: plan.withheld.length }, 'reconciled');
  return result;
}

/** An identity list that is not usable decides no link: whom it lacks today may be back tomorrow. */
function readsIdentities(plan: RulePlan): boolean {
  return plan.runs.some(({ rules }) => rules.some((rule) => RULE_POLICY[rule].reads === 'identities'));
}

async function judgingAt(deps: WorkerDeps, step: Reconciliation, now: Instant): Promise<Judging> {
  const { timezone, leaverGraceDays, disabledRules, serviceAccounts: entries } = deps.policy;
  const ownerRows = await step.owners(entries.map((entry) => entry.owner));
  const serviceAccounts = serviceAccountsOf(entries, ownerRows);
  return { now, today: todayIn(timezone, now), leaverGraceDays, disabled: disabledRules, serviceAccounts };
}

type Excess = { readonly tally: Tally; readonly ratio: number; readonly now: Date };

async function holdExcess(step: Reconciliation, plan: RulePlan, excess: Excess): Promise<readonly Held[]> {
  const breakers: Held[] = [];
  for (const source of step.sources) {
    const found = excess.tally.concluded.get(source.id) ?? 0;
    const limit = conclusionLimit(source.accountCount, excess.ratio);
    if (found <= limit) continue;
    const baseline = new Set(plan.runs.find((run) => run.sourceId === source.id)?.baseline);
    const rules = CONCLUDING.filter((rule) => !baseline.has(rule));
    const evidence = { found, limit, accounts: source.accountCount };
    breakers.push({ breakerId: await step.hold(source.id, rules, evidence, excess.now), held: found });
  }
  return breakers;
}

import { conclusionLimit } from '../core/breaker.ts';
import { todayIn } from '../core/dates.ts';
import { planRules } from '../core/plan.ts';
import type { Judging, RulePlan } from '../core/policy.ts';
import { isLinking, RULES, RULE_POLICY } from '../core/rule.ts';
import type { Instant } from '../core/row.ts';
import { serviceAccountsOf } from '../core/service-accounts.ts';
import { serviceDoubts } from '../core/service-doubts.ts';
import { ruleSetDigest, ruleSetFacts } from '../core/rule-set.ts';
import type { Reconciliation, ScopeRequest } from '../ports/store.ts';
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
  /** What is probably not meant in the configuration, and shows only beside the rosters. */
  readonly doubts: readonly string[];
};

export type ReconcileOptions = {
  readonly notify: boolean;
  /** Look at everything, whatever has changed. */
  readonly full?: boolean | undefined;
  /** Ends it without a trace. */
  readonly signal?: AbortSignal | undefined;
};

/** Rules the conclusion breaker counts (contract §5). */
const CONCLUDING = RULES.filter((rule) => RULE_POLICY[rule].concludes);

/** One reconciliation, start to commit: mark, link, classify what is not provably in order, settle, hold, report, enqueue. */
export async function reconcile(deps: WorkerDeps, how: ReconcileOptions): Promise<Reconciled> {
  const { timezone, breakerRatio, leaverSlaHours, disabledRules, ruleOptions: options } = deps.policy;
  const { signal } = how;
  const asked = { timezone, leaverSlaHours, signal, ignoresReuse: disabledRules.has('reused_account') };
  const result = await deps.reconcileStore.reconcile(asked, async (step) => {
    const startedAt = deps.clock();
    const now = startedAt.toISOString();
    const today = todayIn(timezone, now);
    const plan = planRules(step.sources, { now, disabled: disabledRules, options });
    const judgedBy = scopeRequest(deps, { plan, today, full: how.full ?? false });
    const scope = await step.scope(judgedBy);
    await step.markLeft(today, scope);
    await step.expireWaivers(today, startedAt);
    const { judging, doubts } = await judgingAt(deps, step, now);
    // What has changed is few enough to be linked one by one.
    if (scope.kind === 'all' && readsIdentities(plan)) await step.linkPlain(today, linkedByCases(plan));
    const tally = await judgeCases(step, { plan, scope, signal }, judging);
    const resolved = tally.resolved + (await step.retireFindings(judging.disabled, startedAt, options));
    const unwaived = await step.openUnwaived(startedAt);
    const breakers = await holdExcess(step, plan, { tally, ratio: breakerRatio, now: startedAt });
    const held = breakers.reduce((sum, each) => sum + each.held, 0);
    // Told once: a run that tells nobody leaves it to the next.
    const ending = how.notify ? await step.warnOfWaivers(today, startedAt) : 0;
    const { credentials } = tally;
    const news = { breakers, announced: tally.announced - held, credentials, resolved, waivers: unwaived + ending };
    const alerts = how.notify ? alertsOf(step, plan, news, deps.digestDue?.(startedAt)) : [];
    const reopened = tally.reopened + unwaived;
    await step.finish({ startedAt, judgedBy, opened: tally.opened, reopened, resolved, alerts }, deps.clock());
    const looked = scope.kind === 'all' ? 'at everything' : `at ${scope.accounts.length} accounts`;
    return { looked, doubts, reportId: step.reportId, plan, opened: tally.opened + reopened - held, resolved, held };
  });
  const { reportId, looked, opened, resolved, held, plan } = result;
  deps.log.info({ reportId, looked, opened, resolved, held, withheld: plan.withheld.length }, 'reconciled');
  return result;
}

type Asked = Pick<ScopeRequest, 'plan' | 'today' | 'full'>;

function scopeRequest({ policy, version }: WorkerDeps, asked: Asked): ScopeRequest {
  const ruleSet = ruleSetDigest(version, policy);
  return { ...asked, ruleSet, ruleSetFacts: ruleSetFacts(version, policy), serviceAccounts: policy.serviceAccounts };
}

/** An identity list that is not usable decides no link: whom it lacks today may be back tomorrow. */
function readsIdentities(plan: RulePlan): boolean {
  return plan.runs.some(({ rules }) => rules.some((rule) => RULE_POLICY[rule].reads === 'identities'));
}

/** Elsewhere a case decides no link. */
function linkedByCases(plan: RulePlan): readonly number[] {
  return plan.runs.filter(({ rules }) => rules.some(isLinking)).map(({ sourceId }) => sourceId);
}

type Prepared = { readonly judging: Judging; readonly doubts: readonly string[] };

async function judgingAt(deps: WorkerDeps, step: Reconciliation, now: Instant): Promise<Prepared> {
  const { timezone, leaverGraceDays, disabledRules, serviceAccounts: entries, ruleOptions: options } = deps.policy;
  const today = todayIn(timezone, now);
  const asked = entries.map((entry) => entry.owner);
  const owners = await step.owners(asked, today);
  const serviceAccounts = serviceAccountsOf(entries, owners);
  const doubts = serviceDoubts(await step.listed(entries), owners);
  const judging = { now, today, timezone, leaverGraceDays, disabled: disabledRules, serviceAccounts, options };
  return { judging, doubts };
}

type Excess = { readonly tally: Tally; readonly ratio: number; readonly now: Date };

async function holdExcess(step: Reconciliation, plan: RulePlan, excess: Excess): Promise<readonly Held[]> {
  const breakers: Held[] = [];
  for (const source of step.sources) {
    const found = excess.tally.concluded.get(source.id) ?? 0;
    if (found === 0) continue;
    const accounts = await step.countAccounts(source.id);
    const limit = conclusionLimit(accounts, excess.ratio);
    if (found <= limit) continue;
    const baseline = new Set(plan.runs.find((run) => run.sourceId === source.id)?.baseline);
    const rules = CONCLUDING.filter((rule) => !baseline.has(rule));
    const evidence = { found, limit, accounts };
    breakers.push({ breakerId: await step.hold(source.id, rules, evidence, excess.now), held: found });
  }
  return breakers;
}

import { setImmediate } from 'node:timers/promises';
import { type Case, type Judgement, NOT_JUDGED, type ReuseMark, type RowRef, type Transition } from '../core/case.ts';
import { classify } from '../core/classify.ts';
import { settle } from '../core/ledger.ts';
import type { Judging, RulePlan } from '../core/policy.ts';
import type { PlainDate } from '../core/row.ts';
import { isLinking, isOfCredential, RULE_POLICY, type Rule } from '../core/rule.ts';
import type { Reconciliation, Scope } from '../ports/store.ts';

/** What one reconciliation did, in figures. */
export type Tally = {
  opened: number;
  reopened: number;
  resolved: number;
  /** Opened or reopened outside a baseline: what people are told. */
  announced: number;
  /** The same of findings about a credential, which have a message of their own. */
  credentials: number;
  /** New findings of the rules that the conclusion breaker counts, by source, baselines left out. */
  readonly concluded: Map<number, number>;
};

/** Cases that are judged before anybody else has a turn: some milliseconds. */
const AT_A_STRETCH = 50;

type Looking = {
  readonly plan: RulePlan;
  readonly scope: Scope;
  /** Looked at between batches; what runs in the database is cancelled there. */
  readonly signal?: AbortSignal | undefined;
};
type Run = { readonly ran: ReadonlySet<Rule>; readonly baseline: ReadonlySet<Rule> };

/** Streams the cases through `classify` and `settle`, batch by batch: memory does not grow with their number. */
export async function judgeCases(
  step: Reconciliation,
  { plan, scope, signal }: Looking,
  judging: Judging,
): Promise<Tally> {
  const tally: Tally = { opened: 0, reopened: 0, resolved: 0, announced: 0, credentials: 0, concluded: new Map() };
  const now = new Date(judging.now);
  const runs = new Map<number, Run>(
    plan.runs.map((run) => [run.sourceId, { ran: new Set(run.rules), baseline: new Set(run.baseline) }]),
  );
  const looking = { plan, today: judging.today, options: judging.options };
  const isOther = scope.kind === 'all' && scope.isOther === true;
  const widened = await linkManagers(step, { ...looking, scope, signal, runs }, judging);
  for await (const batch of step.cases({ ...looking, scope: widened })) {
    signal?.throwIfAborted();
    const judged: { readonly of: Case; readonly judgement: Judgement }[] = [];
    const transitions: { readonly sourceId: number; readonly transition: Transition }[] = [];
    for (const [at, of] of batch.entries()) {
      // The next batch is on its way, a statement at a time; and somebody may ask how we are.
      if (at % AT_A_STRETCH === 0) await setImmediate();
      const judgement = classify(of, judging);
      judged.push({ of, judgement });
      const sourceId = sourceOf(of);
      const run = runs.get(sourceId);
      if (run === undefined) continue;
      for (const transition of settle(of, judgement, { ran: run.ran, isOther })) {
        count(tally, transition, { of, run });
        transitions.push({ sourceId, transition });
      }
    }
    await step.saveJudgements(judged.filter(({ of }) => mayLink(of, runs.get(sourceOf(of)))));
    await step.clearMarks(judged.flatMap(({ of, judgement }) => marksOf(of, judgement, runs.get(sourceOf(of)))));
    await step.saveTransitions(transitions, now);
  }
  return tally;
}

type Linking = Looking & { readonly today: PlainDate; readonly runs: ReadonlyMap<number, Run> };

/** Their links are those by which their reports are judged; returns the scope with the reports of whose link has moved. */
async function linkManagers(
  step: Reconciliation,
  { signal, runs, ...looking }: Linking,
  judging: Judging,
): Promise<Scope> {
  let { scope } = looking;
  for await (const batch of step.managers(looking)) {
    signal?.throwIfAborted();
    const linkable = batch.filter((of) => mayLink(of, runs.get(sourceOf(of))));
    const judged = linkable.map((of) => ({ of, judgement: classify(of, judging) }));
    await step.saveJudgements(judged);
    const moved = judged.filter(({ judgement }) => judgement.link.kind !== 'keep').map(({ of }) => of.ref);
    scope = await step.withReports(scope, moved);
  }
  return scope;
}

function count(tally: Tally, transition: Transition, { of, run }: { readonly of: Case; readonly run: Run }): void {
  if (transition.kind === 'resolve') tally.resolved += 1;
  if (transition.kind !== 'open' && transition.kind !== 'reopen') return;
  tally[transition.kind === 'open' ? 'opened' : 'reopened'] += 1;
  const { rule } = transition.charge;
  if (run.baseline.has(rule)) return;
  if (isOfCredential(rule)) tally.credentials += 1;
  else tally.announced += 1;
  if (!RULE_POLICY[rule].concludes || !isNew(of, transition.fingerprint)) return;
  const sourceId = sourceOf(of);
  tally.concluded.set(sourceId, (tally.concluded.get(sourceId) ?? 0) + 1);
}

/**
 * Contract §5: not open, held or waived before. What comes back with its source or rule was there before as well, unless it was held
 * then: to take a rule out of the configuration and put it back is no release.
 */
function isNew(of: Case, fingerprint: string): boolean {
  const known = of.findings.find((finding) => finding.fingerprint === fingerprint);
  if (known === undefined) return true;
  if (known.status === 'waived') return false;
  return known.wasHeld === true || !NOT_JUDGED.some((resolution) => resolution === known.resolution);
}

/** A rule that did not run has not decided about its marks either. */
function marksOf(
  of: Case,
  { marksOver = [] }: Judgement,
  run: Run | undefined,
): readonly { readonly ref: RowRef; readonly marks: readonly ReuseMark[] }[] {
  if (of.kind !== 'account' || marksOver.length === 0 || run?.ran.has('reused_account') !== true) return [];
  return [{ ref: of.ref, marks: marksOver }];
}

/** An identity list that is not usable decides no link either: whom it lacks today may be back tomorrow. */
function mayLink(of: Case, run: Run | undefined): boolean {
  return of.kind === 'account' && run !== undefined && [...run.ran].some(isLinking);
}

function sourceOf(of: Case): number {
  return of.kind === 'account' ? of.ref.sourceId : of.sourceId;
}

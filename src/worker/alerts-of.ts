import type { RulePlan } from '../core/policy.ts';
import type { Alert, Reconciliation } from '../ports/store.ts';

/** A conclusion breaker that this reconciliation tripped or found open, and how many findings it holds back. */
export type Held = { readonly breakerId: number; readonly held: number };

export type News = {
  readonly breakers: readonly Held[];
  /** Opened or reopened findings that are neither baseline nor held, nor about a credential. */
  readonly announced: number;
  /** The same, of those about a credential. */
  readonly credentials: number;
  readonly resolved: number;
  /** Waivers that have ended with their day, or will within a week. */
  readonly waivers: number;
};

type Step = Pick<Reconciliation, 'reportId' | 'withheldBefore' | 'sources'>;
type Withheld = Reconciliation['withheldBefore'];

/**
 * Which messages a reconciliation sends (contract §9): each thing once, nothing when nothing changed. `due`: when the digest of the day is
 * told; absent: at once.
 */
export function alertsOf(step: Step, plan: RulePlan, news: News, due?: Date): readonly Alert[] {
  const { reportId } = step;
  const alerts: Alert[] = news.breakers.map(({ breakerId }) => ({ kind: 'breaker', breakerId }));
  const refused = newlyRefused(plan.withheld, step.withheldBefore);
  const accepted = acceptedAgain(step, plan.withheld);
  if (refused.length > 0 || news.credentials > 0) alerts.push({ kind: 'credential', reportId, refused });
  if (accepted.length > 0) alerts.push({ kind: 'accepted', reportId, sources: accepted });
  if (isNewlyWithheld(plan.withheld, step.withheldBefore)) alerts.push({ kind: 'withheld', reportId });
  if (plan.runs.some((run) => run.baseline.length > 0)) alerts.push({ kind: 'baseline', reportId });
  if (news.announced > 0 || news.resolved > 0 || news.waivers > 0) alerts.push(digestOf(reportId, due));
  return alerts;
}

function digestOf(reportId: number, due: Date | undefined): Alert {
  if (due === undefined) return { kind: 'digest', reportId };
  return { kind: 'daily', reports: { from: reportId, to: reportId }, due: due.toISOString() };
}

/**
 * Said when it begins, or when another source is a cause or is concerned; not in each report that it lasts. Where the cause is a refused
 * credential, that has a message of its own, and says what it stops.
 */
function isNewlyWithheld(withheld: Withheld, before: Withheld): boolean {
  const told = new Set(before.flatMap(pairsOf));
  return withheld.flatMap(othersOf).some((pair) => !told.has(pair));
}

function pairsOf({ source, causes }: Withheld[number]): readonly string[] {
  return causes.map((cause) => `${source}\n${cause}`);
}

function othersOf({ source, causes, refused = [] }: Withheld[number]): readonly string[] {
  return pairsOf({ source, causes: causes.filter((cause) => !refused.includes(cause)) });
}

function newlyRefused(withheld: Withheld, before: Withheld): readonly string[] {
  const told = refusedOf(before);
  return [...refusedOf(withheld)].filter((source) => !told.has(source));
}

/** Those that are still read, and are now no reason to withhold anything. */
function acceptedAgain({ withheldBefore, sources }: Step, withheld: Withheld): readonly string[] {
  const bad = new Set(withheld.flatMap(({ causes }) => causes));
  const readable = new Set(sources.filter(({ breakerOpen }) => !breakerOpen).map(({ name }) => name));
  return [...refusedOf(withheldBefore)].filter((source) => readable.has(source) && !bad.has(source));
}

function refusedOf(withheld: Withheld): ReadonlySet<string> {
  return new Set(withheld.flatMap(({ refused = [] }) => refused));
}

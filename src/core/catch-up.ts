import { counted, ROWS_SHOWN_MAX, type AlertPlan, type AlertSection } from './alert-plan.ts';
import { markOf } from './daily.ts';
import { changesHeadline, changesSections, remarksOn, type Changes } from './digest.ts';
import { momentText } from './moment-text.ts';
import { breakerHeadline } from './notices.ts';
import type { BreakerRow } from './views.ts';

/** More than these are no longer read one by one. */
const WAITING_MAX = 10;
/** A shorter outage has its messages one by one: each says more than a summary. */
const OUTAGE_MS = 15 * 60_000;

/** Whether what waits becomes one message. */
export function isBacklog(waiting: number, failingMs: number): boolean {
  return waiting > WAITING_MAX || (waiting > 1 && failingMs >= OUTAGE_MS);
}

export type CatchUpInput = Changes & {
  /** The first and the last report whose messages this one stands for. */
  readonly reports?: { readonly from: number; readonly to: number } | undefined;
  /** ISO: since when nobody was told. */
  readonly since?: string | undefined;
  /** Findings that opened and were resolved meanwhile. */
  readonly passedCount: number;
  /** Sources that had their first look meanwhile. */
  readonly firstLooks: readonly string[];
  readonly breakers: readonly BreakerRow[];
};

/** Contract §9: after an outage one message. What was and is no more is counted; what holds now is shown as in any digest. */
export function planCatchUp(input: CatchUpInput): AlertPlan | undefined {
  const { passedCount, firstLooks, breakers } = input;
  const told = [input.opened.length, input.resolvedCount, input.waivers?.length ?? 0, input.backCount ?? 0];
  const news = [...told, passedCount, firstLooks.length, breakers.length];
  if (news.every((count) => count === 0)) return undefined;
  const open = breakers.filter(({ closed_at }) => closed_at === null);
  const since = input.since === undefined ? '' : ` since ${momentText(input.since)}`;
  const headline =
    open.length > 0 && told.every((count) => count === 0) ? breakersHeadline(open.length) : changesHeadline(input);
  return {
    headline: `Catching up${since}: ${headline}`,
    sections: [...breakerSections(open), ...changesSections(input)],
    footer: [
      ...remarks({ passedCount, firstLooks, closed: breakers.length - open.length }),
      ...remarksOn(input),
      catchUpMark(input),
    ],
  };
}

function breakersHeadline(count: number): string {
  return counted(count, 'breaker waits for a person', 'breakers wait for a person');
}

function breakerSections(open: readonly BreakerRow[]): readonly AlertSection[] {
  if (open.length === 0) return [];
  const rows = open.slice(0, ROWS_SHOWN_MAX).map((breaker) => ({
    primary: `Breaker ${breaker.id}`,
    detail: breakerHeadline(breaker),
    look: `rollcall breaker show ${breaker.id}`,
  }));
  const action = 'Look at each; if it is right: rollcall breaker release ID --reason "…"';
  const more = open.length - rows.length;
  return [{ title: 'Breakers that wait for a person', rows, more, list: 'rollcall breaker list', action }];
}

type Remarks = Pick<CatchUpInput, 'passedCount' | 'firstLooks'> & { readonly closed: number };

function remarks({ passedCount, firstLooks, closed }: Remarks): readonly string[] {
  return [
    'Slack could not be told meanwhile: this one message stands for all that waited.',
    ...(firstLooks.length > 0 ? [`First look at ${firstLooks.join(', ')}: its findings are counted above`] : []),
    ...(passedCount > 0
      ? [`${counted(passedCount, 'finding', 'findings')} opened and resolved meanwhile, not shown`]
      : []),
    ...(closed > 0 ? [`${counted(closed, 'breaker', 'breakers')} tripped or waited, and closed meanwhile`] : []),
  ];
}

function catchUpMark({ reports, breakers }: CatchUpInput): string {
  if (reports === undefined) return `Breakers ${breakers.map(({ id }) => id).join(', ')}`;
  return markOf(reports);
}
